"""The live driver: performs one command on an Asterisk channel and returns one result.

The same code serves production, the embedded switch and a real Asterisk; which it talks to it does not know. The
session decides what happens next (`ivr_flows.session`); this only says what did.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import assert_never

from ivr_flows.commands import (
    ALL_KEYS,
    Answer,
    Command,
    Dial,
    End,
    Fetch,
    Gather,
    Hangup,
    Listen,
    Notify,
    Play,
    Prompt,
    Queue,
    Record,
    RecordCall,
    Remember,
    SendDigits,
    SendMessage,
    Staffing,
    Wait,
)
from ivr_flows.digits import Collector
from ivr_flows.prompts import speech_seconds
from ivr_flows.results import (
    Digits,
    Done,
    Failed,
    HungUp,
    Key,
    Recorded,
    Result,
    Said,
    SpeechUnavailable,
    Staffed,
    StrayDigit,
)
from ivr_flows.session import Session

from ..caller_memory import Memory
from ..outside.events import Told
from ..recorded_answers import recorded_fetch, recorded_message, recorded_words
from ..recordings import BEEP_SECONDS, recording_name
from .agi_codec import AgiProtocolError, escape_application_argument
from .dialling import Leg, RefusalAudit
from .fastagi import CallerGone
from .live_call import LONGEST_CALL, NORMAL_CLEARING, CommandFailed, EventMessage, LiveCall
from .queueing import QueueWait

log = logging.getLogger("line400.call")

KEYS = "0123456789*#"
SAMPLES_PER_SECOND = 8000
FIRST_WORD_AFTER = 0.6
LONGEST_WORDS = 15.0
WORDS_END = 2
"""Seconds of silence behind words that end them."""
AT_ONCE = (Answer, Hangup)
"""What neither lasts nor is heard nor has an effect outside: the only commands before the sign of life."""
NO_CALLER_NEEDED = (Notify, Fetch, Remember, SendMessage)

Fetcher = Callable[[Fetch], Awaitable[Result]]
"""Performs a `Fetch`; the live router is given one by whoever allows hosts to be asked."""
Messenger = Callable[[SendMessage, str], Awaitable[Result]]
"""Performs a `SendMessage` of the call of an id: `Done` or `Failed`."""
Announcer = Callable[[Told], None]
"""Tells the outside of an event; returns at once."""
LastAgent = Callable[[str], Awaitable[str | None]]
"""Who is to be rung first in the queue of a name for this caller."""
Recogniser = Callable[[Listen, str, str], Awaitable[Result]]
"""Understands the recording of a name (on the switch, a wav file) made for a `Listen` of the call of an id: `Said` or
`Failed`."""


class LiveDriver:
    """Performs the commands of one call.

    ``fetcher`` performs `Fetch`; without one a fetch is answered by `Failed`, so the flow takes its error branch.
    ``audit`` is told of a leg that was refused, ``memory`` keeps what later calls of the caller are
    told; ``session`` is the one whose commands these are; ``understands``: the words of real callers are understood
    here, be this a test call or not. Nothing of what a caller presses is ever logged.
    """

    def __init__(
        self,
        call: LiveCall,
        *,
        fetcher: Fetcher | None = None,
        audit: RefusalAudit | None = None,
        memory: Memory | None = None,
        session: Session | None = None,
        messenger: Messenger | None = None,
        recogniser: Recogniser | None = None,
        announcer: Announcer | None = None,
        last_agent: LastAgent | None = None,
        understands: bool = True,
    ) -> None:
        self.call = call
        self.fetcher = fetcher
        self.audit = audit
        self.memory = memory
        self.session = session
        self.messenger = messenger
        self.recogniser = recogniser
        self.announcer = announcer
        self.last_agent = last_agent
        self.understands = understands
        self.attempts = 0
        self._recordings = 0
        self._recording: str | None = None
        self._partial: Callable[[], str] = str
        self._unheard = 0

    async def perform(self, command: Command) -> Result:
        """The result of ``command``. Never raises for what the caller or the switch does."""
        call = self.call
        self._partial = str
        self._recording = None
        self._unheard = len(command.prompts) if isinstance(command, Play | Gather | Record) else 0
        try:
            return await self._dispatch(command)
        except CallerGone as gone:
            ended = await call.hung_up(gone, self._partial(), self._unheard)
            ended.reference = self._recording
            return ended
        except CommandFailed as failed:
            return Failed(failed.reason, call.clock.now())
        except AgiProtocolError as error:
            return Failed(f"{error.code}: {error.message.en}", call.clock.now())

    async def _dispatch(self, command: Command) -> Result:
        call = self.call
        if not isinstance(command, NO_CALLER_NEEDED):
            call.still_there()
        if not isinstance(command, AT_ONCE) and not call.channel.gone:
            await call.channel.lengthen(LONGEST_CALL)
        match command:
            case Answer():
                reply = await call.command("ANSWER", seconds=30.0)
                if reply.number == -1:
                    await call.check_alive("ANSWER")
                return Done(call.clock.now())
            case Play():
                return await self._play(command)
            case Listen():
                return await self._listen(command)
            case Gather():
                return await self._gather(command)
            case Record():
                return await self._record(command)
            case Queue():
                return await self._queue(command)
            case Dial():
                return await Leg(call, command).perform(self.audit)
            case Fetch():
                return await self._fetch(command)
            case Wait():
                await call.execute("Wait", _seconds(command.seconds), command.seconds)
                return Done(call.clock.now())
            case SendDigits():
                await call.execute("SendDTMF", _only_keys(command.digits), len(command.digits))
                return Done(call.clock.now())
            case Notify():
                return await self._notify(command)
            case Remember():
                if self.memory is not None and call.caller and not call.test:
                    self.memory.keep(call.caller, command.values)
                return Done(call.clock.now())
            case RecordCall():
                return await self._record_call(command.on)
            case SendMessage():
                return await self._send_message(command)
            case Staffing():
                return await self._staffing(command)
            case Hangup():
                return await self.hang_up(command.cause)
            case End():
                raise ValueError("End is answered by nothing")
            case _:
                assert_never(command)

    # ---- hearing and pressing

    async def _play(self, command: Play) -> Result:
        call = self.call
        call.listener = None if command.barge_in else self._stray
        try:
            for prompt in command.prompts:
                key = await self._say(prompt, KEYS if command.barge_in else "")
                if key:
                    return Key(key, call.clock.now())
        finally:
            call.listener = None
        return Done(call.clock.now())

    async def _say(self, prompt: Prompt, keys: str = "") -> str:
        """Play one prompt; returns the key of ``keys`` that ended it. Counts down those that did not begin."""
        self._unheard -= 1
        try:
            return await self.call.play(prompt, keys)
        except CallerGone as gone:
            if gone.reason == "refused":
                self._unheard += 1
            raise

    async def _gather(self, command: Gather) -> Result:
        call = self.call
        self.attempts += 1
        if call.test:
            # A scripted caller of the embedded switch answers attempt by attempt.
            await call.set("LINE400_ATTEMPT", str(self.attempts))
        collector = Collector(command)
        self._partial = lambda: collector.digits
        if command.typed_ahead and command.barge_in:
            self._unheard = 0
        else:
            await self._ask(command, collector)
        while not collector.complete:
            key = await call.wait_digit(collector.wait)
            if not key:
                collector.silence()
            elif key in ALL_KEYS:
                collector.press(key)
        return Digits(collector.digits, call.clock.now(), collector.terminated, self._unheard)

    async def _listen(self, command: Listen) -> Result:
        """Hear words where something can understand them: the scenario of a test call, or the recogniser. Keys count
        in any case."""
        call = self.call
        words = recorded_words(self.session) if call.test and self.session is not None else None
        recogniser = None if call.test else self.recogniser
        if words is None and not self.understands:
            call.observe(SpeechUnavailable("", call.clock.now()))
        if command.typed_ahead or (words is None and recogniser is None):
            return await self._gather(command)
        self.attempts += 1
        if call.test:
            await call.set("LINE400_ATTEMPT", str(self.attempts))
        collector = Collector(command)
        await self._ask(command, collector)
        if collector.digits:
            return Digits(collector.digits, call.clock.now(), False, self._unheard)
        if recogniser is None:
            heard = words or ""
            seconds = FIRST_WORD_AFTER + speech_seconds(heard)
            await call.execute("Wait", _seconds(seconds), seconds)
            return Said(heard, call.clock.now())
        self._recordings += 1
        name = recording_name(call.call_id, self._recordings)
        reply = await call.command(
            "RECORD FILE", name, "wav", KEYS, round(LONGEST_WORDS * 1000), f"s={WORDS_END}", seconds=LONGEST_WORDS
        )
        if reply.number == -1:
            await call.check_alive("RECORD FILE")
        if reply.number and 0 < reply.number < 128 and "dtmf" in reply.text:
            return Digits(chr(reply.number), call.clock.now())
        understood = await recogniser(command, name, call.call_id)
        if isinstance(understood, Failed):
            call.observe(SpeechUnavailable(understood.reason, understood.at))
            return Said("", understood.at)
        return understood

    async def _ask(self, command: Gather, collector: Collector) -> None:
        call = self.call
        call.listener = None if command.barge_in else self._stray
        try:
            for prompt in command.prompts:
                key = await self._say(prompt, KEYS if command.barge_in else "")
                if key:
                    collector.press(key)
                    return
        finally:
            call.listener = None

    def _stray(self, name: str, message: EventMessage) -> None:
        if name == "DTMFEnd" and message.get("Direction", "Received") == "Received":
            self.call.observe(StrayDigit(message.get("Digit"), self.call.clock.now()))

    # ---- recording

    async def _record(self, command: Record) -> Result:
        for prompt in command.prompts:
            await self._say(prompt)
        call = self.call
        self._recordings += 1
        name = self._recording = recording_name(call.call_id, self._recordings)
        began = call.clock.now()
        self._partial = lambda: _seconds(call.clock.now() - began - BEEP_SECONDS)
        more = ["BEEP"] + ([f"s={max(1, round(command.silence))}"] if command.silence > 0 else [])
        reply = await call.command(
            "RECORD FILE", name, "wav", "#", max(1, round(command.max_s * 1000)), *more, seconds=command.max_s
        )
        seconds = call.clock.now() - began if reply.endpos is None else reply.endpos / SAMPLES_PER_SECOND
        if reply.number == -1:
            if reply.endpos is not None:
                self._partial = lambda: _seconds(seconds)
            await call.check_alive("RECORD FILE")
        return Recorded(round(seconds, 3), call.clock.now(), name)

    async def _record_call(self, on: bool) -> Result:
        call = self.call
        if on:
            name = recording_name(call.call_id, 0)
            # a: a call that is recorded again goes on in its file.
            await call.execute("MixMonitor", f"{name}.wav,a", 0.0)
            return Recorded(0.0, call.clock.now(), name)
        await call.execute("StopMixMonitor", "", 0.0)
        return Done(call.clock.now())

    async def _queue(self, command: Queue) -> Result:
        first = await self.last_agent(command.name) if self.last_agent and command.last_agent_first else None
        if self.session is not None and self.session.answered_at is None:
            # Early media: who waits unanswered hears music and announcements, and can press an exit key.
            await self.call.execute("Progress", "", 0.0)
        return await QueueWait(self.call, command, first or "").perform()

    # ---- the outside

    async def _fetch(self, command: Fetch) -> Result:
        call, session = self.call, self.session
        if call.test and session is not None and (self.fetcher is None or "fetch" in (session.context.data or {})):
            # A test call is answered by its scenario.
            return recorded_fetch(session, command, call.clock.now())
        if self.fetcher is None:
            return Failed("no host may be asked from this router", call.clock.now())
        return await self.fetcher(command)

    async def _send_message(self, command: SendMessage) -> Result:
        call = self.call
        if call.test and self.session is not None:
            # A test call sends nothing.
            return recorded_message(self.session, call.clock.now())
        if self.messenger is None:
            return Failed("no sender of messages is set up", call.clock.now())
        return await self.messenger(command, call.call_id)

    async def _staffing(self, command: Staffing) -> Result:
        call = self.call
        # The argument ends at a comma or a bracket: a name of a queue has neither.
        name = "".join(character for character in command.queue if character not in ",()${}\r\n")
        found = await call.channel.get_variable(f"QUEUE_MEMBER({name},logged)")
        return Staffed(int(found) if found and found.isdecimal() else 0, call.clock.now())

    async def _notify(self, command: Notify) -> Result:
        call, manager = self.call, self.call.manager
        if self.announcer is not None and not call.test:
            called = "" if self.session is None else self.session.context.called
            self.announcer(Told(command.event, call.call_id, called, call.caller, call.clock.now(), command.data))
        headers = {"CallID": self.call.call_id, "Name": command.event}
        headers.update({f"Data-{key}": str(value) for key, value in command.data.items()})
        if manager is None or not await manager.user_event("Line400Notify", headers):
            log.info("notify: the switch could not be told of an event of call %s", self.call.call_id)
        return Done(self.call.clock.now())

    # ---- ending

    async def hang_up(self, cause: int) -> HungUp:
        """End the call with ``cause``: the refusal that the caller gets before answer, a BYE with it as Reason
        behind it.

        ``LINE400_DONE`` goes first: a switch that closes the connection with the channel takes nothing behind it. With
        it the dialplan ends the call normally as soon as the connection is closed, so only another cause is said.
        """
        call = self.call
        try:
            call.finished = True
            if cause == NORMAL_CLEARING:
                call.channel.leave("LINE400_DONE", "1")
            else:
                await call.set("LINE400_DONE", "1")
                await call.channel.command("EXEC", "Hangup", cause, within=call.bound(10.0))
        except CallerGone:
            log.debug("the channel was gone before it was hung up")
        return HungUp("flow", cause, call.clock.now())

    async def announce_early(self, prompt: Prompt) -> None:
        """Play ``prompt`` without answering (early media), as before a refusal. Raises `CallerGone`."""
        name = self.call.catalogue.use(prompt)
        await self.call.channel.lengthen(LONGEST_CALL)
        await self.call.execute("Progress", "", 0.0)
        await self.call.execute("Playback", f"{escape_application_argument(name)},noanswer", 600.0)


def _seconds(value: float) -> str:
    return f"{max(0.0, value):.3f}".rstrip("0").rstrip(".")


def _only_keys(digits: str) -> str:
    return "".join(key for key in digits if key in "0123456789*#wW")
