"""Reading what a client sends: within bounds, as the operation's models, with findings for what is wrong.

Bodies are bounded in size (while they arrive), in time and in depth before anything looks into them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import ContentLengthError, TransferEncodingError
from pydantic import BaseModel, ValidationError

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import Refusal, bad_value_texts, known_keys, nearest

from .refusal import Refused

LANGUAGE: Final = "lang"
"""The one name that every query may have: in which language the answer is wanted."""
DEEPEST: Final = 32
MOST_FINDINGS: Final = 50
_TOKENS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)

M = TypeVar("M", bound=BaseModel)


async def read_body(request: web.Request, limit: int, seconds: float) -> bytes:
    """The body, which must be there within ``seconds``, however slowly it drips. Raises `Refused`: 413 when it is
    longer than ``limit``, 408 when it does not come in time, 400 when it breaks off or is not what its headers say."""
    if request.content_length is not None and request.content_length > limit:
        raise too_large(limit)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while part := await request.content.readany():
                size += len(part)
                if size > limit:
                    raise too_large(limit)
                parts.append(part)
    except TimeoutError:
        raise too_slow(seconds) from None
    except (web.RequestPayloadError, ContentLengthError, TransferEncodingError):
        request.content.feed_eof()  # else aiohttp would read on to the same error, and close without an answer
        raise broken() from None
    return b"".join(parts)


def too_slow(seconds: float) -> Refused:
    """408: the body takes longer than ``seconds``."""
    return Refused(
        408,
        "body-too-slow",
        Text(f"The body did not arrive within {seconds:g} seconds.", f"请求正文未在 {seconds:g} 秒内到达。"),
        Text("Send it at once.", "请一次发送完整正文。"),
        headers={"Connection": "close"},
    )


def broken() -> Refused:
    """400: the body breaks off, or is not what its headers say."""
    return Refused(
        400,
        "body-broken",
        Text("The body does not fit its headers.", "请求正文与其报头不符。"),
        Text("Send it whole, in the encoding that the headers name.", "请按报头声明的编码完整发送。"),
        headers={"Connection": "close"},
    )


def too_large(limit: int) -> Refused:
    """413: more than ``limit`` bytes."""
    return Refused(
        413,
        "too-large",
        Text(f"The body is larger than {limit:,} bytes.", f"请求正文超过 {limit:,} 字节。"),
        Text("Send less, or in several requests.", "请减少内容，或分多次发送。"),
        headers={"Connection": "close"},
    )


def check_depth(body: bytes, deepest: int = DEEPEST) -> None:
    """Refuse (422) JSON that is nested deeper than ``deepest``. Costs next to nothing for a usual body."""
    if body.count(b"[") + body.count(b"{") <= deepest:
        return
    depth = 0
    for token in _TOKENS.finditer(body):
        mark = token.group()[:1]
        if mark in b"[{":
            depth += 1
            if depth > deepest:
                raise Refused(
                    422,
                    "too-deep",
                    Text(f"The JSON is nested deeper than {deepest}.", f"JSON 嵌套超过 {deepest} 层。"),
                    Text("Send a flatter document.", "请减少嵌套层数。"),
                )
        elif mark in b"]}":
            depth -= 1


def read_json(model: type[M], body: bytes) -> M:
    """The body as ``model``. Raises `Refused`: 400 for what is no JSON, 422 with findings for what does not fit."""
    check_depth(body)
    try:
        return model.__pydantic_validator__.validate_json(body)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise _refusal(model, "body", error) from None


def read_mapping(model: type[M], place: str, values: Mapping[str, Any]) -> M:
    """Path or query values as ``model``. Raises `Refused` (422) with findings."""
    try:
        return model.__pydantic_validator__.validate_python(values)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise _refusal(model, place, error) from None


def read_query(model: type[M], request: web.Request) -> M:
    """The query as ``model``; a name that stands there twice is refused unless the model takes a list."""
    if not request.rel_url.raw_query_string:
        return _without_query(model)
    query = request.query
    values: dict[str, Any] = {}
    for name in query:
        if name in values or (name == LANGUAGE and name not in model.model_fields):
            continue
        given = query.getall(name)
        values[name] = given if len(given) > 1 or name in _lists_of(model) else given[0]
    return read_mapping(model, "query", values)


_EMPTY: dict[type[BaseModel], Any] = {}


def _without_query(model: type[M]) -> M:
    """What no query is to ``model``: the same each time, as models are frozen."""
    found: M | None = _EMPTY.get(model)
    if found is None:
        found = _EMPTY[model] = read_mapping(model, "query", {})
    return found


_LISTS: dict[type[BaseModel], frozenset[str]] = {}


def _lists_of(model: type[BaseModel]) -> frozenset[str]:
    found = _LISTS.get(model)
    if found is None:
        found = frozenset(
            field.alias or name
            for name, field in model.model_fields.items()
            if any(word in str(field.annotation) for word in ("tuple[", "list["))
        )
        _LISTS[model] = found
    return found


def _refusal(model: type[BaseModel], place: str, error: ValidationError) -> Refused:
    items = error.errors(include_url=False)
    if items[0]["type"] == "json_invalid":
        reason = str((items[0].get("ctx") or {}).get("error", "not JSON"))
        message = Text(f"The body is no JSON: {reason}.", f"请求正文不是 JSON：{reason}。")
        cure = Text("Send one JSON document in UTF-8.", "请发送一个 UTF-8 编码的 JSON 文档。")
        at = _POSITION.search(reason)
        line, column = (int(at[1]), int(at[2])) if at else (1, 0)
        finding = Finding("error", "bad-json", Place("body", line, column + 1), message, cure)
        return Refused(400, "bad-json", message, cure, (finding,))
    findings = [_finding(model, place, item) for item in items[:MOST_FINDINGS]]
    count = len(items)
    plural = "" if count == 1 else "s"
    return Refused(
        422,
        "invalid-request",
        findings[0].message
        if count == 1
        else Text(f"The request has {count} error{plural}.", f"请求中有 {count} 处错误。"),
        findings[0].cure if count == 1 else Text("Correct what the findings name.", "请按各条提示更正。"),
        findings,
    )


_POSITION: Final = re.compile(r"line (\d+) column (\d+)")


def _finding(model: type[BaseModel], place: str, item: Any) -> Finding:
    loc = tuple(item["loc"])
    where = ".".join(str(step) for step in (place, *loc))[:200]
    name = str(loc[-1])[:60] if loc else place
    context = item.get("ctx") or {}
    cause = context.get("error")
    if isinstance(cause, Refusal):
        return Finding("error", cause.code, Place(where), cause.message, cause.cure)
    if item["type"] == "extra_forbidden":
        known = known_keys(model, loc[:-1])
        close = nearest(name, known)
        listed = ", ".join(sorted(known)) or "–"
        cure = (
            Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
            if close
            else Text(f"Known: {listed}.", f"可用：{listed}。")
        )
        return Finding(
            "error", "unknown-key", Place(where), Text(f"`{name}` is not known here.", f"这里没有 `{name}`。"), cure
        )
    if item["type"] == "missing":
        return Finding(
            "error",
            "missing-key",
            Place(where),
            Text(f"`{name}` is missing.", f"缺少 `{name}`。"),
            Text(f"Add `{name}`.", f"请补上 `{name}`。"),
        )
    message, cure = bad_value_texts(item["type"], name, item.get("input"), context, item["msg"])
    return Finding("error", "bad-value", Place(where), message, cure)
