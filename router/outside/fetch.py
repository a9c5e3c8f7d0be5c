"""Performing `Fetch`: what a flow asks of hosts that `fetch.allow` names, by the rules of `router.outside.client`; an
answer must be JSON."""

from __future__ import annotations

import json
from typing import Any

from ivr_flows.commands import Fetch
from ivr_flows.results import Failed, Fetched, Result

from ..clock import Clock
from ..model import FetchAccess
from .client import MOST_BYTES, HttpClient, Refused, Resolve

__all__ = ["MOST_BYTES", "HttpFetcher", "decoded"]


class HttpFetcher:
    """Performs the `Fetch` commands of a router. `close` when it is no longer needed."""

    def __init__(self, access: FetchAccess, clock: Clock, resolve: Resolve | None = None) -> None:
        self._clock = clock
        self._client = HttpClient(access, resolve)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def __call__(self, command: Fetch) -> Result:
        """The answer of ``command``, or `Failed` with the reason. Never raises for what the outside does."""
        body = None if command.body is None else command.body.encode("utf-8", "replace")
        try:
            content = await self._client.ask(
                command.url, command.method, body, command.headers, timeout=command.timeout
            )
            return Fetched(decoded(content), self._clock.now())
        except Refused as refused:
            return Failed(str(refused), self._clock.now())


def decoded(content: bytes) -> Any:
    """The JSON value of an answer, None of an empty one. Raises `Refused`."""
    if not content:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Refused("the answer is no JSON") from None
