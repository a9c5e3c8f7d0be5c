"""Patterns in the digits of a number, and a grade made of them.

The vendor's rule from digits to tiers is not published: in stock, the tier is a fact of each number. The labels here
are our own, for searching and for the simulated stock, and everything that shows them says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ivr_flows.findings import Text
from router.model import Tier

OWN_DESIGN: Final = Text(
    "Pattern labels are line400's own grading; the vendor's is not published.",
    "号码特征标签为 line400 自行设计，厂商未公开其分档规则。",
)
MINIMUMS: Final[dict[Tier, int]] = {
    "普通": 375,
    "优选": 750,
    "精选": 1_500,
    "金牌": 2_500,
    "白金": 5_000,
    "VIP": 12_500,
    "VVIP": 20_000,
}
"""Monthly minimum by tier in yuan (customer_source: 月最低消费)."""

_FOUR: Final = {
    "AABB": re.compile(r"(.)\1(?!\1)(.)\2"),
    "ABAB": re.compile(r"(.)(?!\1)(.)\1\2"),
    "ABBA": re.compile(r"(.)(?!\1)(.)\2\1"),
    "AAAB": re.compile(r"(.)\1\1(?!\1)."),
}
_LUCKY: Final = ("168", "520", "888", "666", "999")


@dataclass(frozen=True, slots=True)
class Features:
    """What stands out in the last six digits. ``repeat`` and ``straight`` are the lengths of the run of equal, and of
    rising or falling, digits at the end; ``labels`` are words such as ``AABB``, ``lucky-168``, ``no-4``."""

    repeat: int
    straight: int
    labels: tuple[str, ...]


def features(number: str) -> Features:
    """What stands out in the canonical ``number``."""
    tail = number[-6:]
    repeat = next(n for n in range(6, 0, -1) if len(set(tail[-n:])) == 1)
    up, down = _run(tail, 1), _run(tail, -1)
    labels: list[str] = []
    if repeat >= 3:
        labels.append("A" * repeat)
    if up >= 3:
        labels.append("ABCDEF"[:up])
    if down >= 3:
        labels.append("FEDCBA"[-down:])
    if repeat < 4:
        labels += [name for name, shape in _FOUR.items() if shape.fullmatch(tail[-4:])]
    if tail[:3] == tail[3:] and len(set(tail)) > 1:
        labels.append("ABCABC")
    labels += [f"lucky-{digits}" for digits in _LUCKY if tail.endswith(digits)]
    if "4" not in number[3:]:
        labels.append("no-4")
    return Features(repeat, max(up, down), tuple(labels))


def grade(number: str) -> Tier:
    """The tier that the simulated stock gives a number, by its features: our own design."""
    found = features(number)
    rank = max(
        {6: 6, 5: 5, 4: 4, 3: 3}.get(found.repeat, 0),
        {6: 5, 5: 4, 4: 3, 3: 1}.get(found.straight, 0),
        2 if {"AABB", "ABAB", "ABBA", "AAAB", "ABCABC"} & set(found.labels) else 0,
        1 if any(label.startswith("lucky-") for label in found.labels) else 0,
    )
    if number.endswith("4") and rank:
        rank -= 1
    return tuple(MINIMUMS)[rank]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for; everything given must hold. ``ending``: last digits; ``repeated`` and ``ascending``: at
    least so many equal, or rising, digits at the end; ``pattern``: a label, or digits with ``?`` for any."""

    carrier: str | None = None
    tier: str | None = None
    ending: str | None = None
    repeated: int | None = None
    ascending: int | None = None
    no_four: bool = False
    pattern: str | None = None

    def takes(self, number: str) -> bool:
        """Whether the digits of ``number`` are as asked."""
        if self.ending is not None and not number.endswith(self.ending):
            return False
        if self.no_four and "4" in number[3:]:
            return False
        found = features(number)
        if self.repeated is not None and found.repeat < self.repeated:
            return False
        if self.ascending is not None and _run(number[-6:], 1) < self.ascending:
            return False
        if self.pattern is None:
            return True
        if re.fullmatch(r"[0-9?]+", self.pattern):
            return re.search(self.pattern.replace("?", "[0-9]") + "$", number) is not None
        return self.pattern in found.labels


def _run(tail: str, step: int) -> int:
    """How many digits at the end rise (``step`` 1) or fall (-1) by one."""
    length = 1
    while length < len(tail) and int(tail[-length]) - int(tail[-length - 1]) == step:
        length += 1
    return length
