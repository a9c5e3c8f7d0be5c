"""Legs that the switch refuses by itself are in the audit: at once while a router runs, else as soon as one is back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.asterisk.generated.names import leaves_by
from router.asterisk.host import Programs
from router.asterisk.reconciling import SwitchRecords
from router.clock import Clock
from router.store import AuditEntry, Store
from simulator.sip.switch import free_ports

from .company import company
from .failing import PATIENCE, ServingRouter, settings
from .lab import CARRIER, CARRIER_PORT, PHONE, CarrierSide, Lab

TARGET = "13800138000"


class Bench:
    """The switch with its carrier's side, and a router that is a process of its own."""

    def __init__(self, programs: Programs, folder: Path) -> None:
        (port,) = free_ports(1)
        config = folder / "config"
        self.lab = Lab(programs, company(config), routers=(f"127.0.0.1:{port}",))
        self.store = f"sqlite:///{folder / 'line400.db'}"
        self.cdr = self.lab.asterisk.log / "cdr-custom" / "line400-cdr.csv"
        (config / "line400.yaml").write_text(settings(self.store, port, self.lab.ami_port, self.cdr), encoding="utf-8")
        self.config = config
        self.side = CarrierSide(CARRIER, CARRIER_PORT)
        self.other = self.lab.ami("other")
        self.routers: list[ServingRouter] = []

    async def router(self) -> ServingRouter:
        """A router that serves."""
        self.routers.append(ServingRouter(self.config, secret=Lab.SECRET))
        return await self.routers[-1].start()

    def originate(self, caller: str) -> None:
        """Ask for a call that shows ``caller``, as another client of the switch."""
        fields = {"Channel": f"Local/{TARGET}@{leaves_by('bj')}/n", "Application": "Wait", "Data": "1"}
        self.other.send("Originate", CallerID=caller, **fields)

    async def audited(self, count: int) -> list[AuditEntry]:
        """The refusals in the audit, oldest first, once there are ``count`` of them."""
        async with await Store.open(self.store) as store, asyncio.timeout(PATIENCE):
            while len(found := await store.audit_entries(action="refuse_outbound")) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return found[::-1]

    async def read_to_the_end(self) -> None:
        """Wait until a router has read all that the switch recorded."""
        async with await Store.open(self.store) as store, asyncio.timeout(PATIENCE):
            name = SwitchRecords(self.cdr, store, Clock(), lambda: self.lab.book).name
            while (place := await store.switch_file(name)) is None or place.read != self.cdr.stat().st_size:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    def close(self) -> None:
        for router in self.routers:
            router.kill()
        self.other.close()
        self.side.stop()
        self.lab.close()


@pytest.fixture
def bench(programs: Programs, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(programs, tmp_path)
    yield made
    made.close()


async def test_what_the_switch_refused_while_no_router_ran_is_audited_once_one_is_back(bench: Bench) -> None:
    first = await bench.router()
    bench.originate("4008001234")
    (told,) = await bench.audited(1)
    assert (told.subject, told.reason, told.actor) == ("4008001234", "outbound_400", "line400")
    first.kill()
    await first.end()

    # Nobody runs: another client asks, and a telephone, which is told why.
    bench.originate('"400-800-5678" <1001>')
    keys = {"from": "<sip:+864008009999@127.0.0.14>", "headers": "", "expect": "403"}
    done = await asyncio.to_thread(bench.lab.sipp, "phone", TARGET, PHONE, keys=keys)
    assert done.returncode == 0, done.stderr
    assert "Reason: Q.850;cause=21" in done.stdout
    assert bench.side.invites() == []

    second = await bench.router()
    first_told, client, telephone = await bench.audited(3)
    assert first_told == told
    assert client.subject == "400-800-5678"
    assert client.after["source"].startswith(f"Local/{TARGET}@{leaves_by('bj')}")
    assert "4008009999" in telephone.subject
    assert telephone.after["source"].startswith("PJSIP/1001-")

    # The first one is in what the switch recorded too, and read by now: none is there twice.
    await bench.read_to_the_end()
    await second.stop()
    assert len(await bench.audited(3)) == 3
