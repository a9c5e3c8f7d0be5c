"""The telephone of ``line400 call`` on a terminal: prompts appear, keys are keys, silence is silence.

It is the driver of virtual time with a person in the place of the script: where that driver lets seconds pass, this
one waits for them at the keyboard. What a flow does is therefore decided by the same code.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from ivr_flows.commands import ALL_KEYS, Prompt
from ivr_flows.findings import Text
from ivr_flows.results import HungUp, StrayDigit
from ivr_flows.session import Session
from router.arrival import finish, refuse
from router.book import RouteBook
from router.overlay import Overlay
from router.record import CallRecord
from simulator.call import TestCall
from simulator.parties import AgentScript, TargetScript
from simulator.placing import place
from simulator.script import NOTHING, Action, CallerScript
from simulator.virtual import VirtualCall

HANG_UP = "h"
Show = Callable[[Text], None]


class Keypad(Protocol):
    """Where keys come from, and how time passes there."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""

    def key(self, seconds: float) -> str | None:
        """The next key (``0-9*#``, or `HANG_UP`) within ``seconds``; None when they have passed."""


class TerminalKeypad:
    """Keys from the terminal on standard input. h, Ctrl-D and Ctrl-C hang up; other keys are no telephone's."""

    def now(self) -> float:
        return time.monotonic()

    def key(self, seconds: float) -> str | None:
        handle = sys.stdin.fileno()
        deadline = time.monotonic() + seconds
        while True:
            try:
                ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
                if not ready:
                    return None
                pressed = os.read(handle, 1).decode("ascii", "replace")
            except KeyboardInterrupt:
                return HANG_UP
            if pressed in ("", "\x04", "h", "H"):
                return HANG_UP
            if pressed in ALL_KEYS:
                return pressed


@contextmanager
def keys_one_by_one() -> Iterator[None]:
    """The terminal gives each key at once and does not show it; as it was before, whatever happens."""
    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    tty.setcbreak(handle)
    try:
        yield
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


class _Screen(CallerScript):
    """Shows the caller what happens; does nothing by itself."""

    watches = True

    def __init__(self, show: Show) -> None:
        self.show = show

    def connected(self, at: float) -> Sequence[Action]:
        self.show(Text("☎ connected; press 0-9 * #, h hangs up", "☎ 已接通；按 0-9 * #，h 挂机"))
        return NOTHING

    def queued(self, queue: str, at: float) -> Sequence[Action]:
        self.show(Text(f"♪ waiting in queue {queue}", f"♪ 在队列 {queue} 中等待"))
        return NOTHING

    def transferred(self, target: str, at: float) -> Sequence[Action]:
        self.show(Text(f"… ringing {target}", f"… 正在呼叫 {target}"))
        return NOTHING

    def talking(self, at: float) -> Sequence[Action]:
        self.show(Text("☎ somebody answers", "☎ 对方已接听"))
        return NOTHING

    def recording(self, at: float) -> Sequence[Action]:
        self.show(Text("● recording; # ends it", "● 正在录音；按 # 结束"))
        return NOTHING


class TerminalCall(VirtualCall):
    """One call in real time, with a person at the keypad."""

    __slots__ = ("keypad", "show")

    def __init__(
        self,
        session: Session,
        agents: AgentScript,
        targets: TargetScript,
        at: float,
        keypad: Keypad,
        show: Show,
    ) -> None:
        super().__init__(session, _Screen(show), agents, targets, at)
        self.keypad = keypad
        self.show = show

    def pass_time(self, seconds: float, keys: frozenset[str] | None = None) -> HungUp | str | None:
        """Wait at the keypad; as the driver of virtual time does."""
        began = self.keypad.now()
        start = self.now
        while True:
            left = start + seconds - self.now
            key = self.keypad.key(left) if left > 0 else None
            if key is None:
                self.now = start + seconds
                return None
            self.now = min(start + seconds, start + self.keypad.now() - began)
            if key == HANG_UP:
                self.show(Text("☎ you hang up", "☎ 您已挂机"))
                return HungUp("caller", 16, self.now)
            self.show(Text(f"[{key}]", f"[{key}]"))
            if keys is not None and key in keys:
                return key
            self.session.observe(StrayDigit(key, self.now))

    def play(self, prompts: Sequence[Prompt], keys: frozenset[str] | None) -> HungUp | str | None:
        """Show each prompt for as long as it would be spoken."""
        for prompt in prompts:
            self.show(Text(f"🔊 {prompt.heard}", f"🔊 {prompt.heard}"))
            ended = self.pass_time(prompt.seconds, keys)
            if ended is not None:
                return ended
        return None


def telephone(
    book: RouteBook,
    call: TestCall,
    agents: AgentScript,
    targets: TargetScript,
    overlay: Overlay | None,
    keypad: Keypad,
    show: Show,
) -> CallRecord:
    """Place ``call`` and let a person take part in it; the closed record. Raises `NumberError` as the book does."""
    placed = place(book, call, overlay)
    arrival = placed.arrival
    if arrival.session is None:
        assert arrival.refusal is not None
        record = refuse(arrival.record, arrival.refusal, placed.at, placed.fallback_announcement)
        for heard in record.heard:
            show(Text(f"🔊 {heard}", f"🔊 {heard}"))
        return record
    TerminalCall(arrival.session, agents, targets, placed.at, keypad, show).run()
    return finish(arrival.record, arrival.session)
