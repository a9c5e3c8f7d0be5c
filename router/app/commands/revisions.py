"""``line400 plan``, ``apply``, ``history`` and ``rollback``: the configuration as revisions.

`plan` and `apply` walk the same stages: load and check, compare with the current revision, run the scenarios. A refused
apply changes nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT
from .emergency import Author, Reason
from .resolve import RevisionOption

if TYPE_CHECKING:
    from router.store import Activation

    from ..plans import Plan


def plan(ctx: typer.Context, revision: RevisionOption = None) -> int:
    """What applying the files (or going to another revision) would change. Status 0 either way."""
    from ..plans import make_plan

    invocation: Invocation = ctx.obj
    found = make_plan(invocation, revision)
    if invocation.json:
        invocation.document(found.as_json(invocation.language))
        return DONE
    _show(invocation, found)
    if not found.none and revision is None:
        invocation.note(Text("`line400 apply` puts it in force.", "用 `line400 apply` 使其生效。"))
    return DONE


def apply(
    ctx: typer.Context,
    reason: Reason = None,
    author: Author = None,
    no_preflight: Annotated[
        bool, typer.Option("--no-preflight", help=both("do not run the scenarios first", "不先运行测试场景"))
    ] = False,
) -> int:
    """Check, run the scenarios of the configuration, then switch in one transaction. Status 1 where it is refused."""
    from simulator.scenarios import as_text

    from ..plans import make_plan
    from ..preflight import run_preflight
    from ..stores import author_of, change

    invocation: Invocation = ctx.obj
    found = make_plan(invocation, None)
    document: dict[str, Any] = {
        **found.as_json(invocation.language),
        "applied": False,
        "revision": found.current,
        "preflight": None,
    }
    if found.none:
        return _end(invocation, document, DONE, Text("No changes: nothing to apply.", "没有变化，无需应用。"))
    if not invocation.json:
        _show(invocation, found)
    if not no_preflight:
        report = run_preflight(invocation, found.configuration)
        if report is not None:
            document["preflight"] = report.as_json(invocation.language)
            if report.failed:
                if not invocation.json:
                    invocation.line(as_text(report, invocation.language, verbose=False))
                count = len(report.results)
                said = Text(
                    f"Refused: {report.failed} of {count} scenarios fail, nothing is changed. "
                    "Mend the configuration or the scenario; --no-preflight leaves the scenarios out.",
                    f"已拒绝：{count} 个场景中有 {report.failed} 个失败，未做任何改动。"
                    "请改正配置或场景；--no-preflight 跳过场景。",
                )
                return _end(invocation, document, NOT_RIGHT, said)
    expected = found.current
    files = found.configuration.files
    made = change(
        found.configuration.settings.store,
        lambda store: store.apply_revision(files, author_of(author), reason, time.time(), expected_current=expected),
    )
    document.update({"applied": True, "revision": made.revision})
    said = Text(f"Revision {made.revision} is in force.", f"版本 {made.revision} 已生效。")
    return _end(invocation, document, DONE, said)


def history(
    ctx: typer.Context,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help=both("the newest N", "最新的 N 条"))
    ] = None,
) -> int:
    """What became current when, by whom and why; newest first. A rollback is an entry of its own."""
    from rich.table import Table
    from rich.text import Text as Styled

    from ..invocation import printable
    from ..loading import load_settings
    from ..moments import iso_time, show_time
    from ..stores import read

    invocation: Invocation = ctx.obj
    settings, zone = load_settings(invocation)
    rows: list[Activation] = read(settings.store, lambda store: store.activations(limit)) or []
    if invocation.json:
        invocation.document(
            [
                {
                    "revision": row.revision,
                    "at": iso_time(row.at, zone),
                    "author": row.author,
                    "reason": row.reason,
                    "kind": row.kind,
                    "current": index == 0,
                }
                for index, row in enumerate(rows)
            ]
        )
        return DONE
    if not rows:
        invocation.line(invocation.say(Text("Nothing was applied yet.", "尚未应用过配置。")))
        return DONE
    words = {"apply": Text("applied", "应用"), "rollback": Text("rolled back to", "回退到")}
    table = Table.grid(padding=(0, 2))
    for index, row in enumerate(rows):
        table.add_row(
            Styled(row.revision, style="bold green" if index == 0 else ""),
            show_time(row.at, zone),
            invocation.say(words[row.kind]),
            printable(row.author),
            printable(row.reason or ""),
            invocation.say(Text("in force", "生效中")) if index == 0 else "",
        )
    invocation.console().print(table)
    return DONE


def rollback(
    ctx: typer.Context,
    revision: Annotated[
        str, typer.Argument(metavar="REVISION", help=both("as `history` names it", "history 中的版本号"))
    ],
    reason: Reason = None,
    author: Author = None,
) -> int:
    """Make an earlier revision the current one again. One that this version cannot load any more is refused."""
    from ..loading import load_content, load_settings
    from ..problems import usage
    from ..stores import author_of, change, read

    invocation: Invocation = ctx.obj
    settings, _ = load_settings(invocation)
    content = read(settings.store, lambda store: store.get_revision(revision))
    if content is None:
        raise usage(
            "no-revision",
            Text("Nothing was applied yet, there is nothing to return to.", "尚未应用过配置，无法回退。"),
            Text("`line400 apply` makes the first revision.", "用 `line400 apply` 生成第一个版本。"),
        )
    load_content(invocation, content.files)
    name = content.revision.revision
    document = {"revision": name, "rolled_back": not content.revision.current}
    if content.revision.current:
        return _end(invocation, document, DONE, Text(f"{name} is in force already.", f"{name} 已在生效中。"))
    change(
        settings.store,
        lambda store: store.activate(name, author_of(author), reason, time.time(), "rollback"),
    )
    invocation.note(
        Text(
            "The files in the configuration folder are unchanged; `line400 plan` shows how they differ.",
            "配置目录中的文件没有改动；用 `line400 plan` 查看差异。",
        )
    )
    return _end(invocation, document, DONE, Text(f"Revision {name} is in force again.", f"版本 {name} 已重新生效。"))


def _show(invocation: Invocation, found: Plan) -> None:
    from ..presentation import show_diff

    against = found.current or invocation.say(Text("nothing (the first revision)", "空（第一个版本）"))
    if found.none:
        invocation.line(invocation.say(Text(f"No changes against {against}.", f"与 {against} 相比没有变化。")))
        return
    for changed in found.changes:
        if changed.change == "changed":
            show_diff(invocation, changed.diff)
            continue
        # A file that is new or gone is named; its lines are in the JSON and in the file itself.
        sign, words = ("+", Text("new", "新增")) if changed.change == "added" else ("-", Text("removed", "删除"))
        invocation.line(f"{sign} {changed.file} ({invocation.say(words)})")
    for finding in found.warnings:
        invocation.warn(finding.message)
    count = len(found.changes)
    plural = "" if count == 1 else "s"
    invocation.line(
        invocation.say(
            Text(f"{count} file{plural} changed against {against}.", f"与 {against} 相比有 {count} 个文件变化。")
        )
    )


def _end(invocation: Invocation, document: dict[str, Any], status: int, said: Text) -> int:
    if invocation.json:
        invocation.document(document)
    else:
        invocation.line(invocation.say(said))
    return status
