"""The API as an aiohttp application: what happens to every request, in one place.

Who asks, may they, is it too much; path, query and body as models; the handler; the answer with ETag, cursor, chosen
fields. Whatever goes wrong is a problem document in the client's language, never a traceback.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import count
from typing import Any, Final

import orjson
from aiohttp import hdrs, web

from ivr_flows.findings import Language, Text
from ivr_flows.schema import nearest

from .fields import Nothing
from .identity import Identity, same_origin, unauthorised
from .limits import Buckets, Limits, too_busy, too_many
from .long_work import LongWork
from .openapi import document
from .operation import Answer, Call, Operation, Page, Principal, Work, forbidden
from .page import language_of
from .paging import Cursors
from .passwords import Passwords
from .reading import read_body, read_json, read_mapping, read_query, too_large
from .refusal import CONTENT_TYPE, Refused, bad_value
from .repeating import Repeating

log = logging.getLogger("line400.api")

BASE: Final = "/api/v1"
ANONYMOUS: Final = Principal("anonymous", "viewer", frozenset(), "token", "")
BEGUN: Final[web.RequestKey[web.StreamResponse]] = web.RequestKey("begun", web.StreamResponse)
"""The stream that a request is being answered with; set by whoever prepares responses (see `router.api.server`)."""
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ETAG: Final = re.compile(r'"([\x21\x23-\x7e]{1,80})"')

Explain = Callable[[BaseException], Refused | None]
"""What an exception of another part means to a client; None: a mistake of ours."""

_language_for = lru_cache(maxsize=256)(language_of)


def language_of_request(request: web.Request) -> Language:
    """The language that the client reads; see `router.api.page.language_of`."""
    wanted = request.query.get("lang") if request.rel_url.raw_query_string else None
    return _language_for(request.headers.get("Accept-Language", ""), wanted)


class Api:
    """The operations of ``table``, ready to be put into an application.

    ``services`` is handed to every handler; ``explain`` turns their exceptions into refusals; ``now`` gives epoch
    seconds; ``version`` is that of line400.
    """

    def __init__(
        self,
        table: Sequence[Operation],
        services: Any,
        *,
        identity: Identity,
        cursors: Cursors,
        repeating: Repeating,
        long_work: LongWork,
        explain: Explain,
        now: Callable[[], float],
        limits: Limits | None = None,
        version: str = "0",
    ) -> None:
        self.table = tuple(table)
        self.services = services
        self.identity = identity
        self.long_work = long_work
        self.limits = limits or Limits()
        self._cursors = cursors
        self._repeating = repeating
        self._explain = explain
        self._now = now
        self._version = version
        self._documents: dict[Language, bytes] = {}
        self._rates = Buckets(self.limits.rate, self.limits.burst)
        self.attempts = Buckets(self.limits.attempts / 60.0, self.limits.attempts)
        self.passwords = Passwords()
        self._in_progress = 0
        self._boot = secrets.token_hex(4)
        self._numbers = count(1)

    def mount(self, app: web.Application) -> None:
        """Add the routes to ``app``."""
        app[API] = self
        for operation in self.table:
            app.router.add_route(operation.method, BASE + operation.path, self._serve(operation))
        app.router.add_get(f"{BASE}/openapi.json", self._document)
        app.on_shutdown.append(self.long_work.close)

    # ---- one request

    def _serve(self, operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        streams = operation.socket or operation.media == "text/event-stream"

        async def serve(request: web.Request) -> web.StreamResponse:
            request_id = self._request_id(request)
            language = language_of_request(request)
            if self._in_progress >= self.limits.concurrent and not streams:
                return problem(too_busy(), language, request_id)
            if not streams:
                self._in_progress += 1
            try:
                response = await self._answer(operation, request, language, request_id)
            except Refused as refused:
                response = problem(refused, language, request_id)
            except web.HTTPException:
                raise
            except Exception as error:
                known = self._explain(error)
                if known is None:
                    log.error("%s failed: %s (request %s)", operation.name, type(error).__name__, request_id)
                    known = failed()
                response = problem(known, language, request_id)
            finally:
                if not streams:
                    self._in_progress -= 1
            begun: web.StreamResponse | None = request.get(BEGUN)
            if begun is not None and begun is not response:  # it broke off in its middle: nothing can be told any more
                if request.transport is not None:
                    request.transport.abort()
                return begun
            if not response.prepared:
                response.headers["X-Request-Id"] = request_id
            return response

        return serve

    async def _answer(
        self, operation: Operation, request: web.Request, language: Language, request_id: str
    ) -> web.StreamResponse:
        who = await self._who(operation, request)
        call: Call[Any, Any, Any] = Call(request, operation, who, language, self._now(), request_id, None, None, None)
        if operation.path_model is not Nothing:
            call.path = read_mapping(operation.path_model, "path", request.match_info)
        query: Any = read_query(operation.query, request)
        call.query = query
        if operation.paged and query.cursor is not None:
            call.after = self._cursors.read(operation.name, query, query.cursor)
        if operation.edits:
            call.if_match = if_match(request)
        body = b""
        if operation.body is not None:
            body = await self._body(operation, request)
            call.body = read_json(operation.body, body)
        elif operation.upload is not None:
            _check_upload(operation, request)
        if operation.takes_key and "Idempotency-Key" in request.headers:
            return await self._repeating.run(call, body, lambda: self._perform(call))
        return await self._perform(call)

    async def _who(self, operation: Operation, request: web.Request) -> Principal:
        if operation.action is None:  # whoever signs in may still show a cookie that is over
            return ANONYMOUS
        who = await self.known(request)
        if wait := self._rates.take(who.key):
            raise too_many(wait)
        if operation.socket and who.kind == "session":
            same_origin(request)
        if operation.action not in who.actions:
            raise forbidden(who, operation.action)
        return who

    async def known(self, request: web.Request) -> Principal:
        """Who asks. Raises `Refused`: 401 for nobody, and for a token or session that is none; 429 for the next of too
        many such from one address."""
        try:
            who = await self.identity.of(request)
        except Refused as refused:
            if refused.status == 401 and (wait := self.attempts.take(request.remote or "")):
                raise too_many(wait) from None
            raise
        if who is None:
            raise unauthorised("no-token", Text("This needs a token.", "需要令牌。"))
        return who

    async def _body(self, operation: Operation, request: web.Request) -> bytes:
        given = request.content_type
        if request.can_read_body and given not in ("application/json", "application/merge-patch+json"):
            raise Refused(
                415,
                "not-json",
                Text(f"The body is {given[:60]}; JSON is wanted.", f"请求正文类型为 {given[:60]}，应为 JSON。"),
                Text("Send Content-Type: application/json.", "请发送 Content-Type: application/json。"),
            )
        return await read_body(request, operation.body_limit, self.limits.body_seconds)

    async def _perform(self, call: Call[Any, Any, Any]) -> web.StreamResponse:
        operation = call.operation
        value = await operation.handler(call, self.services)
        if isinstance(value, web.StreamResponse):
            return value
        answer = value if isinstance(value, Answer) else Answer(value)
        content = answer.value
        headers: dict[str, str] = dict(answer.headers)
        if isinstance(content, Work):
            row = await self.long_work.begin(content, call.who.name, call.now)
            headers["Location"] = f"{BASE}/operations/{row.id}"
            content = self.long_work.document(row, call.language)
        elif isinstance(content, Page):
            content = self._page(call, content)
        elif isinstance(content, dict) and (chosen := getattr(call.query, "fields", None)):
            content = _only(content, _chosen(operation, chosen))
        if answer.location is not None:
            headers["Location"] = BASE + answer.location
        if operation.versioned:
            version = answer.version if answer.version is not None else version_of(answer.value)
            headers["ETag"] = f'"{version}"'
            if call.request.method == "GET" and f'"{version}"' in call.request.headers.get("If-None-Match", ""):
                return web.Response(status=304, headers=headers)
        status = answer.status or operation.success
        if content is None and status in (200, 204):
            return web.Response(status=204, headers=headers)
        return web.Response(body=_encode(content), status=status, headers=headers, content_type="application/json")

    def _page(self, call: Call[Any, Any, Any], page: Page) -> dict[str, Any]:
        items = page.items
        if call.query.fields is not None:
            chosen = _chosen(call.operation, call.query.fields)
            items = [_only(item, chosen) for item in items]
        following = None if page.after is None else self._cursors.write(call.operation.name, call.query, page.after)
        return {"items": list(items), "next": following}

    async def _document(self, request: web.Request) -> web.Response:
        """``GET /api/v1/openapi.json``: the sentences in the client's language. Everybody may read it."""
        language = language_of_request(request)
        if language not in self._documents:
            self._documents[language] = _encode(document(self.table, self._version, language))
        return web.Response(body=self._documents[language], content_type="application/json")

    def _request_id(self, request: web.Request) -> str:
        given = request.headers.get("X-Request-Id")
        if given is not None and _REQUEST_ID.fullmatch(given):
            return given
        return f"{self._boot}-{next(self._numbers):x}"


API: Final[web.AppKey[Api]] = web.AppKey("api", Api)


def _encode(content: Any) -> bytes:
    try:
        return orjson.dumps(content)
    except TypeError:  # half of a surrogate pair, or a number of more than 64 bits
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8", "backslashreplace")


def _check_upload(operation: Operation, request: web.Request) -> None:
    """Refuse an upload of another type, or one that says that it is too large. The handler bounds what it reads."""
    if request.content_length is not None and request.content_length > operation.body_limit:
        raise too_large(operation.body_limit)
    given, wanted = request.content_type, operation.upload
    if given != wanted:
        raise Refused(
            415,
            "wrong-type",
            Text(f"The body is {given[:60]}; {wanted} is wanted.", f"请求正文类型为 {given[:60]}，应为 {wanted}。"),
            Text(f"Send Content-Type: {wanted}.", f"请发送 Content-Type: {wanted}。"),
        )


def _chosen(operation: Operation, fields: str) -> frozenset[str]:
    wanted = frozenset(name.strip() for name in fields.split(",") if name.strip())
    known = frozenset(operation.answer.model_fields) if operation.answer is not None else frozenset()
    for name in sorted(wanted - known):
        close = nearest(name, known)
        raise bad_value(
            "query.fields",
            "unknown-field",
            Text(f"There is no field `{name[:60]}`.", f"没有字段 `{name[:60]}`。"),
            Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
            if close
            else Text(f"Known: {', '.join(sorted(known))}.", f"可用：{'、'.join(sorted(known))}。"),
        )
    return wanted


def _only(item: dict[str, Any], chosen: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name in chosen} if chosen else item


def version_of(value: Any) -> str:
    """The version of a JSON value: equal values have equal versions, on every host."""
    content = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(content.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def if_match(request: web.Request) -> frozenset[str]:
    """The versions in ``If-Match``. Raises `Refused` (428) without one; ``*`` would let an update be lost and is
    none."""
    versions = frozenset(_ETAG.findall(request.headers.get(hdrs.IF_MATCH, "")))
    if not versions:
        raise Refused(
            428,
            "if-match-missing",
            Text("A change needs the version that it is made from.", "修改时必须说明所依据的版本。"),
            Text("Read it, and send its ETag in If-Match.", "请先读取，再在 If-Match 中发送其 ETag。"),
        )
    return versions


def problem(refused: Refused, language: Language, request_id: str | None = None) -> web.Response:
    """The answer for a refusal."""
    response = web.Response(
        body=_encode(refused.document(language, request_id)),
        status=refused.status,
        headers=refused.headers,
        content_type=CONTENT_TYPE,
    )
    response.headers["Content-Language"] = "zh-CN" if language == "zh" else "en"
    if "Connection" in refused.headers:  # what else comes on it is the rest of a body
        response.force_close()
    return response


def failed() -> Refused:
    """500: a mistake of ours. What happened stands in the log under the id of the request."""
    return Refused(
        500,
        "internal-error",
        Text("line400 failed on this request.", "line400 处理该请求时出错。"),
        Text("Tell whoever runs it the id of the request.", "请将请求编号告知运维人员。"),
    )
