"""Call records from the switch's own, for calls that no router recorded and for those that a router lost.

The switch's file is read from where the store says it was read to, now and then and as the router starts. Of a call
whose record a router closed nothing is taken; the record of one that is open, or was closed on an assumption, gets its
end; one that has none gets one. A record made here gives way to that of the router that had the call, should it come.
Legs that the switch refused, because they would have shown a 400 number, get the row of the audit that no router wrote.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..arrival import arrive
from ..book import RouteBook
from ..callers import caller_facts
from ..clock import Clock
from ..number400 import NumberError
from ..overlay import EMPTY
from ..record import CallRecord
from ..resolution import Inbound
from ..store import ReadUpTo, Store, StoreError
from ..switch_calls import LOST_CAUSE, ROUTER_AWAY, ROUTER_LOST, Leg, SwitchCall, calls_of, read_leg, refused_of
from .conversation import LONGEST_CALL_ID
from .handed_over import HandedOver

log = logging.getLogger("line400.service")

EVERY = 3.0
"""Real seconds between two looks at the file."""
SETTLED = 3.0
"""Seconds behind the end of a call after which its record is looked for: the router may be about to write it."""
AT_ONCE = 1_000_000
"""Most bytes of the file taken in one transaction."""
NORMAL_CLEARING = 16
ACTOR = "line400"
"""Whom the audit names for what a router does by itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of the file, each with the place behind it."""

    start: ReadUpTo
    lines: Sequence[tuple[str, int]]


def read_part(path: Path, before: ReadUpTo | None, most: int = AT_ONCE) -> Part | None:
    """What stands in the file behind ``before``, whole lines only; None: nothing.

    A file that was rotated is recognised by its first line: its rest is read first, from the file beside it that
    begins with that line, then the new one.
    """
    for candidate in _candidates(path, before):
        head = _head(candidate)
        if head is None:
            continue
        start = before.read if before is not None and before.head == head else 0
        with candidate.open("rb") as opened:
            size = opened.seek(0, os.SEEK_END)
            if start > size:
                start = 0  # cut down in place
            opened.seek(start)
            data = opened.read(most)
        whole = data[: data.rfind(b"\n") + 1]
        if not whole and len(data) == most:
            whole = data  # a line that never ends is passed over
        if whole:
            lines, place = [], start
            for line in whole.splitlines(keepends=True):
                place += len(line)
                lines.append((line.decode("utf-8", "replace").rstrip("\r\n"), place))
            return Part(ReadUpTo(head, start), lines)
    return None


def _candidates(path: Path, before: ReadUpTo | None) -> list[Path]:
    if before is None or _head(path) == before.head:
        return [path]
    beside = sorted(path.parent.glob(f"{path.name}?*"), key=lambda found: found.name)
    return [*(found for found in beside if _head(found) == before.head), path]


def _head(path: Path) -> str | None:
    """The digest of the first line, None where there is no whole one."""
    try:
        with path.open("rb") as opened:
            line = opened.readline(100_000)
    except OSError:
        return None
    return sha256(line).hexdigest()[:32] if line.endswith(b"\n") else None


def record_of(call: SwitchCall, book: RouteBook, *, test: bool = False) -> CallRecord:
    """The record of a call of which only the switch tells. The flow is not known: none ran to its end."""
    handed = HandedOver(call.handed)
    line = book.lines.get(handed.line)
    trunk = book.trunks.get(line.trunk) if line is not None else None
    dialled = handed.get("base") or (line.base_number if line else "")
    inbound = Inbound(
        dialled=dialled,
        caller=call.source,
        at=call.started,
        trunk=line.trunk if line is not None else handed.get("trunk") or None,
        original_called=handed.original_called(trunk.original_called if trunk else ()),
        call_id=_call_id(handed.get("call"), call.uniqueid),
    )
    try:
        known = arrive(book, inbound, EMPTY, test=test).record
        record = CallRecord(
            call_id=known.call_id,
            caller=known.caller,
            caller_kind=known.caller_kind,
            called=known.called,
            called_by=known.called_by,
            dialled=known.dialled,
            started=known.started,
            base_number=known.base_number,
            line=known.line,
            trunk=known.trunk,
            test=test,
        )
    except NumberError:
        facts = caller_facts(call.source)
        record = CallRecord(
            inbound.call_id, facts.number, facts.kind, None, None, dialled, call.started, trunk=inbound.trunk, test=test
        )
    _close(record, call, line.fallback.announce if line is not None else None)
    return record


def _close(record: CallRecord, call: SwitchCall, announcement: str | None) -> None:
    record.fault = ROUTER_AWAY
    record.hangup_by, record.hangup_cause = "switch", NORMAL_CLEARING
    record.ended = max(call.ended, call.started)
    if call.how == "fallback":
        record.outcome = "fallback"
        record.heard = [announcement] if announcement else []
    elif call.how == "talked":
        record.outcome, record.answered = "answered", call.answered
    elif call.how == "left":
        record.outcome, record.abandoned_in, record.hangup_by = "abandoned", "ringing", "caller"
    else:
        record.outcome, record.fault = "failed", ROUTER_LOST
        record.hangup_by, record.hangup_cause = "line400", LOST_CAUSE


def _call_id(named: str, uniqueid: str) -> str:
    shown = "".join(character for character in named if character.isprintable())[:LONGEST_CALL_ID]
    return shown or uniqueid


class SwitchRecords:
    """The file of one switch. ``book`` gives the snapshot in force: its lines say what a base number belongs to."""

    def __init__(self, path: Path, store: Store, clock: Clock, book: Callable[[], RouteBook]) -> None:
        self.path = path
        self.store = store
        self.clock = clock
        self.book = book
        self.name = f"{socket.gethostname()}:{path}"
        self.unread = 0

    async def catch_up(self) -> int:
        """Take over all that stands in the file and is settled; how many records were made or mended. Raises
        `StoreError`, and `OSError` for a file that is there and cannot be read."""
        count = 0
        while True:
            before = await self.store.switch_file(self.name)
            part = await asyncio.to_thread(read_part, self.path, before)
            if part is None:
                return count
            legs, after = self._settled(part)
            if after == part.start.read:
                return count
            records = await asyncio.to_thread(self._records, legs)
            place = ReadUpTo(part.start.head, after)
            done = await self.store.reconcile(self.name, before, place, records, refused_of(legs), ACTOR)
            if done is not None:
                count += done.made + done.mended
                if done.refused:
                    log.error(
                        "from the switch's own records: %d legs that it refused while no router ran", done.refused
                    )
                if done.made or done.mended:
                    log.warning(
                        "from the switch's own records: %d calls that no router recorded, %d that a router lost",
                        done.made,
                        done.mended,
                    )

    def _settled(self, part: Part) -> tuple[list[Leg], int]:
        """The lines before the first call that has ended only just, and the place behind them. A call whose lines lie
        on both sides of that place waits as a whole."""
        until = self.clock.now() - SETTLED
        legs: list[tuple[Leg, int]] = []
        begins: dict[str, int] = {}
        end = place = part.start.read
        for line, behind in part.lines:
            leg = read_leg(line)
            if leg is None:
                self.unread += 1
                log.warning("a line of the switch's call records cannot be read: byte %d of %s", place, self.path)
            else:
                begins.setdefault(leg.uniqueid, place)
                legs.append((leg, place))
            end = place = behind
        for leg, at in reversed(legs):
            if leg.ended > until or at >= end:
                end = min(end, begins[leg.uniqueid])
        return [leg for leg, at in legs if at < end], end

    def _records(self, legs: Sequence[Leg]) -> list[CallRecord]:
        book = self.book()
        return [record_of(call, book) for call in calls_of(legs)]

    async def follow(self, every: float = EVERY) -> None:
        """Catch up again and again; a store or a file that cannot be used is tried the next time."""
        while True:
            try:
                await self.catch_up()
            except StoreError as error:
                log.warning("the switch's call records wait: %s", error.code)
            except OSError as error:
                log.warning("the switch's call records cannot be read: %s", error.strerror or type(error).__name__)
            await asyncio.sleep(every)
