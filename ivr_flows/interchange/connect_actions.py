"""What each action of Amazon Connect becomes here. `CONVERTERS` is the table; what is not in it becomes ``opaque``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..findings import Text
from .connect_action import Action, opaque
from .connect_input import ask, bot, iterate, say
from .connect_names import known_action
from .connect_values import (
    EXTERNAL,
    TARGET_QUEUE,
    compare,
    expression,
    is_reference,
    reference,
    resource,
    template,
)
from .graph import Node
from .naming import slug, variable
from .reading import flag, mapping, word

WAIT_LIMIT = 600.0
"""Seconds a caller waits in a queue where the source sets no bound."""


def convert(action: Action) -> Node:
    """The node for ``action``."""
    from .connect_contact import CONTACT

    kind = known_action(action.kind)
    found = CONVERTERS.get(kind) or CONTACT.get(kind)
    return opaque(action) if found is None else found(action)


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


CONVERTERS: dict[str, Callable[[Action], Node]] = {
    "MessageParticipant": say,
    "MessageParticipantIteratively": iterate,
    "GetParticipantInput": ask,
    "GetDigits": ask,
    "ConnectParticipantWithLexBot": bot,
    "Compare": decide,
    "UpdateContactAttributes": remember,
    "UpdateFlowAttributes": remember,
    "InvokeLambdaFunction": invoke,
    "TransferContactToQueue": to_queue,
    "DequeueContactAndTransferToQueue": to_queue,
    "TransferParticipantToThirdParty": to_number,
    "DisconnectParticipant": hang_up,
    "EndFlowExecution": finish,
    "EndFlowModuleExecution": finish,
    "Loop": loop,
}
