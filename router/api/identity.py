"""Who asks: a bearer token, or the session cookie of the console.

What the store says of a token or session is believed for `CACHE_SECONDS`; revoking in this process is in force at once,
in every other within that time. The moment of expiry is judged by the router's own clock at each request, with
`SKEW_SECONDS` of grace: clocks of routers that share a store differ a little. A token that another router made "in the
future" is as good as any. Clients' clocks play no part.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from aiohttp import web

from ivr_flows.findings import Text

from ..store.access import SessionRow, TokenRow
from .operation import WRITES, Principal
from .refusal import Refused
from .roles import ROLES, Role, actions_of
from .tokens import PREFIX, digest_of, instance_of

CACHE_SECONDS: Final = 2.0
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

    def forget(self) -> None:
        """Believe nothing any more: something was revoked or changed here."""
        self._known.clear()

    @staticmethod
    def _same_csrf(known: _Known, given: str) -> bool:
        return known.csrf is not None and hmac.compare_digest(known.csrf.encode(), given.encode())

    async def _token(self, token: str) -> _Known:
        cached = self._cached(b"t" + sha256(token.encode()).digest())
        if cached is not None:
            return cached
        owner = instance_of(token)
        if owner is None:
            raise unauthorised("bad-token", Text("This is no token of line400.", "这不是 line400 的令牌。"))
        if owner != self._instance:
            raise unauthorised(
                "token-of-another-instance",
                Text("This token belongs to another line400.", "该令牌属于另一套 line400。"),
            )
        row = await self._doors.token_by_digest(digest_of(token))
        if row is None or row.role not in ROLES:
            raise unauthorised("unknown-token", Text("This token is not known.", "该令牌不存在。"))
        ends = min((moment for moment in (row.expires, row.revoked) if moment is not None), default=None)
        role: Role = row.role
        actions = actions_of(role)
        if row.scope is not None:
            actions &= frozenset(row.scope)
        who = Principal(f"token:{row.name}", role, actions, "token", row.id)
        grace = SKEW_SECONDS if row.revoked is None else 0.0
        return self._keep(b"t" + sha256(token.encode()).digest(), who, None if ends is None else ends + grace)

    async def _session(self, cookie: str) -> _Known:
        cached = self._cached(b"s" + sha256(cookie.encode()).digest())
        if cached is not None:
            return cached
        row = await self._doors.session(digest_of(cookie)) if len(cookie) <= 100 else None
        if row is None or row.role not in ROLES:
            raise unauthorised("no-session", Text("You are not signed in any more.", "登录已失效。"))
        role: Role = row.role
        who = Principal(row.user, role, actions_of(role), "session", row.digest, row.user)
        return self._keep(b"s" + sha256(cookie.encode()).digest(), who, row.expires + SKEW_SECONDS, row.csrf)

    def _cached(self, key: bytes) -> _Known | None:
        known = self._known.get(key)
        if known is None:
            return None
        if known.ends is not None and self._now() >= known.ends:
            raise _over(known.who)
        return known if self._monotonic() < known.believed_until else None

    def _keep(self, key: bytes, who: Principal, ends: float | None, csrf: str | None = None) -> _Known:
        if ends is not None and self._now() >= ends:
            raise _over(who)
        if len(self._known) >= MOST_CACHED:
            self._known.clear()
        known = self._known[key] = _Known(who, self._monotonic() + CACHE_SECONDS, ends, csrf)
        return known


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
