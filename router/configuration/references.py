"""Names that files use and must find defined: asked of the trees, so that a fault elsewhere in an entry hides none.

A collection of names that is None is not known (its file could not be read); then any name is accepted, since one
unreadable file is one finding and not one for every line that leans on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr_flows.findings import Place, Text
from ivr_flows.schema import nearest, unknown_name
from ivr_flows.yaml_source import Mapping, Scalar, Sequence, Value
from router.model import QueueSpec, Trunk

from .folder import CALENDARS, LINES, NUMBERS, NUMBERS_CSV, QUEUES, ROUTES, TRUNKS
from .parts import Parts, section

LINE = Text("line", "线路")
FLOW = Text("flow", "流程")
QUEUE = Text("queue", "队列")
BOX = Text("voicemail box", "语音信箱")
CALENDAR = Text("calendar", "日历")
LIST = Text("caller list", "主叫名单")
INSTANCE = Text("instance", "实例")


def scalars(value: Value | None) -> Iterator[Scalar]:
    """The written texts of one value or a list of them."""
    if isinstance(value, Scalar):
        if not value.is_null:
            yield value
    elif isinstance(value, Sequence):
        for item in value.items:
            if isinstance(item, Scalar) and not item.is_null:
                yield item


def child(value: Value | None, key: str) -> Value | None:
    """What stands under ``key``; None where ``value`` is no mapping or lacks it."""
    return value.get(key) if isinstance(value, Mapping) else None


def check_references(parts: Parts, flows: Collection[str] | None) -> None:
    """Report every name that nothing defines, in all files but the flows (whose linter does it)."""
    declared = parts.declared
    _check_lines(parts)
    routes = section(parts, ROUTES, "routes", Mapping)
    for route in routes.entries.values() if routes else ():
        _named(parts, scalars(child(route, "line")), LINE, declared.lines)
        _named(parts, scalars(child(route, "flow")), FLOW, flows)
        _check_hunt(parts, child(route, "hunt"))
        allow, trial = child(route, "allow"), child(route, "trial")
        _named(parts, scalars(child(allow, "list") if isinstance(allow, Mapping) else allow), LIST, declared.lists)
        _named(parts, scalars(child(trial, "flow")), FLOW, flows)
        _named(parts, scalars(child(trial, "callers")), LIST, declared.lists)
        _named(parts, scalars(child(child(route, "pin"), "list")), LIST, declared.lists)
        rules = child(route, "rules")
        for rule in rules.items if isinstance(rules, Sequence) else [rules]:
            _check_rule(parts, rule, flows)
    file = parts.shown(ROUTES)
    for row in parts.routes:
        if row.place.file == file:
            continue
        for name, what, known in ((row.line, LINE, declared.lines), (row.flow, FLOW, flows)):
            if name is not None and known is not None and name not in known:
                parts.findings.append(unknown_name(row.place, what, name, known))
    instances = section(parts, QUEUES, "instances", Mapping)
    for instance in instances.entries.values() if instances else ():
        _named(parts, scalars(child(instance, "queue")), QUEUE, declared.queues)


def _check_lines(parts: Parts) -> None:
    lines = section(parts, LINES, "lines", Mapping)
    for line in lines.entries.values() if lines else ():
        overflow = child(line, "overflow")
        for written in overflow.entries.values() if isinstance(overflow, Mapping) else (overflow,):
            _named(parts, scalars(written), LINE, parts.declared.lines)


def _check_hunt(parts: Parts, hunt: Value | None) -> None:
    lines = child(hunt, "lines")
    _named(parts, keys(lines) if isinstance(lines, Mapping) else scalars(lines), LINE, parts.declared.lines)


def keys(value: Value | None) -> Iterator[Scalar]:
    """The keys of a mapping as they are written."""
    return iter(value.keys.values()) if isinstance(value, Mapping) else iter(())


def _check_rule(parts: Parts, rule: Value | None, flows: Collection[str] | None) -> None:
    when = child(rule, "when")
    _named(parts, scalars(child(rule, "line")), LINE, parts.declared.lines)
    _named(parts, scalars(child(rule, "flow")), FLOW, flows)
    _named(parts, keys(child(rule, "split")), FLOW, flows)
    _check_hunt(parts, child(rule, "hunt"))
    forward = child(rule, "forward")
    _named(parts, scalars(child(forward, "line")), LINE, parts.declared.lines)
    on = child(forward, "on")
    for flow in on.entries.values() if isinstance(on, Mapping) else ():
        _named(parts, scalars(flow), FLOW, flows)
    _named(parts, scalars(child(child(rule, "pin"), "list")), LIST, parts.declared.lists)
    _named(parts, scalars(child(when, "hours")), CALENDAR, parts.declared.calendars)
    for key in ("list", "not_list"):
        _named(parts, scalars(child(child(when, "caller"), key)), LIST, parts.declared.lists)


def _named(parts: Parts, written: Iterator[Scalar], what: Text, known: Collection[str] | None) -> None:
    if known is None:
        return
    for scalar in written:
        if scalar.text not in known:
            parts.findings.append(unknown_name(scalar.place, what, scalar.text, known))


def supply_defaults(parts: Parts, flow_queues: dict[str, Place], flow_boxes: dict[str, Place]) -> None:
    """What exists without being written: queue ``default``, box ``general``, trunks that lines name, and, without a
    ``queues.yaml``, what flows and numbers name (reported as info)."""
    declared = parts.declared
    _supply_trunks(parts)
    if QUEUES not in parts.documents:
        queues, boxes, instances = (
            names if names is not None else set() for names in (declared.queues, declared.boxes, declared.instances)
        )
        for name, place in flow_queues.items():
            if name != "default":
                _created(parts, QUEUE, name, place)
                parts.queues[name] = QueueSpec(name)
                queues.add(name)
        for name, place in flow_boxes.items():
            if name != "general":
                _created(parts, BOX, name, place)
                parts.boxes[name] = 120.0
                boxes.add(name)
        for facts in parts.numbers:
            if facts.instance is not None and facts.instance not in instances:
                _created(parts, INSTANCE, facts.instance, facts.place)
                parts.instances[facts.instance] = "default"
                instances.add(facts.instance)
    parts.queues.setdefault("default", QueueSpec("default"))
    parts.boxes.setdefault("general", 120.0)
    for names, name in ((declared.queues, "default"), (declared.boxes, "general")):
        if names is not None:
            names.add(name)


def _supply_trunks(parts: Parts) -> None:
    """A trunk that a line names exists; one that an existing ``trunks.yaml`` leaves out is told, as it may be meant."""
    known = parts.declared.trunks if TRUNKS in parts.documents else None
    lines = section(parts, LINES, "lines", Mapping)
    for line in parts.lines.values():
        if line.trunk in parts.trunks:
            continue
        parts.trunks[line.trunk] = Trunk(line.trunk, place=line.place)
        if known is None or line.trunk in known:
            continue
        close = nearest(line.trunk, known)
        cure = Text(f"Write it into {TRUNKS} to choose its values.", f"如需设定其参数，请写入 {TRUNKS}。")
        if close:
            cure = Text(f"Did you mean `{close}`? {cure.en}", f"是否想写 `{close}`？{cure.zh}")
        entry = lines.get(line.name) if lines else None
        written = next(scalars(child(entry, "trunk")), None)
        parts.report(
            "created-by-default",
            written.place if written else line.place,
            Text(
                f"{TRUNKS} does not describe the trunk `{line.trunk}`; it exists with default values.",
                f"{TRUNKS} 中没有中继 `{line.trunk}`；以默认值创建。",
            ),
            cure,
            "info",
        )


def check_instances(parts: Parts) -> None:
    """Report instances that numbers name and nothing defines, each place once per file up to a few."""
    known = parts.declared.instances
    if known is None:
        return
    reported: set[str] = set()
    for facts in parts.numbers:
        name = facts.instance
        if name is None or name in known or name in reported:
            continue
        reported.add(name)
        parts.findings.append(unknown_name(_instance_place(parts, facts.place), INSTANCE, name, known))


def _instance_place(parts: Parts, place: Place) -> Place:
    """Where ``instance:`` of the numbers.yaml entry at ``place`` stands; a row of a table is its own place."""
    if place.file == parts.shown(NUMBERS_CSV):
        return place
    items = section(parts, NUMBERS, "numbers", Sequence)
    for item in items.items if items else ():
        if isinstance(item, Mapping) and item.place_of("number") == place:
            return item.place_of("instance")
    return place


def _created(parts: Parts, what: Text, name: str, place: Place) -> None:
    parts.report(
        "created-by-default",
        place,
        Text(
            f"There is no {QUEUES}; the {what.en} `{name}` exists with default values.",
            f"没有 {QUEUES}；{what.zh} `{name}` 以默认值创建。",
        ),
        Text(f"Write it into {QUEUES} to choose its values.", f"如需设定其参数，请写入 {QUEUES}。"),
        "info",
    )


__all__ = ["CALENDARS", "check_instances", "check_references", "supply_defaults"]
