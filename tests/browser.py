"""The browser of the tests: the distribution's Chromium, driven by Playwright without a window.

Playwright would fetch browsers of its own; none is fetched here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Page, async_playwright

PACKAGES = "chromium"
MISSING = f"There is no Chromium, and these tests drive one: apt-get install {PACKAGES}"
PATIENCE = 20_000
"""Milliseconds to wait for what a page has to show; only one that never shows it takes them."""
FORESEEN = (
    "Failed to load resource: net::",
    "Failed to load resource: the server responded with a status of 401",
)
"""What the console says of a server that is gone, and of one that asks who it is; no page can keep it from that."""
OpenPage = Callable[[str], Awaitable[Page]]


def find() -> str | None:
    """Its program, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def must_be_there() -> bool:
    """Whether a missing browser is a failure: in CI, and as root, who can install it."""
    return os.environ.get("CI") == "true" or os.geteuid() == 0


def collected() -> bool:
    """Whether tests in it are collected: always, but for a notice where it is neither there nor required."""
    return find() is not None or must_be_there()


@pytest.fixture
async def open_page() -> AsyncIterator[OpenPage]:
    """Opens an address in a page of its own. What the page's script could not do (an error that nobody caught, a word
    on the console, something that the page's policy forbids) fails the test at its end."""
    program = find()
    if program is None:
        pytest.fail(MISSING)
    complaints: list[str] = []
    async with async_playwright() as playwright:
        # Without its sandbox, which needs rights that a container does not give: it is shown our own pages only.
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )

        async def opened(address: str) -> Page:
            page = await browser.new_page(locale="en-US")
            page.set_default_timeout(PATIENCE)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda told: None if told.text.startswith(FORESEEN) else complaints.append(told.text))
            await page.goto(address)
            return page

        try:
            yield opened
        finally:
            await browser.close()
    assert complaints == []
