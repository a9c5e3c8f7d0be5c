"""What a route, a rule or a line may ask for beyond a line and a flow: hunting, overflow, caps, a PIN, a forwarding.

Values only, as the files say them; names are the field's (IN services of 400 numbers: 遇忙/无应答前转, 呼叫分配,
并发与月呼叫量上限, 密码接入).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

LineState = Literal["full", "busy", "no_answer", "down"]
"""Why a line does not take a call: all channels in use, busy, nobody answers, out of order."""
LINE_STATES: tuple[LineState, ...] = get_args(LineState)

HuntStrategy = Literal["sequential", "circular", "random", "least_busy", "weight"]

MAX_FORWARDS = 3
"""How often a carrier passes one call on to another line at most, unless the configuration says otherwise."""
RING_TIME = 30.0
"""Seconds for which the carrier lets a line ring that says nothing else."""
FORWARD_RING_TIME = 25.0


@dataclass(frozen=True, slots=True)
class Overflow:
    """The lines that the carrier tries, in order, behind one that does not take the call, by the reason."""

    full: tuple[str, ...] = ()
    busy: tuple[str, ...] = ()
    no_answer: tuple[str, ...] = ()
    down: tuple[str, ...] = ()

    def behind(self, state: LineState) -> tuple[str, ...]:
        """The lines behind one that was found in ``state``."""
        found: tuple[str, ...] = getattr(self, state)
        return found

    @property
    def lines(self) -> tuple[str, ...]:
        """Every line named, once."""
        return tuple(dict.fromkeys((*self.full, *self.busy, *self.no_answer, *self.down)))


NO_OVERFLOW = Overflow()


@dataclass(frozen=True, slots=True)
class Hunt:
    """Several lines in place of one; the carrier chooses. ``weights`` stand beside ``lines`` (strategy ``weight``).

    ``ring_time`` None: each line's own. ``max_forwards`` bounds how often the carrier passes the call on.
    """

    lines: tuple[str, ...]
    strategy: HuntStrategy = "sequential"
    weights: tuple[float, ...] = ()
    ring_time: float | None = None
    max_forwards: int = MAX_FORWARDS


@dataclass(frozen=True, slots=True)
class Caps:
    """How many calls a number takes: at once, and in a calendar month. A call beyond is rejected with ``reject``
    (as a rule's), ``announce`` spoken first. Test calls never count."""

    max_calls: int | None = None
    max_calls_per_month: int | None = None
    reject: str = "busy"
    announce: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """What a caller keys before the flow. ``codes`` as the files say them, ``secret`` those of the environment
    variables ``secret_env``, which are shown nowhere; ``hashed`` as `router.pins` writes them. ``digits`` is the length
    of every code."""

    codes: tuple[str, ...] = field(default=(), repr=False)
    secret: tuple[str, ...] = field(default=(), repr=False)
    hashed: tuple[str, ...] = ()
    secret_env: tuple[str, ...] = ()
    digits: int = 4
    retries: int = 2
    prompt: str = "请输入密码。"
    denied: str = "密码错误，感谢您的来电。"


@dataclass(frozen=True, slots=True)
class Forward:
    """A leg that we place in place of a flow: to a number, or out of ``line`` to where it lands. ``on``: the flow that
    follows ``busy``, ``no_answer`` or ``failed``, where one does."""

    to: str | None = None
    line: str | None = None
    ring_time: float = FORWARD_RING_TIME
    on: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Handling:
    """How a call is taken beside its flow: the PIN asked for first, the leg placed in place of a flow, the priority
    in queues."""

    pin: Pin | None = None
    forward: Forward | None = None
    priority: int | None = None
