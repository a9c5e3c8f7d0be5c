"""What the checks of routes are asked about: a configuration without errors, its flows, and the day."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from ivr_flows.definition import FlowDefinition
from ivr_flows.yaml_source import Document, Scalar, Sequence, Value
from ivr_flows.yaml_source import Mapping as Tree
from router.calendars import Calendar, compile_calendar
from router.lifecycle import connectable, seeded_state
from router.model import Configuration, NumberFacts, Route, Rule

from ..consistency import grouped
from .matching import Matching, Situation


@dataclass
class Subject:
    """A checked ``configuration``, its ``flows``, the trees of its YAML files by name, and the ``day`` of the check."""

    configuration: Configuration
    flows: Mapping[str, FlowDefinition]
    documents: Mapping[str, Document]
    day: date
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.configuration.settings.timezone)

    @cached_property
    def calendars(self) -> dict[str, Calendar]:
        """The calendars, compiled."""
        return {name: compile_calendar(spec, self.zone) for name, spec in self.configuration.calendars.items()}

    @cached_property
    def ruled(self) -> list[Route]:
        """The routes that have rules."""
        return [route for route in self.configuration.routes.values() if route.rules]

    @cached_property
    def matching(self) -> Matching:
        """Which rules can match, from the day of the check to a year on, or to the last date of a rule."""
        last = max(
            (last for route in self.ruled for rule in route.rules for _, last in dates_of(rule)), default=self.day
        )
        return Matching(self.calendars, self.configuration.lists, self.zone, self.day, last)

    @cached_property
    def facts(self) -> dict[str, NumberFacts]:
        """What is known of each number."""
        return {facts.number: facts for facts in self.configuration.numbers}

    def bound(self, number: str) -> bool:
        """Whether calls to ``number`` are routed, as far as the files say."""
        facts = self.facts.get(number)
        return facts is not None and seeded_state(facts, self.configuration.routes.get(number)) == "bound"

    def resolve_command(self, number: str, caller: str | None, at: float, *, command: str = "resolve") -> str | None:
        """The command that shows where a call from ``caller`` (None: hidden) goes at ``at``; None where the number is
        not in service then."""
        facts = self.facts.get(number)
        if facts is None or connectable(facts, "bound", at, self.zone) is not None or not self.bound(number):
            return None
        shown = f" --from {shlex.quote(caller)}" if caller is not None else ""
        moment = datetime.fromtimestamp(at, self.zone).replace(tzinfo=None).isoformat(timespec="minutes")
        return f"line400 {command} {grouped(number)}{shown} --at {moment} --no-store"

    def show(self, number: str, situation: Situation) -> str | None:
        """`resolve_command` for a call of ``situation``."""
        return self.resolve_command(number, situation.who.caller, situation.moment)

    def words(self, file: str, *, without: tuple[str, ...] = ()) -> Iterator[str]:
        """Every text that stands as a value, or as a key of an inner mapping, in ``file``, but for the sections
        ``without``."""
        document = self.documents.get(file)
        root = document.root if document is not None else None
        for key, value in root.entries.items() if isinstance(root, Tree) else ():
            if key not in without:
                yield from _texts(value)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, Scalar):
        yield value.text
    elif isinstance(value, Sequence):
        for item in value.items:
            yield from _texts(item)
    else:
        for key, item in value.entries.items():
            yield key
            yield from _texts(item)


def dates_of(rule: Rule) -> tuple[tuple[date, date], ...]:
    """The dates of a rule's condition; none where it has none."""
    return rule.when.dates if rule.when is not None else ()
