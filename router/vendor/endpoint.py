"""``POST /`` as the vendor's SDKs call it: who asks, for what, may they, and the answer in the vendor's envelope.

In this order: the request is read (bounded), its claim, its date, its key, its signature, its nonce, the pace of the
key, the action, the role, the parameters, the outbound policy, and then the service. Nothing of a service runs before
all of that holds.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from ivr_flows.findings import Text
from router.outbound import CODE, REFERENCE, refuse_outbound

from . import errors
from .action import OLD, Action
from .errors import VENDOR_400_RULE, VendorError
from .keys import Key, KeyRing, Nonces
from .pace import FAILURES_PER_ADDRESS, PER_KEY, Pace, Rate
from .parameters import Parameters, read_parameters
from .signature import CLOCK_SECONDS, Claim, Received, check_date, read_claim
from .table import find

log = logging.getLogger("line400.vendor")

MAX_BODY: Final = 8 * 1024 * 1024
SMALL_BODY: Final = 64 * 1024
LARGE_BODIES: Final = 8
"""Bodies over `SMALL_BODY` that are read at a time."""
BODY_SECONDS: Final = 30.0
MAX_LINE: Final = 1024 * 1024
"""Characters of a request line: the SDK sends a whole flow in the query."""
ACTION_HEADER: Final = "x-acs-action"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be done. ``now`` in epoch seconds, ``shown`` says whether callers' numbers may be seen."""

    action: Action
    key: Key
    now: float
    shown: bool


Answer = Mapping[str, Any]
"""The named parts of an answer beside the envelope, such as ``{"Data": …}``."""
Service = Callable[[Call, Any], Awaitable[Answer]]
Refused = Callable[[Call, str, str], Awaitable[None]]
"""Told of a refused outbound request: the call, what presented the 400 number, whom it was to reach."""


class VendorEndpoint:
    """The endpoint. ``keys`` gives the keys in force, ``services`` what each action does, ``may`` whether a role may do
    an action of `router.api.roles`. ``now`` is the clock."""

    def __init__(
        self,
        keys: Callable[[], KeyRing],
        nonces: Nonces,
        services: Mapping[tuple[str, str], Service],
        may: Callable[[str, str], bool],
        now: Callable[[], float],
        refused: Refused,
        *,
        per_key: Rate = PER_KEY,
        failures: Rate = FAILURES_PER_ADDRESS,
    ) -> None:
        self._keys = keys
        self._nonces = nonces
        self._services = services
        self._may = may
        self._now = now
        self._refused = refused
        self._pace = Pace(per_key)
        self._failures = Pace(failures)
        self._large_bodies = asyncio.Semaphore(LARGE_BODIES)

    def install(self, app: web.Application) -> None:
        """Let ``app`` pass the requests that are the vendor's to `handle`, before anything else looks at them."""
        app.middlewares.insert(0, self._middleware())

    def _middleware(self) -> Any:
        @web.middleware
        async def vendor(request: web.Request, handler: Any) -> web.StreamResponse:
            if is_vendor_request(request):
                return await self.handle(request)
            answer: web.StreamResponse = await handler(request)
            return answer

        return vendor

    async def handle(self, request: web.Request) -> web.Response:
        """The answer to one request; never raises."""
        request_id = str(uuid.uuid4()).upper()
        old = False
        try:
            claim, key = await self._authenticated(request)
            old = claim.version == OLD
            parts = await self._done(claim, key)
        except VendorError as error:
            return _error(request, request_id, error, old)
        except Exception as error:  # a fault of ours: told without what it was about
            log.error("a vendor request failed: %s", type(error).__name__, exc_info=log.isEnabledFor(logging.DEBUG))
            said = Text("line400 failed on this request.", "line400 处理该请求时出错。")
            return _error(request, request_id, errors.internal("Common", said), old)
        envelope: dict[str, Any] = {"Code": "OK", "HttpStatusCode": 200, "Message": "", "RequestId": request_id}
        if old:
            envelope["Success"] = True
        return _json({**envelope, **parts}, 200, request_id)

    # ---- who asks

    async def _authenticated(self, request: web.Request) -> tuple[Claim, Key]:
        peer, now = request.remote or "", self._now()
        wait = self._failures.wait(peer, now)
        if wait:
            raise errors.throttled(wait)
        try:
            claim = read_claim(await _received(request, self._large_bodies))
            check_date(claim, now)
            key = self._keys().key(claim.key)
            if not claim.made_by(key.secret):
                # The text that was signed holds the parameters; it goes back only to who sent them.
                raise errors.wrong_signature(claim.string_to_sign if not claim.legacy else None)
            if not await self._nonces.use_nonce(key.id, claim.nonce, now, claim.date + 2 * CLOCK_SECONDS):
                raise errors.used_nonce()
        except VendorError:
            self._failures.take(peer, now)
            raise
        wait = self._pace.take(key.id, now)
        if wait:
            raise errors.throttled(wait)
        return claim, key

    # ---- what is done

    async def _done(self, claim: Claim, key: Key) -> Answer:
        action = find(claim.version, claim.action)
        for needed in action.needs:
            if not self._may(key.role, needed):
                raise errors.not_allowed(action.name, key.role)
        call = Call(action, key, self._now(), self._may(key.role, "callers.read"))
        if action.shows:
            await self._judge(call, _shown(action, claim.parameters), str(claim.parameters.get("Callee", "")))
        given = read_parameters(action.parameters, claim.parameters)
        if not action.offered:
            raise errors.unsupported(
                action.name,
                Text(
                    "it takes calls in; a call out of a base number is placed by `line400 originate`.",
                    "line400 只处理呼入；以底号外呼请用 `line400 originate`。",
                ),
            )
        service = self._services[action.version, action.name]
        return await service(call, given)

    async def _judge(self, call: Call, shown: Mapping[str, str], to: str) -> None:
        """Refuse a call that would show a 400 number, before its other parameters are looked at."""
        for name, value in shown.items():
            refusal = refuse_outbound(value)
            if refusal is not None:
                await self._refused(call, refusal.presented, to)
                raise refused_400(name, refusal.message)


def refused_400(name: str, message: Text) -> VendorError:
    """The refusal of a 400 number where one is wanted that can call out."""
    error = errors.not_enumerated(
        name,
        ("Outbound", "Bidirection"),
        Text(f"{VENDOR_400_RULE} ({message.en}; {CODE})", f"{VENDOR_400_RULE}：{message.zh}"),
    )
    error.detail = {"Code": CODE, "Reference": REFERENCE}
    return error


def is_vendor_request(request: web.Request) -> bool:
    """Whether ``request`` is one of the vendor's SDKs: whatever is posted to ``/``, and what names an action there."""
    if request.path != "/":
        return False
    if request.method == "POST":
        return True
    return request.method == "GET" and (ACTION_HEADER in request.headers or "Signature" in request.query)


def _shown(action: Action, given: Mapping[str, str]) -> dict[str, str]:
    """What of ``given`` the called party would see, by parameter, whatever its form."""
    found: dict[str, str] = {}
    for attribute in action.shows:
        alias = action.parameters.model_fields[attribute].alias or attribute
        for name, value in given.items():
            if name == alias or name.startswith(f"{alias}."):
                items = _items(value)
                found.update({name if place == 0 else f"{name}[{place}]": item for place, item in enumerate(items)})
    return found


def _items(value: str) -> list[str]:
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        return [value]
    return [value, *(str(item) for item in read)] if isinstance(read, list) else [value]


async def _received(request: web.Request, turns: asyncio.Semaphore) -> Received:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    # As it came: yarl would write some of it anew.
    query = request.raw_path.partition("?")[2].partition("#")[0]
    return Received(request.method, query, headers, await _body(request, turns))


async def _body(request: web.Request, turns: asyncio.Semaphore) -> bytes:
    """The body, within its bounds. Nobody is believed yet, so that only a few large ones are held at a time."""
    if not request.can_read_body:
        return b""
    length = request.content_length
    if length is not None and length > MAX_BODY:
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_SECONDS), AsyncExitStack() as stack:
            if length is None or length > SMALL_BODY:
                await stack.enter_async_context(turns)
            body = bytearray()
            async for chunk in request.content.iter_chunked(SMALL_BODY):
                body += chunk
                if len(body) > MAX_BODY:
                    raise _too_large()
            return bytes(body)
    except TimeoutError:
        raise VendorError(408, "RequestTimeout", f"The body did not come within {BODY_SECONDS:g} seconds.") from None


def _too_large() -> VendorError:
    return VendorError(413, "InvalidParameters", f"The body is larger than {MAX_BODY} bytes.")


def _error(request: web.Request, request_id: str, error: VendorError, old: bool) -> web.Response:
    body: dict[str, Any] = {
        "Code": error.code,
        "HttpStatusCode": error.status,
        "Message": error.message,
        "RequestId": request_id,
        "HostId": request.host[:200],
    }
    if error.params:
        body["Params"] = list(error.params)
    if error.description:
        body["Description"] = error.description
    if error.detail is not None:
        body["AccessDeniedDetail" if error.code == "NoPermission" else "Detail"] = error.detail
    if old:
        body["Success"] = False
    answer = _json(body, error.status, request_id)
    if error.retry_after is not None:
        answer.headers["x-acs-retry-after"] = str(error.retry_after)
    return answer


def _json(body: Mapping[str, Any], status: int, request_id: str) -> web.Response:
    answer = web.json_response(body, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))
    answer.headers["x-acs-request-id"] = request_id
    return answer


__all__ = ["Answer", "Call", "Parameters", "Service", "VendorEndpoint", "is_vendor_request", "refused_400"]
