"""Who may watch a running router: its status page, `/api/v1/status`, `/api/v1/live`."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from ivr_flows.findings import Text

from .application import API
from .identity import unauthorised
from .operation import Principal, forbidden

LOOPBACK: Final = web.AppKey("loopback", bool)
"""Whether the application is served on loopback."""

_PROXIED: Final = ("X-Forwarded-For", "Forwarded", "Via")


async def may_watch(request: web.Request) -> Principal | None:
    """Who watches; None: somebody on this machine. Raises `Refused` for who may not.

    A request that came through a proxy is not from this machine, wherever the proxy runs.
    """
    api = request.app.get(API)
    local = request.app[LOOPBACK] and not any(name in request.headers for name in _PROXIED)
    if api is None:
        if local:
            return None
        raise unauthorised("no-token", Text("This needs a token.", "需要令牌。"))
    if local and "Authorization" not in request.headers:
        return await api.identity.if_signed_in(request)
    who = await api.known(request)
    if not who.may("live.read"):
        raise forbidden(who, "live.read")
    return who
