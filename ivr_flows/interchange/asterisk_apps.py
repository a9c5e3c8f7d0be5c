"""What each application of Asterisk becomes here. `APPLICATIONS` is the table; what is not in it becomes ``opaque``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..findings import Text
from .asterisk_call import Call, opaque
from .asterisk_legacy import meant
from .asterisk_prompts import background, play_files, playback, say_digits, say_letters, say_number, say_time, speak
from .asterisk_source import Extension, Step, split_arguments
from .asterisk_values import Variables, pattern_condition
from .graph import Node
from .naming import quoted, slug, variable

if TYPE_CHECKING:
    from .asterisk_flow import PlanFlow

BY_PLACE = frozenset(
    {
        *(
            "playback",
            "background",
            "controlplayback",
            "mp3player",
            "queue",
            "voicemail",
            "read",
            "record",
            "waitexten",
        ),
        *("wait", "mixmonitor", "monitor", "saydigits", "saynumber", "sayalpha", "sayphonetic", "sayunixtime"),
        *("authenticate", "confbridge", "meetme", "musiconhold", "hangup"),
    }
)
"""Applications whose arguments are taken one by one; those that are not taken are reported."""
SPEAKING = re.compile(r"(tts|speech|say|festival|flite|espeak|swift|polly)\b", re.IGNORECASE)


def convert(
    flow: PlanFlow,
    context: str,
    extension: Extension,
    step: Step,
    key: str,
    behind: str,
    goes_on: bool,
    variables: Variables,
    origin: str,
) -> Node:
    """The node for a step."""
    call = Call(
        flow,
        context,
        extension,
        step.application,
        step.arguments,
        split_arguments(step.arguments) if step.arguments.strip() else [],
        key,
        behind,
        goes_on,
        variables,
        origin,
    )
    node = made(call)
    if step.application.lower() in BY_PLACE:
        call.close()
    return node


def made(call: Call) -> Node:
    """The node for a call of an application."""
    from .asterisk_control import CONTROL

    call = meant(call) or call
    name = call.name.lower()
    found = APPLICATIONS.get(name) or CONTROL.get(name)
    return opaque(call) if found is None else found(call)


def answer(call: Call) -> Node:
    return call.node("answer", {})


def wait_exten(call: Call) -> Node:
    """The caller dials an extension of this context."""
    keys, wide = call.flow.keys(call.context)
    timeout = call.number(0, _response_timeout(call), 1, 300)
    silent = call.behind if call.goes_on else call.flow.special(call.context, "t") or call.flow.end()
    wrong = call.flow.special(call.context, "i") or call.flow.end()
    if keys and not wide:
        options: dict[str, Any] = {"prompt": "", "timeout": timeout, "retries": 0}
        return Node(call.key, "menu", options, on={**keys, "no_input": silent, "no_match": wrong})
    chosen = f"{call.key} chosen"
    node = Node(chosen, "branch", name=f"{call.context}_dialled", otherwise=wrong)
    for key, target in keys.items():
        node.cases.append((f"exten == {quoted(key)}", target))
    for name, owner, extension in wide:
        node.cases.append((pattern_condition(name, "exten"), call.flow.at(owner, extension, "1")))
    if not node.cases:
        node.cases = [("false", wrong)]
    call.graph.nodes[chosen] = node
    return Node(
        call.key,
        "gather",
        {"prompt": "", "terminator": "", "timeout": timeout, "retries": 0, "into": "exten"},
        on={"ok": chosen, "no_input": silent, "no_match": wrong},
    )


def _response_timeout(call: Call) -> float:
    """What ``Set(TIMEOUT(response)=…)`` of the same context says, 10 s without."""
    for extension in call.flow.plan.contexts[call.context].extensions.values():
        for step in extension.steps.values():
            match = re.search(r"TIMEOUT\(response\)\s*=\s*(\d{1,3})", step.arguments)
            if match:
                return float(match.group(1))
    return 10.0


def read(call: Call) -> Node:
    """``Read(variable,file,maxdigits,options,attempts,timeout)``."""
    into = variable(call.argument(0) or "digits")
    longest = int(call.argument(2)) if call.argument(2).isdigit() and 1 <= int(call.argument(2)) <= 25 else 20
    attempts = int(call.argument(4)) if call.argument(4).isdigit() else 1
    options: dict[str, Any] = {
        "prompt": "",
        "max_digits": longest,
        "terminator": "#",
        "timeout": call.number(5, 10, 1, 300),
        "retries": min(max(attempts - 1, 0), 20),
        "into": into,
    }
    if call.argument(3):
        call.lose(f"options {call.argument(3)}", Text("has no counterpart", "没有对应的写法"))
    silent = call.behind
    done = call.behind
    if call.flow.reader.uses_read_status:
        done = call.add("ok", "set", {"": {"READSTATUS": "OK"}}, call.behind, "read_ok")
        silent = call.add("timeout", "set", {"": {"READSTATUS": "TIMEOUT", into: ""}}, call.behind, "read_timeout")
    else:
        silent = call.add("timeout", "set", {"": {into: ""}}, call.behind, "nothing_entered")
    on = {"ok": done, "no_input": silent, "no_match": silent}
    files = call.argument(1).strip('"')
    if not files:
        return Node(call.key, "gather", options, on=on)
    ask = f"{call.key} digits"
    call.graph.nodes[ask] = Node(ask, "gather", options, on=on, name=into)
    call.behind = ask
    return play_files(call, files, barge_in=True)


def dial(call: Call) -> Node:
    """``Dial(technology/target&…,timeout,options)``."""
    targets = [each for each in call.argument(0).split("&") if each.strip()]
    if len(targets) > 1:
        call.lose(
            "&".join(targets[1:]),
            Text("one target is dialled; use a queue for several", "只拨第一个目标；多个目标请用队列"),
        )
    to = target_number(call, targets[0] if targets else "")
    options: dict[str, Any] = {"to": to, "timeout": call.number(1, 30, 1, 600)}
    letters = re.sub(r"\([^)]*\)", "", call.argument(2))
    tones = re.search(r"D\(([0-9*#wW]+)", call.argument(2))
    if tones:
        options["post_digits"] = tones.group(1)
    for letter in dict.fromkeys(letters):
        if letter not in "gtTrRD ":
            call.lose(f"option {letter}", Text("has no counterpart", "没有对应的写法"))
    ways = dict.fromkeys(("busy", "no_answer", "failed"), call.behind)
    answered = call.behind if "g" in letters else None
    if call.flow.reader.uses_dial_status:
        for way, status in (("busy", "BUSY"), ("no_answer", "NOANSWER"), ("failed", "CHANUNAVAIL")):
            ways[way] = call.add(way, "set", {"": {"DIALSTATUS": status}}, call.behind, f"dial_{way}")
        if answered is not None:
            answered = call.add("answered", "set", {"": {"DIALSTATUS": "ANSWER"}}, call.behind, "dial_answered")
    return Node(call.key, "transfer", options, on={**({"answered": answered} if answered else {}), **ways})


def target_number(call: Call, written: str) -> str:
    """The number in ``PJSIP/number@trunk``; a device without digits becomes a variable that somebody fills."""
    inner = written.strip()
    technology, mark, rest = inner.partition("/")
    target = rest if mark else technology
    target = re.sub(r"@[\w.-]+$", "", target)
    if "/" in target and "${" not in target.rsplit("/", 1)[0]:
        target = target.rsplit("/", 1)[-1]
    made_text = call.variables.template(target)
    if any(letter.isdigit() for letter in made_text) or "{{" in made_text:
        return made_text
    name = variable(f"number_of_{slug(target, 'target')}")
    call.graph.outside.setdefault(name, "''")
    call.lose(written, Text(f"is a device; its number is expected in `{name}`", f"是设备名，号码请放入变量 `{name}`"))
    return "{{ " + name + " }}"


def queue(call: Call) -> Node:
    name = call.argument(0)
    options: dict[str, Any] = {
        "name": call.variables.template(name) if "${" in name else slug(name, "default"),
        "timeout": call.number(4, 600, 1, 86_400),
    }
    for place, what in ((2, "url"), (3, "announce"), (5, "agi"), (6, "macro"), (7, "gosub")):
        if call.argument(place):
            call.lose(f"{what} {call.argument(place)}", Text("has no counterpart", "没有对应的写法"))
    if call.flow.plan.sets_priority:
        options["priority"] = "{{ " + call.variables.variable("QUEUE_PRIO", 0) + " }}"
    ways = dict.fromkeys(("timeout", "full", "no_agents"), call.behind)
    on = {"answered": call.behind, **ways} if "c" in call.argument(1) else ways
    return Node(call.key, "queue", options, on=on)


def voicemail(call: Call) -> Node:
    box = call.argument(0).split("&")[0].split("@")[0]
    if "${" in box or not box:
        call.lose(box or "box", Text("the message goes into the box `general`", "留言存入信箱 `general`"))
        box = "general"
    return call.node("voicemail", {"": slug(box, "general")})


def record(call: Call) -> Node:
    options: dict[str, Any] = {"max": call.number(2, 60, 1, 3600), "silence": call.number(1, 5, 1, 60)}
    options["into"] = variable(slug(call.argument(0).split(".")[0].split("/")[-1].split(":")[0], "recording"))
    return call.node("record", options)


def recording_on(call: Call) -> Node:
    return call.node("recording", {"": "on"})


def recording_off(call: Call) -> Node:
    return call.node("recording", {"": "off"})


def wait(call: Call) -> Node:
    return call.node("wait", {"": call.number(0, 1, 0, 3600)})


def agi(call: Call) -> Node:
    """A script: one that speaks is a prompt, any other an HTTP request to be filled in."""
    script = call.argument(0).strip('"')
    if SPEAKING.search(script.split("?")[0]) and call.argument(1):
        return speak(call, call.argument(1), barge_in=bool(call.argument(3)))
    name = slug(script.split("?")[0].rsplit("/", 1)[-1].rsplit(".", 1)[0], "script")
    call.lose(
        script, Text("a script is not run; put its HTTP address into `url`", "不运行脚本，请在 `url` 填写其 HTTP 地址")
    )
    options: dict[str, Any] = {"url": f"https://agi.invalid/{name}", "method": "POST"}
    if len(call.given) > 1:
        options["body"] = {
            f"arg_{place}": call.variables.template(each) for place, each in enumerate(call.given[1:], 1)
        }
    options["into"] = variable(f"{name}_result")
    return Node(call.key, "fetch", options, on={"ok": call.behind, "error": call.behind})


def curl(call: Call) -> Node:
    """``Curl(address[,data to be posted])``: the answer is the variable CURL."""
    options: dict[str, Any] = {"url": call.variables.template(call.argument(0).strip('"'))}
    if call.argument(1):
        options |= {"method": "POST", "body": call.variables.template(call.argument(1))}
    return Node(call.key, "fetch", options | {"into": "CURL"}, on={"ok": call.behind, "error": call.behind})


def outside(call: Call) -> Node:
    """A question to a database or a directory: an HTTP request to be filled in."""
    name = slug(call.name, "question")
    call.lose(
        call.name, Text("is asked of a system outside; put its HTTP address into `url`", "外部查询，请填写其 HTTP 地址")
    )
    options: dict[str, Any] = {"url": f"https://switch.invalid/{name}", "method": "POST"}
    if call.arguments:
        options["body"] = {"arguments": call.variables.template(call.arguments)}
    options["into"] = variable(f"{name}_result")
    return Node(call.key, "fetch", options, on={"ok": call.behind, "error": call.behind})


_COUNTED = re.compile(r"\$\{(?:INC|DEC)\(([A-Za-z_]\w*)\)\}", re.IGNORECASE)
"""A count that goes up or down where it is read."""


def trace(call: Call) -> Node:
    text = call.arguments.strip()
    counted = {variable(each.group(1)): call.variables.template(each.group()) for each in _COUNTED.finditer(text)}
    if counted:
        return call.node("set", {"": counted})
    if call.name.lower() in ("verbose", "log") and len(call.given) > 1:
        text = ",".join(call.given[1:])
    options: dict[str, Any] = {"": slug(call.name, "trace")}
    if text:
        options["data"] = {"text": call.variables.template(text.strip('"'))}
    return call.node("notify", options)


def authenticate(call: Call) -> Node:
    right = f"{call.key} right"
    password = call.variables.expression(call.argument(0))
    check = Node(
        right, "branch", name="pin_right", cases=[(f"pin == {password}", call.behind)], otherwise=call.flow.end()
    )
    call.graph.nodes[right] = check
    options = {"prompt": "…", "timeout": "10s", "retries": 2, "into": "pin", "sensitive": True}
    end = call.flow.end()
    return Node(call.key, "gather", options, on={"ok": right, "no_input": end, "no_match": end})


def handed_over(call: Call) -> Node:
    """A feature of the switch with a dialogue of its own: a flow of that name."""
    flow = slug(call.name, "feature")
    call.lose(call.name, Text(f"is to be written as flow `{flow}`", f"请写成流程 `{flow}`"))
    options: dict[str, Any] = {"flow": flow}
    if call.arguments:
        options["with"] = {"arguments": call.variables.template(call.arguments)}
    return Node(call.key, "subflow", options, on={"ok": call.behind, "failed": call.behind})


def conference(call: Call) -> Node:
    name = (
        variable(f"conference_{slug(call.argument(0), 'room')}") if "${" not in call.argument(0) else "conference_room"
    )
    call.graph.outside.setdefault(name, "''")
    call.lose(
        call.argument(0), Text(f"the number of the conference is expected in `{name}`", f"会议号码请放入变量 `{name}`")
    )
    ways = dict.fromkeys(("busy", "no_answer", "failed"), call.behind)
    return Node(
        call.key, "transfer", {"to": "{{ " + name + " }}", "timeout": "30s"}, on={"answered": call.behind, **ways}
    )


def transfer(call: Call) -> Node:
    end = call.behind
    to = target_number(call, call.argument(0))
    return Node(call.key, "transfer", {"to": to, "timeout": "30s"}, on={"busy": end, "no_answer": end, "failed": end})


def message(call: Call) -> Node:
    text = call.variables.template(call.argument(1) or call.argument(0)) or "…"
    options = {"to": "{{ caller.number }}", "text": text, "channel": "sms"}
    return Node(call.key, "message", options, on={"sent": call.behind, "failed": call.behind})


def _each(names: str, maker: Callable[[Call], Node]) -> dict[str, Callable[[Call], Node]]:
    return dict.fromkeys(names.lower().split(), maker)


APPLICATIONS: dict[str, Callable[[Call], Node]] = {
    **_each("Answer", answer),
    **_each("Playback ControlPlayback MP3Player MinivmGreet", playback),
    **_each("Background BackgroundDetect", background),
    **_each("SayDigits", say_digits),
    **_each("SayNumber SayCountedNoun SayCountedAdj SayCountPL SayOrdinal SayMoney", say_number),
    **_each("SayAlpha SayPhonetic SayAlphaCase", say_letters),
    **_each("SayUnixTime DateTime SayTime SayDate", say_time),
    **_each(
        "Festival Flite Swift PicoTTS GoogleTTS MRCPSynth Espeak Tts Cepstral SpeakText",
        lambda call: speak(call, call.argument(0)),
    ),
    **_each("WaitExten", wait_exten),
    **_each("Read", read),
    **_each("Dial RetryDial", dial),
    **_each("Queue", queue),
    **_each("VoiceMail", voicemail),
    **_each("Record MinivmRecord MinivmAccMess MinivmAppMess", record),
    **_each("MixMonitor Monitor ChangeMonitor UnpauseMonitor", recording_on),
    **_each("StopMixMonitor StopMonitor PauseMonitor", recording_off),
    **_each(
        "Wait WaitUntil WaitDigit WaitForCondition NBScat WaitForSilence WaitForNoise WaitForRing WaitMusicOnHold "
        "MusicOnHold Milliwatt",
        wait,
    ),
    **_each("AGI DeadAGI FastAGI EAGI AsyncAGI", agi),
    **_each(
        "NoOp Verbose Log DumpChan UserEvent System TrySystem Ringing Progress ProceedingDone CallingPres "
        "SetCallerPres SetAMAFlags ResetCDR NoCDR ForkCDR CELGenUserEvent SIPAddHeader SIPRemoveHeader SIPDtmfMode "
        "SendDTMF SendText SendImage SendURL JabberSend JabberStatus LookupCIDName LookupBlacklist PrivacyManager "
        "AddQueueMember RemoveQueueMember PauseQueueMember UnpauseQueueMember QueueLog AgentLogin AgentRequest "
        "UpdateConfig StartMusicOnHold StopMusicOnHold SetMusicOnHold PlayTones StopPlayTones ChanIsAvail "
        "SoftHangup MinivmNotify MinivmDelete MinivmMWI Page ChannelRedirect StackPop ReadFile DBdel DBdeltree "
        "Originate TransferCall Zapateller Gosubreturn BridgeWait ExternalIVR Morsecode PlayDTMF StoreDTMF "
        "RaiseException IncrementCounter DAHDISendKeypadFacility DeadLock Trace Flash Proceeding KeepAlive GetCPEID "
        "SIPSendCustomINFO CallCompletionRequest CallCompletionCancel QueueUpdate ADSIProg TestClient TestServer "
        "AgentCallbackLogin AMD NVFaxDetect BackgroundFaxDetect HasVoicemail HasNewVoicemail MailboxExists CheckGroup "
        "MeetMeAdmin MeetMeChannelAdmin MeetMeCount ConfKick BridgeAdd SpeechActivateGrammar SpeechDeactivateGrammar "
        "SpeechLoadGrammar SpeechUnloadGrammar SpeechProcessingSound SpeechStart SpeechDestroy ZapSendKeypadFacility "
        "ResetDTMF Reload UserField Broadcast ChannelTrace",
        trace,
    ),
    **_each("Authenticate VMAuthenticate", authenticate),
    **_each(
        "VoiceMailMain Directory DISA FollowMe Stasis SpeechBackground SpeechCreate MRCPRecog Park ParkAndAnnounce "
        "ParkedCall Pickup PickupChan AlarmReceiver Dictate VMSayName VoiceMailPlayMsg Minivm AgentMonitorOutgoing "
        "SynthAndRecog ReadExten ChanSpy ExtenSpy ZapBarge DAHDIBarge ZapScan DAHDIScan Whisper SLAStation SLATrunk "
        "Bridge JACK ICES ReceiveFAX SendFAX RxFAX TxFAX AudioSocket Rpt DAHDIRAS ZapRAS",
        handed_over,
    ),
    **_each("ConfBridge MeetMe Conference", conference),
    **_each("Transfer BlindTransfer AttendedTransfer", transfer),
    **_each("Curl", curl),
    **_each(
        "MYSQL ODBC_SQL RealTime RealTimeUpdate EnumLookup TXTCIDName OSPAuth OSPLookup OSPNext OSPFinish DUNDILookup "
        "SpeechToText LDAPGet",
        outside,
    ),
    **_each("MessageSend SMS SMSq", message),
}
