"""``line400 schema``: the JSON Schema of a kind of file, for editors."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from ivr_flows.findings import Text
from ivr_flows.schema import nearest

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, usage


def schema(
    ctx: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help=both(
                "flow, scenario, or a configuration file: line400, numbers, lines, trunks, queues, routes, calendars",
                "flow、scenario，或配置文件：line400、numbers、lines、trunks、queues、routes、calendars",
            ),
        ),
    ],
) -> int:
    """The schema on standard output, the same with ``--json``. ``config/flows/flow.schema.json`` is kept from it."""
    invocation: Invocation = ctx.obj
    document = schema_of(kind)
    if invocation.json:
        invocation.document(document)
    else:
        for line in json.dumps(document, ensure_ascii=False, indent=2).splitlines():
            invocation.line(line)
    return DONE


def schemas() -> dict[str, str]:
    """The schemas that flows and scenarios name in their first line, by their path in a configuration folder."""
    found = {"flows/flow.schema.json": "flow", "scenarios/scenario.schema.json": "scenario"}
    return {file: json.dumps(schema_of(kind), ensure_ascii=False, indent=2) + "\n" for file, kind in found.items()}


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of ``kind`` files. Raises `Problem` (status 2) for a kind that there is not."""
    from ivr_flows.flow_schema import flow_json_schema
    from router.configuration import json_schema
    from router.configuration.schemas import FILES
    from simulator.scenarios.schema import scenario_json_schema

    if kind == "flow":
        return flow_json_schema()
    if kind == "scenario":
        return scenario_json_schema()
    if kind in FILES:
        return json_schema(kind)
    kinds = ["flow", "scenario", *FILES]
    close = nearest(kind, kinds)
    raise usage(
        "unknown-schema",
        Text(f"There is no schema `{kind}`.", f"没有名为 `{kind}` 的结构定义。"),
        Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
        if close
        else Text(f"One of: {', '.join(kinds)}.", f"可选：{'、'.join(kinds)}。"),
    )
