"""``hours-data-missing``: a calendar that a flow asks for is never open: it has no opening hours, and every caller is
told that it is closed. (Years without holiday data are told of with the calendar itself.)"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import MOMENT, Probe
from ..rule import Problem, Rule
from ..subject import Subject

DAYS = 14
STEP_HOURS = 1


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every node that asks such a calendar."""
    calendars = subject.environment.calendars
    if calendars is None:
        return
    for node in subject.live():
        name = facts.option(node, "calendar")
        state = calendars.get(name) if isinstance(name, str) else None
        if state is None:
            continue
        hours = range(0, DAYS * 24, STEP_HOURS)
        if "open" in node.on and not any(state(MOMENT + hour * 3600.0) == "open" for hour in hours):
            yield Problem(
                node.option_place("calendar"),
                Text(
                    f"`{name}` is never open in two ordinary weeks: `{node.id}` always goes elsewhere.",
                    f"日历 `{name}` 在普通的两周内从不营业：`{node.id}` 永远走不到 open。",
                ),
                Text(
                    "Write its hours under `open:` in calendars.yaml.",
                    "请在 calendars.yaml 的 `open:` 下写明营业时间。",
                ),
                show=partial(Probe.reach, node=node.id),
            )


RULE = Rule(
    "hours-data-missing", "warning", Text("a calendar that is never open", "营业时间缺失"), check, behaviour=True
)
