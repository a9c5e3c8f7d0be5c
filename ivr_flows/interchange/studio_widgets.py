"""What each widget of Twilio Studio becomes here. `WIDGETS` is the table; what is not in it becomes ``opaque``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..findings import Text
from . import liquid
from .graph import Graph, Node, Parameters
from .naming import number, quoted, slug, variable
from .reading import items, mapping, word
from .studio_names import known_widget

VOICE_SETTINGS = ("voice", "language", "voice_language", "gather_language", "gatherLanguage")
SPEECH_SETTINGS = ("speech_timeout", "speech_model", "hints", "profanity_filter", "partial_result_callback")


@dataclass(slots=True)
class Widget:
    """One widget as read: wired exits by event, and the conditions of a split with their targets."""

    graph: Graph
    name: str
    kind: str
    origin: str
    parameters: Parameters
    exits: dict[str, str]
    matches: list[tuple[list[Any], str]]

    def exit(self, *events: str) -> str | None:
        """The first of ``events`` that is wired."""
        return next((self.exits[event] for event in events if event in self.exits), None)

    def to(self, *events: str) -> str:
        """As `exit`; an unwired exit ends the call, as in Studio."""
        return self.exit(*events) or self.graph.end()

    def node(self, kind: str, options: dict[str, Any], *events: str) -> Node:
        """A node with one way on, by the first of ``events`` that is wired. Other exits are reported."""
        following = self.exit(*events)
        for event, target in self.exits.items():
            if event not in events and target != following:
                self.graph.lose(self.origin, event, Text("this exit has no counterpart", "该出口没有对应"))
        return Node(self.name, kind, options, next=following)

    def template(self, name: str, *others: str) -> str:
        """A parameter as a template of ours."""
        return liquid.template(self.parameters.text(name, *others), self.graph, self.origin, name)


def convert(widget: Widget) -> Node:
    """The node for ``widget``."""
    made = WIDGETS.get(known_widget(widget.kind))
    return opaque(widget) if made is None else made(widget)


def opaque(widget: Widget) -> Node:
    """A visible node that keeps everything of a widget without counterpart."""
    widget.graph.lose(widget.origin, "", Text("has no counterpart here", "在这里没有对应的节点"))
    on = {slug(event, "next"): target for event, target in widget.exits.items()}
    for place, (_, target) in enumerate(widget.matches, 1):
        if target:
            on[f"match_{place}"] = target
    values = {key: value for key, value in widget.parameters.values.items() if key != "offset"}
    widget.parameters.ignore(*values)
    options: dict[str, Any] = {"": f"twilio:{widget.kind}"}
    if values:
        options["parameters"] = values
    return Node(widget.name, "opaque", options, on=on)


def trigger(widget: Widget) -> Node:
    return widget.node("answer", {}, "incomingCall", "incomingRequest", "incomingParent", "incomingMessage", "next")


def say(widget: Widget) -> Node:
    parameters = widget.parameters
    text, times = _spoken(widget), parameters.count("loop", default=1, low=1, high=10)
    file = parameters.text("play")
    digits = parameters.text("digits")
    if digits:
        parameters.lose("digits", Text("tones cannot be played to the caller", "不能向来电者播放按键音"))
    if text:
        options: dict[str, Any] = {"": " ".join([text] * times)}
    elif file:
        options = {"file": _file(widget, file)}
    else:
        return widget.node("wait", {"": "0s"}, "audioComplete", "next")
    return widget.node("play", options, "audioComplete", "next")


def _spoken(widget: Widget) -> str:
    for name in VOICE_SETTINGS:
        value = widget.parameters.text(name)
        if value and value not in ("default", "alice", "man", "woman", "en", "en-US"):
            widget.parameters.lose(name, Text("voice and language are chosen per flow", "音色与语言按流程设定"))
    return widget.template("say", "text", "message")


def _file(widget: Widget, url: str) -> str:
    name = re.sub(r"[^\w.-]", "_", url.rsplit("/", 1)[-1])[:80] or "recording"
    widget.parameters.lose("play", Text(f"the recording is expected as `{name}`", f"录音应命名为 `{name}`"))
    return name


def gather(widget: Widget) -> Node:
    parameters = widget.parameters
    text = _spoken(widget)
    file = parameters.text("play")
    if not text and file:
        text = _file(widget, file).rsplit(".", 1)[0].replace("_", " ")
        widget.graph.lose(widget.origin, "play", Text("a prompt of an input is a text here", "收号提示在这里是文本"))
    times = parameters.count("loop", default=1, low=1, high=10)
    prompt = " ".join([text] * times) or "…"
    timeout = parameters.seconds("timeout", default=5, low=1, high=300)
    keypress, speech, silent = widget.exit("keypress"), widget.exit("speech"), widget.to("timeout")
    heard = variable(widget.name) + "_speech"
    if keypress is None and speech is not None:
        for name in (*SPEECH_SETTINGS, "finish_on_key", "number_of_digits", "num_digits", "numDigits", "stop_gather"):
            parameters.ignore(name)
        options = {"prompt": prompt, "intents": ["understood"], "into": heard, "timeout": timeout, "retries": 0}
        return Node(
            widget.name,
            "speech",
            options,
            on={"understood": speech, "no_input": silent, "no_match": silent},
        )
    for name in SPEECH_SETTINGS:
        if parameters.take(name) not in (None, "", "auto", "true", True):
            parameters.lose(name, Text("keys are asked for here", "这里只收按键"))
    if speech is not None and speech != keypress:
        widget.graph.lose(
            widget.origin, "speech", Text("keys are asked for here; speech is not", "这里只收按键，不识别语音")
        )
    longest = parameters.count("number_of_digits", "num_digits", "numDigits", default=20, low=1, high=25)
    parameters.take("stop_gather", "stopGather")
    terminator = parameters.text("finish_on_key", "finishOnKey", default="#")
    if terminator not in ("#", "*", ""):
        parameters.lose("finish_on_key", Text("ends with `#` here", "改为以 `#` 结束"))
        terminator = "#"
    options = {
        "prompt": prompt,
        "max_digits": longest,
        "terminator": terminator,
        "timeout": timeout,
        "retries": 0,
        "into": f"{variable(widget.name)}_digits",
    }
    ok = keypress or widget.graph.end()
    return Node(widget.name, "gather", options, on={"ok": ok, "no_input": silent, "no_match": ok})


def split(widget: Widget) -> Node:
    subject = widget.parameters.text("input")
    left = liquid.expression(subject, widget.graph) if subject else "''"
    cases: list[tuple[str, str]] = []
    for conditions, target in widget.matches:
        written = []
        for condition in conditions:
            inner = mapping(condition)
            arguments = [word(each) for each in items(inner.get("arguments"))]
            own = liquid.expression(arguments[0], widget.graph) if arguments else left
            when = _condition(word(inner.get("type")), own, word(inner.get("value")), widget)
            written.append(when)
        if written:
            cases.append((" and ".join(f"({each})" for each in written) if len(written) > 1 else written[0], target))
    cases = [(when, target or widget.graph.end()) for when, target in cases]
    otherwise = widget.exit("noMatch", "no_match")
    if not cases:
        return Node(widget.name, "branch", cases=[("true", otherwise or widget.graph.end())])
    return Node(widget.name, "branch", cases=cases, otherwise=otherwise)


def _condition(kind: str, left: str, value: str, widget: Widget) -> str:
    """One condition of a split; comparisons of words take no notice of case, as in Studio."""
    right = liquid.expression(value, widget.graph)
    side = left if not any(letter.isalpha() for letter in value) or "{{" in value else f"{left} | string | lower"
    low = right if side == left else quoted(value.lower())
    several = [quoted(each.strip().lower()) for each in value.split(",") if each.strip()]
    text = f"{left} | string | lower"
    made = {
        "equal_to": f"{side} == {low}",
        "not_equal_to": f"{side} != {low}",
        "matches_any_of": f"{text} in [{', '.join(several)}]",
        "does_not_match_any_of": f"{text} not in [{', '.join(several)}]",
        "is_blank": f"({left} | string | trim) == ''",
        "is_not_blank": f"({left} | string | trim) != ''",
        "contains": f"({low} | string) in ({text})" if side == left else f"{low} in {text}",
        "does_not_contain": f"{low} not in {text}",
        "starts_with": f"({text})[:{len(value)}] == {quoted(value.lower())}",
        "does_not_start_with": f"({text})[:{len(value)}] != {quoted(value.lower())}",
        "less_than": f"{number(left)} < {number(right)}",
        "greater_than": f"{number(left)} > {number(right)}",
        "is_before_time": f"now.strftime('%H:%M') < {right}",
        "is_after_time": f"now.strftime('%H:%M') > {right}",
        "is_before_date": f"now.strftime('%Y-%m-%d') < {right}",
        "is_after_date": f"now.strftime('%Y-%m-%d') > {right}",
    }.get(kind)
    if kind == "regex":
        made = _pattern(value, text)
    if made is not None:
        return made
    widget.graph.lose(
        widget.origin, kind or "condition", Text(f"`{value[:60]}` is not judged", f"`{value[:60]}` 无法判断")
    )
    return "false"


def _pattern(value: str, text: str) -> str | None:
    """A regular expression that is only a choice of words."""
    inner = value.strip("^$").removeprefix("(?i)")
    if inner.startswith("(") and inner.endswith(")"):
        inner = inner[1:-1].removeprefix("?:")
    words = inner.split("|")
    if not all(re.fullmatch(r"[\w @'-]+", each) for each in words):
        return None
    if value.startswith("^") and value.endswith("$"):
        return f"{text} in [{', '.join(quoted(each.lower()) for each in words)}]"
    return " or ".join(f"{quoted(each.lower())} in {text}" for each in words)


def remember(widget: Widget) -> Node:
    values: dict[str, str] = {}
    for entry in items(widget.parameters.take("variables")):
        inner = mapping(entry)
        key = word(inner.get("key"))
        if key:
            values[variable(key)] = liquid.template(word(inner.get("value")), widget.graph, widget.origin, key)
    return widget.node("set", {"": values or {"nothing": ""}}, "next")


def request(widget: Widget) -> Node:
    parameters = widget.parameters
    url = widget.template("url")
    method = parameters.text("method", default="POST" if known_widget(widget.kind) == "run-function" else "GET").upper()
    body = parameters.text("body")
    given = items(parameters.take("parameters"))
    parameters.take("content_type", "contentType")
    for name in ("service_sid", "environment_sid", "function_sid", "add_twilio_auth"):
        if parameters.take(name):
            parameters.lose(name, Text("the address alone decides", "只按地址请求"))
    options: dict[str, Any] = {
        "url": url or f"https://function.invalid/{slug(widget.name, 'function')}",
        "method": method,
    }
    if method not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        options["method"] = "POST"
    if body:
        options["body"] = liquid.template(body, widget.graph, widget.origin, "body")
    elif given:
        options["body"] = {
            variable(word(mapping(each).get("key"))): liquid.template(
                word(mapping(each).get("value")), widget.graph, widget.origin, "parameters"
            )
            for each in given
        }
        options["method"] = "POST" if options["method"] == "GET" else options["method"]
    options["timeout"] = parameters.seconds("timeout", default=10, low=1, high=60)
    options["into"] = variable(widget.name)
    on = {"ok": widget.to("success"), "error": widget.to("failed", "fail")}
    return Node(widget.name, "fetch", options, on=on)


def dial(widget: Widget) -> Node:
    parameters = widget.parameters
    noun = parameters.text("noun", default="number")
    to = widget.template("to", "sip_endpoint", "number")
    if noun not in ("number", "number-multi") or not to:
        parameters.lose("noun", Text(f"`{noun}` is dialled as a number", f"`{noun}` 按号码拨打"))
    if not any(letter.isdigit() for letter in to) and "{{" not in to:
        widget.graph.outside.setdefault("connect_to", "''")
        to = "{{ connect_to }}"
    for name in ("caller_id", "from", "record", "sip_username", "sip_password", "say_on_connect"):
        value = parameters.take(name)
        if value and name in ("caller_id", "from"):
            parameters.lose(name, Text("a leg presents the base number of its line", "外呼主叫固定为线路底号"))
        elif value:
            parameters.lose(name)
    options = {"to": to.split(",")[0], "timeout": parameters.seconds("timeout", default=30, low=1, high=600)}
    done = widget.exit("callCompleted", "callComplete", "completed", "answered")
    failed = widget.exit("callFailed", "callFailure", "failed", "hangup") or done or widget.graph.end()
    on = {"answered": done} if done else {}
    return Node(widget.name, "transfer", options, on={**on, "busy": failed, "no_answer": failed, "failed": failed})


def enqueue(widget: Widget) -> Node:
    parameters = widget.parameters
    name = parameters.text("queue_name", "queueName")
    workflow = parameters.text("workflow_sid", "workflow")
    if workflow:
        parameters.lose("workflow_sid", Text("the queue decides who is asked", "由队列决定分配"))
    for lost in ("task_attributes", "attributes", "wait_url", "channel", "wait_url_method"):
        value = parameters.take(lost)
        if value and lost != "wait_url_method":
            parameters.lose(lost)
    options: dict[str, Any] = {
        "name": liquid.template(name, widget.graph) if "{{" in name else slug(name, "default"),
        "timeout": parameters.seconds("timeout", default=600, low=1, high=86_400),
    }
    if parameters.take("priority") is not None:
        options["priority"] = parameters.count("priority", default=1, low=1, high=99)
    failed = widget.to("failedToEnqueue", "callFailure")
    on = {"timeout": widget.to("callFailure", "failedToEnqueue"), "full": failed, "no_agents": failed}
    done = widget.exit("callComplete")
    return Node(widget.name, "queue", options, on={**({"answered": done} if done else {}), **on})


def voicemail(widget: Widget) -> Node:
    parameters = widget.parameters
    longest = parameters.seconds("max_length", "maxLength", default=120, low=1, high=3600)
    parameters.take("trim", "play_beep", "finish_on_key", "finishOnKey", "timeout")
    for name in ("transcribe", "transcription_callback_url", "transcribeCallbackUrl", "recording_status_callback_url"):
        if parameters.take(name):
            parameters.lose(name)
    parameters.take("transcribeCallbackMethod")
    options = {"": "general", "max": longest}
    return widget.node("voicemail", options, "recordingComplete", "noAudio", "next")


def subflow(widget: Widget) -> Node:
    parameters = widget.parameters
    flow = slug(parameters.text("flow_sid", "url", "flow") or widget.name, "subflow")
    if known_widget(widget.kind) == "add-twiml-redirect":
        flow = slug(widget.name, "redirect")
        parameters.lose(
            "url",
            Text(f"what stands at the address is to be written as flow `{flow}`", f"该地址的内容请写成流程 `{flow}`"),
        )
    parameters.take("flow_revision", "method", "timeout")
    options: dict[str, Any] = {"flow": flow}
    given = {
        variable(word(mapping(each).get("key"))): liquid.template(word(mapping(each).get("value")), widget.graph)
        for each in items(parameters.take("parameters"))
    }
    if given:
        options["with"] = given
    on = {"ok": widget.to("completed", "return", "success", "next"), "failed": widget.to("failed", "fail", "timeout")}
    return Node(widget.name, "subflow", options, on=on)


def message(widget: Widget) -> Node:
    parameters = widget.parameters
    text = widget.template("body") or "…"
    to = widget.template("to") or "{{ caller.number }}"
    for name in ("service", "from", "channel", "attributes", "media_url", "content_template_sid", "content_sid"):
        if parameters.take(name):
            parameters.lose(name)
    sent = widget.to("sent", "incomingMessage")
    if widget.kind == "send-and-wait-for-reply":
        parameters.take("timeout")
        parameters.lose("timeout", Text("a reply is not waited for in a call", "通话中不等待短信回复"))
    on = {"sent": sent, "failed": widget.to("failed", "deliveryFailure")}
    return Node(widget.name, "message", {"to": to, "text": text, "channel": "sms"}, on=on)


def recording(widget: Widget) -> Node:
    state = "off" if widget.kind.startswith("stop") or widget.parameters.take("record_call") is False else "on"
    widget.parameters.take("trim", "recording_channels")
    return widget.node("recording", {"": state}, "success", "next", "failed")


def hang_up(widget: Widget) -> Node:
    return Node(widget.name, "hangup", {"": "normal"})


def assistant(widget: Widget) -> Node:
    widget.parameters.lose("connector", Text("the recogniser is set up outside of the flow", "识别服务在流程之外配置"))
    done = widget.to("return", "success", "completed", "next", "live-agent-handoff", "audioComplete")
    failed = widget.to("failed", "fail", "hangup", "timeout")
    prompt = _spoken(widget) or "…"
    options = {"prompt": prompt, "intents": ["understood"], "into": "utterance", "retries": 0}
    return Node(widget.name, "speech", options, on={"understood": done, "no_input": failed, "no_match": failed})


def order(widget: Widget) -> Node:
    parameters = widget.parameters
    data = {
        variable(name): liquid.template(word(value), widget.graph)
        for name, value in parameters.values.items()
        if name != "offset" and word(value)
    }
    parameters.ignore(*data, *parameters.values)
    options: dict[str, Any] = {"": slug(widget.kind, "order")}
    if data:
        options["data"] = data
    return widget.node("notify", options, "next", "success", "complete", "sent")


def pause(widget: Widget) -> Node:
    seconds = widget.parameters.seconds("length", "seconds", "duration", "timeout", default=1, low=0, high=3600)
    return widget.node("wait", {"": seconds}, "next", "success", "complete", "timeout")


WIDGETS: dict[str, Callable[[Widget], Node]] = {
    "trigger": trigger,
    "say-play": say,
    "gather-input-on-call": gather,
    "split-based-on": split,
    "set-variables": remember,
    **dict.fromkeys(("make-http-request", "run-function"), request),
    "connect-call-to": dial,
    "enqueue-call": enqueue,
    "record-voicemail": voicemail,
    **dict.fromkeys(("run-subflow", "add-twiml-redirect"), subflow),
    **dict.fromkeys(("send-message", "send-and-wait-for-reply"), message),
    "call-recording": recording,
    "hangup": hang_up,
    "connect-virtual-agent": assistant,
    "pause": pause,
    **dict.fromkeys(
        (
            "fork-stream",
            "start-stream",
            "stop-stream",
            "search-conversations",
            "add-participant",
            "send-to-conversations",
            "send-to-conversation",
        ),
        order,
    ),
}
