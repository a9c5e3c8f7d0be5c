"""``line400 check``: loads and lints; every fault inside a file that exists is a finding (CONTRACT)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from ivr_flows.findings import Finding, Place, Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT, Problem, usage
from .resolve import RevisionOption

if TYPE_CHECKING:
    from router.configuration import Loaded

SCENARIOS = "scenarios"
SCENARIO_SUFFIX = ".scenario.yaml"
NOTES = (".md", ".txt", ".rst")
"""Ends of file names that people put beside a configuration and that are no part of it."""


def check(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            help=both(
                "configuration folders, or files of them (default: the configuration)",
                "配置目录，或其中的文件（默认：当前配置）",
            ),
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help=both("judge expiry and holidays at TIME", "按该时间判断到期与节假日")
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help=both("infos fail too", "提示也算未通过"))] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help=both("cure in the files what needs no judgement", "自动修改可机械修正的问题"))
    ] = False,
    sarif: Annotated[
        Path | None,
        typer.Option("--sarif", metavar="F", help=both("write the findings as SARIF 2.1.0", "把结果写成 SARIF 2.1.0")),
    ] = None,
    revision: RevisionOption = None,
    no_store: Annotated[
        bool,
        typer.Option(
            "--no-store",
            help=both("leave out what the store knows of numbers and companies", "不看库中的号码与资质"),
        ),
    ] = False,
) -> int:
    """Findings in the order of their places; status 1 for an error or a warning, with ``--strict`` for an info."""
    from ..presentation import show_findings

    invocation: Invocation = ctx.obj

    def look() -> list[Finding]:
        found: list[Finding] = []
        if revision is not None:
            found.extend(_revision(invocation, revision, paths, at))
        for path in (paths or [invocation.config]) if revision is None else ():
            found.extend(_check(path, at, None if no_store else invocation))
        return sorted(dict.fromkeys(found), key=lambda finding: (finding.place, finding.severity, finding.code))

    findings = look()
    fixed = []
    if fix:
        from ..fixing import ROUNDS
        from ..fixing import fix as cure

        if revision is not None:
            raise usage(
                "fix-and-revision",
                Text("An applied revision cannot be changed.", "已应用的版本不能修改。"),
                Text("Leave --revision or --fix out.", "请去掉 --revision 或 --fix。"),
            )
        for _ in range(ROUNDS):
            cured = cure(findings)
            if not cured:
                break
            fixed.extend(cured)
            findings = look()
    if sarif is not None:
        _write_sarif(sarif, findings, invocation)
    if invocation.json:
        document: dict[str, object] = {"findings": [finding.as_json(invocation.language) for finding in findings]}
        if fix:
            document["fixed"] = [item.as_json() for item in fixed]
        invocation.document(document)
    else:
        show_findings(invocation, findings)
    for item in fixed:
        where = f"{item.finding.place.file}:{item.finding.place.line} [{item.finding.code}]"
        invocation.note(Text(f"fixed {where}", f"已修正 {where}"))
    serious = ("error", "warning", "info") if strict else ("error", "warning")
    return NOT_RIGHT if any(finding.severity in serious for finding in findings) else DONE


def _write_sarif(file: Path, findings: Sequence[Finding], invocation: Invocation) -> None:
    """Write the findings as SARIF. Raises `WriteError`."""
    from importlib.metadata import PackageNotFoundError, version

    from ivr_flows.sarif import RulePage, sarif
    from router.configuration.files_on_disk import write_atomic
    from router.configuration.route_checks import CODES

    try:
        found = version("line400")
    except PackageNotFoundError:  # run from a folder of sources that was never installed
        found = "0+sources"
    pages = {
        code: RulePage(rule.summary, rule.severity, f"docs/rules/routes/{rule.code}.md") for code, rule in CODES.items()
    }
    document = sarif(findings, found, invocation.language, pages)
    write_atomic(file, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8"))


def _revision(invocation: Invocation, revision: str, paths: list[Path] | None, at: str | None) -> Sequence[Finding]:
    """What is found in an applied revision. It holds no scenarios."""
    from router.configuration import load_files

    from ..loading import load_settings
    from ..world import applied

    if paths:
        raise usage(
            "path-and-revision",
            Text("A PATH and --revision exclude each other.", "PATH 与 --revision 不能同时使用。"),
            Text("Leave one of them out.", "请去掉其中之一。"),
        )
    settings, zone = load_settings(invocation)
    content = applied(settings.store, revision)
    return load_files(content.files, invocation.config, at=_day(at, zone), examples=True).findings


def _check(path: Path, at: str | None, invocation: Invocation | None) -> Iterator[Finding]:
    """What is found in ``path``; of a whole folder with what its store knows, unless ``invocation`` is None."""
    folder = owner(path)
    if not path.exists() and not path.is_symlink():
        raise usage(
            "no-such-path",
            Text(f"There is no {path}.", f"找不到 {path}。"),
            Text(
                "Name a configuration folder or a file of one; `line400 init DIR` makes a new one.",
                "请给出配置目录或其中的文件；`line400 init 目录` 可新建。",
            ),
        )
    if folder is None:
        yield from _alone(path)
    elif folder == path:
        loaded, found = _folder(folder, at)
        yield from found if invocation is None else _with_store(invocation, folder, at, loaded, found)
    else:
        yield from (finding for finding in _folder(folder, at)[1] if Path(finding.place.file).is_relative_to(path))


def owner(path: Path) -> Path | None:
    """The configuration folder that ``path`` is, or belongs to; None for a file that stands alone."""
    from router.configuration.folder import FLOWS, KNOWN

    if path.is_dir() and not path.name.endswith((".yaml", ".csv")):
        return path.parent if path.name in (FLOWS, SCENARIOS) and _is_folder(path.parent) else path
    if path.name in KNOWN and _is_folder(path.parent):
        return path.parent
    if path.parent.name in (FLOWS, SCENARIOS) and _is_folder(path.parent.parent):
        return path.parent.parent
    return None


def _is_folder(path: Path) -> bool:
    from router.configuration.folder import SETTINGS

    return (path / SETTINGS).exists()


def _folder(folder: Path, at: str | None) -> tuple[Loaded, list[Finding]]:
    from router.configuration import load
    from simulator.scenarios.loading import load_file

    loaded = load(folder, at=_day(at, _zone(folder)), examples=True)
    found = list(loaded.findings)
    for path in sorted((folder / SCENARIOS).rglob(f"*{SCENARIO_SUFFIX}")):
        found.extend(load_file(path).findings)
    return loaded, found


def _with_store(
    invocation: Invocation, folder: Path, at: str | None, loaded: Loaded, found: list[Finding]
) -> list[Finding]:
    """``found`` with what the store of the folder knows; without, where its settings or its store cannot be read."""
    from ..loading import load_settings

    here = replace(invocation, config=folder)
    try:
        url = load_settings(here)[0].store
    except Problem:  # what is wrong with the settings stands among the findings
        return found
    file = url.removeprefix("sqlite:///")
    if file != url and not Path(file).exists():
        return found  # said without loading what opens a store
    from ..life.standing import standing_of

    return standing_of(here, loaded.configuration, at).joined(found)


def _day(at: str | None, zone: ZoneInfo) -> date:
    """The day for which expiry and holidays are judged."""
    from ..moments import parse_time

    return datetime.fromtimestamp(time.time() if at is None else parse_time(at, zone), zone).date()


def _zone(folder: Path) -> ZoneInfo:
    """The configured time zone, the default one where the settings cannot be read."""
    from router.model import Settings

    from ..loading import load_settings

    try:
        return load_settings(Invocation(config=folder))[1]
    except Problem:
        return ZoneInfo(Settings().timezone)


def _alone(path: Path) -> Iterator[Finding]:
    """Files outside of a configuration: scenarios and flows are read as such, anything else as YAML."""
    from ivr_flows.lint import Calls, lint
    from ivr_flows.loader import load_flow_document
    from ivr_flows.yaml_source import read_file
    from router.configuration.flow_files import CheckEnvironment
    from router.model import Settings
    from simulator.scenarios.loading import load_file

    if path.name.endswith(SCENARIO_SUFFIX):
        yield from load_file(path).findings
        return
    if path.name.endswith(NOTES) and path.is_file():
        yield Finding(
            "info",
            "not-checked",
            Place(str(path), 1, 1),
            Text("The file is no part of a configuration and is not checked.", "该文件不属于配置，未检查。"),
            Text("Name a folder, or a file ending in .yaml or .csv.", "请给出目录，或以 .yaml、.csv 结尾的文件。"),
        )
        return
    document = read_file(path)
    if not path.name.endswith(".flow.yaml"):
        yield from document.findings
        return
    definition, findings = load_flow_document(document)
    yield from findings
    if definition is not None:
        # Nothing is known of the outside, so that any calendar, queue or line may be named.
        outside = CheckEnvironment(None, None, None, None, None, ZoneInfo(Settings().timezone))
        yield from lint(definition, outside, calls=Calls(time.time() // 60 * 60))
