"""``line400 explore``: every path of a flow or of a number, each with the call that takes it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import nearest

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT, Problem, usage
from .resolve import AtOption, RevisionOption

if TYPE_CHECKING:
    from ivr_flows.explore import Coverage
    from router.book import RouteBook
    from router.model import Configuration
    from simulator.exploring import Explored, Limits

SubjectArgument = Annotated[
    str, typer.Argument(metavar="FLOW|NUMBER", help=both("name of a flow, or a 400 number", "流程名或 400 号码"))
]


def explore(
    ctx: typer.Context,
    subject: SubjectArgument,
    at: AtOption = None,
    paths: Annotated[
        int, typer.Option("--paths", metavar="N", min=1, help=both("paths of one flow at most", "每个流程的路径上限"))
    ] = 10_000,
    visits: Annotated[
        int,
        typer.Option(
            "--visits",
            metavar="N",
            min=1,
            max=20,
            help=both("how often a loop that changes nothing is followed", "无变化的循环最多走几遍"),
        ),
    ] = 2,
    hang_ups: Annotated[
        bool,
        typer.Option(
            "--hang-ups/--no-hang-ups",
            help=both("callers who hang up in the middle of something too", "包括中途挂机的来电者"),
        ),
    ] = True,
    cover: Annotated[
        bool,
        typer.Option("--cover", help=both("only as many paths as show every branch", "只给出覆盖所有分支所需的路径")),
    ] = False,
    scenarios: Annotated[
        list[Path] | None,
        typer.Option(
            "--scenarios",
            metavar="PATH",
            help=both(
                "what these scenarios cover (default: scenarios/ of the configuration)",
                "统计这些场景的覆盖率（默认：配置目录下的 scenarios/）",
            ),
        ),
    ] = None,
    revision: RevisionOption = None,
) -> int:
    """Status 1 where the linter has an error or a warning on a flow that was explored."""
    from router.book import RouteBook
    from simulator.exploring import Limits

    from ..exploration_view import show_exploration
    from ..world import load

    invocation: Invocation = ctx.obj
    configuration, label = load(invocation, revision)
    book = RouteBook.compile(configuration, label)
    moment = _moment(at, book)
    explored = explored_of(configuration, book, subject, moment, Limits(paths, visits, hang_ups, not cover))
    covered = _suite(invocation, book, scenarios, explored)
    findings = findings_of(book, explored)
    if invocation.json:
        document = explored.as_json()
        coverage = {
            name: {**found.as_json(), "scenarios": covered[name].as_json() if name in covered else None}
            for name, found in explored.coverages().items()
        }
        invocation.document(
            {
                **document,
                "coverage": coverage,
                "findings": [finding.as_json(invocation.language) for finding in findings],
            }
        )
    else:
        show_exploration(invocation, explored, covered, findings)
    return NOT_RIGHT if any(finding.severity in ("error", "warning") for finding in findings) else DONE


def explored_of(
    configuration: Configuration, book: RouteBook, subject: str, at: float, limits: Limits | None = None
) -> Explored:
    """Explore a flow or a number. Raises `Problem` for a subject that is neither."""
    from simulator.exploring import Limits, explore_flow, explore_number

    limits = limits or Limits()
    if subject in configuration.flow_sources:
        try:
            return explore_flow(configuration, book, subject, at, limits)
        except LookupError:
            raise usage(
                "no-number",
                Text(
                    "No number of the configuration can be called at that time.",
                    "此时配置中没有可拨打的号码。",
                ),
                Text(
                    "Bind a number: `line400 bind NUMBER --flow FLOW`.",
                    "请先绑定号码：`line400 bind 号码 --flow 流程`。",
                ),
            ) from None
    return explore_number(configuration, book, number_of(configuration, book, subject), at, limits)


def number_of(configuration: Configuration, book: RouteBook, subject: str, *, flows: bool = True) -> str:
    """The configured 400 number that ``subject`` spells; ``flows``: a flow would do too. Raises `Problem`."""
    from router.number400 import Number400, NumberError

    try:
        number = Number400.parse(subject).digits
    except NumberError as error:
        if not flows:
            raise usage(
                "bad-number",
                Text(
                    f"`{subject}` is no 400 number: {error.message.en}",
                    f"`{subject}` 不是 400 号码：{error.message.zh}",
                ),
                Text("Name a number of numbers.yaml.", "请给出已配置的号码。"),
            ) from error
        close = nearest(subject, configuration.flow_sources)
        raise usage(
            "unknown-subject",
            Text(
                f"`{subject}` is neither a flow nor a 400 number: {error.message.en}",
                f"`{subject}` 既不是流程名，也不是 400 号码：{error.message.zh}",
            ),
            Text(f"Did you mean `{close}`?", f"是否想输入 `{close}`？")
            if close
            else Text(
                "Name a flow of config/flows/, or a number of numbers.yaml.", "请给出 flows/ 中的流程或已配置的号码。"
            ),
        ) from error
    if number not in book:
        raise Problem(
            NOT_RIGHT,
            "unknown-number",
            Text(f"The number {number} is not configured.", f"号码 {number} 未配置。"),
            Text("Add it to numbers.yaml.", "请在 numbers.yaml 中添加。"),
        )
    return number


def findings_of(book: RouteBook, explored: Explored) -> list[Finding]:
    """What the linter says of the flows explored, and which branches no call took."""
    from ivr_flows import lint

    found: list[Finding] = []
    for name, covered in explored.coverages().items():
        if name not in book.environment.flows:
            continue  # a forwarding: nobody wrote it
        definition = book.flow(name).definition
        found.extend(lint(definition, book.environment, book.settings.lint))
        if not explored.complete:
            continue
        for node, branch, following in covered.missed_branches:
            if node in covered.missed_nodes:
                continue
            found.append(
                Finding(
                    "info",
                    "never-taken",
                    _place_of(definition.nodes[node].place, definition.nodes[node].on, branch),
                    Text(
                        f"No call takes the branch `{branch}` of `{node}` to `{following}`.",
                        f"没有任何呼叫会走 `{node}` 的分支 `{branch}` 到 `{following}`。",
                    ),
                    Text(
                        "Routes or earlier nodes keep such calls away; delete the branch if that is meant.",
                        "路由或前面的节点已排除这类来电；若属有意，可删除该分支。",
                    ),
                )
            )
    return found


def _place_of(place: Place, on: object, branch: str) -> Place:
    reference = on.get(branch.split("|")[0]) if isinstance(on, dict) else None
    return reference.place if reference is not None else place


def _moment(at: str | None, book: RouteBook) -> float:
    from ..moments import parse_time

    # Whole minutes: the calls shown are copied by people.
    return float(time.time() // 60 * 60) if at is None else parse_time(at, book.zone)


def _suite(
    invocation: Invocation, book: RouteBook, paths: Iterable[Path] | None, explored: Explored
) -> dict[str, Coverage]:
    """What a scenario suite covers; nothing where there is none."""
    from simulator.exploring import suite_coverage
    from simulator.scenarios import SUFFIX, run_scenarios

    folder = invocation.config / "scenarios"
    if paths is None and not any(folder.rglob(f"*{SUFFIX}")):
        return {}
    report = run_scenarios(paths or [folder], book)
    records = [result.record for result in report.results if result.record is not None]
    return suite_coverage(book, records, explored.coverages())
