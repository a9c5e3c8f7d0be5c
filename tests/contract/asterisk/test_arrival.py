"""How carriers deliver calls to a real Asterisk: base numbers as they write them, and the header that names the 400.

Each is a SIP call of SIPp from the carrier's address; what is looked at is the call record of a router beside.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.asterisk.generated.names import leaves_by
from router.asterisk.host import Programs
from router.asterisk.service import LiveRouter
from router.clock import Clock
from router.record import CallRecord
from router.store import Store
from simulator.sip.switch import free_ports

from .company import company
from .lab import CARRIER, CARRIER_PORT, SECOND, STRANGER, CarrierSide, Lab

BASE, OTHER_BASE = "01088880001", "02166660002"
AT = 1_790_000_000.0


class Router:
    """A live router in a thread of its own."""

    def __init__(self, book: Any, ami_port: int, folder: Path) -> None:
        self.records: list[CallRecord] = []
        self.refused: list[Any] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._start(book, ami_port, folder))

    async def _start(self, book: Any, ami_port: int, folder: Path) -> None:
        self.store = await Store.open(f"sqlite:///{folder / 'line400.db'}")
        settings = replace(
            book.settings,
            fastagi=replace(book.settings.fastagi, host="127.0.0.1", port=book.settings.fastagi.port),
            asterisk=replace(book.settings.asterisk, host="127.0.0.1", port=ami_port),
        )
        self.router = LiveRouter(
            book,
            self.store,
            Clock(AT),
            settings,
            ami_secret=Lab.SECRET,
            on_record=self.records.append,
            drain_seconds=1.0,
        )
        await self.router.start()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def audit(self) -> list[Any]:
        """The refusals in the store's audit."""
        return list(self._run(self.store.audit_entries(action="refuse_outbound")))

    def record(self, count: int) -> CallRecord:
        """The record that comes behind ``count`` earlier ones."""
        until = time.monotonic() + 10
        while len(self.records) <= count and time.monotonic() < until:
            time.sleep(0.02)
        return self.records[count]

    def stop(self) -> None:
        self._run(self.router.stop())
        self._run(self.store.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Bench:
    def __init__(self, lab: Lab, router: Router, side: CarrierSide) -> None:
        self.lab, self.router, self.side = lab, router, side

    def call(
        self, number: str = BASE, headers: str = "", host: str = CARRIER, expect: str = "486", **more: str
    ) -> CallRecord:
        """Place a call that is refused with ``expect``; its record."""
        before = len(self.router.records)
        keys = {
            "from": more.get("caller", "<sip:13800138000@carrier>"),
            "to": more.get("to", f"<sip:{BASE}@127.0.0.1>"),
            "headers": headers,
            "expect": expect,
        }
        done = self.lab.sipp("carrier", number, host, keys=keys)
        assert done.returncode == 0, done.stdout[-2000:]
        return self.router.record(before)


@pytest.fixture(scope="module")
def bench(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    (port,) = free_ports(1)
    folder = tmp_path_factory.mktemp("company")
    settings = f"company: 示例科技\ntimezone: Asia/Shanghai\nfastagi: {{ port: {port} }}\n"
    book = company(folder / "config", line400__yaml=settings)
    with ExitStack() as stack:
        side = CarrierSide(CARRIER, CARRIER_PORT)
        stack.callback(side.stop)
        lab = Lab(programs, book, routers=(f"127.0.0.1:{port}",))
        stack.callback(lab.close)
        router = Router(book, lab.ami_port, folder)
        stack.callback(router.stop)
        yield Bench(lab, router, side)


@pytest.mark.parametrize("number", [BASE, "1088880001", "861088880001", "+861088880001", "00861088880001"])
def test_the_base_number_as_carriers_write_it(bench: Bench, number: str) -> None:
    record = bench.call(number, "P-Called-Party-ID: <sip:4008001234@carrier>\n")
    assert (record.line, record.called, record.called_by) == ("bj", "4008001234", "header")
    assert (record.caller, record.dialled) == ("13800138000", BASE)
    assert (record.hangup_by, record.hangup_cause, record.outcome) == ("flow", 17, "completed")


HEADERS = {
    "P-Called-Party-ID": "P-Called-Party-ID: <sip:4008001234@carrier;user=phone>\n",
    "History-Info with the cause of RFC 8119": "History-Info: <sip:4008001234@carrier>;index=1,"
    f" <sip:{BASE}@carrier;cause=380>;index=1.1;mp=1\n",
    "History-Info in several headers": "History-Info: <sip:95588@carrier>;index=1\n"
    "History-Info: <sip:4008001234@carrier>;index=1.1\n"
    f"History-Info: <sip:{BASE}@carrier;cause=380>;index=1.1.1;mp=1.1\n",
    "Diversion": "Diversion: <sip:+864008001234@carrier>;reason=unconditional;counter=1\n",
    "a header of the carrier's own": "X-Called-400: 400-800-1234\n",
    "the first of the trunk's order wins": "P-Called-Party-ID: <sip:4008001234@carrier>\n"
    "Diversion: <sip:4008005678@carrier>;reason=unconditional\n",
    "one that names no 400 number is passed over": "P-Called-Party-ID: <sip:13900000000@carrier>\n"
    "Diversion: <tel:+864008001234>;reason=unconditional\n",
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_the_header_that_names_the_400_number(bench: Bench, headers: str) -> None:
    record = bench.call(headers=headers)
    assert (record.called, record.called_by) == ("4008001234", "header")


def test_the_400_number_in_to(bench: Bench) -> None:
    record = bench.call(to="<sip:4008001234@127.0.0.1;user=phone>")
    assert (record.called, record.called_by) == ("4008001234", "header")


def test_the_order_is_that_of_the_trunk(bench: Bench) -> None:
    record = bench.call(OTHER_BASE, "P-Called-Party-ID: <sip:4008001234@carrier>\n", host=SECOND, to="<sip:1@x>")
    assert (record.line, record.called, record.called_by) == ("上海", "4008009999", "only_number")


def test_a_carrier_that_hides_the_caller_behind_the_base_number(bench: Bench) -> None:
    record = bench.call(headers="P-Called-Party-ID: <sip:4008001234@carrier>\n", caller=f"<sip:{BASE}@carrier>")
    assert (record.caller, record.caller_kind, record.called) == (None, "hidden", "4008001234")


def test_a_withheld_caller(bench: Bench) -> None:
    headers = "Privacy: id\nP-Called-Party-ID: <sip:4008001234@carrier>\n"
    record = bench.call(headers=headers, caller='"Anonymous" <sip:anonymous@anonymous.invalid>')
    assert (record.caller, record.caller_kind) == (None, "hidden")


@pytest.mark.parametrize(
    "header", ["P-Called-Party-ID: <sip:4008001234@x>, =&;${SHELL(id)}\n", 'X-Called-400: ",]${EXTEN}\n']
)
def test_a_hostile_header_stays_text(bench: Bench, header: str) -> None:
    assert bench.call(headers=header + "Diversion: <tel:4008001234>\n").called == "4008001234"


def test_a_carrier_that_sends_the_400_number_itself(bench: Bench) -> None:
    record = bench.call("4008001234")
    assert (record.line, record.called, record.called_by, record.dialled) == ("bj", "4008001234", "header", BASE)


def test_a_number_that_does_not_end_here_is_unallocated(bench: Bench) -> None:
    keys = {"from": "<sip:13800138000@carrier>", "to": "<sip:x@y>", "headers": "", "expect": "404"}
    done = bench.lab.sipp("carrier", "02155550000", CARRIER, keys=keys)
    assert done.returncode == 0
    assert "Reason: Q.850;cause=1" in done.stdout


@pytest.mark.parametrize("caller", ["<sip:13800138000@carrier>", "<sip:line400@127.0.0.1>", f"<sip:{BASE}@127.0.0.11>"])
def test_an_unknown_peer_is_not_served(bench: Bench, caller: str) -> None:
    keys = {"from": caller, "to": f"<sip:{BASE}@127.0.0.1>", "headers": "", "expect": "401"}
    before = len(bench.router.records)
    assert bench.lab.sipp("carrier", BASE, STRANGER, keys=keys).returncode == 0
    assert len(bench.router.records) == before


def test_a_transfer_shows_the_base_number_whoever_calls(bench: Bench) -> None:
    before = len(bench.side.invites())
    record = bench.call(headers="X-Called-400: 4008005678\n", caller='"400-800-1234" <sip:4008001234@carrier>')
    assert list(record.path) == ["move", "end"]
    (invite,) = bench.side.invites()[before:]
    assert invite.startswith("INVITE sip:01088880009@")
    (shown,) = [line for line in invite.split("\r\n") if line.startswith("From:")]
    assert shown.startswith(f"From: <sip:{BASE}@")
    assert not [line for line in invite.split("\r\n") if line.startswith(("P-Asserted", "Remote-Party", "Diversion"))]


def test_a_refusal_of_the_switch_is_audited(bench: Bench) -> None:
    before = len(bench.router.audit())
    other = bench.lab.ami("other")
    other.send("Originate", Channel=f"Local/138@{leaves_by('bj')}", CallerID="4008001234", Application="Wait", Data="1")
    other.close()
    until = time.monotonic() + 10
    while len(bench.router.audit()) == before and time.monotonic() < until:
        time.sleep(0.05)
    assert len(bench.router.audit()) == before + 1
