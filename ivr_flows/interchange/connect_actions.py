"""What each action of Amazon Connect becomes here. `CONVERTERS` is the table; what is not in it becomes ``opaque``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..findings import Text
from .connect_values import (
    EXTERNAL,
    STORED,
    TARGET_QUEUE,
    compare,
    expression,
    is_reference,
    reference,
    resource,
    template,
)
from .graph import Graph, Node, Parameters
from .naming import slug, variable
from .reading import flag, items, mapping, word
from .speech_markup import pause_seconds, spoken_words

CANNOT_FAIL = Text(
    "this node cannot fail here, so its error exit has no counterpart", "该节点在这里不会失败，错误出口没有对应"
)
WAIT_LIMIT = 600.0
"""Seconds a caller waits in a queue where the source sets no bound."""


@dataclass(slots=True)
class Action:
    """One action as read: ``next``, error exits by type, and conditions as (operator, operands, target)."""

    graph: Graph
    key: str
    kind: str
    origin: str
    parameters: Parameters
    shown: dict[str, Any]
    next: str | None
    errors: dict[str, str]
    conditions: list[tuple[str, list[Any], str]]

    def error(self, *types: str) -> str | None:
        """The target of the first of ``types`` that is wired, else of the general error."""
        for kind in (*types, "NoMatchingError"):
            if kind in self.errors:
                return self.errors[kind]
        return None

    def node(self, kind: str, options: dict[str, Any], *used: str) -> Node:
        """A node with one way on. Error exits other than ``used`` that lead elsewhere are reported."""
        self.lose_errors(*used)
        return Node(self.key, kind, options, next=self.next)

    def lose_errors(self, *used: str) -> None:
        """Report the error exits that have no counterpart, where they lead to another node than the way on."""
        for kind, target in self.errors.items():
            if kind not in used and target != self.next:
                self.graph.lose(self.origin, kind, CANNOT_FAIL)

    def display(self, name: str) -> str:
        """The display name that the console keeps for a parameter, or nothing."""
        found = mapping(mapping(self.shown.get("parameters")).get(name))
        inner = found.get("displayName")
        if isinstance(inner, str):
            return inner
        for key in ("queue", "contactFlow", "hours"):
            text = word(mapping(self.shown.get(key)).get("text"))
            if text:
                return text
        return ""


def convert(action: Action) -> Node:
    """The node for ``action``."""
    from .connect_contact import CONTACT

    found = CONVERTERS.get(action.kind) or CONTACT.get(action.kind)
    return opaque(action) if found is None else found(action)


def opaque(action: Action, why: Text | None = None) -> Node:
    """A visible node that keeps everything of an action without counterpart, its exits included."""
    action.graph.lose(action.origin, "", why or Text("has no counterpart here", "在这里没有对应的节点"))
    on = {}
    if action.next is not None:
        on["next"] = action.next
    for number, (_, operands, target) in enumerate(action.conditions, 1):
        on[slug("_".join(word(each) for each in operands), f"condition_{number}")] = target
    for kind, target in action.errors.items():
        on[slug(kind, "error")] = target
    values = dict(action.parameters.values)
    action.parameters.ignore(*values)
    options: dict[str, Any] = {"": f"aws:{action.kind}"}
    if values:
        options["parameters"] = values
    return Node(action.key, "opaque", options, on=on)


def prompts(action: Action) -> tuple[str, str, str]:
    """What an action says: (text, SSML, recorded file), of which at most one is filled."""
    parameters = action.parameters
    text, ssml = parameters.text("Text"), parameters.text("SSML", "Ssml")
    prompt, media = parameters.take("PromptId", "PromptIdentifier"), mapping(parameters.take("Media"))
    if text.lstrip().startswith("<speak"):
        text, ssml = "", text
    if ssml:
        return "", template(ssml, action.graph, action.origin, "SSML"), ""
    if text:
        return template(text, action.graph, action.origin, "Text"), "", ""
    source = prompt or media.get("Uri")
    if source is None:
        return "", "", ""
    if is_reference(source):
        action.graph.lose(
            action.origin, "PromptId", Text("is dynamic; its name is read aloud", "是动态值，改为朗读其名称")
        )
        return "{{ " + reference(word(source), action.graph) + " }}", "", ""
    return "", "", resource(source, action.display("PromptId"))


def say(action: Action) -> Node:
    text, ssml, file = prompts(action)
    if flag(action.parameters.take("SkipWhenDTMFBufferEnabled")):
        action.parameters.lose("SkipWhenDTMFBufferEnabled")
    if ssml and not spoken_words(ssml):
        seconds = pause_seconds(ssml)
        return action.node("wait", {"": f"{seconds or 1:g}s"})
    if ssml:
        return action.node("play", {"ssml": ssml})
    if file:
        return action.node("play", {"file": file})
    if not text:
        action.graph.lose(action.origin, "Text", Text("says nothing", "没有要说的内容"))
        return action.node("wait", {"": "0s"})
    return action.node("play", {"": text})


def prompt_text(action: Action) -> str:
    """The prompt of an input node, as a text."""
    text, ssml, file = prompts(action)
    if ssml:
        action.graph.lose(action.origin, "SSML", Text("the prompt keeps its words only", "提示音只保留文字"))
        return spoken_words(ssml)
    if file:
        action.graph.lose(
            action.origin,
            "PromptId",
            Text(f"the recording `{file}` is to be replaced by its words", f"录音 `{file}` 请改写成文字"),
        )
    return text or file.replace("_", " ") or "…"


def ask(action: Action) -> Node:
    parameters = action.parameters
    if parameters.values.get("LexV2Bot") or parameters.values.get("LexBot"):
        return bot(action)
    timeout = parameters.seconds("InputTimeLimitSeconds", "TimeLimitSeconds", default=5, low=1, high=300)
    dtmf = mapping(parameters.take("DTMFConfiguration"))
    inner = Parameters(action.graph, action.origin, {f"DTMFConfiguration.{k}": v for k, v in dtmf.items()})
    digit_timeout = inner.seconds("DTMFConfiguration.InterdigitTimeLimitSeconds", default=3, low=1, high=60)
    terminator = inner.text("DTMFConfiguration.InputTerminationSequence", default="#")
    if terminator not in ("#", "*", ""):
        inner.lose("DTMFConfiguration.InputTerminationSequence", Text("ends with `#` here", "改为以 `#` 结束"))
        terminator = "#"
    inner.take("DTMFConfiguration.DisableCancelKey")
    inner.close()
    stores = flag(parameters.take("StoreInput"))
    validation = mapping(parameters.take("InputValidation"))
    encryption = parameters.take("InputEncryption")
    if parameters.take("AudioConfiguration") is not None:
        parameters.lose("AudioConfiguration")
    keys = {word(op[0]): target for _, op, target in action.conditions if op and _keys(word(op[0]))}
    for _, operands, _ in action.conditions:
        if not operands or not _keys(word(operands[0])):
            action.graph.lose(action.origin, f"condition {[word(each) for each in operands]}", _NO_KEY)
    silent = action.errors.get("InputTimeLimitExceeded")
    prompt = prompt_text(action)
    if keys and not stores:
        on = dict(keys)
        on["no_input"] = silent or action.error("NoMatchingCondition") or action.graph.end()
        on["no_match"] = action.error("NoMatchingCondition") or on["no_input"]
        action.lose_errors("InputTimeLimitExceeded", "NoMatchingCondition")
        return Node(
            action.key,
            "menu",
            {"prompt": prompt, "timeout": timeout, "digit_timeout": digit_timeout, "retries": 0},
            on=on,
        )
    return _store(action, prompt, timeout, digit_timeout, terminator, validation, encryption, silent)


_NO_KEY = Text("is no telephone key", "不是电话按键")


def _keys(text: str) -> bool:
    return 0 < len(text) <= 25 and set(text) <= set("0123456789*#")


def _store(
    action: Action,
    prompt: str,
    timeout: str,
    digit_timeout: str,
    terminator: str,
    validation: dict[str, Any],
    encryption: Any,
    silent: str | None,
) -> Node:
    custom = Parameters(action.graph, action.origin, mapping(validation.get("CustomValidation")))
    longest = custom.count("MaximumLength", default=20, low=1, high=25)
    custom.close()
    options: dict[str, Any] = {
        "prompt": prompt,
        "max_digits": longest,
        "terminator": terminator,
        "timeout": timeout,
        "digit_timeout": digit_timeout,
        "retries": 0,
        "into": STORED,
    }
    if validation.get("PhoneNumberValidation"):
        action.graph.lose(
            action.origin, "InputValidation.PhoneNumberValidation", Text("numbers are not judged", "不校验号码")
        )
    if encryption:
        options["sensitive"] = True
        action.graph.lose(
            action.origin, "InputEncryption", Text("input is kept secret, not encrypted", "输入保密，但不加密")
        )
    after = action.next or action.error("NoMatchingCondition") or action.graph.end()
    if silent is None:
        # Connect goes on as after an input; the stored value is then the word Timeout.
        note = action.graph.add(
            Node(f"{action.key}\x00timeout", "set", {"": {STORED: "Timeout"}}, next=after, name="nothing_pressed")
        )
        silent = note.key
    wrong = action.error("InvalidPhoneNumber", "NoMatchingCondition") or silent
    return Node(action.key, "gather", options, on={"ok": after, "no_input": silent, "no_match": wrong})


def bot(action: Action) -> Node:
    """A Lex bot: a speech node whose intents are the ones that the flow tells apart."""
    parameters = action.parameters
    intents = {word(op[0]): target for _, op, target in action.conditions if op and word(op[0])}
    on: dict[str, str] = {}
    names: list[str] = []
    for intent, target in intents.items():
        if intent in ("no_input", "no_match"):
            continue
        names.append(intent)
        on[intent] = target
    if not names and action.next is not None:
        names.append("understood")
        on["understood"] = action.next
    on["no_match"] = action.error("NoMatchingCondition") or action.next or action.graph.end()
    on["no_input"] = action.errors.get("InputTimeLimitExceeded") or on["no_match"]
    names = names or ["understood"]
    on.setdefault(names[0], on["no_match"])
    options: dict[str, Any] = {
        "prompt": prompt_text(action),
        "intents": names,
        "into": "utterance",
        "timeout": parameters.seconds("InputTimeLimitSeconds", default=5, low=1, high=60),
        "retries": 0,
    }
    for name in ("LexV2Bot", "LexBot", "LexSessionAttributes", "LexInitializationData", "LexTimeoutSeconds"):
        if parameters.values.get(name):
            parameters.lose(name, Text("the recogniser is set up outside of the flow", "识别服务在流程之外配置"))
    parameters.ignore("StoreInput", "DTMFConfiguration")
    return Node(action.key, "speech", options, on=on)


def decide(action: Action) -> Node:
    left = expression(action.parameters.take("ComparisonValue", "Attribute", default=""), action.graph)
    default_operator = action.parameters.text("ComparisonType")
    cases = []
    for operator, operands, target in action.conditions:
        when = compare(left, operator or default_operator, operands, action.graph)
        if when is None:
            action.graph.lose(action.origin, operator, Text("is no known comparison", "未知的比较方式"))
            when = "false"
        cases.append((when, target))
    otherwise = action.error("NoMatchingCondition") or action.next
    if not cases:
        return Node(action.key, "branch", cases=[("true", otherwise or action.graph.end())])
    return Node(action.key, "branch", cases=cases, otherwise=otherwise)


def remember(action: Action) -> Node:
    parameters = action.parameters
    target = parameters.text("TargetContact")
    if target and target != "Current":
        parameters.lose("TargetContact")
    given = mapping(parameters.take("Attributes", "FlowAttributes", "SegmentAttributes"))
    values = {}
    for name, value in given.items():
        inner = value.get("Value", value) if isinstance(value, dict) else value
        if isinstance(inner, dict | list):
            action.graph.lose(action.origin, name, Text("is no text", "不是文本"))
            inner = ""
        values[variable(name)] = template(word(inner), action.graph, action.origin, name)
    return action.node("set", {"": values or {"nothing": ""}})


def invoke(action: Action) -> Node:
    parameters = action.parameters
    function = parameters.take("LambdaFunctionARN", "FunctionArn", default="")
    parameters.take("ResponseValidation", "InvocationType")
    given = mapping(parameters.take("LambdaInvocationAttributes"))
    if is_reference(function):
        name = "{{ " + reference(word(function), action.graph) + " }}"
    else:
        name = slug(resource(function), "function")
    action.graph.lose(
        action.origin,
        "LambdaFunctionARN",
        Text(
            "a cloud function is not called; put its HTTP address into `url`",
            "不调用云函数，请在 `url` 填写其 HTTP 地址",
        ),
    )
    options: dict[str, Any] = {"url": f"https://lambda.invalid/{name}", "method": "POST"}
    if given:
        options["body"] = {key: template(word(value), action.graph, action.origin, key) for key, value in given.items()}
    seconds = parameters.seconds("InvocationTimeLimitSeconds", "TimeLimitSeconds", default=5, low=1, high=60)
    options |= {"timeout": seconds, "into": EXTERNAL}
    ok = action.next or action.graph.end()
    action.lose_errors("NoMatchingError")
    return Node(action.key, "fetch", options, on={"ok": ok, "error": action.error() or ok})


def to_queue(action: Action) -> Node:
    parameters = action.parameters
    queue = parameters.take("QueueId")
    agent = parameters.take("AgentId")
    if queue is None and agent is None:
        action.graph.outside.setdefault(TARGET_QUEUE, "instance.queue")
        name = "{{ " + TARGET_QUEUE + " }}"
    else:
        name = queue_name(action, "QueueId" if queue is not None else "AgentId", queue or agent)
    failed = action.error("QueueAtCapacity") or action.next or action.graph.end()
    other = action.error() or action.next or failed
    on = {"timeout": other, "full": failed, "no_agents": other}
    return Node(action.key, "queue", {"name": name, "timeout": f"{WAIT_LIMIT:g}s"}, on=on)


def queue_name(action: Action, parameter: str, value: Any) -> str:
    """The name of a queue: an expression where it is dynamic, else the display name or the end of the ARN."""
    if is_reference(value):
        return "{{ " + reference(word(value), action.graph) + " }}"
    return slug(resource(value, action.display(parameter)), "default")


def to_number(action: Action) -> Node:
    parameters = action.parameters
    number = parameters.take("ThirdPartyPhoneNumber", "PhoneNumber", default="")
    to = "{{ " + reference(word(number), action.graph) + " }}" if is_reference(number) else word(number)
    if not any(letter.isdigit() for letter in to) and "{{" not in to:
        action.graph.lose(action.origin, "ThirdPartyPhoneNumber", Text("is no number", "不是号码"))
        action.graph.outside.setdefault("third_party", "''")
        to = "{{ third_party }}"
    options: dict[str, Any] = {
        "to": to,
        "timeout": parameters.seconds("ThirdPartyConnectionTimeLimitSeconds", default=30, low=1, high=600),
    }
    digits = parameters.text("ThirdPartyDTMFDigits").replace(",", "w")
    if digits and set(digits) <= set("0123456789*#wW"):
        options["post_digits"] = digits
    elif digits:
        parameters.lose(
            "ThirdPartyDTMFDigits", Text("only fixed digits can be dialled after the answer", "接通后只能拨固定按键")
        )
    go_on = flag(parameters.take("ContinueFlowExecution", default="true"))
    if parameters.take("CallerId"):
        parameters.lose("CallerId", Text("a leg presents the base number of its line", "外呼主叫固定为线路底号"))
    failed = action.error("CallFailed") or action.graph.end()
    on = {
        "busy": failed,
        "no_answer": action.error("ConnectionTimeLimitExceeded") or failed,
        "failed": failed,
    }
    if go_on and action.next is not None:
        on = {"answered": action.next, **on}
    return Node(action.key, "transfer", options, on=on)


def hang_up(action: Action) -> Node:
    return Node(action.key, "hangup", {"": "normal"})


def finish(action: Action) -> Node:
    return Node(action.key, "return", {"": "ok"})


def loop(action: Action) -> Node:
    again = done = None
    for _, operands, target in action.conditions:
        if word(operands[0] if operands else "") == "ContinueLooping":
            again = target
        else:
            done = target
    count = action.parameters.count("LoopCount", default=3, low=1, high=100)
    action.parameters.take("Elements")
    end = done or action.error() or action.next or action.graph.end()
    return Node(action.key, "loop", {"": count}, on={"again": again or action.next or end, "done": end})


def iterate(action: Action) -> Node:
    """Prompts repeated while waiting; here they are played once, as a queue has them under ``hold``."""
    messages = [each for each in items(action.parameters.take("Messages")) if isinstance(each, dict)]
    action.graph.lose(
        action.origin,
        "Messages",
        Text("is played once; a queue repeats what stands under `hold`", "只播放一次；循环播放请写在队列的 `hold` 下"),
    )
    action.parameters.take("InterruptFrequencySeconds")
    after = next((target for _, _, target in action.conditions), action.next)
    following, first = after, None
    for number, message in reversed(list(enumerate(messages))):
        inner = Action(
            action.graph,
            action.key if number == 0 else f"{action.key}\x00part{number}",
            action.kind,
            action.origin,
            Parameters(action.graph, action.origin, message),
            action.shown,
            following,
            {},
            [],
        )
        first = say(inner)
        if number:
            following = action.graph.add(first).key
    if first is None:
        return Node(action.key, "wait", {"": "1s"}, next=after)
    action.lose_errors("NoMatchingError")
    return first


CONVERTERS: dict[str, Callable[[Action], Node]] = {
    "MessageParticipant": say,
    "PlayPrompt": say,
    "MessageParticipantIteratively": iterate,
    "LoopPrompts": iterate,
    "GetParticipantInput": ask,
    "GetDigits": ask,
    "GetUserInput": ask,
    "ConnectParticipantWithLexBot": bot,
    "Compare": decide,
    "CheckAttribute": decide,
    "CheckContactAttributes": decide,
    "UpdateContactAttributes": remember,
    "SetAttributes": remember,
    "UpdateFlowAttributes": remember,
    "InvokeLambdaFunction": invoke,
    "TransferContactToQueue": to_queue,
    "TransferToQueue": to_queue,
    "DequeueContactAndTransferToQueue": to_queue,
    "TransferParticipantToThirdParty": to_number,
    "TransferToPhoneNumber": to_number,
    "DisconnectParticipant": hang_up,
    "Disconnect": hang_up,
    "EndFlowExecution": finish,
    "EndFlowModuleExecution": finish,
    "Resume": finish,
    "Loop": loop,
}


def settle_queues(graph: Graph) -> None:
    """Write the queue's name into each queue node that only one static choice can reach, and its priority."""
    before: dict[str, list[str]] = {}
    for node in graph.nodes.values():
        for target in node.targets():
            before.setdefault(target, []).append(node.key)
    for node in graph.nodes.values():
        if node.type not in ("queue", "staffing"):
            continue
        where = "name" if node.type == "queue" else ""
        if node.options.get(where) == "{{ " + TARGET_QUEUE + " }}":
            names = _reaching(graph, before, node.key, TARGET_QUEUE)
            only = next(iter(names)) if len(names) == 1 else None
            if only is not None and "{{" not in only:
                node.options[where] = only
        if node.type == "queue":
            priorities = _reaching(graph, before, node.key, "queue_priority")
            only = next(iter(priorities)) if len(priorities) == 1 else None
            if only is not None and only.isdigit():
                node.options["priority"] = min(max(100 - int(only), 1), 99)


def _reaching(graph: Graph, before: dict[str, list[str]], key: str, name: str) -> set[str | None]:
    """The values of variable ``name`` that may hold at node ``key``; None where a way sets none."""
    found: set[str | None] = set()
    seen: set[str] = set()
    waiting = [key]
    if key == graph.start:
        found.add(None)
    while waiting:
        for previous in before.get(waiting.pop(), []):
            if previous in seen:
                continue
            seen.add(previous)
            node = graph.nodes[previous]
            values = node.options.get("", {}) if node.type == "set" else {}
            if isinstance(values, dict) and name in values:
                found.add(values[name])
                continue
            if previous == graph.start:
                found.add(None)
            waiting.append(previous)
    return found


__all__ = ["CONVERTERS", "Action", "convert", "opaque", "settle_queues"]
