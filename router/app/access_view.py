"""Tokens and users as a table for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ivr_flows.findings import Text

from .invocation import Invocation, printable

TOKEN_COLUMNS = {
    "name": Text("name", "名称"),
    "id": Text("id", "编号"),
    "role": Text("role", "角色"),
    "scope": Text("scope", "范围"),
    "state": Text("state", "状态"),
    "expires": Text("expires", "到期"),
    "author": Text("by", "创建人"),
}
USER_COLUMNS = {
    "name": Text("name", "用户名"),
    "role": Text("role", "角色"),
    "disabled": Text("disabled", "停用"),
    "changed": Text("changed", "修改时间"),
}


def show_documents(
    invocation: Invocation, columns: Mapping[str, Text], documents: Sequence[Mapping[str, Any]], none: Text
) -> None:
    """The ``columns`` of ``documents``, one line each, or ``none``."""
    from rich.table import Table

    if not documents:
        invocation.line(invocation.say(none))
        return
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in columns.values():
        table.add_column(invocation.say(name), overflow="fold")
    for document in documents:
        table.add_row(*(_cell(invocation, document[name]) for name in columns))
    invocation.console().print(table)


def _cell(invocation: Invocation, value: Any) -> str:
    if isinstance(value, bool):
        return invocation.say(Text("yes", "是")) if value else ""
    if isinstance(value, list):
        return ", ".join(value)
    return printable(str(value)) if value is not None else "–"
