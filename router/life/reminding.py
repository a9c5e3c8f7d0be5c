"""What is to be said ahead of a deadline: of an application's materials, of a number's last day, of a licence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from ivr_flows.findings import Text

from .machine import DAY, kept_until
from .model import Life, Rules
from .qualification import WARN_DAYS, Qualification, day_of, end_of, warning

MATERIALS_REMIND_DAYS: Final = 3
"""How many days before its deadline an application is reminded of."""
EXPIRY_REMIND_DAYS: Final = 7
"""How many days before its last paid day a number that does not renew itself is reminded of."""

ReminderCode = Literal["materials-due", "number-expires", "licence-ends"]
REMINDED: Final[frozenset[str]] = frozenset(get_args(ReminderCode))
"""Codes of all reminders."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """``due`` is the moment of which it reminds, ``subject`` a 400 number or a credit code."""

    code: ReminderCode
    subject: str
    due: float
    text: Text


def life_reminders(life: Life, at: float, rules: Rules) -> list[Reminder]:
    """What is to be said at ``at`` of a life that is settled there."""
    number = f"{life.number[:3]}-{life.number[3:6]}-{life.number[6:]}"
    found: list[Reminder] = []
    if life.deadline is not None and life.deadline - at <= MATERIALS_REMIND_DAYS * DAY:
        until = _time(life.deadline, rules)
        found.append(
            Reminder(
                "materials-due",
                life.number,
                life.deadline,
                Text(
                    f"{number}: the handler's materials are due at {until}, or the number is released.",
                    f"{number}：经办人材料须在 {until} 前提交，否则号码将被释放。",
                ),
            )
        )
    renews = life.auto_renew and life.state in ("opened", "routed", "bound")
    if life.expires is None or renews or not life.owned:
        return found
    if (life.expires - day_of(at, rules.zone)).days <= EXPIRY_REMIND_DAYS:
        gone = kept_until(life, rules)
        until = _time(gone, rules)
        found.append(
            Reminder(
                "number-expires",
                life.number,
                gone,
                Text(
                    f"{number}: paid until {life.expires}; without renewal it is released at {until}.",
                    f"{number}：到期日 {life.expires}，不续费将于 {until} 释放。",
                ),
            )
        )
    return found


def licence_reminders(known: Iterable[Qualification], at: float, rules: Rules) -> list[Reminder]:
    """What is to be said at ``at`` of licences that end or have ended."""
    found: list[Reminder] = []
    for one in known:
        text = warning(one, at, rules.zone)
        if text is not None:
            found.append(Reminder("licence-ends", one.code, end_of(one.licence_until, rules.zone), text))
    return found


def stage_of(reminder: Reminder, at: float) -> int:
    """How often it was due by ``at`` to remind of this: a licence 60, 30 and 7 days ahead and when it is over, anything
    else once. Whoever tells reminders tells each stage once."""
    if reminder.code != "licence-ends":
        return 1
    left = (reminder.due - at) / DAY
    return sum(left <= days for days in (*WARN_DAYS, 0))


def _time(at: float, rules: Rules) -> str:
    return datetime.fromtimestamp(at, rules.zone).isoformat(sep=" ", timespec="seconds")
