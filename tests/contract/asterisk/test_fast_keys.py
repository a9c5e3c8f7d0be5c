"""Keys as fast as dialling machines send them, over two and more commands of the switch: none is lost.

The router waits for one key at a time; what a caller presses between two of these commands would be lost.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from router.asterisk.host import Programs
from router.asterisk.service import LiveRouter
from router.clock import Clock
from router.model import Endpoint
from router.record import CallRecord
from router.store import Store
from simulator.sip.sipp import hung_up, invite, pause, play, scenario
from simulator.sip.site import Site
from tests.contract.live.flow_company import compiled_book, number_of

from .fast_keys import capture

pytestmark = pytest.mark.long

CALLS = 30
PER_SECOND = 10.0
CALLED = {"P-Called-Party-ID": f"<sip:{number_of(0)}@carrier.invalid>"}
SENT = 60.0
"""Real seconds that all calls take at most."""
NUMBER = """get: { gather: { prompt: 请输入手机号码并按井号键结束, max_digits: 12 }, on: { ok: bye, no_input: bye } }
bye: { hangup: normal }"""
MENUS = """first: { menu: 请选择一或者二, on: { "1": second, no_input: bye } }
second: { menu: 请选择二或者三, on: { "2": third, no_input: bye } }
third: { menu: 请选择三或者四, on: { "3": bye, no_input: bye } }
bye: { hangup: normal }"""
FLOWS = {NUMBER: ("13812345670#", "13812345670#"), MENUS: ("123", "1,2,3")}
"""The keys of each flow, and what the record shows of them."""


@pytest.fixture(scope="module", params=list(FLOWS), ids=["a number", "menu after menu"])
def flow(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def site(flow: str, programs: Programs, sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    book = compiled_book(tmp_path_factory.mktemp("keys") / "config", [flow])
    with Site(book, programs, sounds=sounds) as found:
        yield found


@pytest.mark.parametrize(("tone", "silence"), [(4, 3), (3, 2)], ids=["80 ms, 60 ms pause", "60 ms, 40 ms pause"])
async def test_every_key_is_got(site: Site, flow: str, tmp_path: Path, tone: int, silence: int) -> None:
    keys, pressed = FLOWS[flow]
    capture(tmp_path / "keys.pcap", keys, tone, silence)
    records: list[CallRecord] = []
    settings = replace(
        site.book.settings,
        fastagi=Endpoint("127.0.0.1", site.fastagi_port),
        asterisk=Endpoint("127.0.0.1", site.ami_port, site.secrets.ami_user),
    )
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
        router = LiveRouter(site.book, store, Clock(), settings, ami_secret=site.secrets.ami, on_record=records.append)
        await router.start()
        try:
            document = scenario(invite(CALLED), pause(1.0), play(tmp_path / "keys.pcap"), hung_up())
            with site.sipp(document, service="01088880001", calls=CALLS, per_second=PER_SECOND) as callers:
                counted = await asyncio.to_thread(callers.wait, SENT)
        finally:
            await router.stop()
    assert counted.succeeded == CALLS, counted.said
    assert Counter(record.pressed for record in records) == {pressed: CALLS}
