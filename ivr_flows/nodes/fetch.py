"""``fetch``: ask a host on the allow-list over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from ..commands import Fetch
from ..expressions import compile_text, compile_value, is_template
from ..findings import Text
from ..results import Failed, Fetched
from ..schema import Duration, Refusal, Strict
from .kind import Branches, Enter, NodeType
from .variables import variable_name

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step

LONGEST_URL = 2000
LONGEST_BODY = 64 * 1024
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]


def _url(text: str) -> str:
    if is_template(text.split("/", 3)[0]) or text.lower().startswith(("http://", "https://")):
        return text
    raise Refusal(
        Text(f"`{text[:60]}` is no address of a web service.", f"`{text[:60]}` 不是网络服务地址。"),
        Text("Write one such as https://erp.example/orders.", "请写成 https://erp.example/orders 的形式。"),
        "bad-url",
    )


def _into(name: str) -> str:
    return name if name == "last" else variable_name(name)


class FetchOptions(Strict):
    """``body`` is a text, or a mapping that is sent as JSON. ``into`` names the variable that holds the decoded answer;
    ``last`` holds it in any case."""

    url: Annotated[str, AfterValidator(_url)]
    method: Annotated[Method, BeforeValidator(lambda value: str(value).upper())] = "GET"
    body: str | dict[str, Any] | None = None
    headers: dict[HeaderName, str | None] = Field(default_factory=dict, max_length=32)
    timeout: Duration = Field(default=5.0, gt=0, le=30)
    into: Annotated[str, AfterValidator(_into)] = "last"


def _texts(options: FetchOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    yield ("url",), options.url
    if isinstance(options.body, str):
        yield ("body",), options.body
    elif options.body is not None:
        yield from _inside(options.body, ("body",))
    for name, value in options.headers.items():
        if value:
            yield ("headers", name), value


def _inside(value: Any, path: tuple[str | int, ...]) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _inside(item, (*path, key))


def _compiled(value: Any) -> Any:
    """A function of session and moment that gives ``value`` with its templates evaluated."""
    if isinstance(value, str):
        found = compile_value(value)
        return found if callable(found) else lambda session, at: found
    if isinstance(value, dict):
        parts = {key: _compiled(item) for key, item in value.items()}
        return lambda session, at: {key: part(session, at) for key, part in parts.items()}
    if isinstance(value, list):
        items = [_compiled(item) for item in value]
        return lambda session, at: [item(session, at) for item in items]
    return lambda session, at: value


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: FetchOptions = node.options
    ok, error = wiring.steps[node.on["ok"].name], wiring.steps[node.on["error"].name]
    url = compile_text(options.url)
    headers = [(name, compile_text(text or "")) for name, text in options.headers.items()]
    is_json = isinstance(options.body, dict)
    body = _compiled(options.body) if is_json else None
    text = compile_text(options.body) if isinstance(options.body, str) else None
    path_id = wiring.prefix + node.id

    def enter(session: Session, at: float) -> Command | Step:
        session.wait_for(after)
        sent = [(name, _line(value(session, at) if callable(value) else value)) for name, value in headers]
        content: str | None
        if body is not None:
            content = json.dumps(body(session, at), ensure_ascii=False, default=str)
            if not any(name.lower() == "content-type" for name, _ in sent):
                sent.append(("Content-Type", "application/json"))
        else:
            content = text(session, at) if callable(text) else text
        address = url(session, at) if callable(url) else url
        if len(address) > LONGEST_URL or len(content or "") > LONGEST_BODY:
            return failed(session, "the request is too long")
        return Fetch(address, options.method, content, tuple(sent), options.timeout)

    def after(session: Session, result: Result) -> Command | Step:
        if not isinstance(result, Fetched):
            return failed(session, result.reason if isinstance(result, Failed) else type(result).__name__)
        session.last = result.value
        if options.into != "last":
            session.variables[options.into] = result.value
        return ok

    def failed(session: Session, reason: str) -> Step:
        session.last = None
        session.note_fault(
            "fetch_failed",
            "configuration",
            Text(f"The fetch of `{path_id}` failed: {reason}.", f"`{path_id}` 的查询失败：{reason}。"),
        )
        return error

    return enter


def _line(text: str) -> str:
    """A header's value: nothing in it may begin another line."""
    return "".join(character if character.isprintable() else " " for character in text)


FETCH = NodeType(
    "fetch",
    FetchOptions,
    _compile,
    Branches("on", ("ok", "error"), ("ok", "error")),
    main="url",
    needs_caller=False,
    texts=_texts,
    defines=lambda options: () if options.into == "last" else (options.into,),
)
