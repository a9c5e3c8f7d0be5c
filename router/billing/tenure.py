"""Who had a number when: read from the events of its life, month by month.

A day belongs to whoever has the number when the day ends, so that no day is anybody's twice: the day of the purchase is
the buyer's, the day of the release nobody's, the day of a transfer the new company's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from .months import Month

SERVED = frozenset({"opened", "routed", "bound", "suspended", "transferring"})
"""States in which a number is paid for. ``expired`` is kept for its owner and takes no calls: it is not."""
NOBODYS = frozenset({"stock", "released"})


@dataclass(frozen=True, slots=True)
class Held:
    """From ``at`` on a number is in ``state``, with ``account`` (None: nobody's, or not yet bought)."""

    at: float
    state: str
    account: str | None
    tier: str
    instance: str | None

    @property
    def served(self) -> bool:
        """Whether somebody pays for it."""
        return self.account is not None and self.state in SERVED


@dataclass(frozen=True, slots=True)
class Tenure:
    """What an account had of a number in a month. ``windows``: the moments between which its calls are the account's.
    ``days`` it was paid for, ``suspended`` those of them on which it was suspended. ``begins`` and ``ends``: how its
    time began or ended within the month: by ``purchase``, ``transfer``, ``release``; None: not within it."""

    number: str
    account: str
    tier: str
    instance: str | None
    windows: tuple[tuple[float, float], ...]
    days: int
    suspended: int
    begins: str | None
    ends: str | None


def tenures(number: str, story: Sequence[Held], month: Month, zone: tzinfo) -> list[Tenure]:
    """What every account had of ``number`` in ``month``, by its ``story`` in order of time."""
    start, end = month.start(zone), month.end(zone)
    days = [_at(story, moment) for moment in month.day_ends(zone)]
    accounts = dict.fromkeys(held.account for held in _within(story, start, end) if held.account is not None)
    found: list[Tenure] = []
    for account in accounts:
        mine = [held for held in _within(story, start, end) if held.account == account]
        own = [held for held in days if held is not None and held.account == account and held.served]
        if not any(held.served for held in mine):
            continue
        found.append(
            Tenure(
                number,
                account,
                mine[-1].tier,
                mine[-1].instance,
                tuple(_windows(story, account, start, end)),
                len(own),
                sum(held.state == "suspended" for held in own),
                _begins(story, account, start, end),
                _ends(story, account, start, end),
            )
        )
    return found


def _at(story: Sequence[Held], moment: float) -> Held | None:
    """What holds just before ``moment``."""
    index = bisect_left([held.at for held in story], moment)
    return story[index - 1] if index else None


def _within(story: Sequence[Held], start: float, end: float) -> list[Held]:
    """What holds at any time between ``start`` and ``end``, the entry in force at ``start`` first."""
    before = [held for held in story if held.at <= start]
    return [*before[-1:], *(held for held in story if start < held.at < end)]


def _windows(story: Sequence[Held], account: str, start: float, end: float) -> list[tuple[float, float]]:
    """Runs of entries of ``account``, joined where they touch."""
    entries = _within(story, start, end)
    found: list[tuple[float, float]] = []
    for index, held in enumerate(entries):
        if held.account != account:
            continue
        begins = max(held.at, start)
        ends = entries[index + 1].at if index + 1 < len(entries) else end
        if found and found[-1][1] == begins:
            found[-1] = (found[-1][0], ends)
        elif ends > begins:
            found.append((begins, ends))
    return found


def _begins(story: Sequence[Held], account: str, start: float, end: float) -> str | None:
    served = [_served_by(held, account) for held in story]
    for index, held in enumerate(story):
        if start < held.at < end and served[index] and not (index and served[index - 1]):
            earlier = story[index - 1] if index else None
            other = earlier is not None and earlier.served and earlier.account != account
            return "transfer" if other else "purchase"
    return None


def _ends(story: Sequence[Held], account: str, start: float, end: float) -> str | None:
    served = [_served_by(held, account) for held in story]
    last: str | None = None
    for index in range(1, len(story)):
        held = story[index]
        if start < held.at < end:
            if served[index - 1] and not served[index]:
                last = "transfer" if held.served else "release"
            elif served[index]:
                last = None
    return last


def _served_by(held: Held, account: str) -> bool:
    return held.account == account and held.served
