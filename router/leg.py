"""What a leg that a call places looks like: the number it dials, the trunk it leaves by, the number it presents.

One function for every way of running a call. A 400 number is inbound only (domain_400 §2): a leg presents the base
number of the line it leaves by, or the caller where the trunk allows it, and never a 400 number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ivr_flows.commands import Dial

from .callers import valid_number
from .model import Line, Trunk
from .number400 import presents_400

_DIALLABLE = re.compile(r"[0-9*#]{1,32}\Z")
_LIKE_400 = re.compile(r"400[0-9]{7}\Z")


class LegImpossible(Exception):
    """A leg that cannot or must not be placed. ``presented`` is the 400 number that it would show, else None."""

    def __init__(self, reason: str, presented: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.presented = presented


@dataclass(frozen=True, slots=True)
class LegPlan:
    """Dial ``number`` over ``trunk`` out of ``line``, showing ``presented``."""

    number: str
    trunk: str
    presented: str
    line: str = ""


def plan_leg(
    command: Dial, line: Line | None, caller: str | None, lines: Mapping[str, Line], trunks: Mapping[str, Trunk]
) -> LegPlan:
    """The leg of ``command`` in a call of ``caller`` that arrived on ``line``. Raises `LegImpossible`."""
    leaves_by = line if command.line is None else lines.get(command.line)
    if leaves_by is None:
        raise LegImpossible("there is no line to dial out of")
    number = _canonical(command.to) if command.to is not None else leaves_by.base_number
    if not _DIALLABLE.match(number):
        raise LegImpossible("the target cannot be dialled")
    presented = leaves_by.base_number
    trunk = trunks.get(leaves_by.trunk)
    if trunk is not None and trunk.caller_passthrough and caller and not _like_400(caller):
        presented = caller
    if presents_400(presented):
        raise LegImpossible("outbound_400: a leg must not present a 400 number", presented)
    return LegPlan(number, leaves_by.trunk, presented, leaves_by.name)


def _like_400(caller: str) -> bool:
    """Whether ``caller`` presents a 400 number, or is a foreign number that ends like one: the guard of a switch, which
    knows no foreign numbers, would refuse the leg."""
    return presents_400(caller) or _LIKE_400.search(caller) is not None


def _canonical(target: str) -> str:
    """What is dialled for ``target`` as a flow writes it: the number canonical, an extension without separators."""
    return valid_number(target) or re.sub(r"[\s().-]", "", target)
