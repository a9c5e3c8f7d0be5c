"""One real call: the caller's script at the far side, driven by what the switch under test does on its channel.

The script is that of every other way of running a call; `ScriptedCaller` plans its keys. What it is told of comes from
events of the switch under test (commands of the router, queue, legs); what it does goes to the far side's channel,
which sends digits as RTP events (RFC 4733) and hangs up with a BYE.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from ivr_flows.commands import ALL_KEYS
from router.asterisk.prompts import prompt_file
from router.asterisk.waiting_sound import Announcing, WaitingSound
from router.causes import tone_of
from router.clock import Clock
from simulator.script import CallerScript
from simulator.switch.caller import ATTEMPT_VARIABLE, ScriptedCaller
from simulator.switch.calls import SwitchCallResult

from .far_side import EAR, SPEAK
from .manager import Manager, SwitchUnavailable

DIGIT_MS = 80
END_SECONDS = 5.0
"""Real seconds to wait for the end of the other side once one side has ended."""
NO_KEYS: frozenset[str] = frozenset()


class _Ground:
    """What `ScriptedCaller` needs of a switch's core: its clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock


class RealCall:
    """The caller's channel. `ended` gives the result; events of both sides come in through `far` and `main`."""

    def __init__(
        self,
        clock: Clock,
        far: Manager,
        main: Manager,
        far_id: str,
        script: CallerScript,
        words: Callable[[str], tuple[str, float] | None],
        queue_ends: Callable[[], bool],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        waiting: Mapping[str, WaitingSound] | None = None,
    ) -> None:
        self.clock = clock
        self.far_id = far_id
        self.far_channel = ""
        self.far_ear = ""
        self.main_channel = ""
        self.gone = False
        self.reading: frozenset[str] = NO_KEYS
        self.waiting = False
        self.ear: object = None
        self.on_gone: list[Callable[[], None]] = []
        self._far = far
        self._main = main
        self._words = words
        self._queue_ends = queue_ends
        self._spawn = spawn
        self._waiting = waiting or {}
        self._announcing: Announcing | None = None
        self._started = clock.now()
        self._answered: float | None = None
        self._ended: float | None = None
        self._cause = 0
        self._hung_up_by = "switch"
        self._leaves_with: int | None = None
        self._fallback = False
        self._variables: dict[str, str] = {}
        self._queued = False
        self._over = asyncio.Event()
        self._main_over = asyncio.Event()
        self.caller = ScriptedCaller(cast(Any, _Ground(clock)), cast(Any, self), script)

    # ---- what the script does (the interface of a channel)

    def press(self, keys: str) -> bool:
        """Send digits to the switch. True: it is reading them."""
        taken = bool(self.reading)
        for key in keys:
            if key in ALL_KEYS:
                self._do(self._far.send("PlayDTMF", Channel=self.far_channel, Digit=key, Duration=DIGIT_MS))
        return taken

    def hang_up(self, by: str = "caller", cause: int = 16, event: str = "") -> None:
        """The caller hangs up."""
        if not self.gone:
            self._hung_up_by = by
            if not self.far_channel:
                self._leaves_with = cause  # it is not out yet
                return
            self._do(self._far.send("Hangup", Channel=self.far_channel, Cause=cause))

    def set_variable(self, name: str, value: str) -> None:
        """Set a variable of the channel on the switch under test."""
        self._variables[name] = value
        if self.main_channel:
            self._do(self._main.send("Setvar", Channel=self.main_channel, Variable=name, Value=value))

    def _do(self, action: Coroutine[Any, Any, Any]) -> None:
        async def act() -> None:
            try:
                await action
            except SwitchUnavailable:
                self._finish()

        self._spawn(act())

    # ---- events of the far side

    def placed(self, channel: str) -> None:
        """The call goes out over ``channel``."""
        self.far_channel = channel
        self.caller.start()
        if self._leaves_with is not None:
            self._do(self._far.send("Hangup", Channel=channel, Cause=self._leaves_with))

    def far(self, name: str, event: Mapping[str, str]) -> None:
        """An event of the caller's own channel."""
        if name == "Newstate" and event.get("ChannelStateDesc") == "Up" and self._answered is None:
            self._answered = self.clock.now()
        elif name == "Hangup":
            cause = event.get("Cause", "")
            self._cause = int(cause) if cause.isdigit() else 16
            self._ended = self.clock.now()
            self.gone = True
            for tell in self.on_gone:
                tell()
            self._over.set()

    def refused(self) -> None:
        """The call was not placed at all."""
        if not self.gone and not self.far_channel:
            self._finish()

    def _finish(self) -> None:
        self.gone = True
        self._over.set()
        self._main_over.set()

    # ---- events of the switch under test

    def main(self, name: str, event: Mapping[str, str]) -> None:
        """An event of the call's channel on the switch under test."""
        if not self.main_channel:
            self.main_channel = event.get("Channel", "")
        take = getattr(self, f"_on_{name.lower()}", None)
        if take is not None:
            take(event)

    def _on_varset(self, event: Mapping[str, str]) -> None:
        name, value = event.get("Variable", ""), event.get("Value", "")
        if name == ATTEMPT_VARIABLE:
            self.caller.variable(name, value)
        elif name == "LINE400_FALLBACK":
            self._fallback = True

    def _on_agiexecstart(self, event: Mapping[str, str]) -> None:
        command, _, rest = event.get("Command", "").partition(" ")
        verb, arguments = command.upper(), rest
        if verb == "STREAM":
            _, file, digits = (*_split(arguments), "", "", "")[:3]
            self._hear(file)
            self.waiting, self.reading = True, frozenset(digits) & ALL_KEYS
            self.caller.listening()
        elif verb == "WAIT":
            self.waiting, self.reading = True, ALL_KEYS
            self.caller.collecting()
            self.caller.listening()
        elif verb == "RECORD":
            self.waiting, self.reading = True, frozenset("#")
            self._speak()
        elif verb == "SET" and '"QUEUE_PRIO"' in arguments:
            self._queued = False
        elif verb == "EXEC":
            self.waiting = True
            self.caller.listening()

    def _on_agiexecend(self, event: Mapping[str, str]) -> None:
        self.waiting, self.reading = False, NO_KEYS

    def _on_newexten(self, event: Mapping[str, str]) -> None:
        if event.get("Application") == "Playback":
            self._hear(event.get("AppData", "").partition(",")[0])

    def _on_queuecallerjoin(self, event: Mapping[str, str]) -> None:
        if self._queued:
            return  # back behind an announcement, or a key that is none of the queue's
        self._queued = True
        self.caller.queued(event.get("Queue", ""))
        if self._queue_ends():
            self.caller.ended_by_script()

    def _on_dialbegin(self, event: Mapping[str, str]) -> None:
        dialled = event.get("DialString", "").partition("@")[0].rpartition("/")[2]
        self.caller.transferred(dialled.removeprefix("sip:"))

    def _on_dialend(self, event: Mapping[str, str]) -> None:
        if event.get("DialStatus") == "ANSWER":
            self.caller.talking()

    def _on_agentconnect(self, event: Mapping[str, str]) -> None:
        self.caller.talking()

    def _on_musiconholdstart(self, event: Mapping[str, str]) -> None:
        sound = self._waiting.get(event.get("Class", "").removeprefix("line400-").partition("-")[0])
        if sound is None:
            return
        said = sound.announcements

        def begun(count: int, at: float) -> None:
            self._hear(prompt_file(said[count % len(said)]))

        self._announcing = Announcing(self.clock, sound.every, sound.seconds, begun)
        # The event may have waited while this process was busy.
        self._announcing.start(max(0.0, time.time() - float(event.get("Timestamp") or time.time())))

    def _on_musiconholdstop(self, event: Mapping[str, str]) -> None:
        if self._announcing is not None:
            self._announcing.stop()

    def _on_hangup(self, event: Mapping[str, str]) -> None:
        self._on_musiconholdstop(event)
        self._main_over.set()

    def _hear(self, file: str) -> None:
        found = self._words(file)
        if found is not None:
            self.caller.hears(*found)

    def _speak(self) -> None:
        """Something records: the caller speaks, and the script may act."""
        self.caller.recording()
        self._do(self._far.send("Redirect", Channel=self.far_ear, Context=EAR, Exten=SPEAK, Priority=1))

    # ---- its end

    async def ended(self) -> SwitchCallResult:
        """Wait for the end of the call on both sides."""
        await self._over.wait()
        if self.main_channel:
            try:
                async with asyncio.timeout(END_SECONDS):
                    await self._main_over.wait()
            except TimeoutError:
                self._main_over.set()
        refused = self._answered is None and self._hung_up_by != "caller"
        cause = self._cause or 16
        return SwitchCallResult(
            hangup_cause=cause,
            hangup_by=self._hung_up_by,
            heard=tuple(self.caller.heard),
            tones=(tone_of(cause),) if refused else (),
            keys="".join(self.caller.keys),
            sent=(),
            fallback_used=self._fallback,
            script_ended=self.caller.script_ended,
            started=self._started,
            answered=self._answered,
            ended=self._ended if self._ended is not None else self.clock.now(),
            channel=self.main_channel,
            uniqueid=self.far_id,
            variables=dict(self._variables),
        )


def _split(text: str) -> list[str]:
    """The words of an AGI command; quoted ones may hold spaces."""
    words: list[str] = []
    current, quoted, began = "", False, False
    for character in text:
        if character == '"':
            quoted, began = not quoted, True
        elif character == " " and not quoted:
            if current or began:
                words.append(current)
            current, began = "", False
        else:
            current += character
    if current or began:
        words.append(current)
    return words
