"""Who asks: a bearer token, or the session cookie of the console.

What the store says of a token or session is believed for `CACHE_SECONDS`; revoking in this process is in force at once,
in every other within that time. The store is asked again before that time is over, beside the requests, so that a
client that keeps asking never waits for it. The moment of expiry is judged by the router's own clock at each request,
with `SKEW_SECONDS` of grace: clocks of routers that share a store differ a little. A token that another router made
"in the future" is as good as any. Clients' clocks play no part.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

from aiohttp import web

from ivr_flows.findings import Text

from ..store.access import SessionRow, TokenRow
from .operation import WRITES, Principal
from .refusal import Refused
from .roles import ROLES, actions_of
from .tokens import PREFIX, digest_of, instance_of

CACHE_SECONDS: Final = 2.0
FRESH_SECONDS: Final = 1.0
LONGEST_COOKIE: Final = 100
SKEW_SECONDS: Final = 30.0
MOST_CACHED: Final = 4096
COOKIE: Final = "line400_session"
SECURE_COOKIE: Final = "__Host-line400_session"
CSRF_HEADER: Final = "X-CSRF-Token"


class Doors(Protocol):
    """What is asked of the store; see `router.store.access.AccessPart`."""

    async def token_by_digest(self, digest: str) -> TokenRow | None: ...
    async def session(self, digest: str) -> SessionRow | None: ...


@dataclass(frozen=True, slots=True)
class _Known:
    who: Principal
    fresh_until: float
    believed_until: float
    ends: float | None
    csrf: str | None = None


class Identity:
    """Tells who asks. ``instance`` is the name of the store; ``now`` gives epoch seconds, ``monotonic`` a clock that
    never jumps; ``tls``: cookies are only sent over TLS."""

    def __init__(
        self,
        doors: Doors,
        instance: str,
        now: Callable[[], float],
        *,
        tls: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._doors = doors
        self._instance = instance
        self._now = now
        self._monotonic = monotonic
        self._known: dict[bytes, _Known] = {}
        self._tasks: dict[bytes, asyncio.Task[_Known]] = {}
        self._generation = 0
        self.cookie = SECURE_COOKIE if tls else COOKIE
        self.tls = tls

    async def of(self, request: web.Request) -> Principal | None:
        """Who asks; None: the request says nothing about it. Raises `Refused`: 401 for a token or session that is none
        (any more), 403 for a write by cookie without its CSRF token."""
        header = request.headers.get("Authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer":
                raise unauthorised("bad-scheme", Text("Only bearer tokens are understood.", "只支持 Bearer 令牌。"))
            return (await self._token(token.strip())).who
        cookie = request.cookies.get(self.cookie) if "Cookie" in request.headers else None
        if cookie is None:
            return None
        known = await self._session(cookie)
        if request.method in WRITES and not self._same_csrf(known, request.headers.get(CSRF_HEADER, "")):
            raise Refused(
                403,
                "csrf",
                Text("The request does not carry the token of its session.", "请求未携带会话的 CSRF 令牌。"),
                Text(
                    f"Send the `csrf` of GET /api/v1/session in the header {CSRF_HEADER}.",
                    f"请在请求头 {CSRF_HEADER} 中发送 GET /api/v1/session 返回的 csrf。",
                ),
            )
        return known.who

    async def if_signed_in(self, request: web.Request) -> Principal | None:
        """Whose session the cookie is of; None for nobody, and for a session that is over."""
        try:
            return await self.of(request)
        except Refused:
            return None

    def forget(self) -> None:
        """Believe nothing any more: something was revoked or changed here."""
        self._generation += 1
        self._known.clear()
        self._tasks.clear()

    @staticmethod
    def _same_csrf(known: _Known, given: str) -> bool:
        return known.csrf is not None and hmac.compare_digest(known.csrf.encode(), given.encode())

    async def _token(self, token: str) -> _Known:
        return await self._asked(b"t" + sha256(token.encode()).digest(), lambda: self._read_token(token))

    async def _session(self, cookie: str) -> _Known:
        return await self._asked(b"s" + sha256(cookie.encode()).digest(), lambda: self._read_session(cookie))

    async def _asked(self, key: bytes, read: Callable[[], Coroutine[Any, Any, _Known]]) -> _Known:
        """What is known under ``key``; the store is asked once, however many wait for it."""
        known, moment = self._known.get(key), self._monotonic()
        if known is None or moment >= known.believed_until:
            known = await asyncio.shield(self._reading(key, read))
        elif moment >= known.fresh_until:
            self._reading(key, read)
        if known.ends is not None and self._now() >= known.ends:
            raise _over(known.who)
        return known

    def _reading(self, key: bytes, read: Callable[[], Coroutine[Any, Any, _Known]]) -> asyncio.Task[_Known]:
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(self._keep(key, read()), name="identity")
            task.add_done_callback(_seen)
        return task

    async def _keep(self, key: bytes, reading: Coroutine[Any, Any, _Known]) -> _Known:
        generation = self._generation
        try:
            known = await reading
        except Refused:
            self._known.pop(key, None)
            raise
        finally:
            if self._tasks.get(key) is asyncio.current_task():
                del self._tasks[key]
        if generation == self._generation:  # else something changed here while the store was asked
            if len(self._known) >= MOST_CACHED:
                self._known.clear()
            self._known[key] = known
        return known

    async def _read_token(self, token: str) -> _Known:
        owner = instance_of(token)
        if owner is None:
            raise unauthorised("bad-token", Text("This is no token of line400.", "这不是 line400 的令牌。"))
        if owner != self._instance:
            raise unauthorised(
                "token-of-another-instance",
                Text("This token belongs to another line400.", "该令牌属于另一套 line400。"),
            )
        row = await self._doors.token_by_digest(digest_of(token))
        role = next((role for role in ROLES if row is not None and role == row.role), None)
        if row is None or role is None:
            raise unauthorised("unknown-token", Text("This token is not known.", "该令牌不存在。"))
        ends = min((moment for moment in (row.expires, row.revoked) if moment is not None), default=None)
        actions = actions_of(role)
        if row.scope is not None:
            actions &= frozenset(row.scope)
        grace = SKEW_SECONDS if row.revoked is None else 0.0
        who = Principal(f"token:{row.name}", role, actions, "token", row.id)
        return self._believed(who, None if ends is None else ends + grace)

    async def _read_session(self, cookie: str) -> _Known:
        row = await self._doors.session(digest_of(cookie)) if len(cookie) <= LONGEST_COOKIE else None
        role = next((role for role in ROLES if row is not None and role == row.role), None)
        if row is None or role is None:
            raise unauthorised("no-session", Text("You are not signed in any more.", "登录已失效。"))
        who = Principal(row.user, role, actions_of(role), "session", row.digest, row.user)
        return self._believed(who, row.expires + SKEW_SECONDS, row.csrf)

    def _believed(self, who: Principal, ends: float | None, csrf: str | None = None) -> _Known:
        moment = self._monotonic()
        return _Known(who, moment + FRESH_SECONDS, moment + CACHE_SECONDS, ends, csrf)


def _seen(task: asyncio.Task[_Known]) -> None:
    """A refusal or a store that fails is told to who waits; where nobody does, the next request finds it."""
    if not task.cancelled():
        task.exception()


def same_origin(request: web.Request) -> None:
    """Refuse (403) what a page of another origin makes a browser send: a sign-in, a WebSocket. Clients that are no
    browsers send no ``Origin``."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Refused(
            403,
            "another-origin",
            Text("A page of another origin may not do this.", "不允许其他来源的网页执行此操作。"),
            Text("Open the console at the address of this router.", "请通过本路由的地址打开控制台。"),
        )


def unauthorised(code: str, message: Text) -> Refused:
    """401, with what to do."""
    return Refused(
        401,
        code,
        message,
        Text(
            f"Send `Authorization: Bearer {PREFIX}…`; `line400 token create NAME --role ROLE` makes one.",
            f"请发送 `Authorization: Bearer {PREFIX}…`；用 `line400 token create 名称 --role 角色` 生成。",
        ),
        headers={"WWW-Authenticate": 'Bearer realm="line400"'},
    )


def _over(who: Principal) -> Refused:
    if who.kind == "session":
        return unauthorised("no-session", Text("You are not signed in any more.", "登录已失效。"))
    return unauthorised("token-over", Text("This token has expired or was revoked.", "该令牌已过期或被吊销。"))
