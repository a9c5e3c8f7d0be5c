"""What the files say, one by one, before anybody asks whether the names in them fit together.

Each reader validates entry by entry and reports every fault; a broken entry is left out of the values but keeps its
name, so that what refers to it is not reported as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import Refusal, Strict, nearest, read_model
from ivr_flows.yaml_source import Document, Mapping, Scalar, Sequence, Value
from router.model import (
    AccessKey,
    CalendarSpec,
    CallerMatch,
    Endpoint,
    Fallback,
    Line,
    NumberFacts,
    QueueSpec,
    Route,
    Rule,
    Settings,
    Trunk,
    When,
)

from .folder import KNOWN, SETTINGS
from .schemas import (
    FILES,
    BoxEntry,
    CalendarEntry,
    InstanceEntry,
    LineEntry,
    NumberEntry,
    QueueEntry,
    RouteEntry,
    RuleEntry,
    SettingsFile,
    TrunkEntry,
    WhenEntry,
)
from .values import WEEKDAYS, days_of, read_name, read_number, read_pattern

FILE_NAMES = KNOWN

M = TypeVar("M", bound=Strict)
T = TypeVar("T")


@dataclass(slots=True)
class Declared:
    """Names that a file defines, good or broken. None: the file could not be read, so any name may exist."""

    lines: set[str] | None = None
    trunks: set[str] | None = None
    queues: set[str] | None = None
    boxes: set[str] | None = None
    instances: set[str] | None = None
    lists: set[str] | None = None
    calendars: set[str] | None = None


@dataclass(slots=True)
class Parts:
    """The values of all files, and the trees they came from. ``numbers_known`` and ``routes_known``: nothing of them
    was left out for a fault, so that what is not there does not exist."""

    settings: Settings = field(default_factory=Settings)
    numbers: list[NumberFacts] = field(default_factory=list)
    numbers_known: bool = True
    routes_known: bool = True
    lines: dict[str, Line] = field(default_factory=dict)
    trunks: dict[str, Trunk] = field(default_factory=dict)
    queues: dict[str, QueueSpec] = field(default_factory=dict)
    boxes: dict[str, float] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    calendars: dict[str, CalendarSpec] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    declared: Declared = field(default_factory=Declared)
    files: Mapping_[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def report(
        self,
        code: str,
        place: Place,
        message: Text,
        cure: Text,
        severity: Literal["error", "warning", "info"] = "error",
    ) -> None:
        self.findings.append(Finding(severity, code, place, message, cure))

    def shown(self, name: str) -> str:
        """How findings call the file ``name``."""
        return self.files[name]

    def root(self, file: str) -> Mapping | None:
        """The tree of ``file``, where it could be read."""
        document = self.documents.get(file)
        return document.root if document and isinstance(document.root, Mapping) else None


def section(parts: Parts, file: str, key: str, kind: type[T]) -> T | None:
    """The section ``key`` of ``file``; None where it is not there, empty, or (reported) of another kind."""
    root = parts.root(file)
    value = root.get(key) if root else None
    if value is None or (isinstance(value, Scalar) and value.is_null):
        return None
    if isinstance(value, kind):
        return value
    assert root is not None
    word = Text("a list", "列表") if kind is Sequence else Text("a mapping", "映射")
    parts.report(
        "bad-value",
        root.place_of(key),
        Text(f"`{key}` wants {word.en}.", f"`{key}` 应为{word.zh}。"),
        Text(f"Write {word.en} below `{key}:`.", f"请在 `{key}:` 下写{word.zh}。"),
    )
    return None


def check_sections(parts: Parts, file: str) -> None:
    """Report top-level keys of ``file`` that are not known, and a file that is no mapping."""
    document = parts.documents[file]
    root = document.root
    known = known_keys(file)
    if root is None:
        return
    if not isinstance(root, Mapping):
        parts.report(
            "bad-value",
            root.place,
            Text("The file must hold keys and values.", "文件内容应为键和值。"),
            Text(f"Begin it with `{known[0]}:`.", f"请以 `{known[0]}:` 开头。"),
        )
        document.root = None
        return
    for key in root.entries:
        if key not in known and file != SETTINGS:  # the settings are one entry, and judged as such
            close = nearest(key, known)
            listed = ", ".join(known)
            parts.report(
                "unknown-key",
                root.place_of(key),
                Text(f"The key `{key}` is not known here.", f"这里没有键 `{key}`。"),
                Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
                if close
                else Text(f"Known keys: {listed}.", f"可用的键：{listed}。"),
            )


def _named(parts: Parts, file: str, key: str, model: type[M]) -> Iterator[tuple[str, M, Place]]:
    """The good entries of a section of named things."""
    entries = section(parts, file, key, Mapping)
    for name, value in entries.entries.items() if entries else ():
        assert entries is not None
        place = entries.place_of(name)
        good = _accept(parts, place, read_name, name) is not None
        entry, findings = read_model(model, parts.documents[file], value, (key, name))
        parts.findings.extend(findings)
        if entry is not None and good:
            yield name, entry, place


def _accept(parts: Parts, place: Place, read: Callable[[object], T], value: object) -> T | None:
    try:
        return read(value)
    except Refusal as error:
        parts.report(error.code, place, error.message, error.cure)
        return None


def names_of(parts: Parts, file: str, key: str) -> set[str] | None:
    """Names that a section declares; None where the file or the section could not be read, or the file has an
    unknown key that may be a misspelt name of the section."""
    document = parts.documents.get(file)
    if document is not None and document.root is None:
        return None
    root = parts.root(file)
    value = root.get(key) if root else None
    if isinstance(value, Mapping):
        return set(value.entries)
    if value is not None:
        return set() if _null(value) or (key == "numbers" and isinstance(value, Sequence)) else None
    misspelt = root is not None and not set(root.entries) <= set(known_keys(file))
    return None if misspelt else set()


def known_keys(file: str) -> list[str]:
    """Top-level keys of ``file``."""
    return [item.alias or name for name, item in FILES[file.removesuffix(".yaml")].model_fields.items()]


def read_settings(parts: Parts, file: str, store: Callable[[str], str]) -> None:
    """``line400.yaml``; ``store`` makes the store's URL absolute."""
    document = parts.documents.get(file)
    if document is None or document.root is None:
        return
    entry, findings = read_model(SettingsFile, document)
    parts.findings.extend(findings)
    if entry is None:
        return
    parts.settings = Settings(
        company=entry.company,
        timezone=entry.timezone,
        store=store(entry.store),
        api=Endpoint(entry.api.host, entry.api.port),
        access_keys=tuple(AccessKey(key.id, key.secret_env, key.role) for key in entry.api.access_keys),
        fastagi=Endpoint(entry.fastagi.host, entry.fastagi.port),
        asterisk=Endpoint(
            entry.asterisk.host, entry.asterisk.ami_port, entry.asterisk.username, entry.asterisk.secret_env
        ),
    )


def read_numbers(parts: Parts, file: str) -> None:
    """``numbers.yaml``."""
    items = section(parts, file, "numbers", Sequence)
    for index, value in enumerate(items.items if items else ()):
        entry, findings = read_model(NumberEntry, parts.documents[file], value, ("numbers", index))
        parts.findings.extend(findings)
        if entry is None:
            parts.numbers_known = False
            continue
        where = value.place_of("number") if isinstance(value, Mapping) else value.place
        parts.numbers.append(
            NumberFacts(
                number=entry.number,
                company=entry.company or parts.settings.company,
                carrier=entry.carrier,
                tier=entry.tier,
                instance=entry.instance,
                purchased=entry.purchased,
                expires=entry.expires,
                auto_renew=entry.auto_renew,
                state=entry.state,
                place=where,
            )
        )


def read_lines(parts: Parts, file: str) -> None:
    """``lines.yaml``."""
    for name, entry, place in _named(parts, file, "lines", LineEntry):
        fallback = entry.fallback
        parts.lines[name] = Line(
            name=name,
            base_number=entry.base_number,
            trunk=entry.trunk,
            carrier=entry.carrier,
            province=entry.province,
            city=entry.city,
            channels=entry.channels,
            overflow=entry.overflow,
            default_number=entry.default_number,
            fallback=Fallback(fallback.announce, fallback.number) if fallback else Fallback(),
            place=place,
        )


def read_trunks(parts: Parts, file: str) -> None:
    """``trunks.yaml``."""
    for name, entry, place in _named(parts, file, "trunks", TrunkEntry):
        parts.trunks[name] = Trunk(name=name, place=place, **dict(entry))


def read_queues(parts: Parts, file: str) -> None:
    """``queues.yaml``: queues, boxes and instances."""
    for name, queue, place in _named(parts, file, "queues", QueueEntry):
        parts.queues[name] = QueueSpec(name=name, place=place, **dict(queue))
    for name, box, _ in _named(parts, file, "voicemail", BoxEntry):
        parts.boxes[name] = box.max
    for name, instance, _ in _named(parts, file, "instances", InstanceEntry):
        parts.instances[name] = instance.queue


def read_lists(parts: Parts, file: str) -> None:
    """``lists`` of ``routes.yaml``: one number or pattern each, judged one by one."""
    lists = section(parts, file, "lists", Mapping)
    for name, value in lists.entries.items() if lists else ():
        assert lists is not None
        _accept(parts, lists.place_of(name), read_name, name)
        items = value.items if isinstance(value, Sequence) else [] if _null(value) else [value]
        patterns: dict[str, None] = {}
        for item in items:
            written = item.text if isinstance(item, Scalar) else None
            pattern = _accept(parts, item.place, read_pattern, written)
            if pattern is not None:
                patterns[pattern] = None
        parts.lists[name] = tuple(patterns)


def _null(value: Value) -> bool:
    return isinstance(value, Scalar) and value.is_null


def read_routes(parts: Parts, file: str) -> None:
    """``routes`` of ``routes.yaml``."""
    before = len(parts.findings)
    _read_routes(parts, file)
    if len(parts.findings) > before or names_of(parts, file, "routes") is None:
        parts.routes_known = False


def _read_routes(parts: Parts, file: str) -> None:
    routes = section(parts, file, "routes", Mapping)
    for key, value in routes.entries.items() if routes else ():
        assert routes is not None
        place = routes.place_of(key)
        number = _accept(parts, place, read_number, key)
        # an empty route is that of a number which the carrier has not routed yet
        head = Mapping({}, {}, place) if _null(value) else value
        rules: list[Rule] = []
        if isinstance(value, Mapping) and "rules" in value.entries:
            rest = {name: item for name, item in value.entries.items() if name != "rules"}
            head = Mapping(rest, {name: value.keys[name] for name in rest}, value.place)
            rules = _rules(parts, file, key, value.entries["rules"])
        entry, findings = read_model(RouteEntry, parts.documents[file], head, ("routes", key))
        parts.findings.extend(findings)
        if entry is not None and number is not None:
            parts.routes.append(Route(number, entry.line, entry.flow, tuple(rules), place))


def _rules(parts: Parts, file: str, key: str, value: Value) -> list[Rule]:
    if _null(value):
        return []
    items = value.items if isinstance(value, Sequence) else [value]
    rules: list[Rule] = []
    for index, item in enumerate(items):
        path = ("routes", key, "rules", index) if isinstance(value, Sequence) else ("routes", key, "rules")
        entry, findings = read_model(RuleEntry, parts.documents[file], item, path)
        parts.findings.extend(findings)
        if entry is not None:
            rules.append(_rule(entry, index, item.place))
    return rules


def _rule(entry: RuleEntry, index: int, place: Place) -> Rule:
    return Rule(
        name=entry.name or f"rule-{index + 1}",
        when=_when(entry.when) if entry.when else None,
        line=entry.line,
        flow=entry.flow,
        split=tuple((entry.split or {}).items()),
        split_by=entry.by or "caller",
        reject=entry.reject,
        announce=entry.announce,
        place=place,
    )


def _when(entry: WhenEntry) -> When:
    return When(
        caller=CallerMatch(**dict(entry.caller)) if entry.caller else None,
        hours=entry.hours,
        hours_is=entry.hours_is or ("open",),
        dates=entry.dates,
        weekday=entry.weekday,
        share=entry.share,
        share_by=entry.share_by or "caller",
    )


def read_calendars(parts: Parts, file: str) -> None:
    """``calendars.yaml``."""
    for name, entry, place in _named(parts, file, "calendars", CalendarEntry):
        hours = entry.open
        overrides: dict[object, object] = {}
        for dates, value in entry.overrides.items():
            written = None if value == "holiday" else hours.workday if value == "workday" else value
            for day in days_of(dates):
                if day in overrides:
                    parts.report(
                        "duplicate-date",
                        place,
                        Text(
                            f"`overrides` of `{name}` names {day} twice.",
                            f"`{name}` 的 `overrides` 中 {day} 出现两次。",
                        ),
                        Text("Keep one of the two.", "只保留其中一个。"),
                    )
                overrides[day] = written
        parts.calendars[name] = CalendarSpec(
            name=name,
            holidays=entry.holidays,
            workday=hours.workday,
            weekdays={
                index: getattr(hours, word) for index, word in enumerate(WEEKDAYS) if getattr(hours, word) is not None
            },
            holiday_hours=hours.holiday,
            overrides=overrides,  # type: ignore[arg-type]  # dates and day hours by construction
            place=place,
        )
