"""What a flow asks about a call beside its keys: as conditions by which a partition can be cut, so that in one cell a
flow decides alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr_flows import Flow
from ivr_flows.explore.values import Values
from router.book import RouteBook
from router.model import CallerMatch
from router.partition.asked import condition_of
from router.partition.conditions import Condition
from router.partition.making import Survey
from router.partition.timelines import Hours, Timeline

from ..situations import Told, told_by


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """The conditions of one flow. ``told`` is what it looks at; ``called`` whether it looks at the number called;
    ``caller_freely`` whether it looks at callers in ways that no condition holds (a slice of the number, say)."""

    callers: tuple[Condition, ...]
    times: tuple[Timeline, ...]
    told: Told
    called: bool
    caller_freely: bool

    @property
    def plain(self) -> bool:
        """Whether every call takes the same ways through the flow."""
        told = self.told
        return not (self.callers or told.callers or told.calendars or told.hours or told.shares)


def facts_of(book: RouteBook, flow: Flow, survey: Survey) -> FlowFacts:
    """What ``flow`` asks about a call."""
    told = told_by(flow)
    values = Values(flow.nodes)
    conditions = {condition_of(match, book, survey.interned): None for match in _matches(values)}
    times: dict[Timeline, None] = {}
    for name in sorted(told.calendars):
        calendar = book.calendars.get(name)
        if calendar is not None:
            number = survey.times.calendar(calendar)
            for state in ("open", "holiday"):
                times[survey.times.hours(Hours(number, (state,), (), (), book.zone))] = None
    return FlowFacts(
        tuple(conditions),
        tuple(times),
        told,
        "called" in values.deciding,
        told.callers and not conditions,
    )


def _matches(values: Values) -> Iterator[CallerMatch]:
    for number in values.constants(("caller", "number")):
        yield CallerMatch(number=(number,))
    for key in ("kind", "province", "city", "carrier"):
        for value in values.of(("caller", key)):
            if isinstance(value, str) and value != "other":
                yield CallerMatch(**{key: (value,)})
