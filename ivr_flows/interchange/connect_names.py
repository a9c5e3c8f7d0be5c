"""Other names of Amazon Connect's actions: those of the console, of the older blocks, and those that people who write
flows by hand use."""

from __future__ import annotations

_OTHERS = {
    "GetParticipantInput": "StoreUserInput GetUserInput StoreCustomerInput GetCustomerInput GetInput CollectInput",
    "MessageParticipant": "PlayPrompt PlayMessage Prompt Say PlayAudio",
    "MessageParticipantIteratively": "LoopPrompts",
    "Compare": "CheckAttribute CheckContactAttributes CheckContactAttribute Branch",
    "UpdateContactAttributes": "SetAttributes SetContactAttributes SetContactAttribute UpdateParticipantAttributes",
    "InvokeLambdaFunction": "InvokeExternalResource InvokeAWSLambdaFunction InvokeLambda LambdaFunction",
    "DisconnectParticipant": "Disconnect Hangup DisconnectContact EndCall",
    "UpdateContactTargetQueue": "SetQueue SetWorkingQueue",
    "UpdateContactEventHooks": (
        "SetContactFlow SetEventHook SetDisconnectFlow SetHoldFlow SetWhisperFlow SetCustomerQueueFlow SetEventFlow"
    ),
    "UpdateContactTextToSpeechVoice": "SetVoice",
    "UpdateFlowLoggingBehavior": "SetLoggingBehavior UpdateContactLoggingBehavior SetFlowLogging",
    "UpdateContactRecordingBehavior": (
        "SetRecordingBehavior SetRecordingAndAnalyticsBehavior StartRecording StopRecording StartCallRecording"
    ),
    "UpdateContactMediaStreamingBehavior": "StartMediaStreaming StopMediaStreaming UpdateContactMediaStreaming",
    "UpdatePreviousContactParticipantState": "HoldCustomerOrAgent",
    "UpdateContactCallbackNumber": "SetCallbackNumber SetCustomerCallbackNumber",
    "UpdateContactRoutingBehavior": (
        "SetPriority ChangeRoutingPriority SetCallPriority SetRoutingPriority ChangeRoutingPriorityAge"
    ),
    "UpdateContactRoutingCriteria": "SetRoutingCriteria UpdateRoutingCriteria",
    "DistributeByPercentage": "CallDistribution RandomSplit",
    "CheckMetricData": "CheckStaffing CheckQueueStatus CheckQueueMetrics",
    "GetMetricData": "GetQueueMetrics GetCurrentMetricData",
    "CheckHoursOfOperation": "CheckHours",
    "CheckOutboundCallStatus": "CheckCallProgress",
    "CreateCallbackContact": "CreateCallback TransferToCallbackQueue",
    "CreateTask": "CreateTaskContact",
    "TransferContactToQueue": "TransferToQueue",
    "TransferContactToAgent": "TransferToAgent",
    "TransferParticipantToThirdParty": "TransferToPhoneNumber TransferToExternalNumber TransferContactToPhoneNumber",
    "TransferToFlow": "TransferContactToFlow TransferToContactFlow",
    "InvokeFlowModule": "InvokeModule",
    "EndFlowExecution": "EndFlow EndFlowExecutionResume Resume",
    "EndFlowModuleExecution": "Return ReturnFromModule ReturnFromFlowModule",
    "ConnectParticipantWithLexBot": "ConnectLexBot InvokeLexBot GetCustomerInputWithLex ConnectParticipantWithBot",
    "TagContact": "ContactTags",
    "UntagContact": "UnTagContact",
    "CreateWisdomSession": "Wisdom ConnectAssistant AmazonQInConnect",
    "CreatePersistentContactAssociation": "CreateContactAssociation",
    "Wait": "Pause",
}
_KNOWN = {name.lower(): action for action, others in _OTHERS.items() for name in (action, *others.split())}


def known_action(name: str) -> str:
    """The action that ``name`` stands for, in any case; itself where it has no other name."""
    return _KNOWN.get(name.lower(), name)
