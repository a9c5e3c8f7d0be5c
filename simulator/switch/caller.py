"""The caller at the far end of an inbound channel: a `CallerScript` told what happens, pressing keys and hanging up.

Keys that a script gives for an input attempt are pressed only while something reads keys, and dropped when that
attempt ends: between two AGI commands lies real time, which a fast clock would blow up to seconds of the call, and a
caller who dials ahead into that gap would be a matter of chance. Keys without an attempt are pressed at their
moment, read or not; one whose moment falls into such a gap is pressed as the next command begins to wait.

The attempt is known by the channel variable ``LINE400_ATTEMPT``, which the router sets to the attempt's number before
its prompts; where no router sets it, a wait for keys that follows a prompt is the next attempt.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from simulator.script import Action, CallerScript, HangUp, Press

from .channel import Channel
from .core import Core
from .quantities import whole

ATTEMPT_VARIABLE = "LINE400_ATTEMPT"
SCRIPT_ENDED_VARIABLE = "LINE400_SCRIPT_ENDED"


class ScriptedCaller:
    """Drives one channel by a script and keeps what the caller heard and did (`simulator.switch.channel.Ear`)."""

    def __init__(self, core: Core, channel: Channel, script: CallerScript) -> None:
        self.heard: list[str] = []
        self.keys: list[str] = []
        self.sent: list[str] = []
        self.script_ended = False
        self._core = core
        self._channel = channel
        self._script = script
        self._attempt = 0
        self._counted_by_router = False
        self._collecting = False
        self._prompted = True
        self._ahead: deque[tuple[str, float]] = deque()
        self._held: deque[str] = deque()
        self._due = False
        self._gap: float | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._key_timer: asyncio.TimerHandle | None = None
        channel.ear = self
        channel.on_gone.append(self._stop)

    def start(self) -> None:
        """The call rings."""
        self._act(self._script.connected(self._now()))

    # ---- what the far end is told

    def answered(self) -> None:
        """Nothing to do: a script reacts to what it hears."""

    def hears(self, words: str, seconds: float) -> None:
        """A prompt, announcement or tone began."""
        self.heard.append(words)
        if self._collecting:
            self._end_attempt()
        self._prompted = True
        self._act(self._script.heard(words, self._now(), seconds))

    def variable(self, name: str, value: str) -> None:
        """The router told which attempt begins."""
        if name == ATTEMPT_VARIABLE:
            self._end_attempt()
            self._counted_by_router = True
            self._attempt = whole(value) or 0

    def collecting(self) -> None:
        """A command waits for keys, its prompts are over."""
        if self._collecting:
            return
        if not self._counted_by_router:
            if not self._prompted:
                return
            self._attempt += 1
            self._prompted = False
        if self._attempt:
            self._collecting = True
            self._act(self._script.attempt(self._attempt, self._now()))

    def listening(self) -> None:
        """Something waits on the channel now, and may read keys."""
        while self._held and self._channel.waiting:
            self.press(self._held.popleft())
        if not self._channel.reading:
            return
        if self._due:
            self._press_next()
        elif self._gap is not None:
            gap, self._gap = self._gap, None
            self._wait_for_key(gap)

    def queued(self, queue: str) -> None:
        """A queue admitted the caller."""
        self._act(self._script.queued(queue, self._now()))

    def ended_by_script(self) -> None:
        """The script of the call ends here: the caller hangs up."""
        self.script_ended = True
        self._channel.set_variable(SCRIPT_ENDED_VARIABLE, "1")
        self.hang_up()

    def transferred(self, target: str) -> None:
        """A leg rings."""
        self._act(self._script.transferred(target, self._now()))

    def talking(self) -> None:
        """An agent or target answered."""
        self._act(self._script.talking(self._now()))

    def recording(self) -> None:
        """A recording began."""
        self._act(self._script.recording(self._now()))

    def digits_sent(self, digits: str) -> None:
        """The switch sent digits to the far leg."""
        self.sent.append(digits)

    # ---- what the far end does

    def press(self, keys: str) -> None:
        """Press ``keys`` now."""
        for key in keys:
            self.keys.append(key)
            self._channel.press(key)

    def hang_up(self) -> None:
        """Hang up now."""
        self._channel.hang_up("caller", 16, "HangupRequest")

    def _now(self) -> float:
        return self._core.clock.now()

    def _act(self, actions: Sequence[Action]) -> None:
        for action in actions:
            if isinstance(action, HangUp):
                self._later(action.after, self.hang_up)
            elif action.attempt is None:
                for place, key in enumerate(action.digits):
                    self._later(action.after + place * action.gap, partial(self._press_or_hold, key))
            elif action.attempt == self._attempt and self._collecting:
                self._plan(action)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        if not self._channel.gone:
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later(self._core.clock.real(seconds), act))

    def _press_or_hold(self, key: str) -> None:
        if self._channel.waiting:
            self.press(key)
        else:
            self._held.append(key)

    def _plan(self, action: Press) -> None:
        idle = not self._ahead
        self._ahead.extend((key, action.gap) for key in action.digits)
        if idle and self._ahead:
            self._wait_for_key(action.after)

    def _wait_for_key(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._key_timer = loop.call_later(self._core.clock.real(seconds), self._key_due)

    def _key_due(self) -> None:
        self._key_timer = None
        if self._channel.reading:
            self._press_next()
        else:
            self._due = True

    def _press_next(self) -> None:
        self._due = False
        if self._ahead:
            key, gap = self._ahead.popleft()
            self.keys.append(key)
            taken = self._channel.press(key)
            if self._ahead and taken:
                # The gap runs from the next wait on: what the router takes in between is no time of the call.
                self._gap = gap
            elif self._ahead:
                self._wait_for_key(gap)

    def _end_attempt(self) -> None:
        self._collecting = False
        self._ahead.clear()
        self._due = False
        self._gap = None
        if self._key_timer is not None:
            self._key_timer.cancel()
            self._key_timer = None

    def _stop(self) -> None:
        if self._channel.gone:
            self._end_attempt()
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()
