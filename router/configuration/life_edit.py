"""Writing what happened to a number into the files: a purchased number, its route when the ticket is done, an
instance.

Comments, order and quotes stay; every edit is read again, and nothing is written unless the whole configuration is
right with it. An edit that is there already changes nothing, so that a command that was cut short is simply repeated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from ivr_flows.findings import Finding, Place, Text, has_errors
from ivr_flows.schema import Refusal, plain
from ivr_flows.yaml_source import read_text

from .consistency import grouped
from .diff import unified
from .edit import EditError
from .files_on_disk import write_together
from .folder import NUMBERS, NUMBERS_CSV, QUEUES, ROUTES, ROUTES_CSV, read_folder
from .loader import load_files
from .number_values import read_number
from .table_edit import with_cells, without_row
from .text_edit import NotEditable, YamlText

REGION = "地区-"
"""How rules begin that a route ticket made."""


@dataclass
class ConfigurationEdit:
    """Edits of several files, made in memory and written together by `write`."""

    folder: Path
    files: Mapping[str, bytes] = field(default_factory=dict)
    changed: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files = dict(read_folder(self.folder)[0])

    @property
    def diff(self) -> str:
        """What would be written, as one unified difference."""
        return "\n".join(
            unified(name, self.files.get(name), after)
            for name, after in self.changed.items()
            if after != self.files.get(name)
        )

    def check(self) -> None:
        """See that the configuration is right with the edits. Raises `EditError` with its errors."""
        if self.changed:
            findings = load_files({**self.files, **self.changed}, self.folder, lint=False).findings
            if has_errors(findings):
                raise EditError([finding for finding in findings if finding.severity == "error"])

    def write(self) -> list[Path]:
        """Check, then write everything or nothing; the files. Raises `EditError` and `WriteError`."""
        self.check()
        wanted = {name: after for name, after in self.changed.items() if after != self.files.get(name)}
        write_together([(self.folder / name, self.files.get(name), after) for name, after in wanted.items()])
        return [self.folder / name for name in wanted]

    def enter_number(self, number: str, facts: Mapping[str, str]) -> None:
        """Add ``number`` with ``facts`` to numbers.yaml, or correct them where it stands already, there or in
        numbers.csv."""
        configuration = load_files({**self.files, **self.changed}, self.folder, lint=False).configuration
        known = configuration.numbers if configuration is not None else ()
        if any(one.number == number and not one.place.file.endswith(NUMBERS) for one in known):
            self._edit(NUMBERS_CSV, lambda text: with_cells(text, number, facts))
            return
        if any(one.number == number for one in known):
            for key, value in facts.items():
                self._edit(NUMBERS, partial(_number_with, number=number, key=key, value=_word(value)))
            return
        entries = [("number", grouped(number)), *((key, _word(value)) for key, value in facts.items())]
        self._edit(NUMBERS, lambda text: _with_item(text, "numbers", entries))

    def set_instance_of(self, number: str, instance: str) -> None:
        """Give a number its instance."""
        self._edit(NUMBERS, lambda text: _number_with(text, number, "instance", instance))
        if self._has(NUMBERS_CSV):
            self._edit(NUMBERS_CSV, lambda text: with_cells(text, number, {"instance": instance}))

    def enter_instance(self, name: str, queue: str) -> None:
        """Add an instance to queues.yaml, unless it is there."""
        self._write_down_queues()
        self._edit(QUEUES, lambda text: _with_named(text, "instances", name, [("queue", queue)]))

    def set_route(self, number: str, entries: Sequence[tuple[str, str | None]], regions: Mapping[str, str]) -> None:
        """Set keys of the route of ``number``, each with a value of one line, or take one away (None); and give it
        exactly the rules of ``regions``, behind those of its author. A route of routes.csv moves to routes.yaml where
        it needs more than a line."""
        row = self._row(number)
        if row and not regions and all(key == "line" or value is None for key, value in entries):
            cells = {key: value or "" for key, value in entries if key == "line"}
            self._edit(ROUTES_CSV, lambda text: with_cells(text, number, cells))
            return
        if row:
            self._edit(ROUTES_CSV, lambda text: without_row(text, number)[0])
            if row.get("flow"):
                self._edit(ROUTES, lambda text: _flow_with(text, number, row["flow"]))
        self._edit(ROUTES, lambda text: _route_with(text, number, entries, regions))

    def set_flow(self, number: str, flow: str | None) -> None:
        """Set or take away the binding of ``number`` and nothing else."""
        if self._row(number):
            self._edit(ROUTES_CSV, lambda text: with_cells(text, number, {"flow": flow or ""}))
            return
        self._edit(ROUTES, lambda text: _flow_with(text, number, flow))

    def _bytes(self, name: str) -> bytes:
        return self.changed.get(name, self.files.get(name, b""))

    def _has(self, name: str) -> bool:
        return name in self.changed or name in self.files

    def _row(self, number: str) -> dict[str, str]:
        """The row of ``number`` in routes.csv; nothing where there is none."""
        if not self._has(ROUTES_CSV):
            return {}
        try:
            return without_row(self._bytes(ROUTES_CSV).decode("utf-8-sig"), number)[1]
        except NotEditable as error:
            raise EditError([_not_editable(self.folder / ROUTES_CSV)]) from error

    def _write_down_queues(self) -> None:
        """Without queues.yaml whatever flows and numbers name is there by itself; a first queues.yaml must hold it."""
        if QUEUES in self.files or QUEUES in self.changed:
            return
        configuration = load_files({**self.files, **self.changed}, self.folder, lint=False).configuration
        if configuration is None:
            return
        text = ""
        for section, entries in (
            ("queues", {name: [("agents", "[]")] for name in configuration.queues if name != "default"}),
            ("voicemail", {name: [("max", f"{seconds:g}s")] for name, seconds in configuration.boxes.items()}),
            ("instances", {name: [("queue", queue)] for name, queue in configuration.instances.items()}),
        ):
            for name, values in entries.items():
                text = _with_named(text, section, name, values)
        self.changed[QUEUES] = text.encode()

    def _edit(self, name: str, edit: Any) -> None:
        before = self._bytes(name)
        text = before.decode("utf-8-sig")
        newline = "\r\n" if "\r\n" in text else "\n"
        try:
            edited: str = edit(text.replace("\r\n", "\n"))
        except NotEditable as error:
            raise EditError([_not_editable(self.folder / name)]) from error
        if edited.replace("\n", newline).encode() != text.encode():
            mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
            self.changed[name] = mark + edited.replace("\n", newline).encode()


def _with_item(text: str, section: str, entries: Sequence[tuple[str, str]]) -> str:
    document = YamlText(text)
    found = document.find(document.root, section.__eq__)
    if found is None:
        return f"{document.text}{section}:\n{_item(2, entries)}"
    document.add_item(*found, lambda column: _item(column, entries))
    return document.result()


def _item(column: int, entries: Sequence[tuple[str, str]]) -> str:
    lines = [f"{key}: {value}" for key, value in entries]
    indent = " " * column
    return f"{indent}- {lines[0]}\n" + "".join(f"{indent}  {line}\n" for line in lines[1:])


def _with_named(text: str, section: str, name: str, entries: list[tuple[str, str]]) -> str:
    document = YamlText(text)
    found = document.find(document.root, section.__eq__)
    if found is None:
        document.append_section(section, name, entries)
    elif isinstance(found[1], yaml.MappingNode) and not found[1].value:
        body = "".join(f"    {key}: {value}\n" for key, value in entries)
        document.open_up(*found, f"  {name}:\n{body}")
    elif document.find(found[1], name.__eq__) is None:
        document.append(*found, name, entries)
    return document.result()


def _number_with(text: str, number: str, key: str, value: str) -> str:
    document = YamlText(text)
    found = document.find(document.root, "numbers".__eq__)
    if found is None or not isinstance(found[1], yaml.SequenceNode):
        return text
    for item in found[1].value:
        named = document.find(item, "number".__eq__)
        if named is not None and _same(named[1].value, number):
            document.put(named[0], item, key, value, after="number")
    return document.result()


def _route_with(text: str, number: str, entries: Sequence[tuple[str, str | None]], regions: Mapping[str, str]) -> str:
    text = _route_there(text, number)
    for key, value in entries:
        document = YamlText(text)
        owner, route = _route(document, number)
        if value is None:
            document.drop(route, key)
        else:
            document.put_value(owner, route, key, value, after="line" if key in ("flow", "hunt") else None)
        text = document.result()
    text = _without_regions(text, number)
    for province, line in regions.items():
        rule = f"{{ name: {REGION}{province}, when: {{ caller: {{ province: {province} }} }}, line: {line} }}"
        document = YamlText(text)
        owner, route = _route(document, number)
        rules = document.find(route, "rules".__eq__)
        if rules is None:
            last = route.value[-1][0].value if isinstance(route, yaml.MappingNode) and route.value else None
            column = route.value[0][0].start_mark.column if last else owner.start_mark.column + 2
            document.put_value(owner, route, "rules", f"\n{' ' * (column + 2)}- {rule}", after=last)
        else:
            document.add_item(*rules, partial(_rule_item, rule))
        text = document.result().replace("rules: \n", "rules:\n")
    _verify(text, number, dict(entries), regions)
    return text


def _rule_item(rule: str, column: int) -> str:
    return f"{' ' * column}- {rule}\n"


def _flow_with(text: str, number: str, flow: str | None) -> str:
    if flow is None and not _has_route(text, number):
        return text
    text = _route_there(text, number)
    document = YamlText(text)
    owner, route = _route(document, number)
    if flow is None:
        document.drop(route, "flow")
    else:
        document.put_value(owner, route, "flow", flow, after="line")
    text = document.result()
    _verify(text, number, {"flow": flow}, None)
    return text


def _without_regions(text: str, number: str) -> str:
    document = YamlText(text)
    _, route = _route(document, number)
    rules = document.find(route, "rules".__eq__)
    if rules is not None and isinstance(rules[1], yaml.SequenceNode):
        ours = [item for item in rules[1].value if _is_region(document, item)]
        if ours and len(ours) == len(rules[1].value):
            document.drop(route, "rules")
        else:
            for item in ours:
                document.drop_item(item)
    return document.result()


def _is_region(document: YamlText, item: yaml.Node) -> bool:
    name = document.find(item, "name".__eq__)
    return name is not None and str(name[1].value).startswith(REGION)


def _has_route(text: str, number: str) -> bool:
    routes = (plain(read_text(text, ROUTES).root) or {}).get("routes") or {}
    return any(_same(key, number) for key in routes)


def _route_there(text: str, number: str) -> str:
    """The text with a route of ``number``, an empty one where there is none."""
    if _has_route(text, number):
        return text
    document = YamlText(text)
    routes = document.find(document.root, "routes".__eq__)
    if routes is None:
        document.append_section("routes", grouped(number), [])
    elif isinstance(routes[1], yaml.MappingNode) and not routes[1].value:
        document.open_up(*routes, f"{' ' * (routes[0].start_mark.column + 2)}{grouped(number)}:\n")
    else:
        document.append(*routes, grouped(number), [])
    return document.result()


def _route(document: YamlText, number: str) -> tuple[yaml.Node, yaml.Node]:
    routes = document.find(document.root, "routes".__eq__)
    found = document.find(routes[1], lambda key: _same(key, number)) if routes else None
    if found is None:
        raise NotEditable(number)
    return found


def _verify(text: str, number: str, wanted: Mapping[str, str | None], regions: Mapping[str, str] | None) -> None:
    """Refuse an edit that did not come out as meant: better none than a quiet other one."""
    routes = (plain(read_text(text, ROUTES).root) or {}).get("routes") or {}
    route = next((value for key, value in routes.items() if _same(key, number)), None) or {}
    for key, value in wanted.items():
        if (value is None) == (key in route):
            raise NotEditable(key)
        if value is not None and plain(read_text(f"x: {value}\n", ROUTES).root)["x"] != route[key]:
            raise NotEditable(key)
    if regions is not None:
        made = [rule for rule in route.get("rules") or [] if str(rule.get("name", "")).startswith(REGION)]
        if [rule["line"] for rule in made] != list(regions.values()):
            raise NotEditable("rules")


def _same(key: object, number: str) -> bool:
    try:
        return read_number(key) == number
    except Refusal:
        return False


def _word(value: str) -> str:
    """A value as YAML writes it: in quotes where it needs them."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value
    written: str = yaml.safe_dump(value, allow_unicode=True, width=10_000)
    return written.removesuffix("\n").removesuffix("\n...")


def _not_editable(file: Path) -> Finding:
    return Finding(
        "error",
        "not-editable",
        Place(str(file)),
        Text(
            "The file is written in a way (anchors, quotes that do not close, lines of an unusual shape) that cannot "
            "be edited safely.",
            "该文件使用了无法安全编辑的写法（如锚点、引号不成对、特殊换行）。",
        ),
        Text("Write the entry by hand and repeat the command.", "请手工写入该条目，再重复本命令。"),
    )
