"""Amazon Connect's actions on the contact itself: settings, other flows, hours, metrics, callbacks, outside systems."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..findings import Text
from .connect_action import Action
from .connect_actions import queue_name
from .connect_values import TARGET_QUEUE, compare, expression, is_reference, reference, resource, template
from .graph import Node
from .naming import slug, variable
from .reading import flag, items, mapping, word

_SYSTEM = Text("is done by a system outside; connect it to this address", "由外部系统完成，请接到该地址")


def logging(action: Action) -> Node:
    on = flag(action.parameters.take("FlowLoggingBehavior", "LoggingBehavior", default="Enabled"))
    return action.node("logging", {"": "on" if on else "off"})


def recording(action: Action) -> Node:
    parameters = action.parameters
    behaviour = parameters.take("RecordingBehavior", "VoiceRecordingBehavior")
    participants = items(mapping(behaviour).get("RecordedParticipants")) if isinstance(behaviour, dict) else None
    on = bool(participants) if participants is not None else flag(behaviour)
    for name in (
        "AnalyticsBehavior",
        "IVRRecordingBehavior",
        "VoiceBehavior",
        "ChatBehavior",
        "ScreenRecordingBehavior",
    ):
        inner = parameters.take(name)
        if inner and name != "VoiceBehavior":
            parameters.lose(name)
        elif isinstance(inner, dict):
            on = on or "ecordedParticipants" in str(inner)
    return action.node("recording", {"": "on" if on else "off"})


def streaming(action: Action) -> Node:
    state = action.parameters.take("MediaStreamingState", default="Enabled")
    action.parameters.take("MediaStreamType", "Participants")
    action.graph.lose(
        action.origin, "MediaStreamingState", Text("streaming becomes recording of the call", "媒体流改为通话录音")
    )
    return action.node("recording", {"": "on" if flag(state) else "off"})


def voice(action: Action) -> Node:
    parameters = action.parameters
    name = parameters.text("TextToSpeechVoice", "VoiceId", "GlobalVoice")
    for other in ("TextToSpeechEngine", "TextToSpeechStyle", "Engine"):
        value = parameters.text(other)
        if value and value not in ("None", "Neural", "Standard"):
            parameters.lose(other)
    written = parameters.text("LanguageCode")
    if is_reference(name):
        parameters.lose("TextToSpeechVoice", Text("a voice cannot be dynamic", "音色不能是动态值"))
        name = ""
    name = re.sub(r"[^A-Za-z0-9_-]", "", name)
    code = _code(written)
    if written and code is None:
        parameters.lose("LanguageCode", Text(f"`{written}` is no language that we know", f"未知的语言 `{written}`"))
    options: dict[str, Any] = {} if code is None else {"": code}
    if name:
        options["voice"] = name
    if not options:
        options[""] = action.graph.language
    return action.node("language", options)


def _code(written: str) -> str | None:
    """A language code as ours: ``en-US``, ``zh-CN``; None where it is none."""
    text = {"cmn-cn": "zh-CN", "zh": "zh-CN"}.get(written.lower(), written)
    return text if re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", text) else None


def contact_data(action: Action) -> Node:
    """Facts about the contact become variables; a language becomes the language."""
    parameters = action.parameters
    code = parameters.values.get("LanguageCode")
    given = {name: value for name, value in parameters.values.items() if name != "LanguageCode"}
    if code is not None and not given:
        return voice(action)
    values: dict[str, str] = {}
    for name, value in parameters.values.items():
        parameters.ignore(name)
        if isinstance(value, dict):
            for inner, each in value.items():
                shown = each.get("Value", "") if isinstance(each, dict) else each
                values[variable(inner)] = template(word(shown), action.graph, action.origin, inner)
        else:
            values[variable(name)] = template(word(value), action.graph, action.origin, name)
    return action.node("set", {"": values or {"nothing": ""}})


def hooks(action: Action) -> Node:
    parameters = action.parameters
    values = {}
    for event, flow in mapping(parameters.take("EventHooks")).items():
        values[variable(f"{slug(event, 'event')}_flow")] = slug(resource(flow, action.display("EventHooks")), "flow")
        action.graph.lose(
            action.origin,
            f"EventHooks.{event}",
            Text(
                "flows for agents and waiting callers stand at the queue node (`whisper`, `hold`) or in `on_hangup`",
                "坐席耳语、等待音和挂机处理写在队列节点（`whisper`、`hold`）或 `on_hangup`",
            ),
        )
    return action.node("set", {"": values or {"event_flow": ""}})


def routing(action: Action) -> Node:
    parameters = action.parameters
    values: dict[str, str] = {}
    priority = parameters.take("QueuePriority")
    if priority is not None:
        values["queue_priority"] = template(word(priority), action.graph)
    age = parameters.take("QueueTimeAdjustmentSeconds")
    if age is not None:
        parameters.lose("QueueTimeAdjustmentSeconds")
    criteria = parameters.take("RoutingCriteria")
    if criteria is not None:
        parameters.lose(
            "RoutingCriteria", Text("write the skill at the queue node (`skill`)", "请在队列节点写 `skill`")
        )
        values["routing_criteria"] = ""
    return action.node("set", {"": values or {"queue_priority": "5"}})


def target_queue(action: Action) -> Node:
    parameters = action.parameters
    queue, agent = parameters.take("QueueId"), parameters.take("AgentId")
    if queue is None and agent is not None:
        parameters.lose("AgentId", Text("an agent's own queue is a queue of that name", "坐席个人队列改为同名队列"))
    value = queue if queue is not None else agent
    name = queue_name(action, "QueueId" if queue is not None else "AgentId", value)
    return action.node("set", {"": {TARGET_QUEUE: name}})


def callback_number(action: Action) -> Node:
    number = template(
        word(action.parameters.take("CallbackNumber", default="$.CustomerEndpoint.Address")), action.graph
    )
    return action.node("set", {"": {"callback_number": number}})


def callback(action: Action) -> Node:
    parameters = action.parameters
    for name in ("InitialCallDelaySeconds", "MaximumConnectionAttempts", "RetryDelaySeconds", "ContactFlowId"):
        if parameters.take(name) is not None:
            parameters.lose(name)
    parameters.take("QueueId", "AgentId", "CallerId")
    action.graph.outside.setdefault("callback_number", "caller.number")
    done = action.next or action.graph.end()
    return Node(
        action.key, "callback", {"number": "{{ callback_number }}"}, on={"done": done, "failed": action.error() or done}
    )


def to_flow(action: Action) -> Node:
    """A jump to another flow, which does not come back; its error exits have no counterpart."""
    flow = _flow(action, "ContactFlowId")
    action.lose_errors()
    return Node(action.key, "goto_flow", {"flow": flow})


def module(action: Action) -> Node:
    flow = _flow(action, "FlowModuleId")
    inputs = mapping(action.parameters.take("FlowModuleInput", "Input"))
    if action.parameters.take("FlowModuleVersion", "FlowModuleAlias") is not None:
        action.parameters.lose("FlowModuleVersion")
    options: dict[str, Any] = {"flow": flow}
    if inputs:
        options["with"] = {variable(name): template(word(value), action.graph) for name, value in inputs.items()}
    ok = action.next or action.graph.end()
    on = {"ok": ok, "failed": action.error() or ok}
    for _, operands, target in action.conditions:
        on[slug("_".join(word(each) for each in operands), "other")] = target
    return Node(action.key, "subflow", options, on=on)


def _flow(action: Action, parameter: str) -> str:
    value = action.parameters.take(parameter, "ContactFlowId", "FlowId")
    if is_reference(value):
        action.parameters.lose(
            parameter, Text("the flow is chosen while calling; name it here", "流程在通话中选定，请在此写明")
        )
        return slug(reference(word(value), action.graph), "flow")
    return slug(resource(value, action.display(parameter)), "flow")


def hours(action: Action) -> Node:
    parameters = action.parameters
    value = parameters.take("HoursOfOperationId", "BusinessHoursId", "HoursId")
    parameters.take("Type")
    name = (
        "office" if value is None or is_reference(value) else slug(resource(value, action.display("Hours")), "office")
    )
    action.graph.lose(
        action.origin,
        "HoursOfOperationId",
        Text(f"the opening hours go into the calendar `{name}`", f"营业时间请写入日历 `{name}`"),
    )
    opened, closed = _yes_no(action)
    action.lose_errors()
    return Node(action.key, "hours", {"": name}, on={"open": opened, "closed": closed})


def _yes_no(action: Action) -> tuple[str, str]:
    yes = no = None
    for _, operands, target in action.conditions:
        if flag(operands[0] if operands else ""):
            yes = target
        else:
            no = target
    error = action.error("NoMatchingCondition")
    end = action.graph.end()
    return yes or action.next or error or end, no or error or action.next or end


def metric(action: Action) -> Node:
    """A question about a queue: whether agents are there is ours to answer, other figures are variables."""
    parameters = action.parameters
    kind = parameters.text("MetricType", "Metric", "Status", default="NumberOfAgentsAvailable")
    queue = parameters.take("QueueId", "AgentId")
    parameters.take("QueueChannel")
    if "agent" in kind.lower() or kind.lower() in ("available", "staffed", "online"):
        name = "{{ " + TARGET_QUEUE + " }}" if queue is None else queue_name(action, "QueueId", queue)
        if queue is None:
            action.graph.outside.setdefault(TARGET_QUEUE, "instance.queue")
        numeric = [each for each in action.conditions if each[0].startswith(("Number", "Greater"))]
        if numeric:
            there = numeric[0][2]
            away = action.error("NoMatchingCondition") or action.graph.end()
        else:
            there, away = _yes_no(action)
        return Node(action.key, "staffing", {"": name}, on={"staffed": there, "unstaffed": away})
    name = variable(slug(kind, "metric"))
    action.graph.outside.setdefault(name, "0")
    parameters.lose(
        "MetricType", Text(f"the figure is expected in the variable `{name}`", f"该指标请放入变量 `{name}`")
    )
    return _branch(action, name)


def _branch(action: Action, left: str) -> Node:
    cases = []
    for operator, operands, target in action.conditions:
        when = compare(left, operator, operands, action.graph)
        if when is None:
            action.graph.lose(action.origin, operator, Text("is no known comparison", "未知的比较方式"))
        cases.append((when or "false", target))
    otherwise = action.error("NoMatchingCondition") or action.next or action.graph.end()
    return Node(action.key, "branch", cases=cases or [("true", otherwise)], otherwise=otherwise)


def call_status(action: Action) -> Node:
    action.graph.outside.setdefault("call_status", "'CallAnswered'")
    return _branch(action, "call_status")


def distribute(action: Action) -> Node:
    """Shares are cumulative in the source; the rest goes to NoMatchingCondition."""
    cases: list[tuple[str, str]] = []
    before = 0.0
    for _, operands, target in action.conditions:
        try:
            upto = float(word(operands[0] if operands else "0"))
        except ValueError:
            upto = before
        upto = min(max(upto, before), 100.0)
        cases.append((f"{upto - before:g}", target))
        before = upto
    rest = action.error("NoMatchingCondition") or action.next or action.graph.end()
    if before < 100:
        cases.append((f"{100 - before:g}", rest))
    return Node(action.key, "share", {"by": "call"}, cases=cases)


def wait(action: Action) -> Node:
    parameters = action.parameters
    seconds = parameters.seconds("TimeLimitSeconds", "TimeoutSeconds", default=1, low=0, high=3600)
    events = parameters.take("Events")
    done = action.next
    for _, operands, target in action.conditions:
        if word(operands[0] if operands else "") in ("WaitCompleted", "Timeout", ""):
            done = target
        else:
            action.graph.lose(action.origin, f"condition {operands[:1]}")
    if events:
        parameters.lose("Events")
    action.next = done or action.next
    return action.node("wait", {"": seconds})


def outside_question(action: Action) -> Node:
    """A question to a system outside: an HTTP request whose answer is a variable."""
    parameters = action.parameters
    name = slug(action.kind, "request")
    request = {variable(key): template(_flat(value), action.graph) for key, value in parameters.values.items()}
    parameters.ignore(*parameters.values)
    action.graph.lose(action.origin, "", _SYSTEM)
    options: dict[str, Any] = {"url": f"https://connect.invalid/{name}", "method": "POST"}
    if request:
        options["body"] = request
    into = "customer" if "Profile" in action.kind else "case" if "Case" in action.kind else "metrics"
    if "Metric" not in action.kind and into == "metrics":
        into = variable(name)
    options["into"] = into
    ok = action.next or _one_way(action) or action.graph.end()
    error = action.error("NoneFoundError", "NoneFound", "MultipleFoundError", "ContactNotLinked") or ok
    action.lose_errors("NoneFoundError", "NoMatchingError")
    return Node(action.key, "fetch", options, on={"ok": ok, "error": error})


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_flat(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_flat(inner) for inner in value)
    return word(value)


def outside_order(action: Action) -> Node:
    """Something that a system outside is told to do, without an answer."""
    parameters = action.parameters
    data = {variable(key): template(_flat(value), action.graph) for key, value in parameters.values.items()}
    parameters.ignore(*parameters.values)
    options: dict[str, Any] = {"": slug(action.kind, "order")}
    if data:
        options["data"] = data
    action.next = action.next or _one_way(action)
    return action.node("notify", options)


def _one_way(action: Action) -> str | None:
    """The first of the exits by conditions; others that lead elsewhere are reported."""
    targets = [target for _, _, target in action.conditions]
    for _, operands, target in action.conditions:
        if target != targets[0]:
            shown = "_".join(word(each) for each in operands) or "condition"
            action.graph.lose(
                action.origin, shown, Text("only one way on stays behind this node", "该节点之后只保留一个出口")
            )
    return targets[0] if targets else None


def message(action: Action) -> Node:
    parameters = action.parameters
    text = parameters.take("Text", "MessageBody", "Content", "Message")
    if not isinstance(text, str):
        return outside_order(action)
    to = parameters.take("DestinationEndpoint", "To", "DestinationPhoneNumber", default="$.CustomerEndpoint.Address")
    done = action.next or action.graph.end()
    options = {
        "to": "{{ " + expression(_flat(to), action.graph) + " }}",
        "text": template(text, action.graph, action.origin, "Text"),
        "channel": "sms",
    }
    return Node(action.key, "message", options, on={"sent": done, "failed": action.error() or done})


def to_agent(action: Action) -> Node:
    done = action.next or action.graph.end()
    name = queue_name(action, "AgentId", action.parameters.take("AgentId", default="agent"))
    return Node(action.key, "queue", {"name": name, "last_agent_first": True}, on={"timeout": action.error() or done})


def start(action: Action) -> Node:
    return action.node("answer", {})


def voice_identity(action: Action) -> Node:
    """Whether a voice is the caller's is found out outside; the flow goes on by a variable."""
    action.graph.outside.setdefault("voice_id_status", "''")
    action.graph.lose(
        action.origin,
        "",
        Text("the result is expected in the variable `voice_id_status`", "声纹结果请放入变量 `voice_id_status`"),
    )
    return _branch(action, "voice_id_status")


def _each(names: str, made: Callable[[Action], Node]) -> dict[str, Callable[[Action], Node]]:
    return dict.fromkeys(names.split(), made)


CONTACT: dict[str, Callable[[Action], Node]] = {
    **_each("UpdateFlowLoggingBehavior", logging),
    **_each("UpdateContactRecordingBehavior UpdateContactRecordingAndAnalyticsBehavior", recording),
    **_each("UpdateContactMediaStreamingBehavior UpdateContactMediaProcessing", streaming),
    **_each("UpdateContactTextToSpeechVoice", voice),
    **_each("UpdateContactData", contact_data),
    **_each("UpdateContactEventHooks", hooks),
    **_each("UpdateContactRoutingBehavior UpdateContactRoutingCriteria", routing),
    **_each("UpdateContactTargetQueue", target_queue),
    **_each("UpdateContactCallbackNumber", callback_number),
    **_each("CreateCallbackContact", callback),
    **_each("TransferToFlow", to_flow),
    **_each("InvokeFlowModule", module),
    **_each("CheckHoursOfOperation", hours),
    **_each("CheckMetricData", metric),
    **_each("CheckOutboundCallStatus", call_status),
    **_each("CheckVoiceId", voice_identity),
    **_each("DistributeByPercentage", distribute),
    **_each("Wait", wait),
    **_each(
        "GetCustomerProfile CreateCustomerProfile UpdateCustomerProfile GetCustomerProfileObject CustomerProfiles "
        "GetCalculatedAttributesForCustomerProfile GetCase CreateCase UpdateCase Cases GetMetricData "
        "LoadContactContent GetStoredContent EvaluateDataTableValues ListDataTableValues WriteDataTableValues "
        "DataTable InvokeThirdPartyAction CreateWisdomSession AuthenticateParticipant",
        outside_question,
    ),
    **_each(
        "AssociateContactToCustomerProfile CreateTask StartTaskContact TagContact UntagContact UpdateContactSchedule "
        "CreatePersistentContactAssociation UpdatePreviousContactParticipantState CompleteOutboundCall ResumeContact "
        "StartOutboundChatContact StartOutboundEmailContact StartScreenSharing StartVoiceIdStream SetVoiceId",
        outside_order,
    ),
    **_each("SendMessage SendSms SendTextMessage", message),
    **_each("TransferContactToAgent", to_agent),
    **_each("Start ConnectParticipant EntryPoint", start),
}
