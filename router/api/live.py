"""``/api/v1/live``: what goes on now, once as JSON, or again and again as server-sent events.

Callers are masked unless the client has the right to see them, or the request carries ``Authorization: Bearer KEY``
with the key of the environment variable ``LINE400_LIVE_KEY`` of the router. A wrong key is refused, not answered
masked.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
from typing import Any, Final, Protocol

from aiohttp import web

from .tokens import PREFIX
from .watching import may_watch

log = logging.getLogger("line400.api")

KEY_VARIABLE: Final = "LINE400_LIVE_KEY"
EVERY_SECONDS: Final = 1.0
MOST_STREAMS: Final = 20
"""Streams at a time; each is a connection that stays. One more is refused."""


class LiveSource(Protocol):
    """What is shown; see `router.asterisk.service.LiveRouter`."""

    async def live(self, *, reveal: bool = False) -> dict[str, Any]: ...


class LiveEndpoint:
    """The handler, and the streams it keeps open. ``key`` None: that of the environment."""

    def __init__(self, source: LiveSource, key: str | None = None) -> None:
        self._source = source
        self._key = os.environ.get(KEY_VARIABLE, "") if key is None else key
        self._streams: set[asyncio.Task[Any]] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """``GET /api/v1/live``; server-sent events where ``Accept`` asks for them."""
        reveal = self._has_key(request)
        if not reveal:
            who = await may_watch(request)
            reveal = who is not None and who.may("callers.read")
        if "text/event-stream" in request.headers.get("Accept", ""):
            return await self._stream(request, reveal)
        return web.json_response(await self._source.live(reveal=reveal))

    async def close(self, app: web.Application) -> None:
        """End all streams: they would hold up the stop."""
        for task in tuple(self._streams):
            task.cancel()

    def _has_key(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization")
        if given is None or given.lower().startswith(f"bearer {PREFIX}"):
            return False
        scheme, _, key = given.partition(" ")
        known = self._key.encode()
        if scheme.lower() != "bearer" or not known or not hmac.compare_digest(key.strip().encode(), known):
            raise web.HTTPForbidden
        return True

    async def _stream(self, request: web.Request, reveal: bool) -> web.StreamResponse:
        if len(self._streams) >= MOST_STREAMS:
            raise web.HTTPServiceUnavailable
        task = asyncio.current_task()
        assert task is not None
        self._streams.add(task)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        try:
            await answer.prepare(request)
            while True:
                document = await self._source.live(reveal=reveal)
                await answer.write(f"data: {json.dumps(document, ensure_ascii=False)}\n\n".encode())
                await asyncio.sleep(EVERY_SECONDS)
        except (ConnectionResetError, asyncio.CancelledError):
            log.debug("a live stream ended")
        finally:
            self._streams.discard(task)
        return answer
