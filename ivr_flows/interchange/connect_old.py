"""Amazon Connect's older block format: ``modules`` with ``parameters`` and ``branches``.

Each block is put into the shape of an action of the newer language and converted by the same table.
"""

from __future__ import annotations

from typing import Any

from ..findings import Place, Text
from . import connect_actions as actions
from .connect_action import Action
from .connect_queues import settle_queues
from .graph import Graph, Parameters
from .naming import slug
from .reading import flag, items, mapping, refuse, word

_NAMESPACES = {
    "User Defined": "Attributes",
    "External": "External",
    "Lex": "Lex",
    "Lex Attributes": "Lex.SessionAttributes",
    "Lex Slots": "Lex.Slots",
    "Flow": "FlowAttributes",
}
_SYSTEM = {
    "Stored customer input": "$.StoredCustomerInput",
    "Customer Number": "$.CustomerEndpoint.Address",
    "Dialed Number": "$.SystemEndpoint.Address",
    "Channel": "$.Channel",
    "Queue Name": "$.Queue.Name",
    "Queue.Name": "$.Queue.Name",
}
_ERRORS = {
    "Error": "NoMatchingError",
    "NoMatch": "NoMatchingCondition",
    "Timeout": "InputTimeLimitExceeded",
    "AtCapacity": "QueueAtCapacity",
    "InvalidNumber": "InvalidPhoneNumber",
    "NotDialable": "CallbackNumberNotDialable",
    "CallFailure": "CallFailed",
    "CallFailed": "CallFailed",
    "NoneFound": "NoneFoundError",
    "MultipleFound": "MultipleFoundError",
}
_OPERATORS = {
    "Equals": "Equals",
    "GreaterThan": "NumberGreaterThan",
    "GreaterThanOrEqualTo": "NumberGreaterThanOrEqualTo",
    "LessThan": "NumberLessThan",
    "LessThanOrEqualTo": "NumberLessThanOrEqualTo",
    "StartsWith": "TextStartsWith",
    "Contains": "TextContains",
}
_TYPES = {
    "PlayPrompt": "MessageParticipant",
    "StoreUserInput": "GetParticipantInput",
    "GetUserInput": "GetParticipantInput",
    "SetAttributes": "UpdateContactAttributes",
    "SetContactAttributes": "UpdateContactAttributes",
    "CheckAttribute": "Compare",
    "InvokeExternalResource": "InvokeLambdaFunction",
    "InvokeLambdaFunction": "InvokeLambdaFunction",
    "Disconnect": "DisconnectParticipant",
    "SetQueue": "UpdateContactTargetQueue",
    "SetContactFlow": "UpdateContactEventHooks",
    "SetEventHook": "UpdateContactEventHooks",
    "SetDisconnectFlow": "UpdateContactEventHooks",
    "SetVoice": "UpdateContactTextToSpeechVoice",
    "SetLoggingBehavior": "UpdateFlowLoggingBehavior",
    "SetRecordingBehavior": "UpdateContactRecordingBehavior",
    "StartMediaStreaming": "UpdateContactMediaStreamingBehavior",
    "StopMediaStreaming": "UpdateContactMediaStreamingBehavior",
    "LoopPrompts": "MessageParticipantIteratively",
    "HoldCustomerOrAgent": "UpdatePreviousContactParticipantState",
    "SetCustomerCallbackNumber": "UpdateContactCallbackNumber",
    "SetCallbackNumber": "UpdateContactCallbackNumber",
    "SetRoutingCriteria": "UpdateContactRoutingCriteria",
    "SetPriority": "UpdateContactRoutingBehavior",
    "ChangeRoutingPriority": "UpdateContactRoutingBehavior",
    "SetCallPriority": "UpdateContactRoutingBehavior",
    "SetRoutingPriority": "UpdateContactRoutingBehavior",
    "CallDistribution": "DistributeByPercentage",
    "RandomSplit": "DistributeByPercentage",
    "GetQueueMetrics": "GetMetricData",
    "SetWhisperFlow": "UpdateContactEventHooks",
    "SetHoldFlow": "UpdateContactEventHooks",
    "SetCustomerQueueFlow": "UpdateContactEventHooks",
    "CreateCallback": "CreateCallbackContact",
    "CreateTask": "CreateTask",
    "InvokeModule": "InvokeFlowModule",
    "EndFlow": "EndFlowExecution",
    "Return": "EndFlowModuleExecution",
}
_TRANSFERS = {
    "Queue": "TransferContactToQueue",
    "Flow": "TransferToFlow",
    "PhoneNumber": "TransferParticipantToThirdParty",
    "Agent": "TransferContactToAgent",
    "Callback": "CreateCallbackContact",
}


def read_connect_old(value: dict[str, Any], file: str, name: str) -> list[Graph]:
    """The flow of one export. Raises `UnreadableFile` where ``modules`` holds no block."""
    metadata = mapping(value.get("metadata"))
    title = word(metadata.get("name")) or name
    graph = Graph(slug(title, "imported"), title, start=word(value.get("start")))
    graph.remarks.append(f"Imported from Amazon Connect (blocks): {file}")
    if word(metadata.get("description")):
        graph.remarks.append(word(metadata.get("description")))
    blocks = [entry for entry in items(value.get("modules")) if isinstance(entry, dict)]
    if not blocks:
        refuse(
            Place(file),
            Text("`modules` holds no block.", "`modules` 里没有任何模块。"),
            Text("Export the flow again.", "请重新导出流程。"),
        )
    for number, block in enumerate(blocks):
        _read(graph, block, number)
    if not graph.start:
        graph.start = next(iter(graph.nodes))
    settle_queues(graph)
    return [graph]


def _read(graph: Graph, block: dict[str, Any], number: int) -> None:
    key = word(block.get("id")) or f"block {number}"
    written = word(block.get("type")) or "Unknown"
    target = word(block.get("target"))
    origin = f"{written}{f' {target}' if target else ''} {key[:8]}"
    graph.sources += 1
    kind = _TRANSFERS.get(target, written) if written == "Transfer" else _TYPES.get(written, written)
    values, shown = _parameters(block, kind, written)
    action = Action(graph, key, kind, origin, Parameters(graph, origin, values), shown, None, {}, [])
    for branch in items(block.get("branches")):
        if isinstance(branch, dict) and word(branch.get("transition")):
            _branch(action, branch, word(branch["transition"]))
    if kind == "Wait" and action.next is None:
        action.next = action.errors.pop("InputTimeLimitExceeded", None)
    node = actions.convert(action)
    node.key, node.origin = key, origin
    node.name = node.name or kind
    graph.add(node)
    action.parameters.close()


def _branch(action: Action, branch: dict[str, Any], target: str) -> None:
    condition = word(branch.get("condition"))
    if condition in ("Success", "", "Complete", "Looping") or condition.startswith("Default"):
        if condition == "Looping":
            action.conditions.append(("Equals", ["ContinueLooping"], target))
        elif condition == "Complete":
            action.conditions.append(("Equals", ["DoneLooping"], target))
        else:
            action.next = target
    elif condition in ("True", "False"):
        action.conditions.append(("Equals", [condition], target))
    elif condition in _ERRORS:
        action.errors[_ERRORS[condition]] = target
    elif "conditionValue" in branch or "conditionType" in branch:
        operator = _OPERATORS.get(word(branch.get("conditionType")) or "Equals", word(branch.get("conditionType")))
        action.conditions.append((operator, [branch.get("conditionValue", "")], target))
    else:
        action.conditions.append(("Equals", [condition], target))


def _value(entry: dict[str, Any]) -> Any:
    """A parameter's value; with a namespace it names something of the call."""
    namespace, value = word(entry.get("namespace")), entry.get("value")
    if not namespace:
        return value
    name = word(value)
    if namespace == "System":
        return _SYSTEM.get(name, f"$.System['{name.replace(chr(39), '')}']")
    return f"$.{_NAMESPACES.get(namespace, namespace.replace(' ', ''))}['{name.replace(chr(39), '')}']"


def _parameters(block: dict[str, Any], kind: str, written: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters under the names of the newer language, and the display names."""
    found: dict[str, Any] = {}
    keyed: dict[str, Any] = {}
    names: dict[str, Any] = {}
    given = [entry for entry in items(block.get("parameters")) if isinstance(entry, dict)]
    for entry in given:
        name = word(entry.get("name"))
        if entry.get("key") is not None and name in ("Attribute", "Parameter"):
            keyed[word(entry.get("key"))] = _value(entry)
            continue
        found[name] = entry.get("value") if kind == "Compare" else _value(entry)
        if word(entry.get("resourceName")):
            names[_RENAMED.get(name, name)] = {"displayName": word(entry.get("resourceName"))}
    if kind == "Compare":
        place = {"value": found.pop("Attribute", ""), "namespace": found.pop("Namespace", "")}
        found["ComparisonValue"] = _value(place) if place["namespace"] else f"$.Attributes['{word(place['value'])}']"
    if keyed:
        found["LambdaInvocationAttributes" if kind == "InvokeLambdaFunction" else "Attributes"] = keyed
    _speech(found, given, kind)
    if written in ("StoreUserInput", "GetUserInput"):
        _input(found, written)
    if kind == "UpdateContactEventHooks":
        event = word(found.pop("Type", "")) or written
        found["EventHooks"] = {event: found.pop("ContactFlowId", "")}
    if written == "StopMediaStreaming":
        found["MediaStreamingState"] = "Disabled"
    if kind == "TransferParticipantToThirdParty":
        found["ContinueFlowExecution"] = not flag(found.pop("BlindTransfer", False))
    if "TimeLimit" in found and kind == "TransferParticipantToThirdParty":
        found["ThirdPartyConnectionTimeLimitSeconds"] = found.pop("TimeLimit")
    for old, new in _RENAMED.items():
        if old in found and new not in found:
            found[new] = found.pop(old)
    return found, {"parameters": names}


_RENAMED = {
    "Queue": "QueueId",
    "Agent": "AgentId",
    "FunctionArn": "LambdaFunctionARN",
    "TimeLimit": "InvocationTimeLimitSeconds",
    "AudioPrompt": "PromptId",
    "GlobalVoice": "TextToSpeechVoice",
    "Hours": "HoursOfOperationId",
    "RecordingBehaviorOption": "RecordingBehavior",
    "Priority": "QueuePriority",
    "QueueTime": "QueueTimeAdjustmentSeconds",
    "CustomerNumber": "CallbackNumber",
    "Status": "MetricType",
}


def _speech(found: dict[str, Any], given: list[dict[str, Any]], kind: str) -> None:
    if found.pop("TextToSpeechType", "") == "ssml" and "Text" in found:
        found["SSML"] = found.pop("Text")
    if kind == "MessageParticipantIteratively":
        messages = []
        for entry in given:
            name = word(entry.get("name"))
            if name in ("Text", "AudioPrompt"):
                messages.append(
                    {"Text" if name == "Text" else "PromptId": word(entry.get("resourceName")) or _value(entry)}
                )
        found.pop("Text", None)
        found.pop("AudioPrompt", None)
        found["Messages"] = messages


def _input(found: dict[str, Any], written: str) -> None:
    found["InputTimeLimitSeconds"] = found.pop("Timeout", None)
    longest = found.pop("MaxDigits", None)
    dtmf = {
        "InputTerminationSequence": found.pop("TerminatorDigits", None),
        "DisableCancelKey": found.pop("DisableCancel", None),
    }
    found["DTMFConfiguration"] = {key: value for key, value in dtmf.items() if value}
    if written == "StoreUserInput":
        found["StoreInput"] = True
        found["InputValidation"] = {"CustomValidation": {"MaximumLength": longest}} if longest else {}
        if word(found.pop("CustomerInputType", "Custom")) not in ("Custom", ""):
            found["InputValidation"] = {"PhoneNumberValidation": {"NumberFormat": "Local"}}
        if flag(found.pop("EncryptEntry", False)):
            found["InputEncryption"] = {"Key": "…"}
        found.pop("EncryptionKey", None)
        found.pop("EncryptionKeyId", None)
    bot = found.pop("BotName", None) or found.pop("LexBot", None)
    if bot:
        found["LexBot"] = {"Name": bot, "Alias": found.pop("BotAlias", "")}
