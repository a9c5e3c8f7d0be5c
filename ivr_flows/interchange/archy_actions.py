"""What each action of Archy becomes here. `ACTIONS` is the table; what is not in it becomes ``opaque``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..findings import Text
from .archy_action import Action, Looked, close, opaque
from .archy_services import (
    call_data,
    callback,
    find,
    language,
    order,
    participant_data,
    recording,
    schedule,
    to_number,
    to_queue,
    update,
    voicemail,
)
from .graph import Node
from .naming import slug, variable
from .reading import items, mapping, word

if TYPE_CHECKING:
    from .archy import ArchyFlow


def convert(reader: ArchyFlow, kind: str, value: dict[str, Any], following: str | None) -> str | None:
    """The node at which an action begins."""
    reader.graph.sources += 1
    name = word(value.get("name"))
    key = f"{kind} {name} {reader.count}"
    action = Action(reader, kind, Looked(value), following, f"{kind} {name}".strip(), key)
    entry = ACTIONS.get(kind, opaque)(action)
    close(action)
    return entry


def say(action: Action) -> str:
    text, file = action.values.audio(action.value.get("audio", action.value.get("prompt")), action.origin, "audio")
    if file:
        return action.add("play", {"file": file})
    return action.add("play", {"": text}) if text else action.add("wait", {"": "0s"})


def estimated(action: Action) -> str:
    action.lose("", Text("the queue node says it (`say_position`)", "由队列节点播报（`say_position`）"))
    return action.add("wait", {"": "0s"})


def wait(action: Action) -> str:
    seconds = action.values.seconds(action.value.get("duration", action.value.get("timeout")), 5, 0, 3600)
    outputs = action.outputs()
    action.following = action.out(outputs, "silence", "timeout", "success")
    return action.add("wait", {"": seconds})


def hold_music(action: Action) -> str:
    text, file = action.values.audio(action.value.get("prompt"), action.origin, "prompt")
    action.lose(
        "duration",
        Text("is played once; a queue repeats what stands under `hold`", "只播放一次；循环播放请写在队列的 `hold` 下"),
    )
    if file or text:
        return action.add("play", {"file": file} if file else {"": text})
    return wait(action)


def collect(action: Action) -> str:
    value, values = action.value, action.values
    digits = mapping(value.get("digits"))
    spread = mapping(digits.get("range"))
    exact = digits.get("exact", digits.get("exactDigits"))
    fixed = mapping(exact)
    count = values.count(fixed.get("count", fixed.get("length", exact)), 0, 0, 25)
    longest = count or values.count(spread.get("max"), 20, 1, 25)
    shortest = min(count or values.count(spread.get("min"), 1, 1, 25), longest)
    ending = word(spread.get("terminatingDtmf")).removeprefix("digit_")
    terminator = {"pound": "#", "hash": "#", "#": "#", "star": "*", "*": "*", "": "#"}.get(ending)
    if terminator is None:
        action.lose(
            "terminatingDtmf", Text(f"`{ending}` cannot end an input; `#` does", f"`{ending}` 不能作结束键，改用 `#`")
        )
        terminator = "#"
    text, file = values.audio(value.get("inputAudio", value.get("audio")), action.origin, "inputAudio")
    if file:
        action.lose(
            "inputAudio", Text(f"the recording `{file}` is to be replaced by its words", f"录音 `{file}` 请改写成文字")
        )
    defaults = mapping(mapping(action.reader.flow.get("settingsActionDefaults")).get("collectInput"))
    into = values.name(word(mapping(value.get("inputData")).get("var") or "digits").split("."))
    outputs = action.outputs()
    failed = action.out(outputs, "failure", "noEntry", "maxAttempts")
    options: dict[str, Any] = {
        "prompt": text or file.replace("_", " ") or "…",
        "max_digits": longest,
        "min_digits": shortest,
        "terminator": terminator,
        "timeout": values.seconds(
            value.get("noEntryTimeout") if _has(value, "noEntryTimeout") else defaults.get("noEntryTimeout"), 5, 1, 300
        ),
        "digit_timeout": values.seconds(value.get("interDigitTimeout"), 3, 1, 60),
        "retries": 0,
        "into": into if into.isidentifier() else "digits",
    }
    if action.reader.secure or values.literal(value.get("secureData")).lower() == "true":
        options["sensitive"] = True
    on = {"ok": action.out(outputs, "success"), "no_input": failed, "no_match": failed}
    return action.add("gather", options, on)


def _has(value: dict[str, Any], name: str) -> bool:
    return name in value and "noValue" not in mapping(value[name])


def understand(action: Action) -> str:
    outputs = action.outputs()
    text, _ = action.values.audio(
        action.value.get("question", action.value.get("audio", action.value.get("initialAudio"))),
        action.origin,
        "question",
    )
    intents: dict[str, str | None] = {}
    for name, inner in mapping(action.value.get("intents")).items():
        intents[slug(name, "intent")] = action.reader.sequence(items(mapping(inner).get("actions")), action.following)
    failed = action.out(outputs, "failure", "noMatch", "maxNoMatches", "maxNoInputs")
    for name, target in outputs.items():
        if name not in ("failure", "noMatch", "maxNoMatches", "maxNoInputs"):
            intents[slug(name, "understood")] = target
    for name in ("no_input", "no_match"):
        intents.pop(name, None)
    if not intents:
        intents["understood"] = action.following
    action.lose("recogniser", Text("is set up outside of the flow", "识别服务在流程之外配置"))
    options = {"prompt": text or "…", "intents": list(intents), "into": "utterance", "retries": 0}
    return action.add("speech", options, {**intents, "no_input": failed, "no_match": failed})


def decide(action: Action) -> str:
    condition = action.value.get("condition")
    outputs = action.outputs()
    inner = mapping(condition)
    if "if" in inner:  # as some write it by hand
        condition = inner["if"]
        for name, place in (("yes", "then"), ("no", "else")):
            outputs.setdefault(name, action.reader.sequence(items(inner.get(place)), action.following))
    when = action.values.condition(condition, action.origin)
    yes, no = action.out(outputs, "yes", "true"), action.out(outputs, "no", "false")
    return _branch(action, [(_truth(when), yes)], no)


def _truth(when: str) -> str:
    return {"'true'": "true", "'false'": "false", "''": "false"}.get(when, when)


def _branch(action: Action, cases: list[tuple[str, str | None]], otherwise: str | None) -> str:
    end = action.graph.end
    node = Node(action.key, "branch", name=word(action.value.get("name")) or action.kind, origin=action.origin)
    node.cases = [(when, target or end()) for when, target in cases] or [("true", otherwise or end())]
    node.otherwise = otherwise
    return action.graph.add(node).key


def switch(action: Action) -> str:
    evaluate = mapping(action.value.get("evaluate", action.value.get("cases")))
    chosen = mapping(evaluate.get("firstTrue", evaluate.get("allTrue"))) or evaluate
    if "allTrue" in evaluate:
        action.lose("evaluate", Text("the first case that holds is taken", "只执行第一个成立的分支"))
    cases: list[tuple[str, str | None]] = []
    for entry in items(chosen.get("cases", action.value.get("cases"))):
        case = mapping(mapping(entry).get("case")) or mapping(entry)
        when = action.values.expression(case.get("value", case.get("condition")), action.origin, "case")
        cases.append((_truth(when), action.reader.sequence(items(case.get("actions")), action.following)))
    default = mapping(chosen.get("default"))
    otherwise = action.reader.sequence(items(default.get("actions")), action.following)
    return _branch(action, cases, otherwise)


def to_flow(action: Action) -> str:
    named = action.template("targetFlow", "flow", "commonModule", "module")
    if not named:
        named = next(iter(mapping(action.value.get("commonModule"))), "") or word(action.value.get("name"))
    options: dict[str, Any] = {"flow": slug(named, "flow") if "{{" not in named else "flow"}
    inner = next((mapping(each) for each in mapping(action.value.get("commonModule")).values()), {})
    given = mapping(inner.get("inputs", action.value.get("inputs")))
    handed = {
        variable(key): action.values.template(each, action.origin, key)
        for key, each in given.items()
        if "noValue" not in mapping(each)
    }
    if handed:
        options["with"] = handed
    outputs = action.outputs()
    if not action.kind.startswith("call"):
        return action.leave("goto_flow", options)
    on = {"ok": action.out(outputs, "success", "default"), "failed": action.out(outputs, "failure")}
    return action.add("subflow", options, on)


def call_task(action: Action) -> str:
    name = action.reader.call_task(word(action.value.get("targetTaskRef", action.value.get("task"))))
    if name is None:
        return opaque(action)
    outputs = action.outputs()
    for written in ("targetTaskOutputs", "outputPaths", "taskOutputs"):
        paths = {key: inner for key, inner in mapping(action.value.get(written)).items() if "var" not in mapping(inner)}
        outputs |= action.reader.outputs({"outputs": paths}, action.following)
    on = {slug(each, "ok"): target for each, target in outputs.items()}
    on = {"ok": action.out(outputs, "default", "success"), "failed": action.following, **on}
    handed: dict[str, str] = {}
    for written in ("targetTaskInputs", "taskInputs", "inputs"):
        for key, inner in mapping(action.value.get(written)).items():
            target = action.values.name(key.split("."))
            if target.isidentifier() and "noValue" not in mapping(inner):
                handed[target] = action.values.template(inner, action.origin, key)
    return action.add("subflow", {"flow": name, **({"with": handed} if handed else {})}, on)


def jump(action: Action) -> str | None:
    reference = word(
        action.value.get("targetTaskRef")
        or action.value.get("targetMenuRef")
        or action.value.get("targetStateRef")
        or action.value.get("task")
        or action.value.get("menu")
    )
    place = action.reader.find(reference)
    if place is None:
        return opaque(action)
    return action.reader.reach(*place)


def repeat(action: Action) -> str | None:
    menus = action.reader.menus
    if not menus:
        return opaque(action)
    return menus[-2] if action.kind.startswith("previous") and len(menus) > 1 else menus[-1]


def hang_up(action: Action) -> str:
    return action.add("hangup", {"": "normal"}, {})


def end_task(action: Action) -> str:
    output = mapping(action.value.get("outputPath", action.value.get("output")))
    name = slug(word(output.get("name")) or word(action.value.get("outputPath")), "ok")
    return action.add("return", {"": "ok" if name in ("default", "success") else name}, {})


def loop(action: Action) -> str:
    """A loop: ``again`` into its body, whose end leads back; ``done`` behind it."""
    count = action.values.count(action.value.get("loopCount"), 3, 1, 100)
    entry = action.add("loop", {"": count}, {"again": None, "done": action.following})
    node = action.graph.nodes[entry]
    action.reader.loops.append((entry, action.following))
    body = mapping(mapping(action.value.get("outputs")).get("loop"))
    node.on["again"] = action.reader.sequence(items(body.get("actions")), entry) or entry
    action.reader.loops.pop()
    return entry


def loop_exit(action: Action) -> str | None:
    if not action.reader.loops:
        return opaque(action)
    entry, behind = action.reader.loops[-1]
    return entry if action.kind in ("nextLoop", "loopNext") else behind or action.graph.end()


def _each(names: str, made: Callable[[Action], str | None]) -> dict[str, Callable[[Action], str | None]]:
    return dict.fromkeys(names.split(), made)


ACTIONS: dict[str, Callable[[Action], str | None]] = {
    **_each("playAudio communicate sendResponse playAudioOnSilence", say),
    **_each("playEstimatedWaitTime playPositionInQueue", estimated),
    **_each("wait detectSilence", wait),
    **_each("holdMusic", hold_music),
    **_each("collectInput getInput", collect),
    **_each(
        "askForNLUNextIntent askForNLUIntent askForIntent askForSlot askForBoolean waitForInput callBotFlow "
        "callDigitalBotFlow callLexBot callLexV2Bot callDialogflowBot callDialogflowCxBot callBotConnector "
        "callNuanceMixBot digitalMenu",
        understand,
    ),
    **_each("decision", decide),
    **_each("switch", switch),
    **_each(
        "callData callDataAction callBridge callBridgeAction dataTableLookup getExternalContact "
        "getExternalOrganization getSIPHeaders getRawSIPHeaders searchExternalContacts getJourneySession "
        "getConversationData getKnowledge findSystemPrompt",
        call_data,
    ),
    **_each("updateData", update),
    **_each(
        "getParticipantData setParticipantData getConversationParticipantData setConversationData", participant_data
    ),
    **_each(
        "findQueue findQueueById findUser findUsersById findSkill findLanguageSkill findGroup findEmergencyGroup "
        "findSchedule findScheduleGroup findUserPrompt findUserById findUtilizationLabel findCommonModule findFlow "
        "findFlowOutcome",
        find,
    ),
    **_each("transferToAcd", to_queue),
    **_each("transferToNumber transferToUser transferToGroup dialByExtension", to_number),
    **_each(
        "transferToFlow transferToFlowSecure transferToSecureFlow callCommonModule callSecureFlow callModule callFlow",
        to_flow,
    ),
    **_each("callTask", call_task),
    **_each("jumpToTask jumpToMenu jumpToReusableTask jumpToState changeState jumpTo", jump),
    **_each("previousMenu repeatMenu", repeat),
    **_each("disconnect endFlow exitFlow endProgram", hang_up),
    **_each("endTask endState exitBotFlow returnFromTask endWorkflow", end_task),
    **_each("transferToVoicemail transferToGroupVoicemail transferToUserVoicemail recordVoicemail", voicemail),
    **_each("evaluateSchedule evaluateScheduleGroup", schedule),
    **_each("createCallback", callback),
    **_each("setLanguage setLocale", language),
    **_each("enableParticipantRecording enableParticipantRecord setRecording suppressRecording", recording),
    **_each("loop loopUntil", loop),
    **_each("exitLoop loopExit nextLoop loopNext", loop_exit),
    **_each(
        "setScreenPop setWhisperAudio setPostFlow setUtilizationLabel setExternalTag setUUIData setWrapupCode "
        "initializeFlowOutcome setFlowOutcome addFlowMilestone clearPostFlow encryptData decryptData sendEmail "
        "flushUserData setAcdSkills setConversationAttributes setTextToSpeech setDivision sendNotification "
        "sendAutoReply publishEvent setEmailAddress setScreenRecording addUUIData setInboundParticipantData "
        "logTrace flushAudio clearVoicemailSnippet preserveVoicemailSnippet processVoicemailInput enableTranscription "
        "setTranscription startTranscription audioMonitoring enableAudioMonitoring setPriority setSessionTimeout "
        "setSecureData addFlowOutcome",
        order,
    ),
}
