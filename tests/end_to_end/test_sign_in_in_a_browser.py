"""Signing in on the status page in a real browser, where the router is served on more than loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from router.api import ApiServer
from router.api.passwords import hash_password
from router.app.rest.mounted import make_api
from router.model import ApiEndpoint
from tests.api import NOON, asking
from tests.browser import PATIENCE, OpenPage, open_page

__all__ = ["open_page"]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ApiServer]:
    async with asking(tmp_path) as api:
        await api.store.add_user("wang", "viewer", hash_password("four hundred lines"), NOON, "test")
        endpoint = ApiEndpoint("0.0.0.0", 0)
        found = ApiServer(api.served.router, endpoint, [(await make_api(api.served)).mount])
        await found.start()
        yield found
        await found.stop()


async def test_the_page_asks_who_it_is_shows_the_status_and_lets_go(server: ApiServer, open_page: OpenPage) -> None:
    expect.set_options(timeout=PATIENCE)
    page = await open_page(f"{server.url}?lang=en")
    await expect(page.locator("#sign-in")).to_be_visible()
    await expect(page.locator("main")).to_be_hidden()
    for password, refused in (("wrong password", True), ("four hundred lines", False)):
        await page.get_by_label("Name").fill("wang")
        await page.get_by_label("Password").fill(password)
        await page.get_by_role("button", name="Sign in").click()
        if refused:
            await expect(page.locator("#refused")).to_have_text("Name or password is wrong.")
    await expect(page.locator("main")).to_be_visible()
    await expect(page.locator("#revision")).to_have_text("r1")
    await page.reload()
    await expect(page.locator("#revision")).to_have_text("r1")
    await page.get_by_role("button", name="Sign out (wang)").click()
    await expect(page.locator("#sign-in")).to_be_visible()
