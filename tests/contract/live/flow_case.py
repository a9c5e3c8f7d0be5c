"""Small flows, one for each rule of the flow language, and what CONTRACT (*Flows*) says must come of calling them.

The expectations are written from the contract, not from what a run gave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.script import Action, CallerScript, PressScript

OPEN = datetime.fromisoformat("2026-10-12T10:00:00+08:00").timestamp()
LUNCH = datetime.fromisoformat("2026-10-12T12:30:00+08:00").timestamp()
NATIONAL_DAY = datetime.fromisoformat("2026-10-01T10:00:00+08:00").timestamp()
CALLER = "13800138000"
WAITING = "请继续等待，座席将尽快为您服务。"


@dataclass(frozen=True)
class Case:
    """One call. ``doing`` is what the caller does beside ``press``: at the n-th prompt, on being queued … ``header``
    are further lines above the nodes. ``race``: why a line on which a call takes time may decide it otherwise."""

    nodes: str
    expect: Mapping[str, Any]
    press: str = ""
    agents: str = "none"
    target: str = "answer"
    at: float = OPEN
    caller: str | None = CALLER
    doing: Mapping[str, Sequence[Action]] = field(default_factory=dict)
    header: str = ""
    data: Mapping[str, Any] | None = None
    race: str = ""

    def script(self) -> Doing:
        return Doing(PressScript.parse(self.press), self.doing)


class Doing(CallerScript):
    """A caller who does something as something happens. Keys of ``doing``: ``heard 2`` (as the second prompt begins),
    ``attempt 1``, ``queued``, ``transferred``, ``talking``, ``recording``, ``connected``. ``texts`` is what was
    heard."""

    watches = True

    def __init__(self, press: CallerScript, doing: Mapping[str, Sequence[Action]]) -> None:
        self.press = press
        self.doing = doing
        self.texts: list[str] = []

    def connected(self, at: float) -> Sequence[Action]:
        return self.doing.get("connected", ())

    def heard(self, text: str, at: float, seconds: float) -> Sequence[Action]:
        self.texts.append(text)
        return self.doing.get(f"heard {len(self.texts)}", ())

    def attempt(self, number: int, at: float) -> Sequence[Action]:
        return (*self.press.attempt(number, at), *self.doing.get(f"attempt {number}", ()))

    def queued(self, queue: str, at: float) -> Sequence[Action]:
        return self.doing.get("queued", ())

    def transferred(self, target: str, at: float) -> Sequence[Action]:
        return self.doing.get("transferred", ())

    def talking(self, at: float) -> Sequence[Action]:
        return self.doing.get("talking", ())

    def recording(self, at: float) -> Sequence[Action]:
        return self.doing.get("recording", ())


def ended(by: str, cause: int = 16) -> dict[str, Any]:
    return {"by": by, "cause": cause}


FLOW = ended("flow")
CALLER_LEFT = ended("caller")
BYE = "bye: { hangup: normal }"
LONG = "这是一段相当长的提示音内容，用来在播放过程中按键或者挂机。"


def completed(path: list[str], **more: Any) -> dict[str, Any]:
    base = {"path": path, "outcome": "completed", "hangup": FLOW, "fault": None, "queue": None, "abandoned_in": None}
    return {**base, "pressed": "", "answered": True, **more}
