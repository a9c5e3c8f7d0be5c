"""Loading a configuration: from a folder or from a revision's content, all findings at once.

The order is fixed: bytes, trees, values of each file, names that exist without being written, references,
consistency, flows. `load` and `load_files` share everything behind the reading of bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo

from ivr_flows.findings import Finding, Place, Text, has_errors
from ivr_flows.lint import Calls
from ivr_flows.yaml_source import Document, read_bytes
from router.calendars import compile_calendar
from router.model import CalendarSpec, Configuration, Route
from router.number400 import Number400

from . import parts as part
from . import route_parts
from .collecting import without_collector
from .consistency import check_numbers, check_routes
from .day_checks import check_day
from .flow_files import CheckEnvironment, FlowFiles, Surroundings, lint_flows, read_flow_files
from .folder import (
    CALENDARS,
    INVARIANTS,
    LINES,
    NUMBERS,
    NUMBERS_CSV,
    PRICES,
    QUEUES,
    ROUTES,
    ROUTES_CSV,
    SETTINGS,
    TRUNKS,
    read_folder,
    size_finding,
    unknown_files,
)
from .forward_checks import check_forwards
from .holiday_years import read_holiday_years
from .invariant_parts import check_invariant_names, read_invariants
from .line_checks import check_lines
from .name_checks import check_switch_names
from .number_table import read_number_table, read_route_table
from .parts import Declared, Parts
from .price_parts import read_prices
from .references import check_instances, check_references, supply_defaults
from .route_checks import check_behaviour
from .service_checks import check_services
from .table_cache import TableCache


@dataclass(slots=True)
class Loaded:
    """A configuration read. ``configuration`` is None exactly if ``findings`` holds an error; ``surroundings`` are what
    its flows were checked against in any case."""

    configuration: Configuration | None
    findings: list[Finding] = field(default_factory=list)
    surroundings: Surroundings | None = field(default=None, compare=False, repr=False)


def load(folder: Path, *, at: date | None = None, examples: bool = False) -> Loaded:
    """Read and check the configuration folder.

    ``at`` is the day for which findings that depend on the day are made; without it there are none. With ``examples``
    findings about a flow's behaviour carry a call on that day which shows them, and the behaviour of routes is checked
    too (`router.configuration.route_checks`). Raises `ConfigurationMissing` where
    there is no folder to open, and nothing else for what the files hold.
    """
    content, findings = read_folder(folder)
    with without_collector():
        return _load(content, folder, at, findings, examples)


def load_files(
    files: Mapping[str, bytes],
    base: Path,
    *,
    at: date | None = None,
    examples: bool = False,
    tables: TableCache | None = None,
    lint: bool = True,
) -> Loaded:
    """Check a content (paths relative to the configuration folder → bytes) as if it stood in the folder ``base``:
    findings name files below it, relative paths in ``line400.yaml`` are relative to its parent. ``at`` and ``examples``
    are those of `load`. Never raises.

    ``tables`` remembers tables from one load to the next. Without ``lint`` flows are read and not judged: for what
    was judged before it came into force."""
    with without_collector():
        return _load(files, base, at, [], examples, tables=tables, lint=lint)


def _load(
    content: Mapping[str, bytes],
    folder: Path,
    at: date | None,
    findings: list[Finding],
    examples: bool = False,
    tables: TableCache | None = None,
    lint: bool = True,
) -> Loaded:
    shown = {name: _shown(folder, name) for name in content}
    unreadable = {finding.place.file for finding in findings}
    parts = Parts(files={name: _shown(folder, name) for name in part.FILE_NAMES}, findings=findings, secrets=os.environ)
    findings.extend(unknown_files(content, shown))
    for name in (SETTINGS, NUMBERS, LINES, TRUNKS, QUEUES, ROUTES, CALENDARS, INVARIANTS, PRICES):
        _read_tree(parts, name, content, unreadable)
    _check_presence(parts, content, unreadable, folder)
    part.read_settings(
        parts, SETTINGS, lambda url: absolute_store(url, folder), lambda path: absolute_path(path, folder)
    )
    part.read_numbers(parts, NUMBERS)
    part.read_lines(parts, LINES)
    part.read_trunks(parts, TRUNKS)
    part.read_queues(parts, QUEUES)
    route_parts.read_lists(parts, ROUTES)
    route_parts.read_routes(parts, ROUTES)
    read_holiday_years(parts, content, shown)
    route_parts.read_calendars(parts, CALENDARS)
    _read_tables(parts, content, unreadable, tables or TableCache())
    read_invariants(parts, INVARIANTS)
    read_prices(parts, PRICES)
    _declare(parts)
    flows = read_flow_files(content, shown)
    findings.extend(flows.findings)
    flows_known = not any(file.startswith(_shown(folder, "flows")) for file in unreadable)
    supply_defaults(parts, flows.queues, flows.boxes)
    check_references(parts, flows.names if flows_known else None)
    check_invariant_names(parts, flows.names if flows_known else None)
    check_numbers(parts)
    check_instances(parts)
    routes = check_routes(parts)
    check_lines(parts, routes)
    check_switch_names(parts)
    check_forwards(parts, routes)
    environment = _environment(parts, flows if flows_known else None)
    calls = (
        Calls(_moment(at, parts), numbers_of(routes, _in_service(parts, at))) if examples and at is not None else None
    )
    if lint:
        findings.extend(lint_flows(flows, environment, parts.settings.lint, calls))
        findings.extend(check_services(flows.definitions.values(), parts.settings))
    if at is not None:
        check_day(parts, at)
    findings[:] = list(dict.fromkeys(findings))
    findings.sort(key=lambda finding: finding.place)
    surroundings = Surroundings(environment, parts.settings.lint)
    if has_errors(findings):
        return Loaded(None, findings, surroundings)
    configuration = Configuration(
        settings=parts.settings,
        numbers=tuple(parts.numbers),
        lines=parts.lines,
        trunks=parts.trunks,
        routes=routes,
        lists=parts.lists,
        calendars=parts.calendars,
        queues=parts.queues,
        boxes=parts.boxes,
        instances=parts.instances,
        instance_texts=parts.instance_texts,
        flow_sources=flows.sources,
        invariants=tuple(parts.invariants),
        prices=parts.prices,
        files=dict(content),
    )
    if examples and at is not None:
        findings[:] = check_behaviour(configuration, flows.definitions, parts.documents, at, findings)
    return Loaded(configuration, findings, surroundings)


def numbers_of(routes: Mapping[str, Route], usable: Container[str]) -> dict[str, str]:
    """Flow → a number to call it by, of those that are ``usable``: one that it is bound to, else one whose rules lead
    to it."""
    found: dict[str, str] = {}
    there = [route for route in routes.values() if route.number in usable]
    for route in there:
        if route.flow and route.flow not in found:
            found[route.flow] = Number400.parse(route.number).grouped
    for route in there:
        for rule in route.rules:
            for flow in [rule.flow, *(name for name, _ in rule.split)]:
                if flow and flow not in found:
                    found[flow] = Number400.parse(route.number).grouped
    return found


def _in_service(parts: Parts, at: date) -> set[str]:
    """The numbers that can be called on the day ``at``, as far as their files say."""
    return {
        facts.number
        for facts in parts.numbers
        if facts.state in (None, "bound") and (facts.purchased is None or facts.purchased <= at)
    }


def _moment(at: date, parts: Parts) -> float:
    return datetime.combine(at, time(10), ZoneInfo(parts.settings.timezone)).timestamp()


def absolute_store(url: str, folder: Path) -> str:
    """The store's URL with its path absolute: relative paths are relative to the parent of the folder."""
    scheme, _, rest = url.partition("://")
    path = rest.removeprefix("/")
    if not scheme.startswith("sqlite") or not path or path.startswith((":", "file:")) or PurePath(path).is_absolute():
        return url
    return f"{scheme}:///{folder.absolute().parent / path}"


def absolute_path(path: str, folder: Path) -> str:
    """A path in ``line400.yaml`` as an absolute one; relative paths are relative to the parent of the folder."""
    return str(folder.absolute().parent / path)


def _shown(folder: Path, name: str) -> str:
    return str(folder / name)


def _read_tree(parts: Parts, name: str, content: Mapping[str, bytes], unreadable: set[str]) -> None:
    file = parts.shown(name)
    if name not in content:
        if file in unreadable:
            parts.documents[name] = Document(file, None)
        return
    too_large = size_finding(name, file, len(content[name]))
    document = Document(file, None, "", [too_large]) if too_large else read_bytes(content[name], file)
    parts.documents[name] = document
    parts.findings.extend(document.findings)
    part.check_sections(parts, name)


def _check_presence(parts: Parts, content: Mapping[str, bytes], unreadable: set[str], folder: Path) -> None:
    """Files without which there is nothing to route; the other ones are optional."""
    for names, what in (
        ((SETTINGS,), Text("the settings", "基本设置")),
        ((NUMBERS, NUMBERS_CSV), Text("the 400 numbers", "400 号码")),
        ((LINES,), Text("the lines", "线路")),
        ((ROUTES, ROUTES_CSV), Text("the routes", "路由")),
    ):
        if any(name in content or parts.shown(name) in unreadable for name in names):
            continue
        parts.numbers_known = parts.numbers_known and NUMBERS not in names
        parts.routes_known = parts.routes_known and ROUTES not in names
        cure = Text(f"Make a configuration: line400 init {folder}", f"新建配置：line400 init {folder}")
        if SETTINGS in content:
            cure = Text(
                f"Write {names[0]}; an example of every file: line400 init DIR",
                f"请编写 {names[0]}；各文件的样例：line400 init 目录",
            )
        parts.report(
            "missing-file",
            Place(parts.shown(names[0])),
            Text(
                f"The file {' or '.join(names)} with {what.en} is missing.", f"缺少{what.zh}文件 {' 或 '.join(names)}。"
            ),
            cure,
        )


def _read_tables(parts: Parts, content: Mapping[str, bytes], unreadable: set[str], tables: TableCache) -> None:
    for name in (NUMBERS_CSV, ROUTES_CSV):
        file = parts.shown(name)
        found: list[Finding] = []
        if name not in content:
            if file in unreadable:
                _doubt(parts, name)
            continue
        too_large = size_finding(name, file, len(content[name]))
        if too_large:
            parts.findings.append(too_large)
            found = [too_large]
        elif name == NUMBERS_CSV:
            data, company = content[name], parts.settings.company
            numbers, found = tables.read(data, (file, company), partial(read_number_table, data, file, company))
            parts.numbers.extend(numbers)
        else:
            routes, found = tables.read(content[name], file, partial(read_route_table, content[name], file))
            parts.routes.extend(routes)
        parts.findings.extend(found)
        if found:
            _doubt(parts, name)


def _doubt(parts: Parts, name: str) -> None:
    if name == NUMBERS_CSV:
        parts.numbers_known = False
    else:
        parts.routes_known = False


def _declare(parts: Parts) -> None:
    parts.declared = Declared(
        lines=part.names_of(parts, LINES, "lines"),
        trunks=part.names_of(parts, TRUNKS, "trunks"),
        queues=part.names_of(parts, QUEUES, "queues"),
        boxes=part.names_of(parts, QUEUES, "voicemail"),
        instances=part.names_of(parts, QUEUES, "instances"),
        lists=part.names_of(parts, ROUTES, "lists"),
        calendars=part.names_of(parts, CALENDARS, "calendars"),
    )
    if part.names_of(parts, NUMBERS, "numbers") is None:
        parts.numbers_known = False
    if LINES not in parts.documents:
        parts.declared.lines = None


def _environment(parts: Parts, flows: FlowFiles | None) -> CheckEnvironment:
    zone = ZoneInfo(parts.settings.timezone)
    declared = parts.declared
    calendars: dict[str, Callable[[float], str]] | None = None
    if declared.calendars is not None:
        calendars = {
            name: compile_calendar(parts.calendars.get(name, CalendarSpec(name)), zone).state
            for name in declared.calendars
        }
    return CheckEnvironment(
        calendars=calendars,
        queues=declared.queues,
        boxes=declared.boxes,
        lines=declared.lines,
        flows=flows.names if flows else None,
        zone=zone,
        definitions=flows.definitions if flows else {},
    )
