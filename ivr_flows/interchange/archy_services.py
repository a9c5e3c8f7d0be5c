"""Archy's actions on data, queues, numbers, schedules and the conversation."""

from __future__ import annotations

from typing import Any

from ..findings import Text
from .archy_action import Action
from .graph import Node
from .naming import slug, variable
from .reading import items, mapping, word


def call_data(action: Action) -> str:
    """A data action: an HTTP request; its outputs become variables behind it."""
    name, found = _data_action(action.value)
    request = {
        variable(key): action.values.template(inner, action.origin, key)
        for key, inner in mapping(found.get("inputs")).items()
        if "noValue" not in mapping(inner)
    }
    outputs = action.outputs()
    ok = action.out(outputs, "success", "found")
    failed = action.out(outputs, "failure", "timeout", "notFound")
    if "timeout" in outputs and outputs["timeout"] != failed:
        action.lose("outputs.timeout", Text("a timeout takes the same way as a failure", "超时与失败走同一出口"))
    into = variable(slug(name, "data"))
    results = {
        target: "{{ " + f"{into}[{key!r}]" + " }}"
        for key, inner in mapping(found.get("successOutputs", found.get("foundOutputs", found.get("outputs")))).items()
        if (target := _variable(action, inner)) is not None
    }
    for unread in ("failureOutputs", "notFoundOutputs", "timeoutOutputs"):
        if found.get(unread):
            action.lose(unread, Text("a failure leaves no values behind", "失败时没有返回值"))
    if results:
        note = Node(f"{action.key} results", "set", {"": results}, next=ok, name=f"{name} results")
        ok = action.graph.add(note).key
    action.lose(
        "category",
        Text(
            "a data action is not called; put its HTTP address into `url`",
            "不调用数据动作，请在 `url` 填写其 HTTP 地址",
        ),
    )
    options: dict[str, Any] = {"url": f"https://data.invalid/{slug(name, 'action')}", "method": "POST"}
    if request:
        options["body"] = request
    options |= {"timeout": action.values.seconds(action.value.get("timeout"), 10, 1, 60), "into": into}
    return action.add("fetch", options, {"ok": ok, "error": failed})


def _variable(action: Action, inner: Any) -> str | None:
    written = word(mapping(inner).get("var"))
    if not written:
        return None
    name = action.values.name(written.split("."))
    return name if name.isidentifier() else None


def _data_action(value: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name and the body of the data action, below any number of category names."""
    for category in mapping(value.get("category")).values():
        for holder in (mapping(category).get("dataAction"), mapping(category).get("bridgeAction")):
            for name, body in mapping(holder).items():
                return name, mapping(body)
    for name in ("dataTable", "table"):
        for table, body in mapping(value.get(name)).items():
            return table, mapping(body)
    return word(value.get("name")) or "data", value


def update(action: Action) -> str:
    values: dict[str, str] = {}
    for statement in items(action.value.get("statements")):
        for inner in mapping(statement).values():
            details = mapping(inner)
            written = details.get("variable", details.get("var"))
            name = action.values.name(word(mapping(written).get("var") or written).split("."))
            if name.isidentifier():
                values[name] = action.values.template(details.get("value"), action.origin, name)
            else:
                action.lose(word(written), Text("cannot be set", "无法赋值"))
    return action.add("set", {"": values or {"nothing": ""}})


def participant_data(action: Action) -> str:
    """Participant data are variables of the same name."""
    values: dict[str, str] = {}
    for entry in items(action.value.get("attributes", action.value.get("participantData"))):
        for inner in mapping(entry).values():
            details = mapping(inner)
            name = variable(action.values.literal(details.get("name", details.get("attributeName"))) or "attribute")
            target = _variable(action, details.get("variable", details.get("assignTo")))
            if target is not None:
                action.graph.outside.setdefault(name, "''")
                values[target] = "{{ " + name + " }}"
            elif "value" in details:
                values[name] = action.values.template(details["value"], action.origin, name)
    return action.add("set", {"": values or {"nothing": ""}})


def find(action: Action) -> str:
    """Looking something up by its name: the name is what is found."""
    outputs = action.outputs()
    action.following = action.out(outputs, "found", "success")
    target = next((name for key in action.value if (name := _variable(action, action.value[key])) is not None), None)
    wanted = action.template("findQueueByName", "queueName", "skillName", "userName", "scheduleName", "name")
    if "notFound" in outputs:
        action.lose("outputs.notFound", Text("a name is taken as it is", "直接使用该名称"))
    return action.add("set", {"": {target or variable(slug(action.kind, "found")): wanted}})


def to_queue(action: Action) -> str:
    queue = action.template("targetQueue", "queue", "queueName") or "default"
    name = queue if "{{" in queue else slug(queue, "default")
    outputs = action.outputs()
    failed = action.out(outputs, "failure")
    audio, file = action.values.audio(action.value.get("failureTransferAudio"), action.origin, "failureTransferAudio")
    if audio or file:
        said = {"": audio} if audio else {"file": file}
        failed = action.graph.add(Node(f"{action.key} failed", "play", said, next=failed, name="transfer_failed")).key
    options: dict[str, Any] = {"name": name, "timeout": "600s"}
    if mapping(mapping(action.value.get("priority"))).get("lit") not in (None, "0", 0):
        options["priority"] = action.values.count(action.value.get("priority"), 1, 1, 99)
    elif mapping(action.value.get("priority")).keys() & {"exp", "var"}:
        options["priority"] = action.template("priority")
    skill = action.values.literal(next(iter(items(action.value.get("skills"))), ""))
    if skill:
        options["skill"] = skill
    entry = action.add("queue", options, {"timeout": failed, "full": failed, "no_agents": failed})
    return _before(action, "preTransferAudio", entry)


def _before(action: Action, parameter: str, entry: str) -> str:
    audio, file = action.values.audio(action.value.get(parameter), action.origin, parameter)
    if not audio and not file:
        return entry
    options = {"": audio} if audio else {"file": file}
    return action.graph.add(Node(f"{action.key} before", "play", options, next=entry, name="before_transfer")).key


def to_number(action: Action) -> str:
    to = action.template("targetNumber", "targetUser", "targetGroup", "phoneNumber", "targetExtension")
    if not any(letter.isdigit() for letter in to) and "{{" not in to:
        name = variable(slug(to or action.kind, "target"))
        action.graph.outside.setdefault(name, "''")
        action.lose("target", Text(f"the number is expected in the variable `{name}`", f"号码请放入变量 `{name}`"))
        to = "{{ " + name + " }}"
    failed = action.out(action.outputs(), "failure")
    options = {"to": to, "timeout": action.values.seconds(action.value.get("connectTimeout"), 30, 1, 600)}
    entry = action.add("transfer", options, {"busy": failed, "no_answer": failed, "failed": failed})
    return _before(action, "preTransferAudio", entry)


def voicemail(action: Action) -> str:
    """The box has the name of the queue, user or group whose voicemail it was."""
    destination = mapping(action.value.get("destination"))
    details = next((found for inner in destination.values() if (found := mapping(inner))), action.value)
    targets = ("targetQueue", "targetUser", "targetGroup", "queue", "user", "group")
    named = next((name for each in targets if (name := action.values.literal(details.get(each)))), "")
    if not named:
        action.lose("target", Text("the message goes into the box `general`", "留言存入信箱 `general`"))
    options = {"": slug(named, "general"), "max": "180s"}
    greeting, file = action.values.audio(details.get("voicemailGreeting"), action.origin, "voicemailGreeting")
    if greeting:
        options["prompt"] = greeting
    entry = action.add("voicemail", options)
    if file:
        said = Node(f"{action.key} greeting", "play", {"file": file}, next=entry, name="greeting")
        entry = action.graph.add(said).key
    return _before(action, "preTransferAudio", entry)


def schedule(action: Action) -> str:
    outputs = action.outputs()
    named = action.template("schedule", "scheduleGroup", "evaluate", "inServiceSchedule") or "office"
    name = slug(named, "office") if "{{" not in named else "office"
    action.lose("schedule", Text(f"the opening hours go into the calendar `{name}`", f"营业时间请写入日历 `{name}`"))
    closed = action.out(outputs, "closed", "inactive", "no")
    holiday = outputs.get("holiday", closed)
    if "emergency" in outputs:
        action.lose(
            "outputs.emergency", Text("use `line400 announce` in an emergency", "紧急情况请用 `line400 announce`")
        )
    on = {"open": action.out(outputs, "open", "active", "yes"), "closed": closed, "holiday": holiday}
    return action.add("hours", {"": name}, on)


def callback(action: Action) -> str:
    outputs = action.outputs()
    number = action.template("callbackNumber", "phoneNumber") or "{{ caller.number }}"
    on = {"done": action.out(outputs, "success"), "failed": action.out(outputs, "failure")}
    return action.add("callback", {"number": number}, on)


def language(action: Action) -> str:
    written = action.template("language", "languageTag", "locale").lower()
    return action.add("language", {"": "zh-CN" if written.startswith("zh") else "en"})


def recording(action: Action) -> str:
    said = action.values.literal(action.value.get("enabled", action.value.get("recordingEnabled", "true")))
    return action.add("recording", {"": "off" if said.lower() == "false" else "on"})


def order(action: Action) -> str:
    data = {
        variable(name): action.values.template(value, action.origin, name)
        for name, value in action.value.items()
        if name not in ("name", "outputs") and mapping(value).keys() & {"lit", "exp", "var"}
    }
    action.following = action.out(action.outputs(), "success", "found")
    options: dict[str, Any] = {"": slug(action.kind, "order")}
    if data:
        options["data"] = data
    return action.add("notify", options)
