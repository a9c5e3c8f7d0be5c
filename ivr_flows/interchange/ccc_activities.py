"""What each activity of the vendor becomes here. `ACTIVITIES` is the table; what is not in it becomes ``opaque``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..findings import Text
from . import ccc_values as values
from .graph import Graph, Node, Parameters
from .naming import slug, variable
from .reading import flag, items, mapping, word

_OK = ("complete", "success", "ok", "finish", "next", "answered", "completed")
_FAILED = ("failure", "failed", "fail", "error", "exception")


@dataclass(slots=True)
class Activity:
    """One activity as read: ``exits`` by the names of its events."""

    graph: Graph
    key: str
    kind: str
    name: str
    origin: str
    properties: Parameters
    exits: dict[str, str]
    flow_type: str

    def exit(self, *names: str) -> str | None:
        """The exit called by one of ``names``, whatever its case."""
        lower = {event.lower(): target for event, target in self.exits.items()}
        return next((lower[name] for name in names if name in lower), None)

    @property
    def done(self) -> str | None:
        return self.exit(*_OK)

    @property
    def failed(self) -> str | None:
        return self.exit(*_FAILED)

    def text(self, *names: str) -> str:
        """A property as a template of ours."""
        return values.template(self.properties.text(*names), self.graph)

    def node(self, kind: str, options: dict[str, Any]) -> Node:
        following = self.done or self.exit("default") or next(iter(self.exits.values()), None)
        return Node(self.key, kind, options, next=following)


def convert(activity: Activity) -> Node:
    """The node for ``activity``."""
    return ACTIVITIES.get(activity.kind.upper().replace("-", "_"), opaque)(activity)


def opaque(activity: Activity) -> Node:
    activity.graph.lose(activity.origin, "", Text("has no counterpart here", "在这里没有对应的节点"))
    on = {slug(event, "next"): target for event, target in activity.exits.items()}
    given = {name: value for name, value in activity.properties.values.items() if name != "position"}
    activity.properties.ignore(*given)
    options: dict[str, Any] = {"": f"ccc:{activity.kind}"}
    if given:
        options["parameters"] = given
    return Node(activity.key, "opaque", options, on=on)


def start(activity: Activity) -> Node:
    if activity.kind.upper() == "INCOMING_CALL":
        return activity.node("answer", {})
    return activity.node("notify", {"": "flow_started"})


def _prompt(activity: Activity) -> str:
    """The words of a prompt; a recording is named."""
    text = activity.text("say", "prompt", "text", "ttsText", "content", "inputSay", "promptSay")
    audio = activity.properties.text("audioResourceId", "audioId", "audio", "audioFile")
    activity.properties.ignore("audioType", "playType", "type", "audioInterrupt", "interruptible", "bargeIn")
    if audio and not text:
        activity.graph.lose(
            activity.origin,
            "audioResourceId",
            Text(f"the recording `{audio}` is to be replaced by its words", f"录音 `{audio}` 请改写成文字"),
        )
    return text or audio


def say(activity: Activity) -> Node:
    properties = activity.properties
    text = activity.text("say", "text", "prompt", "ttsText", "content")
    audio = properties.text("audioResourceId", "audioId", "audio", "audioFile")
    kind = properties.text("audioType", "playType").lower()
    options: dict[str, Any] = {}
    if audio and kind not in ("tts", "say"):
        options = {"file": audio, **({"text": text} if text else {})}
    elif text:
        options = {"": text}
    else:
        return activity.node("wait", {"": "0s"})
    if flag(properties.take("audioInterrupt", "interruptible", "bargeIn")):
        options["barge_in"] = True
    for name in ("voice", "speechRate", "volume", "repeatTimes"):
        if properties.take(name):
            properties.lose(name)
    return activity.node("play", options)


def gather(activity: Activity) -> Node:
    properties = activity.properties
    tries = properties.count("maxTries", "maxRetries", "retryTimes", "maxAttempts", default=5, low=1, high=21)
    fixed = properties.count("length", "fixedLength", default=0, low=0, high=25)
    longest = properties.count("maxLength", "maxDigits", "numDigits", default=fixed or 20, low=1, high=25)
    shortest = min(properties.count("minLength", "minDigits", default=fixed or 1, low=1, high=25), longest)
    barge_in = properties.take("audioInterrupt", "interruptible", "bargeIn", default=True)
    written = properties.text("terminator", "endKey", "finishOnKey", "stopKey", default="#")
    terminator = written if written in ("#", "*", "") else "#"
    if terminator != written:
        properties.lose("terminator", Text("ends with `#` here", "改为以 `#` 结束"))
    options: dict[str, Any] = {
        "prompt": _prompt(activity) or "…",
        "max_digits": longest,
        "min_digits": shortest,
        "terminator": terminator,
        "timeout": properties.seconds("timeout", "timeoutSeconds", "waitTime", default=10, low=1, high=300),
        "digit_timeout": properties.seconds("digitTimeout", "interDigitTimeout", default=3, low=1, high=60),
        "retries": tries - 1,
        "into": variable(properties.text("variable", "resultVariable", "into") or f"{activity.name}_digits"),
    }
    pattern = properties.text("regex", "pattern")
    if pattern:
        options["pattern"] = pattern
    if not flag(barge_in):
        options["barge_in"] = False
    if flag(properties.take("sensitive", "encrypt")):
        options["sensitive"] = True
    for ours, names in (
        ("no_input_prompt", ("timeoutSay", "noInputSay")),
        ("no_match_prompt", ("errorSay", "failureSay")),
    ):
        text = activity.text(*names)
        if text:
            options[ours] = text
    failed = activity.failed or activity.exit("timeout") or activity.graph.end()
    silent = activity.exit("timeout", "noinput") or failed
    on = {
        "ok": activity.done or activity.graph.end(),
        "no_input": silent,
        "no_match": activity.exit("nomatch") or failed,
    }
    return Node(activity.key, "gather", options, on=on)


def branch(activity: Activity) -> Node:
    listed: list[Any] = []
    for name in ("branches", "conditions", "expressions", "cases", "rules", "branchList", "splits"):
        listed = items(activity.properties.take(name)) or listed
    cases: list[tuple[str, str]] = []
    used: set[str] = set()
    named = [event for event in activity.exits if event.lower() not in ("default", "else", "nomatch")]
    for number, entry in enumerate(listed):
        inner = mapping(entry)
        event = next(
            (
                each
                for key in ("event", "exit", "exitCode", "branch", "branchName", "name", "id", "key")
                if (each := word(inner.get(key))) in activity.exits
            ),
            named[number] if number < len(named) else "",
        )
        target = word(inner.get("next")) or activity.exits.get(event)
        when = (
            _when(inner, activity) if inner else values.written_condition(word(entry), activity.graph, activity.origin)
        )
        used.add(event)
        cases.append((when, target or activity.graph.end()))
    for event in named:
        if event not in used:
            activity.graph.lose(activity.origin, event, Text("this exit has no condition", "该出口没有条件"))
            cases.append(("false", activity.exits[event]))
    otherwise = activity.exit("default", "else", "nomatch", *_OK) or activity.failed
    return Node(
        activity.key, "branch", cases=cases or [("true", otherwise or activity.graph.end())], otherwise=otherwise
    )


def _when(inner: dict[str, Any], activity: Activity, depth: int = 0) -> str:
    nested: list[Any] = []
    for name in ("conditions", "expressions", "rules", "items"):
        nested = nested or items(inner.get(name))
    if nested and depth < 5:
        join = word(inner.get("logic", inner.get("relation", inner.get("operatorType")))).lower()
        parts = [_when(mapping(each), activity, depth + 1) for each in nested]
        return (" or " if join in ("or", "||", "any") else " and ").join(f"({each})" for each in parts)
    written = inner.get("expression", inner.get("condition", inner.get("when")))
    if isinstance(written, str):
        return values.written_condition(written, activity.graph, activity.origin)
    if isinstance(written, dict) and depth < 5:
        return _when(written, activity, depth + 1)
    left = inner.get("left", inner.get("variable", inner.get("leftOperand", inner.get("key", inner.get("name")))))
    right = inner.get("right", inner.get("value", inner.get("rightOperand", "")))
    operator = word(inner.get("operator", inner.get("op", inner.get("comparator", "=="))))
    made = values.condition(left, operator, right, activity.graph)
    if made is None:
        activity.graph.lose(activity.origin, operator, Text("is no known comparison", "未知的比较方式"))
    return made or "false"


def queue(activity: Activity) -> Node:
    properties = activity.properties
    group = properties.take(
        "skillGroupId", "skillGroup", "skillGroupIdList", "queue", "skillGroupName", default="default"
    )
    group = word(group[0]) if isinstance(group, list) and group else word(group)
    name = values.template(group, activity.graph) if "${" in group else _group(group)
    options: dict[str, Any] = {
        "name": name,
        "timeout": properties.seconds(
            "queuingTimeoutSeconds", "timeout", "queueTimeout", default=600, low=1, high=3600
        ),
    }
    priority = properties.count("queuePriority", "priority", default=1, low=1, high=99)
    if priority != 1:
        options["priority"] = priority
    every = properties.number("periodicAnnouncementIntervalSeconds", default=0, low=0, high=3600)
    if every:
        options["announce_every"] = f"{every:g}s"
    said = activity.text("periodicAnnouncementSay", "announcementSay")
    if said:
        options["announcement"] = said
    if properties.take("positionHintsSay", "positionHints"):
        options["say_position"] = True
    whisper = activity.text("agentGreetingSay", "agentWhisper")
    if whisper:
        options["whisper"] = whisper
    if flag(properties.take("familiarAgent", "lastAgentFirst", "familiarMode")):
        options["last_agent_first"] = True
    if word(properties.take("routingStrategy", default="MOST_IDLE")) not in ("MOST_IDLE", ""):
        properties.lose("routingStrategy", Text("the strategy stands at the queue", "分配策略写在队列配置里"))
    late = activity.exit("timeout") or activity.failed or activity.graph.end()
    on = {"timeout": late, "full": activity.exit("overflow", "full") or late, "no_agents": activity.failed or late}
    done = activity.exit("complete", "success", "answered")
    return Node(activity.key, "queue", options, on={**({"answered": done} if done else {}), **on})


def _group(written: str) -> str:
    return slug(written.split("@")[0].removeprefix("skg-"), "default")


def transfer(activity: Activity) -> Node:
    properties = activity.properties
    to = activity.text("callee", "number", "to", "destination", "transferee", "phoneNumber")
    if properties.take("caller", "callerNumber", "transferor"):
        properties.lose("caller", Text("a leg presents the base number of its line", "外呼主叫固定为线路底号"))
    if not any(letter.isdigit() for letter in to) and "{{" not in to:
        activity.graph.outside.setdefault("outside_number", "''")
        to = "{{ outside_number }}"
    failed = activity.failed or activity.exit("timeout") or activity.graph.end()
    on = {
        "busy": activity.exit("busy") or failed,
        "no_answer": activity.exit("timeout", "noanswer") or failed,
        "failed": failed,
    }
    options = {"to": to, "timeout": properties.seconds("timeout", "timeoutSeconds", default=30, low=1, high=600)}
    return Node(activity.key, "transfer", options, on={**({"answered": activity.done} if activity.done else {}), **on})


def assign(activity: Activity) -> Node:
    given: dict[str, str] = {}
    for name in ("variables", "assignments", "values", "variableList"):
        found = activity.properties.take(name)
        for key, value in mapping(found).items():
            given[key] = word(value)
        for entry in items(found):
            inner = mapping(entry)
            key = word(inner.get("name", inner.get("key", inner.get("variable"))))
            if key:
                given[key] = word(inner.get("value", inner.get("expression")))
    named = {}
    for key, value in given.items():
        text = values.template(value, activity.graph)
        named[variable(key)] = text
        named.setdefault(variable(f"{activity.name}_{key}"), text) if len(activity.name) else None
    return activity.node("set", {"": named or {"nothing": ""}})


def fetch(activity: Activity) -> Node:
    properties = activity.properties
    url = activity.text("url", "functionUrl", "endpoint")
    function = properties.text("functionName", "function", "functionArn", "serviceName")
    if not url:
        url = f"https://function.invalid/{slug(function or activity.name, 'function')}"
        properties.lose(
            "functionName",
            Text(
                "a cloud function is not called; put its HTTP address into `url`",
                "不调用云函数，请在 `url` 填写其 HTTP 地址",
            ),
        )
    options: dict[str, Any] = {"url": url, "method": properties.text("method", default="POST").upper()}
    body: dict[str, str] = {}
    for name in ("inputs", "parameters", "inputParameters", "args"):
        found = properties.take(name)
        body |= {variable(key): values.template(word(value), activity.graph) for key, value in mapping(found).items()}
        for entry in items(found):
            inner = mapping(entry)
            if word(inner.get("name", inner.get("key"))):
                body[variable(word(inner.get("name", inner.get("key"))))] = values.template(
                    word(inner.get("value")), activity.graph
                )
    written = activity.text("body")
    if body or written:
        options["body"] = body or written
    options["timeout"] = properties.seconds("timeout", "timeoutSeconds", default=5, low=1, high=60)
    options["into"] = variable(properties.text("variable", "resultVariable", "into") or activity.name)
    ok = activity.done or activity.graph.end()
    return Node(
        activity.key, "fetch", options, on={"ok": ok, "error": activity.failed or activity.exit("timeout") or ok}
    )


def parse(activity: Activity) -> Node:
    source = activity.properties.text("source", "json", "input", "variable")
    activity.properties.lose(
        "source", Text("an answer is read as it is; its parts are `name.part`", "返回内容可直接用 `名称.字段` 读取")
    )
    return activity.node("set", {"": {variable(activity.name): values.template(source, activity.graph)}})


def subflow(activity: Activity) -> Node:
    properties = activity.properties
    named = properties.text(
        "flowName", "subFlowName", "contactFlowName", "flow", "flowId", "contactFlowId", "subFlowId"
    )
    options: dict[str, Any] = {"flow": slug(named, "subflow")}
    handed: dict[str, str] = {}
    for name in ("inputs", "parameters", "arguments"):
        handed |= {
            variable(key): values.template(word(value), activity.graph)
            for key, value in mapping(properties.take(name)).items()
        }
    if handed:
        options["with"] = handed
    on = {
        slug(event, "ok"): target for event, target in activity.exits.items() if event.lower() not in (*_OK, *_FAILED)
    }
    ok = activity.done or next(iter(activity.exits.values()), None) or activity.graph.end()
    return Node(activity.key, "subflow", options, on={"ok": ok, "failed": activity.failed or ok, **on})


def back(activity: Activity) -> Node:
    given = activity.properties.text("exit", "exitCode", "branch", "result")
    return Node(activity.key, "return", {"": slug(given, "ok")})


def survey(activity: Activity) -> Node:
    properties = activity.properties
    low = properties.count("minScore", "min", default=1, low=0, high=9)
    high = properties.count("maxScore", "max", "levels", default=5, low=1, high=9)
    options = {
        "prompt": _prompt(activity) or "请对本次服务评分。",
        "scale": f"{min(low, high)}-{max(low, high)}",
        "into": "score",
        "timeout": properties.seconds("timeout", default=5, low=1, high=60),
        "retries": properties.count("maxTries", "retryTimes", default=2, low=1, high=10) - 1,
    }
    done = activity.done or activity.graph.end()
    on = {"done": done, "no_input": activity.exit("timeout") or activity.failed or done}
    return Node(activity.key, "survey", options, on=on)


def navigator(activity: Activity) -> Node:
    properties = activity.properties
    known = (*_OK, *_FAILED, "timeout", "hangup")
    intents = {
        slug(event, "understood"): target for event, target in activity.exits.items() if event.lower() not in known
    }
    if not intents:
        intents = {"understood": activity.done or activity.graph.end()}
    failed = activity.failed or activity.exit("timeout") or activity.done or activity.graph.end()
    for name in ("instanceId", "botId", "scriptId", "asrResourceId", "businessUnitId", "applicationId"):
        if properties.take(name):
            properties.lose(name, Text("the recogniser is set up outside of the flow", "识别服务在流程之外配置"))
    options: dict[str, Any] = {
        "prompt": _prompt(activity) or "…",
        "intents": list(intents),
        "into": "utterance",
        "retries": properties.count("maxTries", default=1, low=1, high=10) - 1,
    }
    return Node(activity.key, "speech", options, on={**intents, "no_input": failed, "no_match": failed})


def voicemail(activity: Activity) -> Node:
    properties = activity.properties
    options: dict[str, Any] = {"": slug(properties.text("box", "mailbox"), "general")}
    prompt = _prompt(activity)
    if prompt:
        options["prompt"] = prompt
    options["max"] = properties.seconds("maxLengthSeconds", "maxDuration", "timeout", default=120, low=1, high=3600)
    return activity.node("voicemail", options)


def hang_up(activity: Activity) -> Node:
    given = activity.properties.text("cause", "hangupCause", "reason")
    cause = (
        given if given in ("busy", "rejected", "normal") or (given.isdecimal() and 1 <= int(given) <= 127) else "normal"
    )
    text = activity.text("say", "text")
    return Node(activity.key, "hangup", {"": cause, **({"text": text} if text else {})})


def hours(activity: Activity) -> Node:
    name = slug(activity.properties.text("calendar", "calendarId", "workTimeId", "scheduleId"), "office")
    closed = activity.exit("closed", "offwork", "no", "false", *_FAILED, "default") or activity.graph.end()
    opened = activity.exit("open", "onwork", "yes", "true", *_OK) or closed
    return Node(
        activity.key,
        "hours",
        {"": name},
        on={"open": opened, "closed": closed, "holiday": activity.exit("holiday") or closed},
    )


def message(activity: Activity) -> Node:
    text = activity.text("text", "content", "say", "template", "templateCode") or "…"
    to = activity.text("to", "phoneNumber", "callee") or "{{ caller.number }}"
    done = activity.done or activity.graph.end()
    return Node(
        activity.key,
        "message",
        {"to": to, "text": text, "channel": "sms"},
        on={"sent": done, "failed": activity.failed or done},
    )


def callback(activity: Activity) -> Node:
    number = activity.text("number", "phoneNumber") or "{{ caller.number }}"
    done = activity.done or activity.graph.end()
    options: dict[str, Any] = {"number": number}
    prompt = _prompt(activity)
    if prompt:
        options["prompt"] = prompt
    return Node(activity.key, "callback", options, on={"done": done, "failed": activity.failed or done})


def wait(activity: Activity) -> Node:
    seconds = activity.properties.seconds("seconds", "duration", "timeout", default=1, low=0, high=3600)
    return activity.node("wait", {"": seconds})


def _each(names: str, made: Callable[[Activity], Node]) -> dict[str, Callable[[Activity], Node]]:
    return dict.fromkeys(names.split(), made)


ACTIVITIES: dict[str, Callable[[Activity], Node]] = {
    **_each("INCOMING_CALL SUB_START SURVEY_START START ANSWER OUTGOING_CALL", start),
    **_each("PLAY_SAY PLAY_OR_SAY PLAY TTS SAY PLAY_AUDIO", say),
    **_each("GATHER_INPUT GETDIGITS GET_DIGITS COLLECT_INPUT", gather),
    **_each("BRANCH SPLIT BRANCHING SWITCH CONDITION", branch),
    **_each("TRANSFER_TO_AGENT REQUESTAGENT TRANSFER_TO_QUEUE QUEUE", queue),
    **_each("FORWARD_TO_OUTSIDE_NUMBER BLIND_TRANSFER ONESTEPTRANSFER TRANSFER_TO_NUMBER", transfer),
    **_each("SET_VARIABLES ASSIGN DEFINE_VARIABLES VARIABLE SET_VARIABLE", assign),
    **_each("FUNCTION_COMPUTE FUNCTION HTTP HTTP_REQUEST INVOKE_FUNCTION", fetch),
    **_each("JSON_PARSER", parse),
    **_each("SUB SUBFLOW SUB_FLOW SUBPROCESS SUB_PROCESS", subflow),
    **_each("SUB_END EXIT SURVEY_END RETURN END", back),
    **_each("SATISFACTION_RATING SURVEY SATISFACTION", survey),
    **_each("VOICE_NAVIGATOR ASR CHATBOT INTELLIGENT_NAVIGATION VOICEBOT", navigator),
    **_each("VOICEMAIL VOICE_MAIL LEAVE_MESSAGE", voicemail),
    **_each("HANGUP HANG_UP", hang_up),
    **_each("WORK_TIME WORKING_HOURS TIME_CONDITION HOURS", hours),
    **_each("SEND_SMS SMS SEND_MESSAGE", message),
    **_each("CALLBACK CALL_BACK APPOINTMENT_CALLBACK", callback),
    **_each("WAIT WAITEVENT DELAY", wait),
}
