"""``invariants.yaml``: read entry by entry, names checked."""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from ivr_flows.findings import Text
from ivr_flows.schema import read_model, unknown_name
from ivr_flows.yaml_source import Sequence
from router.invariants import Invariant, Moments, Target, TargetKind
from router.model import CallerMatch

from .invariant_schemas import InvariantBody, InvariantEntry, MomentsEntry
from .parts import Parts, section

_MINUTES = 24 * 60


def read_invariants(parts: Parts, file: str) -> None:
    """The good entries of ``file``, into ``parts``."""
    items = section(parts, file, "invariants", Sequence)
    for index, value in enumerate(items.items if items else ()):
        entry, findings = read_model(InvariantEntry, parts.documents[file], value, ("invariants", index))
        parts.findings.extend(findings)
        if entry is None:
            continue
        body = entry.always or entry.never
        assert body is not None, "an entry has one of the two"
        parts.invariants.append(
            Invariant(
                name=entry.name or f"invariant-{index + 1}",
                always=entry.always is not None,
                reaches=_target(body),
                caller=CallerMatch(**dict(body.caller)) if body.caller else None,
                when=_moments(body.when) if body.when else Moments(),
                numbers=body.number,
                place=value.place,
            )
        )


def check_invariant_names(parts: Parts, flows: Collection[str] | None) -> None:
    """Report names that invariants use and nothing defines."""
    declared = parts.declared
    known_of: dict[TargetKind, tuple[Text, Collection[str] | None]] = {
        "queue": (
            Text("queue", "队列"),
            None if declared.queues is None else {*declared.queues, *parts.queues, "default"},
        ),
        "flow": (Text("flow", "流程"), flows),
        "line": (Text("line", "线路"), declared.lines),
        "voicemail": (
            Text("voicemail box", "语音信箱"),
            None if declared.boxes is None else {*declared.boxes, *parts.boxes, "general"},
        ),
    }
    for invariant in parts.invariants:
        names = [(invariant.reaches.names, *known_of.get(invariant.reaches.kind, (Text("", ""), None)))]
        lists = (*invariant.caller.lists, *invariant.caller.not_lists) if invariant.caller else ()
        names.append((lists, Text("list", "名单"), declared.lists))
        names.append(
            ((invariant.when.hours,) if invariant.when.hours else (), Text("calendar", "日历"), declared.calendars)
        )
        if parts.numbers_known:
            names.append((invariant.numbers, Text("number", "号码"), {facts.number for facts in parts.numbers}))
        for used, what, known in names:
            for name in used if known is not None else ():
                if known is not None and name not in known:
                    parts.findings.append(unknown_name(invariant.place, what, name, known))


def _target(body: InvariantBody) -> Target:
    for kind in get_args(TargetKind):
        names = getattr(body.reaches, kind)
        if names:
            return Target(kind, tuple(names))
    raise AssertionError("the schema asks for one kind")


def _moments(entry: MomentsEntry) -> Moments:
    clock = list(entry.between)
    if entry.after is not None and entry.before is not None:
        opens, closes = entry.after[0], entry.before[1]
        clock.append((opens, closes if closes > opens else closes + _MINUTES))
    elif entry.after is not None:
        clock.append(entry.after)
    elif entry.before is not None:
        clock.append(entry.before)
    return Moments(tuple(clock), entry.hours, entry.hours_is, entry.dates, entry.weekday)
