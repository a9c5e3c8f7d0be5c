"""``Idempotency-Key``: the same request sent again is answered as before, and nothing is done twice.

A key belongs to one client and one operation. With another body it is refused (422); while the first request is under
way the second is told so (409). Only successes are kept: a request that was refused did nothing and may be sent again.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, Final, Protocol

from aiohttp import web

from ivr_flows.findings import Text

from ..store.asked import KeptAnswer
from .operation import Call
from .refusal import Refused

KEEP_SECONDS: Final = 86_400.0
HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_FORM: Final = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT_HEADERS: Final = ("Location", "ETag", "Content-Language")


class Keys(Protocol):
    """What is asked of the store; see `router.store.asked.AskedPart`."""

    async def begin_request(self, digest: str, asked: str, at: float, keep: float) -> KeptAnswer | None: ...
    async def end_request(self, digest: str, status: int, headers: Mapping[str, str], body: str) -> None: ...
    async def drop_request(self, digest: str) -> None: ...


class Repeating:
    """Runs requests that carry a key."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def run(
        self, call: Call[Any, Any, Any], body: bytes, perform: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Perform the request, or answer as it was answered before."""
        key = call.request.headers[HEADER]
        if not _FORM.fullmatch(key):
            raise Refused(
                422,
                "bad-key",
                Text(
                    "The Idempotency-Key is not 1 to 200 visible ASCII characters.",
                    "Idempotency-Key 应为 1 至 200 个可见 ASCII 字符。",
                ),
                Text("Send a random one, for instance a UUID.", "请使用随机值，例如 UUID。"),
            )
        digest = sha256("\0".join((call.who.name, call.operation.name, key)).encode()).hexdigest()
        asked = sha256(call.request.path_qs.encode() + b"\0" + body).hexdigest()
        kept = await self._keys.begin_request(digest, asked, call.now, KEEP_SECONDS)
        if kept is not None:
            return _replay(kept, asked)
        try:
            response = await perform()
        except BaseException:
            await self._keys.drop_request(digest)
            raise
        if not isinstance(response, web.Response) or response.status >= 300:
            await self._keys.drop_request(digest)
            return response
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        text = response.body.decode() if isinstance(response.body, bytes) else ""
        await self._keys.end_request(digest, response.status, headers, text)
        return response


def _replay(kept: KeptAnswer, asked: str) -> web.Response:
    if kept.asked != asked:
        raise Refused(
            422,
            "key-used",
            Text("This Idempotency-Key was used for another request.", "该 Idempotency-Key 已用于另一请求。"),
            Text("Use a new key for a new request.", "新请求请使用新的键。"),
        )
    if kept.status is None:
        raise Refused(
            409,
            "under-way",
            Text("The request with this Idempotency-Key is under way.", "带有该 Idempotency-Key 的请求正在处理。"),
            Text("Send it again in a moment; the answer will be the same.", "请稍后重发；结果将相同。"),
            headers={"Retry-After": "1"},
        )
    response = web.Response(status=kept.status, headers={**kept.headers, REPLAYED: "true"})
    if kept.body:
        response.body = kept.body.encode()
        response.content_type = "application/json"
    return response
