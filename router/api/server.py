"""The HTTP application: ``/`` (status page), ``/api/v1/status``, ``/api/v1/live``, ``/healthz``, ``/readyz``, and
what is mounted into it.

Bound to loopback unless configured otherwise; there a request that names another host is refused, so that a web page
somewhere cannot read the status through a browser (DNS rebinding). The status of a router on loopback is open to
whoever is on the machine, callers masked; on any other address, and through a proxy, it needs a token or a session.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict

from ivr_flows.findings import Text

from ..asterisk.service import listen_error
from ..model import ApiEndpoint
from ..vendor.endpoint import MAX_LINE
from .application import BASE, BEGUN, failed, language_of_request, problem
from .live import LiveEndpoint
from .page import CONTENT_SECURITY_POLICY, language_of, render_page
from .refusal import NO_CURE, Refused
from .tls import tls_context
from .watching import LOOPBACK, may_watch

log = logging.getLogger("line400.api")
protocol_log = logging.getLogger("line400.api.http")

MAX_BODY = 64 * 1024
MAX_FIELD = 8190
SESSION_HEADER = "X-Session"
"""Tells the page that whoever looks at it is signed in, so that it can offer to sign out."""
"""Longest header, and longest request line but that of the vendor-compatible endpoint (`router.vendor.MAX_LINE`)."""
KEEP_ALIVE_SECONDS = 15.0
SHUTDOWN_SECONDS = 2.0
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_EVERYWHERE = CIMultiDict({**SECURITY_HEADERS, "Server": "line400"})
_ERRORS = {
    400: ("bad_request", Text("The request is not understood.", "无法理解该请求。")),
    403: ("forbidden", Text("This is not allowed.", "不允许该操作。")),
    404: ("not_found", Text("There is nothing here.", "这里没有内容。")),
    405: ("method_not_allowed", Text("This method is not allowed here.", "不允许使用该方法。")),
    414: ("too_long", Text("The address is too long.", "请求地址过长。")),
    413: ("too_large", Text("The request is too large.", "请求过大。")),
    503: ("too_many_streams", Text("Too many streams are open.", "同时打开的数据流过多。")),
    421: ("wrong_host", Text("This host name is not served here.", "此处不提供该主机名的服务。")),
}
_FAILED = ("internal_error", Text("line400 failed on this request.", "line400 处理该请求时出错。"))

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StatusSource(Protocol):
    """What the pages show; see `router.asterisk.service.LiveRouter`."""

    @property
    def ready(self) -> bool: ...
    def status(self) -> dict[str, Any]: ...
    async def live(self, *, reveal: bool = False) -> dict[str, Any]: ...


SOURCE: web.AppKey[StatusSource] = web.AppKey("source", StatusSource)


Mount = Callable[[web.Application], None]
"""Puts something into the application: its routes, what it does when the application starts and stops."""


def make_app(
    source: StatusSource, *, host: str = "127.0.0.1", live_key: str | None = None, mounts: Sequence[Mount] = ()
) -> web.Application:
    """The application for ``source``. ``host`` is the address it will be served on, ``live_key`` opens the numbers of
    callers (None: that of the environment, see `router.api.live`); ``mounts`` are put into it in their order."""
    app = web.Application(middlewares=[_guard(_is_loopback(host))], client_max_size=MAX_BODY)
    app[SOURCE] = source
    app[LOOPBACK] = _is_loopback(host)
    app.router.add_get("/", _page)
    app.router.add_get("/api/v1/status", _status)
    live = LiveEndpoint(source, live_key)
    app.router.add_get("/api/v1/live", live.handle)
    app.on_shutdown.append(live.close)
    app.router.add_get("/healthz", _health)
    app.router.add_get("/readyz", _ready)
    app.on_response_prepare.append(_secure)
    for mount in mounts:
        mount(app)
    return app


class ApiServer:
    """The application on a port."""

    def __init__(self, source: StatusSource, endpoint: ApiEndpoint, mounts: Sequence[Mount] = ()) -> None:
        self.endpoint = endpoint
        self._app = make_app(source, host=endpoint.host, mounts=mounts)
        if endpoint.tls_cert is not None:
            self._app.on_response_prepare.append(_only_tls)
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port listened on; 0 before `start`."""
        addresses = self._runner.addresses if self._runner is not None else []
        return int(addresses[0][1]) if addresses else 0

    @property
    def url(self) -> str:
        """The address of the status page."""
        host = "127.0.0.1" if self.endpoint.host in ("0.0.0.0", "") else self.endpoint.host  # noqa: S104 - compared
        scheme = "http" if self.endpoint.tls_cert is None else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}/"

    async def start(self) -> None:
        """Listen. Raises `router.asterisk.service.ServiceError` for an address that cannot be had, and for a
        certificate that cannot be used."""
        tls = tls_context(self.endpoint)
        runner = web.AppRunner(
            self._app,
            access_log=None,
            logger=protocol_log,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
            max_line_size=MAX_LINE,
            max_field_size=MAX_FIELD,
            shutdown_timeout=SHUTDOWN_SECONDS,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self.endpoint.host, self.endpoint.port, ssl_context=tls).start()
        except OSError as error:
            await runner.cleanup()
            raise listen_error(error, self.endpoint.host, self.endpoint.port, "api.port") from None
        self._runner = runner

    async def stop(self) -> None:
        """Stop listening; requests in progress get a short time to end."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()


# ---- what is served


async def _page(request: web.Request) -> web.StreamResponse:
    wanted = request.query.get("lang")
    language = language_of(request.headers.get("Accept-Language", ""), wanted)
    response = web.Response(text=render_page(language), content_type="text/html")
    response.headers["Content-Language"] = "zh-CN" if language == "zh" else "en"
    response.headers["Vary"] = "Accept-Language"
    return response


async def _status(request: web.Request) -> web.StreamResponse:
    who = await may_watch(request)
    signed_in = {SESSION_HEADER: "1"} if who is not None and who.kind == "session" else None
    return web.json_response(request.app[SOURCE].status(), headers=signed_in)


async def _health(request: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "ok"})


async def _ready(request: web.Request) -> web.StreamResponse:
    ready = request.app[SOURCE].ready
    return web.json_response({"ready": ready}, status=200 if ready else 503)


# ---- around it


def _without_what_was_sent(record: logging.LogRecord) -> bool:
    """aiohttp logs what is no HTTP as an error with a traceback that quotes it: keep one warning without either."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args = "HTTP connection closed: %s", (type(error).__name__,)
        record.exc_info = record.exc_text = None
    return True


protocol_log.addFilter(_without_what_was_sent)


def _guard(loopback: bool) -> Any:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if loopback and not _is_loopback(_host_name(request.host)):
            return _error(request, 421)
        if len(request.raw_path) > MAX_FIELD:
            return _error(request, 414)
        try:
            return await handler(request)
        except Refused as refused:
            return problem(refused, language_of_request(request))
        except web.HTTPException as error:
            answer = _error(request, error.status)
            if "Allow" in error.headers:
                answer.headers["Allow"] = error.headers["Allow"]
            return answer
        except Exception as error:
            log.error("%s failed: %s", request.path[:80], type(error).__name__)
            return _error(request, 500)

    return guard


def _error(request: web.Request, status: int) -> web.Response:
    code, message = _ERRORS.get(status, _FAILED)
    language = language_of_request(request)
    if request.path.startswith(BASE + "/"):
        known = Refused(status, code.replace("_", "-"), message, NO_CURE) if status in _ERRORS else failed()
        return problem(known, language)
    return web.json_response({"error": {"code": code, "message": message.to(language)}}, status=status)


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_EVERYWHERE)
    if type(response) is not web.Response:
        request[BEGUN] = response


async def _only_tls(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"


@lru_cache(maxsize=256)
def _host_name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


@lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
