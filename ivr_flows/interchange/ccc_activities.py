"""What each activity of the vendor becomes here. `ACTIVITIES` is the table; what is not in it becomes ``opaque``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..findings import Text
from . import ccc_values as values
from .ccc_activity import FAILED, OK, Activity, opaque
from .ccc_dialogue import gather, navigator, prompt_of, say, survey, voicemail
from .graph import Node
from .naming import member, slug, variable
from .reading import flag, items, mapping, word


def convert(activity: Activity) -> Node:
    """The node for ``activity``."""
    return ACTIVITIES.get(activity.kind.upper().replace("-", "_"), opaque)(activity)


def start(activity: Activity) -> Node:
    if activity.kind.upper() == "INCOMING_CALL":
        return activity.node("answer", {})
    return activity.node("notify", {"": "flow_started"})


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
    otherwise = activity.exit("default", "else", "nomatch", *OK) or activity.failed
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
    if flag(
        properties.take("familiarAgent", "lastAgentFirst", "familiarMode", "familiarAgentRouting", "lastAgentPreferred")
    ):
        options["last_agent_first"] = True
    if properties.take("queuingOverflowThreshold"):
        properties.lose(
            "queuingOverflowThreshold",
            Text(
                "how many may wait stands at the queue (`max_waiting`)", "排队人数上限写在队列配置里（`max_waiting`）"
            ),
        )
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


def _named(found: Any) -> dict[str, str]:
    """Names with their values: a mapping, or a list of entries with `name` and `value`."""
    given = {key: word(value) for key, value in mapping(found).items()}
    for entry in items(found):
        inner = mapping(entry)
        key = word(inner.get("name", inner.get("key", inner.get("variable"))))
        if key:
            given[key] = word(inner.get("value", inner.get("expression")))
    return given


def assign(activity: Activity) -> Node:
    given: dict[str, str] = {}
    for name in ("variables", "assignments", "values", "variableList"):
        given |= _named(activity.properties.take(name))
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
    """The parts of an answer: variables of their names, and the whole under the activity's."""
    source = activity.properties.text("source", "json", "input", "variable")
    whole = values.expression(source if "${" in source else f"${{{source}}}", activity.graph) if source else "''"
    found = {variable(activity.name): "{{ " + whole + " }}"}
    for each in items(activity.properties.take("variables", "outputs", "mappings", "fields")):
        inner = mapping(each)
        steps = [step for step in re.split(r"[.\[\]'\"]+", word(inner.get("path", inner.get("jsonPath")))) if step]
        name = word(inner.get("name", inner.get("variable", inner.get("key"))))
        if not name or whole == "''":
            continue
        steps = steps[1:] if steps[:1] == ["$"] else steps or [name]
        found[variable(name)] = "{{ " + member(whole, *steps) + " }}"
    return activity.node("set", {"": found})


def subflow(activity: Activity) -> Node:
    properties = activity.properties
    named = properties.text(
        "flowName", "subFlowName", "contactFlowName", "flow", "flowId", "contactFlowId", "subFlowId"
    )
    options: dict[str, Any] = {"flow": slug(named, "subflow")}
    handed: dict[str, str] = {}
    for name in ("inputs", "parameters", "arguments"):
        handed |= {key: values.template(value, activity.graph) for key, value in _named(properties.take(name)).items()}
    if handed:
        options["with"] = handed
    on = {slug(event, "ok"): target for event, target in activity.exits.items() if event.lower() not in (*OK, *FAILED)}
    ok = activity.done or next(iter(activity.exits.values()), None) or activity.graph.end()
    return Node(activity.key, "subflow", options, on={"ok": ok, "failed": activity.failed or ok, **on})


def back(activity: Activity) -> Node:
    given = activity.properties.text("exit", "exitCode", "branch", "result")
    return Node(activity.key, "return", {"": slug(given, "ok")})


def hang_up(activity: Activity) -> Node:
    given = activity.properties.text("cause", "hangupCause", "reason")
    cause = (
        given if given in ("busy", "rejected", "normal") or (given.isdecimal() and 1 <= int(given) <= 127) else "normal"
    )
    text = activity.text("say", "text")
    return Node(activity.key, "hangup", {"": cause, **({"text": text} if text else {})})


def hangup_cause(activity: Activity) -> Node:
    """The cause with which the flow ends: at once where nothing follows, else a variable that is kept."""
    if not activity.exits:
        return hang_up(activity)
    given = activity.properties.text("cause", "hangupCause", "reason")
    return activity.node("set", {"": {"hangup_cause": given or "normal"}})


def language(activity: Activity) -> Node:
    written = activity.properties.text("language", "languageCode", "locale", default="zh-CN").lower()
    return activity.node("language", {"": "en" if written.startswith("en") else "zh-CN"})


def record(activity: Activity) -> Node:
    longest = activity.properties.seconds("maxSeconds", "maxDuration", "timeout", default=60, low=1, high=3600)
    options: dict[str, Any] = {"max": longest}
    prompt = prompt_of(activity)
    if prompt:
        options["prompt"] = prompt
    return activity.node("record", options)


def hours(activity: Activity) -> Node:
    name = slug(activity.properties.text("calendar", "calendarId", "workTimeId", "scheduleId"), "office")
    closed = activity.exit("closed", "offwork", "no", "false", *FAILED, "default") or activity.graph.end()
    opened = activity.exit("open", "onwork", "yes", "true", *OK) or closed
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
    prompt = prompt_of(activity)
    if prompt:
        options["prompt"] = prompt
    return Node(activity.key, "callback", options, on={"done": done, "failed": activity.failed or done})


def wait(activity: Activity) -> Node:
    seconds = activity.properties.seconds("seconds", "duration", "timeout", default=1, low=0, high=3600)
    return activity.node("wait", {"": seconds})


def _each(names: str, made: Callable[[Activity], Node]) -> dict[str, Callable[[Activity], Node]]:
    return dict.fromkeys(names.split(), made)


ACTIVITIES: dict[str, Callable[[Activity], Node]] = {
    **_each("INCOMING_CALL SUB_START SURVEY_START START ANSWER OUTGOING_CALL OUTBOUND_CALL PREDICTIVE_CALL", start),
    **_each("PLAY_SAY PLAY_OR_SAY PLAY TTS SAY PLAY_AUDIO", say),
    **_each("GATHER_INPUT GETDIGITS GET_DIGITS COLLECT_INPUT", gather),
    **_each("BRANCH SPLIT BRANCHING SWITCH CONDITION", branch),
    **_each(
        "TRANSFER_TO_AGENT REQUESTAGENT TRANSFER_TO_QUEUE TRANSFER_TO_SKILLGROUP TRANSFER_TO_SKILL_GROUP QUEUE", queue
    ),
    **_each("FORWARD_TO_OUTSIDE_NUMBER BLIND_TRANSFER ATTENDED_TRANSFER ONESTEPTRANSFER TRANSFER_TO_NUMBER", transfer),
    **_each("SET_VARIABLES ASSIGN DEFINE_VARIABLES VARIABLE SET_VARIABLE", assign),
    **_each("FUNCTION_COMPUTE FUNCTION HTTP HTTP_REQUEST INVOKE_FUNCTION", fetch),
    **_each("JSON_PARSER", parse),
    **_each("SUB SUBFLOW SUB_FLOW SUBPROCESS SUB_PROCESS TRANSFER_TO_SUB_FLOW", subflow),
    **_each("SUB_END EXIT SURVEY_END RETURN END", back),
    **_each("SATISFACTION_RATING SURVEY SATISFACTION LAUNCH_SURVEY", survey),
    **_each("VOICE_NAVIGATOR ASR CHATBOT INTELLIGENT_NAVIGATION VOICEBOT AI_AGENT LLM_AGENT", navigator),
    **_each("VOICEMAIL VOICE_MAIL LEAVE_MESSAGE TRANSFER_TO_VOICEMAIL", voicemail),
    **_each("HANGUP HANG_UP", hang_up),
    **_each("HANGUP_CAUSE SET_HANGUP_CAUSE RELEASE_REASON", hangup_cause),
    **_each("SET_LANGUAGE LANGUAGE", language),
    **_each("RECORD RECORDING", record),
    **_each("WORK_TIME WORKING_HOURS TIME_CONDITION HOURS", hours),
    **_each("SEND_SMS SMS SEND_MESSAGE", message),
    **_each("CALLBACK CALL_BACK APPOINTMENT_CALLBACK", callback),
    **_each("WAIT WAITEVENT DELAY", wait),
}
