"""Editing a configuration in place: comments, order and quotes of the YAML stay as their author wrote them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from yaml.nodes import Node, ScalarNode

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import Refusal, nearest, plain, unknown_name
from ivr_flows.yaml_source import read_text
from router.model import Configuration

from .consistency import grouped
from .diff import unified
from .files_on_disk import write_atomic
from .folder import ROUTES, ROUTES_CSV
from .loader import Loaded, load, load_files
from .number_values import read_number
from .references import FLOW, LINE
from .text_edit import NotEditable, YamlText


class EditError(Exception):
    """A change that cannot be made. ``findings`` say why, each with its place; ``message`` and ``cure`` are those of
    the first."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message.en)
        self.findings = findings
        self.message = findings[0].message
        self.cure = findings[0].cure


@dataclass(frozen=True, slots=True)
class TextChange:
    """One file before and after a change, not yet written. ``diff`` is empty where nothing changes."""

    file: Path
    before: bytes
    after: bytes
    diff: str

    def write(self) -> None:
        """Write the change. Raises `WriteError`, also when the file was changed by somebody else meanwhile."""
        if self.after != self.before:
            write_atomic(self.file, self.after, expected=self.before)


def bind(folder: Path, number: str, flow: str, line: str | None = None) -> TextChange:
    """Bind ``number`` (in any spelling) to ``flow``, and route it over ``line`` where one is given.

    The route is added where the number has none. Nothing is written before `TextChange.write`. Raises `EditError`
    where the number, flow or line is not known, where the route would have no line, and where the file cannot be
    edited or the result would not pass the check; `ConfigurationMissing` where there is no folder.
    """
    loaded = load(folder)
    place = Place(str(folder / ROUTES))
    try:
        digits = read_number(number)
    except Refusal as error:
        raise EditError([Finding("error", error.code, place, error.message, error.cure)]) from error
    configuration = _usable(loaded)
    _check_names(configuration, place, number, digits, flow, line)
    route = configuration.routes.get(digits)
    if line is None and (route is None or route.line is None):
        raise EditError(
            [
                Finding(
                    "error",
                    "number-not-routed",
                    place,
                    Text(f"{number} has no line yet.", f"{number} 尚无线路。"),
                    Text(
                        f"Name the line that the carrier has routed it to: --line {_example(configuration)}",
                        f"请指明运营商为其配置的线路：--line {_example(configuration)}",
                    ),
                )
            ]
        )
    if route is not None and route.place.file == str(folder / ROUTES_CSV):
        change = _change(folder / ROUTES_CSV, lambda text: _edit_table(text, digits, flow, line))
    else:
        change = _change(folder / ROUTES, lambda text: _edit_tree(text, digits, flow, line))
    _usable(load_files({**configuration.files, change.file.name: change.after}, folder))
    return change


def _usable(loaded: Loaded) -> Configuration:
    if loaded.configuration is None:
        raise EditError([finding for finding in loaded.findings if finding.severity == "error"])
    return loaded.configuration


def _example(configuration: Configuration) -> str:
    return next(iter(configuration.lines), "LINE")


def _check_names(
    configuration: Configuration, place: Place, number: str, digits: str, flow: str, line: str | None
) -> None:
    findings: list[Finding] = []
    known = {facts.number for facts in configuration.numbers}
    if digits not in known:
        near = known if len(known) <= 2_000 else set()
        finding = unknown_name(place, Text("number", "号码"), digits, near, "unknown-number")
        add = Text("A new number goes into numbers.yaml first.", "新号码请先写入 numbers.yaml。")
        close = nearest(digits, near)
        cure = Text(f"{finding.cure.en} {add.en}", f"{finding.cure.zh}{add.zh}") if close else add
        findings.append(replace(finding, cure=cure))
    if flow not in configuration.flow_sources:
        findings.append(unknown_name(place, FLOW, flow, configuration.flow_sources))
    if line is not None and line not in configuration.lines:
        findings.append(unknown_name(place, LINE, line, configuration.lines))
    if findings:
        raise EditError(findings)


def _change(file: Path, edit: Callable[[str], str]) -> TextChange:
    before = file.read_bytes() if file.exists() else b""
    text = before.decode("utf-8-sig")
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    newline = "\r\n" if "\r\n" in text else "\n"
    edited = edit(text.replace("\r\n", "\n"))
    after = mark + edited.replace("\n", newline).encode()
    return TextChange(file, before, after, unified(file.name, before or None, after))


def _edit_tree(text: str, digits: str, flow: str, line: str | None) -> str:
    entries = [("line", line), ("flow", flow)] if line is not None else [("flow", flow)]
    try:
        document = YamlText(text)
        routes = document.find(document.root, "routes".__eq__)
        route = document.find(routes[1], lambda key: _same(key, digits)) if routes else None
        if routes is None:
            document.append_section("routes", grouped(digits), entries)
        elif route is None:
            document.append(*routes, grouped(digits), entries)
        elif _is_empty(route[1]):
            document.fill(route[0], entries)
        else:
            for key, value in entries:
                document.put(*route, key, value, after="line" if key == "flow" else None)
        edited = document.result()
    except NotEditable as error:
        raise _not_editable(digits) from error
    _check_only_this_changed(text, edited, digits, dict(entries))
    return edited


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style is None and node.value == ""


def _check_only_this_changed(before: str, after: str, digits: str, wanted: dict[str, str]) -> None:
    """Refuse an edit that changes the meaning of anything but the one route: better no edit than a quiet other one."""
    old, new = (plain(read_text(text, ROUTES).root) or {} for text in (before, after))
    routes = new.get("routes") or {}
    key = next((key for key in routes if _same(key, digits)), None)
    route = dict(routes[key] or {}) if key is not None else {}
    if any(route.get(name) != value for name, value in wanted.items()):
        raise _not_editable(digits)
    earlier = dict(old.get("routes") or {})
    rest = dict(earlier.pop(key, None) or {}) if key is not None else {}
    changed = {name: value for name, value in routes.items() if name != key}
    same_route = {n: v for n, v in rest.items() if n not in wanted} == {
        n: v for n, v in route.items() if n not in wanted
    }
    if not same_route or changed != earlier or {**old, "routes": None} != {**new, "routes": None}:
        raise _not_editable(digits)


def _not_editable(digits: str) -> EditError:
    return EditError(
        [
            Finding(
                "error",
                "not-editable",
                Place(ROUTES),
                Text(
                    "The file uses YAML (anchors, or lines of an unusual shape) that cannot be edited safely.",
                    "该文件使用了无法安全编辑的 YAML 写法（如锚点、特殊换行）。",
                ),
                Text(f"Edit the route of {grouped(digits)} by hand.", f"请手工编辑 {grouped(digits)} 的路由。"),
            )
        ]
    )


def _same(key: object, digits: str) -> bool:
    try:
        return read_number(key) == digits
    except Refusal:
        return False


def _edit_table(text: str, digits: str, flow: str, line: str | None) -> str:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header = [cell.strip() for cell in rows[0]]
    for wanted in ("line", "flow"):
        if wanted not in header:
            header.append(wanted)
            rows[0].append(wanted)
            for row in rows[1:]:
                if row:
                    row.append("")
    for row in rows[1:]:
        if row and _same(row[header.index("number")], digits):
            row[header.index("flow")] = flow
            if line is not None:
                row[header.index("line")] = line
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
