"""The status page in a real browser: a call is seen while it lasts, with node and masked digits; queues and agents;
that the router is gone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from router.api import ApiServer
from router.book import RouteBook
from router.configuration import load_files
from router.model import ApiEndpoint, Configuration
from simulator.call import TestCall
from simulator.embedded import Embedded
from simulator.parties import AgentScript
from simulator.script import PressScript
from tests.browser import PATIENCE, OpenPage, open_page

__all__ = ["open_page"]

AT = 1_790_000_000.0
FILES = {
    "line400.yaml": "company: x\n",
    "numbers.yaml": "numbers: [ { number: 400-800-1234, purchased: 2025-01-01 } ]\n",
    "lines.yaml": "lines: { bj: { base_number: 010-88880001, trunk: bj } }\n",
    "queues.yaml": 'queues: { support: { agents: ["1001"] } }\n',
    "routes.yaml": "routes: { 400-800-1234: { line: bj, flow: desk } }\n",
    "flows/desk.flow.yaml": """flow: desk
nodes:
  card: { gather: { prompt: 卡号。, max_digits: 4, sensitive: true }, on: { ok: order, no_input: bye } }
  order: { gather: { prompt: 订单号。, max_digits: 2 }, on: { ok: wait, no_input: bye } }
  wait: { queue: support, on: { answered: bye, timeout: bye } }
  bye: { hangup: normal }
""",
}


@pytest.fixture
async def embedded() -> AsyncIterator[Embedded]:
    files = {name: text.encode() for name, text in FILES.items()}
    configuration = load_files(files, Path("config")).configuration
    assert isinstance(configuration, Configuration)
    async with Embedded(RouteBook.compile(configuration, "r7"), AT, speed=1.0) as found:
        yield found


@pytest.fixture
async def server(embedded: Embedded) -> AsyncIterator[ApiServer]:
    assert embedded.router is not None
    found = ApiServer(embedded.router, ApiEndpoint(port=0))
    await found.start()
    yield found
    await found.stop()


async def test_a_call_is_seen_while_it_lasts(embedded: Embedded, server: ApiServer, open_page: OpenPage) -> None:
    expect.set_options(timeout=PATIENCE)
    page = await open_page(f"{server.url}?lang=en")
    await expect(page.locator("#ready")).to_have_text("Ready")
    await expect(page.locator("#revision")).to_have_text("r7")
    await expect(page.locator("#active")).to_have_text("None")
    agent = page.locator("#queues tr", has_text="support").locator("td").last
    await expect(agent).to_have_text("1001 idle")

    call = TestCall("4008001234", "13800138000", AT, "c-1")
    script, agents = PressScript.parse("1234,77"), AgentScript.parse("answer:2:3")
    placed = asyncio.create_task(embedded.place(call, script, agents))
    row = page.locator("#active tr").first
    await expect(row).to_contain_text("138****8000 (test)")
    await expect(row).to_contain_text("4008001234")
    await expect(row).to_contain_text("order")
    await expect(row).to_contain_text("•")
    await expect(row).to_contain_text("wait")
    await expect(row).to_contain_text("• 77")
    waiting = page.locator("#queues tr", has_text="support").locator("td").nth(1)
    await expect(waiting).to_have_text("1")
    await expect(agent).to_have_text("1001 ringing")
    await expect(agent).to_have_text("1001 talking")
    await expect(row).to_contain_text("1001")
    await expect(waiting).to_have_text("0")

    await expect(page.locator("#finished")).to_have_text("1")
    assert (await placed).outcome == "answered"
    await expect(page.locator("#last tr").first).to_contain_text("answered")
    await expect(page.locator("#active")).to_have_text("None")
    await expect(agent).not_to_have_text("1001 talking")
    shown = await page.content()
    assert "13800138000" not in shown
    assert "1234" not in re.sub("4008001234", "", shown)

    await page.get_by_role("link", name="中文").click()
    await expect(page.locator("#ready")).to_have_text("就绪")
    await expect(page.locator("#active")).to_have_text("无")
    await server.stop()
    await expect(page.locator("#ready")).to_have_text("路由服务无响应")
