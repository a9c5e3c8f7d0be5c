"""A web service on a free port of this host, for tests: what it was sent, and what it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Sent:
    """One request."""

    path: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Service:
    """The service; ``answer`` is replaced by a test."""

    port: int = 0
    sent: list[Sent] = field(default_factory=list)
    answer: Answer | None = None

    def url(self, path: str = "/do", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.sent.append(Sent(request.path, await request.read(), dict(request.headers)))
        return web.Response(status=204) if self.answer is None else await self.answer(request)


async def never(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


async def without_end(request: web.Request) -> web.StreamResponse:
    """100 MB, a piece at a time."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b"x" * 1024 * 1024)
    return response


def says(text: str, status: int = 200) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type="application/json")

    return answer


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    found = Service()
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", found.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()
