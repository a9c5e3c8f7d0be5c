"""One live call, from the switch's connection to its closed record.

The record is journaled as soon as the call is resolved and closed as soon as it is over, whatever happens between.
The call keeps the snapshot of the book with which it began.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from ivr_flows.commands import Dial, End, Gather, Listen, Record
from ivr_flows.findings import Fault, Text
from ivr_flows.results import Event, StrayDigit
from ivr_flows.session import Session

from ..arrival import arrive, finish
from ..book import RouteBook
from ..caller_memory import CallerMemory, Memory
from ..callers import caller_facts
from ..clock import Clock
from ..left import left_of
from ..model import Line
from ..number400 import NumberError
from ..original_called import original_called
from ..overlay import Overlay
from ..record import CallRecord
from ..resolution import Inbound
from ..timing import Timings
from ..webhooks import CallTeller
from .ami_link import AmiLink
from .background import described
from .counting import CallCounter
from .dialling import RefusalAudit
from .driver import Announcer, Fetcher, LiveDriver, Messenger, Recogniser
from .fastagi import AgiChannel, CallerGone
from .handed_over import HandedOver
from .live_call import LONGEST_CALL, LiveCall, SoundMaker
from .prompts import Catalogue
from .refusals import perform_refusal
from .remembering import StoreMemory

log = logging.getLogger("line400.call")

TEMPORARY_FAILURE = 41
LONGEST_CALL_ID = 100
WAITS_FOR_CALLER = (Gather, Listen, Record, Dial)
RESTRICTED = 0x20
"""Bits of ``agi_callingpres`` (Q.931 presentation indicator, octet 3a): the caller does not want to be shown."""

ROUTER_ERROR = Fault(
    "router_error",
    "line400",
    Text("line400 failed inside this call; the line's fallback took it.", "line400 处理本次通话时出错，已转线路兜底。"),
)
ROUTER_STOPPED = Fault(
    "router_stopped",
    "line400",
    Text("line400 was stopped during this call; the line's fallback took it.", "通话中 line400 停止，已转线路兜底。"),
)
BAD_CALL = Fault(
    "bad_call",
    "switch",
    Text(
        "The switch handed over a call without a valid base number; the line's fallback took it.",
        "交换机转来的呼叫没有有效的底号，已转线路兜底。",
    ),
)


class Journal(Protocol):
    """Where call records go; `router.store.writer.CallWriter` is one."""

    def journal(self, record: CallRecord) -> None: ...
    def close_call(self, record: CallRecord) -> None: ...


@dataclass(slots=True)
class Surroundings:
    """What every call of a router shares. ``book`` and ``overlay`` are replaced as a whole: a call reads each once,
    at its beginning. ``data_of`` gives the variables of a test call by its id."""

    book: RouteBook
    overlay: Overlay
    clock: Clock
    catalogue: Catalogue
    journal: Journal | None
    link: AmiLink | None
    fetcher: Fetcher | None
    audit: RefusalAudit | None
    test: bool
    closed: Callable[[CallRecord], None]
    data_of: Callable[[str], Mapping[str, Any] | None] | None = None
    messenger: Messenger | None = None
    recogniser: Recogniser | None = None
    speak: SoundMaker | None = None
    script_over: Callable[[str], bool] = lambda call_id: False
    memory: Memory = field(default_factory=CallerMemory)
    counter: CallCounter | None = None
    announcer: Announcer | None = None
    recaller: StoreMemory | None = None
    teller: CallTeller | None = None
    setup: Timings | None = None
    remembers: bool = False


class Conversation:
    """One call. `run` is its whole life; ``record`` is there once the call was resolved."""

    def __init__(self, channel: AgiChannel, around: Surroundings) -> None:
        self.channel = channel
        self.around = around
        self.book = around.book
        self._recalled: asyncio.Task[None] | None = None
        self.record: CallRecord | None = None
        self.call: LiveCall | None = None
        self.session: Session | None = None
        self._begun = 0.0

    async def run(self, taken: Callable[[str], bool], began: Callable[[CallRecord], None]) -> None:
        """Carry the call to its end. ``taken`` says whether a call id is in use; ``began`` is told of the record.

        Leaves ``LINE400_DONE`` unset where the dialplan is to take the caller to the line's fallback.
        """
        self._begun = time.perf_counter()
        try:
            facts = await self._facts(taken)
        except CallerGone:
            log.info("a caller had gone before the call was known")
            return
        done = False
        try:
            done = await self._converse(facts, began)
        except asyncio.CancelledError:
            self._give_up(facts, ROUTER_STOPPED)
            raise
        except NumberError:
            log.warning("call %s came without a valid base number", facts.inbound.call_id)
            self._give_up(facts, BAD_CALL)
        except Exception as error:
            log.error("call %s failed: %s", facts.inbound.call_id, described(error))
            self._give_up(facts, ROUTER_ERROR)
        finally:
            if self.around.link is not None:
                self.around.link.unlisten(self.channel.environment.get("agi_uniqueid", ""))
        if done and not self.channel.closed and not (self.call is not None and self.call.finished):
            try:
                await self.channel.set_variable("LINE400_DONE", "1")
            except CallerGone:
                log.debug("the channel was gone before the end was said")
        elif not done and not self.channel.gone:
            # This router has had the call: the line's fallback takes it, not another router.
            with suppress(CallerGone):
                await self.channel.lengthen(LONGEST_CALL)

    # ---- beginning

    async def _facts(self, taken: Callable[[str], bool]) -> _Facts:
        channel, around = self.channel, self.around
        environment = channel.environment
        at = around.clock.now()
        caller = _shown_caller(environment)
        self._recall(caller)
        handed = HandedOver(environment)
        line = self.book.lines.get(handed.line or await channel.get_variable("LINE400_LINE") or "")
        channel.limited = bool(handed)
        if handed:
            order = self.book.trunks[line.trunk].original_called if line and line.trunk in self.book.trunks else ()
            original, dialled = handed.original_called(order), handed.get("base")
            call_id, trunk = _printable(handed.get("call")), handed.get("trunk") or None
            test = around.test
        else:
            dialled = await channel.get_variable("LINE400_BASE") or ""
            named = await channel.get_variable("LINE400_ORIGINAL_CALLED") or ""
            original = original_called(named) if named else None
            call_id = _printable(await channel.get_variable("LINE400_CALL_ID") or "")
            test = around.test or await channel.get_variable("LINE400_TEST") == "1"
            trunk = line.trunk if line is not None else await channel.get_variable("LINE400_TRUNK")
        if not call_id or taken(call_id):
            call_id = f"{round(at * 1000):x}-{_printable(environment.get('agi_uniqueid', ''))}"
        inbound = Inbound(
            dialled=dialled or (line.base_number if line else ""),
            caller=caller,
            at=at,
            trunk=line.trunk if line is not None else trunk,
            original_called=original,
            call_id=call_id,
            traffic=around.counter.traffic if around.counter is not None else None,
        )
        return _Facts(inbound, line, test)

    def _recall(self, shown: str | None) -> None:
        """Begin to read what is kept of the caller, beside what the switch is asked; see `StoreMemory.prepare`."""
        around = self.around
        if around.recaller is not None and around.remembers and not around.test:
            number = caller_facts(shown).number
            if number is not None:
                self._recalled = asyncio.create_task(around.recaller.prepare(number), name="recall-caller")

    async def _last_agent(self, queue: str) -> str | None:
        """Who is to be rung first in ``queue`` for this caller."""
        around, record, spec = self.around, self.record, self.book.queues.get(queue)
        if around.recaller is None or record is None or record.caller is None or record.test or spec is None:
            return None
        return await around.recaller.last_agent(record.caller, spec.last_agent)

    async def _converse(self, facts: _Facts, began: Callable[[CallRecord], None]) -> bool:
        around = self.around
        if self._recalled is not None:
            await self._recalled
        data = around.data_of(facts.inbound.call_id) if around.data_of is not None else None
        arrival = arrive(self.book, facts.inbound, around.overlay, test=facts.test, data=data, memory=around.memory)
        record = self.record = arrival.record
        session = self.session = arrival.session
        if around.counter is not None:
            around.counter.connected(record)
        began(record)
        if around.teller is not None:
            around.teller.began(record)
        if around.journal is not None:
            around.journal.journal(record)
        line = self.book.lines.get(record.line) if record.line else facts.line
        call = self.call = LiveCall(
            self.channel,
            around.clock,
            around.catalogue,
            call_id=record.call_id,
            line=line,
            caller=record.caller,
            lines=self.book.lines,
            trunks=self.book.trunks,
            observe=self._observe,
            manager=around.link,
            test=facts.test,
            speak=around.speak,
            script_over=lambda: around.script_over(record.call_id),
        )
        if around.link is not None:
            around.link.listen(self.channel.environment.get("agi_uniqueid", ""), call.ami_event)
        driver = LiveDriver(
            call,
            fetcher=around.fetcher,
            audit=around.audit,
            memory=around.memory,
            session=session,
            messenger=around.messenger,
            recogniser=around.recogniser,
            announcer=around.announcer,
            last_agent=self._last_agent,
            understands=around.recogniser is not None or self.book.settings.speech is not None,
        )
        if around.setup is not None:
            around.setup.add(time.perf_counter() - self._begun)
        if session is None:
            assert arrival.refusal is not None
            done = await perform_refusal(driver, record, arrival.refusal, line.fallback if line else None)
        else:
            await self._talk(driver, session, record)
            finish(record, session)
            done = True
        self._close()
        return done

    async def _talk(self, driver: LiveDriver, session: Session, record: CallRecord) -> None:
        command = session.start()
        while not isinstance(command, End):
            self._tell(session, record)
            if isinstance(command, WAITS_FOR_CALLER):
                # A router that is killed meanwhile leaves behind how far the caller had come.
                self._journal(record)
            command = session.resume(await driver.perform(command))
            if len(session.notes) != len(record.left):
                # A killed router must not lose what was left.
                record.left = left_of(session.notes)
                self._journal(record)

    def _observe(self, event: Event) -> None:
        session, record = self.session, self.record
        if session is None or record is None:
            return
        session.observe(event)
        if isinstance(event, StrayDigit):
            return
        # What is known now is what a killed router leaves behind.
        record.queue, record.answered = session.queue, session.answered_at
        record.agent = session.agent
        self._tell(session, record)
        self._journal(record)

    def _tell(self, session: Session, record: CallRecord) -> None:
        if self.around.teller is not None:
            self.around.teller.moved(record, session.queue, session.agent, session.answered_at)

    def _journal(self, record: CallRecord) -> None:
        if self.around.journal is not None:
            self.around.journal.journal(record)

    # ---- end

    def _close(self) -> None:
        record = self.record
        assert record is not None
        if record.ended is None:
            record.ended = self.around.clock.now()
        if record.hangup_by is None:
            record.hangup_by, record.hangup_cause = "switch", TEMPORARY_FAILURE
        if self.around.counter is not None:
            self.around.counter.ended(record)
        if self.around.teller is not None:
            self.around.teller.ended(record)
        if self.around.journal is not None:
            self.around.journal.close_call(record)
        self.around.closed(record)

    def _give_up(self, facts: _Facts, fault: Fault) -> None:
        """Close the record of a call that line400 cannot carry on: what is known of it, and whose fault it was."""
        inbound, record = facts.inbound, self.record
        if record is not None and record.outcome is not None and record.ended is not None:
            return
        if record is None:
            record = self.record = CallRecord(
                call_id=inbound.call_id,
                caller=None,
                caller_kind="unknown",
                called=None,
                called_by=None,
                dialled=inbound.dialled,
                started=inbound.at,
                line=facts.line.name if facts.line else None,
                trunk=inbound.trunk,
                revision=self.book.revision or None,
                test=facts.test,
            )
        elif self.session is not None:
            record.queue, record.answered = self.session.queue, self.session.answered_at
        record.outcome = "failed"
        record.fault = fault
        record.hangup_by, record.hangup_cause = fault.by, TEMPORARY_FAILURE
        record.ended = self.around.clock.now()
        self._close()


@dataclass(frozen=True, slots=True)
class _Facts:
    inbound: Inbound
    line: Line | None
    test: bool


def _shown_caller(environment: dict[str, str]) -> str | None:
    """The calling number that the switch shows, None when it is withheld."""
    presentation = environment.get("agi_callingpres", "0")
    if presentation.isascii() and presentation.isdigit() and int(presentation) & 0x60 == RESTRICTED:
        return None
    number = environment.get("agi_callerid", "").strip()
    return None if number.lower() in ("", "unknown", "anonymous") else number


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:LONGEST_CALL_ID]
