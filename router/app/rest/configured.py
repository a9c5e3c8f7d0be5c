"""``/lines``, ``/trunks``, ``/flows``, ``/calendars``, ``/routes``: what the running revision holds, as values. Queues
are in `agents`, which shows them as they are now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, Listed, ListQuery, OneQuery
from router.api.operation import Call, Operation, Page
from router.api.refusal import not_found
from router.number400 import Number400, NumberError

from ..plain import plain
from ..served import Served

Parts = Callable[[Served], Mapping[str, Any]]


class PartModel(Listed):
    """A part of the configuration with the values that its file gives it, defaults included."""

    name: str


class PartPath(Input):
    """Its name."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]


def _flows(served: Served) -> Mapping[str, Any]:
    return {
        name: {"file": file, "text": content} for name, (file, content) in served.configuration.flow_sources.items()
    }


_PARTS: tuple[tuple[str, str, Text, Text, Parts], ...] = (
    ("line", "lines", Text("a line", "线路"), Text("Lines", "线路"), lambda served: served.configuration.lines),
    ("trunk", "trunks", Text("a trunk", "中继"), Text("Trunks", "中继"), lambda served: served.configuration.trunks),
    (
        "calendar",
        "calendars",
        Text("a calendar", "日历"),
        Text("Calendars", "日历"),
        lambda served: served.configuration.calendars,
    ),
    ("route", "routes", Text("a route", "路由"), Text("Routes", "路由"), lambda served: served.configuration.routes),
    ("flow", "flows", Text("a flow", "流程"), Text("Flows", "流程"), _flows),
)


def _value(name: str, found: Any) -> dict[str, Any]:
    value = plain(found)
    return {**(value if isinstance(value, dict) else {"value": value}), "name": name}


def _lister(parts: Parts, *, whole: bool) -> Callable[[Call[None, ListQuery, None], Served], Any]:
    async def handler(call: Call[None, ListQuery, None], served: Served) -> Page:
        found = parts(served)
        behind = "" if call.after is None else str(call.after[0])
        names = sorted(name for name in found if name > behind)
        shown = names[: call.query.limit]
        items = await asyncio.to_thread(lambda: [_value(name, found[name]) for name in shown])
        if not whole:
            items = [{key: item[key] for key in item if key != "text"} for item in items]
        return Page(items, (shown[-1],) if len(names) > len(shown) else None)

    handler.__doc__ = "Those of the running revision, by name."
    return handler


def _getter(parts: Parts, what: Text, *, numbered: bool) -> Callable[[Call[PartPath, OneQuery, None], Served], Any]:
    async def handler(call: Call[PartPath, OneQuery, None], served: Served) -> dict[str, Any]:
        found, name = parts(served), call.path.name
        if numbered:
            try:
                name = Number400.parse(name).digits
            except NumberError:
                raise not_found(what, call.path.name) from None
        if name not in found:
            raise not_found(what, call.path.name)
        return _value(name, found[name])

    handler.__doc__ = "One of them."
    return handler


OPERATIONS = tuple(
    operation
    for one, many, what, title, parts in _PARTS
    for operation in (
        Operation(
            f"list_{many}",
            "GET",
            f"/{many}",
            "configuration",
            Text(f"{title.en} of the running revision", f"当前版本的{title.zh}"),
            "configuration.read",
            _lister(parts, whole=many != "flows"),
            query=ListQuery,
            answer=PartModel,
            paged=True,
        ),
        Operation(
            f"get_{one}_in_force",
            "GET",
            f"/{many}/{{name}}",
            "configuration",
            Text(f"{what.en.capitalize()} of the running revision", f"当前版本的一个{what.zh}"),
            "configuration.read",
            _getter(parts, what, numbered=many == "routes"),
            path_model=PartPath,
            query=OneQuery,
            answer=PartModel,
        ),
    )
)
