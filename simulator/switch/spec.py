"""What a switch is built from: lines, AMI users, who answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from router.model import Fallback
from simulator.parties import AgentScript, TargetScript

AMI_CLASSES = (
    "system",
    "call",
    "log",
    "verbose",
    "command",
    "agent",
    "user",
    "config",
    "dtmf",
    "reporting",
    "cdr",
    "dialplan",
    "originate",
    "agi",
    "cc",
    "aoc",
    "test",
    "security",
    "message",
)
"""The authority classes of Asterisk's manager, in the order in which it lists them."""

CLASS_BITS = dict(zip([*range(14), *range(15, 19), 30], AMI_CLASSES, strict=True))
"""The bits by which an event mask may name the classes; 14 is for hooks inside Asterisk."""

ALL_CLASSES = frozenset(AMI_CLASSES)
NO_FALLBACK = Fallback()


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One line as the switch knows it. ``base_number`` is what a call dials to reach it; ``channels`` how many calls
    it carries at once; ``fallback`` where its callers go when the router is away."""

    name: str
    base_number: str
    trunk: str
    channels: int = 30
    fallback: Fallback = NO_FALLBACK


@dataclass(frozen=True, slots=True)
class AmiUser:
    """A manager account. ``read`` are the classes of events it gets, ``write`` the classes of actions it may send."""

    secret: str
    read: frozenset[str] = ALL_CLASSES
    write: frozenset[str] = ALL_CLASSES


AgentBehaviour = AgentScript | Callable[[str], AgentScript]
"""What the agents of a queue do: the same for every call, or asked anew with the queue's name for every call."""

TargetBehaviour = TargetScript | Callable[[str], TargetScript]
"""What a dialled target does: always the same, or asked anew with the number for every leg."""

Prompts = Mapping[str, tuple[str, float]] | Callable[[str], tuple[str, float] | None]
"""Sound file name (without extension) to its words and its length in seconds."""


@dataclass(frozen=True, slots=True)
class RefusedLeg:
    """An outbound leg that the switch refused because it would present a 400 number.

    ``where`` is ``originate`` or ``dial``; ``source`` the account or the channel that asked; ``presented`` the text
    that presents the number; ``header`` where it stood (``CallerID``, ``CALLERID(name)``, ``PJSIP_HEADER(From)`` …).
    """

    where: str
    source: str
    presented: str
    header: str
    code: str = "outbound_400"
