"""Which cases of the flow language stand for all of them, where real time is dear: a fixed choice.

Chosen one after another, the one that shows most for its time first, until everything is shown that any case of at
most `LONGEST` seconds shows: each kind of node, each branch taken, outcome, party that hangs up, fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ivr_flows.definition import NodeDefinition
from router.book import RouteBook
from router.record import CallRecord
from tests.contract.live.flow_case import Case
from tests.contract.live.flow_company import virtually

LONGEST = 40.0
PARTIES = {
    ("none", "answer"),
    ("never", "answer"),
    ("no_agents", "answer"),
    ("answer:2:2", "answer"),
    ("none", "busy"),
    ("none", "answer:3:4"),
}
"""The behaviours of agents and targets that are run; each costs a round of its own."""


def chosen(book: RouteBook, cases: Mapping[str, Case], numbers: Mapping[str, str]) -> list[str]:
    """The names of the chosen cases, in the order of ``cases``."""
    shows: dict[str, set[tuple[str, ...]]] = {}
    seconds: dict[str, float] = {}
    for name, case in cases.items():
        if case.race or (case.agents, case.target) not in PARTIES:
            continue
        record = virtually(book, name, numbers[name], case)
        lasts = (record.ended or record.started) - record.started
        if lasts <= LONGEST:
            shows[name], seconds[name] = set(_shown(book, record)), lasts
    missing = set().union(*shows.values())
    taken: set[str] = set()
    while missing:
        best = max(shows, key=lambda name: (len(shows[name] & missing) / (seconds[name] + 5.0), name))
        taken.add(best)
        missing -= shows[best]
    return [name for name in cases if name in taken]


def _shown(book: RouteBook, record: CallRecord) -> Iterable[tuple[str, ...]]:
    yield "outcome", str(record.outcome), str(record.abandoned_in), str(record.hangup_by)
    if record.fault is not None:
        yield "fault", record.fault.code
    flow = book.flow(record.flow) if record.flow else None
    nodes = flow.definition.nodes if flow is not None else {}
    for here, after in zip(record.path, [*record.path[1:], ""], strict=True):
        node = nodes.get(here)
        if node is not None:
            yield "node", node.type.name, _way(node, after)


def _way(node: NodeDefinition, after: str) -> str:
    """The branch by which ``after`` follows."""
    return next((name for name, target in node.exits() if target.name == after), "next" if after else "end")
