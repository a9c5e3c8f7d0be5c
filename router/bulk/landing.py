"""Where the rows of a table land: ``numbers.csv`` and ``routes.csv`` of a configuration folder, all or nothing.

A number is added, or the columns that the table has replace what its row said; an empty cell empties. Nothing is
deleted. A route with options (rules, say) is appended to ``routes.yaml``, since ``routes.csv`` holds bindings only.
What stands in ``numbers.yaml`` or ``routes.yaml`` is compared and never changed: a difference is a fault of the row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ivr_flows.findings import Finding, Place, Text
from router.configuration import load_files
from router.configuration.consistency import grouped
from router.configuration.files_on_disk import write_together
from router.configuration.folder import NUMBERS, NUMBERS_CSV, ROUTES, ROUTES_CSV
from router.configuration.text_edit import NotEditable, YamlText
from router.model import NumberFacts

from .columns import BINDING, FACTS, NUMBER, OPTIONS, bound_to, spell
from .options import entries_of
from .reading import BadRow, Entry, Table
from .target import Target, TargetError

_Change = Literal["added", "changed", "unchanged"]


@dataclass(slots=True)
class Counts:
    """How many rows were added, changed, or said what was there."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def count(self, change: _Change) -> None:
        """One more."""
        setattr(self, change, getattr(self, change) + 1)

    def as_json(self) -> dict[str, int]:
        """The three counts by name."""
        return {"added": self.added, "changed": self.changed, "unchanged": self.unchanged}


@dataclass(slots=True)
class Landing:
    """What the import does to a folder; ``files`` are the changed files, not yet written, by name."""

    target: Target
    numbers: Counts = field(default_factory=Counts)
    routes: Counts = field(default_factory=Counts)
    files: dict[str, bytes] = field(default_factory=dict)

    def write(self) -> None:
        """Replace the files together. Raises `WriteError` where one cannot be written or was changed by somebody else
        meanwhile: then none is changed."""
        # numbers first: numbers without a route are a valid configuration, routes without a number are not
        folder = self.target.folder
        folder.mkdir(parents=True, exist_ok=True)
        write_together(
            [
                (folder / name, self.target.before.get(name), self.files[name])
                for name in (NUMBERS_CSV, ROUTES_CSV, ROUTES)
                if name in self.files
            ]
        )


def land(table: Table, target: Target) -> Landing:
    """Put the good rows of ``table`` where they belong. Rows that contradict the YAML files, or are routes of numbers
    that nobody has, move to ``table.bad``; the caller decides whether the others land without them."""
    landing = Landing(target)
    facts, binding = table.facts(), table.binding()
    numbers = _Rows(target.numbers, facts, FACTS)
    routes = _Rows(target.routes, binding, BINDING)
    fact_at = [table.columns.index(key) for key in facts]
    binding_at = [table.columns.index(key) for key in binding]
    options_at = table.columns.index(OPTIONS) if OPTIONS in table.columns else None
    appended: list[tuple[str, list[tuple[str, str]]]] = []
    good: list[Entry] = []
    for entry in table.entries:
        own = tuple(entry.values[index] for index in fact_at)
        route = tuple(entry.values[index] for index in binding_at)
        options = "" if options_at is None else entry.values[options_at]
        faults = [*_contradicts_number(table, target, entry, own), *_contradicts_route(table, target, entry, route)]
        if options_at is not None:
            faults.extend(_contradicts_options(table, target, entry, options))
        if not facts and target.configured and entry.number not in numbers.rows:
            faults.extend(_unknown_number(table, target, entry))
        if faults:
            table.bad.append(BadRow(entry.row, table.written(entry), tuple(faults)))
            continue
        good.append(entry)
        listed = entry.number in target.yaml_numbers
        landing.numbers.count("unchanged" if listed else numbers.put(entry.number, own))
        if entry.number in target.yaml_routes:
            landing.routes.count("unchanged")
        elif options:
            moved = routes.take(entry.number)
            named = {**moved, **dict(zip(binding, route, strict=True))}
            written = [(key, value) for key, value in named.items() if value]
            appended.append((grouped(entry.number), [*written, *entries_of(options)]))
            landing.routes.count("changed" if moved else "added")
        elif any(route) or entry.number in routes.rows:
            landing.routes.count(routes.put(entry.number, route, drop_empty=True))
    table.entries = good
    table.bad.sort(key=lambda bad: bad.row)
    for name, rows in ((NUMBERS_CSV, numbers), (ROUTES_CSV, routes)):
        if rows.changed:
            landing.files[name] = rows.text().encode()
    if appended:
        landing.files[ROUTES] = _with_routes(target, appended)
    return landing


def _with_routes(target: Target, routes: list[tuple[str, list[tuple[str, str]]]]) -> bytes:
    """``routes.yaml`` with ``routes`` behind those that it has. Raises `TargetError` where it cannot be edited."""
    before = (target.before.get(ROUTES) or b"").decode("utf-8-sig")
    newline = "\r\n" if "\r\n" in before else "\n"
    try:
        document = YamlText(before.replace("\r\n", "\n"))
        section = document.find(document.root, "routes".__eq__)
        if section is not None:
            document.append_all(*section, routes)
        else:
            first, *rest = routes
            document.append_section("routes", first[0], first[1])
            document = YamlText(document.result())
            section = document.find(document.root, "routes".__eq__)
            assert section is not None
            if rest:
                document.append_all(*section, rest)
        text = document.result()
    except NotEditable as error:
        place = Place(str(target.folder / ROUTES))
        raise TargetError(
            [
                Finding(
                    "error",
                    "not-editable",
                    place,
                    Text(
                        f"{ROUTES} uses YAML (anchors, or lines of an unusual shape) that cannot be added to safely.",
                        f"{ROUTES} 使用了无法安全追加的 YAML 写法（如锚点、特殊换行）。",
                    ),
                    Text("Lay it out anew: line400 fmt", "请先整理排版：line400 fmt"),
                )
            ]
        ) from error
    return text.replace("\n", newline).encode()


def check(landing: Landing) -> None:
    """Refuse files with which the configuration would not load. A file that is missing altogether does not stand in
    the way: a folder may be filled table by table. Raises `TargetError`."""
    target = landing.target
    if not target.configured or not landing.files:
        return
    loaded = load_files({**target.files, **landing.files}, target.folder)
    faults = [finding for finding in loaded.findings if finding.severity == "error" and finding.code != "missing-file"]
    if faults:
        raise TargetError(faults)


class _Rows:
    """The rows of one of our own tables by number, in the file's order, and what is put into them."""

    def __init__(self, table: Table, given: tuple[str, ...], order: tuple[str, ...]) -> None:
        named = [*table.columns, *given]
        self.columns = tuple(key for key in order if key in named)
        self.rows: dict[str, tuple[str, ...]] = {}
        self.changed = False
        self._interned: dict[tuple[str, ...], tuple[str, ...]] = {}
        places = [table.columns.index(key) if key in table.columns else -1 for key in self.columns]
        for entry in table.entries:
            self.rows[entry.number] = self._one(tuple(entry.values[at] if at >= 0 else "" for at in places))
        self._given = [self.columns.index(key) for key in given]

    def put(self, number: str, values: tuple[str, ...], *, drop_empty: bool = False) -> _Change:
        """Set the given columns of ``number``. With ``drop_empty`` a row of which nothing is left goes."""
        old = self.rows.get(number)
        row = list(old) if old is not None else [""] * len(self.columns)
        for at, value in zip(self._given, values, strict=True):
            row[at] = value
        new = self._one(tuple(row))
        if drop_empty and not any(new):
            return "changed" if self.take(number) else "unchanged"
        self.rows[number] = new
        self.changed = self.changed or old != new
        return "added" if old is None else "unchanged" if old == new else "changed"

    def take(self, number: str) -> dict[str, str]:
        """Take the row of ``number`` out: its values by column; nothing where there is none."""
        row = self.rows.pop(number, None)
        self.changed = self.changed or row is not None
        return {} if row is None else dict(zip(self.columns, row, strict=True))

    def text(self) -> str:
        """The file: a row of names, a row per number."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow((NUMBER, *self.columns))
        writer.writerows((grouped(number), *row) for number, row in self.rows.items())
        return stream.getvalue()

    def _one(self, row: tuple[str, ...]) -> tuple[str, ...]:
        return self._interned.setdefault(row, row)


def _contradicts_number(table: Table, target: Target, entry: Entry, own: tuple[str, ...]) -> Iterable[Finding]:
    there = target.yaml_numbers.get(entry.number)
    if there is None:
        return
    for key, value in zip(table.facts(), own, strict=True):
        if key == "usage" or value == _fact(there, key):
            continue
        if key == "company" and not value and there.company == target.company:
            continue
        if not value and key in _DEFAULTS and _fact(there, key) == _DEFAULTS[key]:
            continue
        shown, standing, written = grouped(entry.number), _fact(there, key), value or "(empty)"
        yield Finding(
            "error",
            "differs-from-yaml",
            table.place(entry.row, key),
            Text(
                f"{shown} stands in {NUMBERS} with `{key}: {standing}`, here `{written}`.",
                f"{shown} 已写在 {NUMBERS} 中，其 `{key}: {standing}` 与此处的 `{written}` 不同。",
            ),
            Text(
                f"Correct it there ({there.place}), or delete it there and let the table have it.",
                f"请在该处（{there.place}）更正，或从那里删除、只留在表格中。",
            ),
        )


_DEFAULTS = {"tier": spell(NumberFacts("").tier), "auto_renew": spell(NumberFacts("").auto_renew)}


def _fact(facts: NumberFacts, key: str) -> str:
    return spell(getattr(facts, key))


def _contradicts_route(table: Table, target: Target, entry: Entry, route: tuple[str, ...]) -> Iterable[Finding]:
    there = target.yaml_routes.get(entry.number)
    if there is None:
        return
    for key, value in zip(table.binding(), route, strict=True):
        standing = bound_to(there, key)
        if value == standing:
            continue
        shown = grouped(entry.number)
        written = value or "(empty)"
        yield Finding(
            "error",
            "differs-from-yaml",
            table.place(entry.row, key),
            Text(
                f"The route of {shown} stands in {ROUTES} with `{key}: {standing}`, here `{written}`.",
                f"{shown} 的路由已写在 {ROUTES} 中，其 `{key}: {standing}` 与此处的 `{written}` 不同。",
            ),
            Text(
                f"Change it there: line400 bind {shown} --flow FLOW --line LINE",
                f"请在该处更改：line400 bind {shown} --flow 流程 --line 线路",
            ),
        )


def _contradicts_options(table: Table, target: Target, entry: Entry, options: str) -> Iterable[Finding]:
    if entry.number not in target.yaml_routes or target.yaml_options.get(entry.number, "") == options:
        return
    shown = grouped(entry.number)
    yield Finding(
        "error",
        "differs-from-yaml",
        table.place(entry.row, OPTIONS),
        Text(f"The rules of {shown} in {ROUTES} are others.", f"{shown} 在 {ROUTES} 中的规则与此处不同。"),
        Text(
            f"Change them there ({target.yaml_routes[entry.number].place}), or delete the route there.",
            f"请在该处（{target.yaml_routes[entry.number].place}）更改，或从那里删除该路由。",
        ),
    )


def _unknown_number(table: Table, target: Target, entry: Entry) -> Iterable[Finding]:
    if entry.number in target.yaml_numbers:
        return
    yield Finding(
        "error",
        "unknown-number",
        table.place(entry.row, NUMBER),
        Text(
            f"There is no number {grouped(entry.number)} in this configuration: it may be another one's.",
            f"本配置中没有号码 {grouped(entry.number)}，可能属于另一套配置。",
        ),
        Text(
            "Import it as a number first: a table with a column such as `company` or `purchased`.",
            "请先导入号码本身：表格中加上 `使用公司` 或 `购买日` 等列。",
        ),
    )
