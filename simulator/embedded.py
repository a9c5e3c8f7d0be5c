"""A private router and a private switch for test calls: the live code over real TCP, on free ports, disturbing nobody.

What runs is what serves production: the live driver over FastAGI and AMI. The switch is the embedded one, the store a
temporary file, the clock stands at the moment of the call and runs ``speed`` times as fast as the real one.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from ivr_flows.findings import Fault, Text
from router.arrival import refuse
from router.asterisk.live_call import SoundMaker
from router.asterisk.prompts import Catalogue
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.clock import Clock
from router.overlay import EMPTY, Overlay
from router.record import CallRecord
from router.store import Store
from router.traffic import Traffic

from .call import TestCall
from .carrier import Carrier
from .parties import AgentScript, TargetScript
from .placing import dialled_400, place, tried_of
from .script import CallerScript
from .switch import RefusedLeg, SwitchCallResult, SwitchLine, VirtualSwitch

SPEED = 40.0
RECORD_WAIT = 30.0
"""Real seconds to wait for the record of a call that has ended on the switch."""
AMI_USER = "line400"


class TestCallInProgress(Protocol):
    """A call that a switch has placed."""

    async def ended(self) -> SwitchCallResult:
        """Wait for the end of the call."""


class TestSwitch(Protocol):
    """A switch of test calls: the embedded one, or a real Asterisk with a far side."""

    agi_url: str
    speak: SoundMaker | None

    @property
    def ami_port(self) -> int: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def behave(self, agents: AgentScript, targets: TargetScript) -> None:
        """Set what agents and targets do, for the calls placed after it."""

    def script_over(self, call_id: str) -> bool:
        """Whether the caller hung up because the script ends there; False where the channel itself tells."""

    def place_call(
        self,
        base_number: str,
        caller: str | None,
        script: CallerScript,
        trunk: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        call_id: str = "",
    ) -> TestCallInProgress: ...


class SwitchOfItsOwn(TestSwitch, Protocol):
    """A switch beside this process. ``book`` is the one to route by: its trunks lead to the far side."""

    book: RouteBook


SwitchMaker = Callable[[RouteBook, Clock, str, Catalogue], SwitchOfItsOwn]
"""Makes a switch of a book, a clock, the password of the AMI account `AMI_USER` and the catalogue of prompts."""


class Embedded:
    """A router and a switch of one's own. Use as an asynchronous context manager.

    ``at`` is the moment (epoch seconds) at which its clock begins. ``store_url`` None makes a temporary SQLite file.
    ``traffic`` is what goes on beside its calls.
    ``on_refused`` is told of each outbound leg that the embedded switch refused. ``make_switch`` makes another switch
    in its place.
    """

    def __init__(
        self,
        book: RouteBook,
        at: float,
        *,
        speed: float = SPEED,
        overlay: Overlay | None = None,
        store_url: str | None = None,
        seed: int = 0,
        traffic: Traffic | None = None,
        on_refused: Callable[[RefusedLeg], None] | None = None,
        spool: Path | None = None,
        make_switch: SwitchMaker | None = None,
    ) -> None:
        self.book = book
        self.clock = Clock(at, speed)
        self.overlay = overlay or EMPTY
        self.carrier = Carrier(book, traffic=traffic.copy() if traffic is not None else None)
        self.refused_legs: list[RefusedLeg] = []
        self._on_refused = on_refused
        self._store_url = store_url
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._records: dict[str, asyncio.Future[CallRecord]] = {}
        self._data: dict[str, Mapping[str, Any]] = {}
        self._secret = secrets.token_urlsafe(16)
        self._catalogue = Catalogue()
        self.store: Store | None = None
        self.switch: TestSwitch
        if make_switch is not None:
            own = make_switch(book, self.clock, self._secret, self._catalogue)
            self.switch, self.book = own, own.book
        else:
            self.switch = self._embedded(seed, spool)
        self.router: LiveRouter | None = None

    def _embedded(self, seed: int, spool: Path | None) -> VirtualSwitch:
        book = self.book
        return VirtualSwitch(
            self.clock,
            [
                SwitchLine(line.name, line.base_number, line.trunk, line.channels, line.fallback)
                for line in book.lines.values()
            ],
            "agi://127.0.0.1:0/inbound",
            {AMI_USER: self._secret},
            self._catalogue,
            book.queues,
            seed=seed,
            trunks=book.trunks,
            boxes=book.boxes,
            on_refused=self._leg_refused,
            spool=spool,
        )

    @property
    def embedded_switch(self) -> VirtualSwitch:
        """The embedded switch, where no other was given."""
        assert isinstance(self.switch, VirtualSwitch)
        return self.switch

    async def __aenter__(self) -> Embedded:
        """Start the switch, then the router against it. Raises what `LiveRouter.start` raises."""
        if self._store_url is None:
            self._folder = tempfile.TemporaryDirectory(prefix="line400-")
            self._store_url = f"sqlite:///{Path(self._folder.name) / 'line400.db'}"
        try:
            self.store = await Store.open(self._store_url)
            await self.switch.start()
            settings = replace(
                self.book.settings,
                fastagi=replace(self.book.settings.fastagi, host="127.0.0.1", port=0),
                asterisk=replace(
                    self.book.settings.asterisk, host="127.0.0.1", port=self.switch.ami_port, username=AMI_USER
                ),
            )
            self.router = LiveRouter(
                self.book,
                self.store,
                self.clock,
                settings,
                test=True,
                overlay=self.overlay,
                traffic=self.carrier.traffic,
                ami_secret=self._secret,
                catalogue=self._catalogue,
                speak=self.switch.speak,
                script_over=self.switch.script_over,
                data_of=self._data.get,
                on_begin=lambda record: self.clock.run(),
                on_record=self._recorded,
                drain_seconds=1.0,
            )
            await self.router.start()
            self.router.set_overlay(self.overlay)
            self.switch.agi_url = f"agi://127.0.0.1:{self.router.fastagi_port}/inbound"
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        if self.router is not None:
            await self.router.stop()
        await self.switch.stop()
        if self.store is not None:
            await self.store.close()
        if self._folder is not None:
            self._folder.cleanup()

    async def place(
        self,
        call: TestCall,
        caller: CallerScript,
        agents: AgentScript | None = None,
        targets: TargetScript | None = None,
    ) -> CallRecord:
        """Dial: the carrier translates, the call arrives on its line, the router serves it. Returns the closed record.

        Agents and targets are those of the whole switch while the call lasts.
        """
        await self.switch.behave(agents or AgentScript(), targets or TargetScript())
        translation = self.carrier.translate(call.to, call.caller, call.at, call.call_id, self.overlay)
        if translation.refused is not None or translation.base_number is None or translation.line is None:
            placed = place(self.book, call, self.overlay, self.carrier)
            refusal = placed.arrival.refusal
            assert refusal is not None, "the carrier refused the call"
            return refuse(placed.arrival.record, refusal, placed.at)
        waiting: asyncio.Future[CallRecord] = asyncio.get_running_loop().create_future()
        self._records[call.call_id] = waiting
        self._data[call.call_id] = call.data
        if len(self._records) == 1:
            self.clock.hold(call.at + translation.seconds)
        self.carrier.take(translation)
        try:
            placed_call = self.switch.place_call(
                translation.base_number,
                translation.caller_shown,
                caller,
                translation.trunk,
                [translation.header] if translation.header else [],
                call.call_id,
            )
            result = await placed_call.ended()
            try:
                async with asyncio.timeout(RECORD_WAIT):
                    record = await waiting
            except TimeoutError:
                record = self._lost(call, translation.line, result)
        finally:
            self.clock.run()
            self.carrier.release(translation.line)
            del self._records[call.call_id], self._data[call.call_id]
        record.dialled = call.to
        record.tried = tried_of(translation)
        if record.called is not None and record.called == dialled_400(call.to):
            record.called_by = "dialled"
        if result.fallback_used and record.outcome == "fallback":
            record.heard = [*record.heard, *(text for text in result.heard if text not in record.heard)]
        return record

    def _lost(self, call: TestCall, line: str, result: SwitchCallResult) -> CallRecord:
        """The record of a call that the router never closed: what the switch says of it."""
        return CallRecord(
            call_id=call.call_id,
            caller=call.caller,
            caller_kind="unknown",
            called=dialled_400(call.to),
            called_by=None,
            dialled=call.to,
            started=result.started,
            line=line,
            test=True,
            heard=list(result.heard),
            outcome="fallback" if result.fallback_used else "failed",
            hangup_by="switch",
            hangup_cause=result.hangup_cause,
            fault=Fault(
                "router_lost", "line400", Text("The router did not close the call.", "路由服务没有结束该通话。")
            ),
            answered=result.answered,
            ended=result.ended,
        )

    def _recorded(self, record: CallRecord) -> None:
        waiting = self._records.get(record.call_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(record)

    def _leg_refused(self, leg: RefusedLeg) -> None:
        self.refused_legs.append(leg)
        if self._on_refused is not None:
            self._on_refused(leg)
