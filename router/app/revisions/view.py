"""A judgement as people read it in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr_flows.findings import Text

from ..invocation import Invocation
from ..presentation import show_diff, show_findings
from .gates import GateResult
from .pipeline import Judgement

if TYPE_CHECKING:
    from router.configuration.diff import FileChange
    from simulator.behaviour import Behaviour

MOST_ROWS = 60
"""Of more rows only this many are printed."""


def show_judgement(invocation: Invocation, judged: Judgement) -> None:
    """The changes, file by file, the warnings of the day, and how the gates judge."""
    from simulator.scenarios import as_text

    say = invocation.say
    against = judged.base or say(Text("nothing (the first revision)", "空（第一个版本）"))
    if judged.none:
        invocation.line(say(Text(f"No changes against {against}.", f"与 {against} 相比没有变化。")))
        return
    for changed in judged.changes:
        _show_change(invocation, changed)
    for finding in judged.warnings:
        invocation.warn(finding.message)
    count = len(judged.changes)
    plural = "" if count == 1 else "s"
    invocation.line(
        say(Text(f"{count} file{plural} changed against {against}.", f"与 {against} 相比有 {count} 个文件变化。"))
    )
    if judged.behaviour is not None:
        show_behaviour(invocation, judged.behaviour)
    elif judged.current is not None:
        said = Text(
            "What callers notice is not known: the current revision cannot be loaded any more.",
            "无法得知对来电的影响：当前版本已无法载入。",
        )
        invocation.warn(said)
    for gate in judged.gates:
        if gate.report is not None and gate.report.failed:
            invocation.line(as_text(gate.report, invocation.language, verbose=False))
        if gate.findings:
            show_findings(invocation, gate.findings)
        if gate.verdict in ("failed", "left_out"):
            invocation.line(_gate(invocation, judged, gate))


def _show_change(invocation: Invocation, changed: FileChange) -> None:
    say = invocation.say
    if changed.change == "renamed":
        invocation.line(f"~ {changed.renamed_from} → {changed.file} ({say(Text('renamed', '改名'))})")
        return
    if changed.change != "changed":
        # A file that is new or gone is named; its lines are in the JSON and in the file itself.
        sign, words = ("+", Text("new", "新增")) if changed.change == "added" else ("-", Text("removed", "删除"))
        invocation.line(f"{sign} {changed.file} ({say(words)})")
        return
    show_diff(invocation, changed.diff)
    if not changed.meaning:
        said = Text("only comments, order or layout", "仅注释、顺序或排版不同")
        invocation.line(f"  {changed.file}: {say(said)}")
    for edit in changed.edits:
        if edit.kind in ("renamed", "moved"):
            words = Text("renamed", "改名") if edit.kind == "renamed" else Text("another order", "顺序改变")
            invocation.line(f"  {edit.path} ({say(words)}): {edit.before} → {edit.after}")


def show_behaviour(invocation: Invocation, behaviour: Behaviour) -> None:
    """What callers notice, number by number."""
    from simulator.behaviour import counted

    last = None
    for row in behaviour.rows[:MOST_ROWS]:
        numbers = invocation.say(counted(row.numbers))
        if numbers != last:
            invocation.line(numbers)
            last = numbers
        invocation.line(f"  {invocation.say(row.sentence())}")
        invocation.line(f"    {row.stimulus.command(behaviour.zone)}")
    more = len(behaviour.rows) - MOST_ROWS
    if more > 0:
        invocation.line(
            invocation.say(Text(f"  … and {more} more (--json has all)", f"  ……还有 {more} 条（--json 可看全部）"))
        )
    invocation.line(invocation.say(behaviour.sentence()))


def _gate(invocation: Invocation, judged: Judgement, gate: GateResult) -> str:
    why = judged.overrides.reasons.get(gate.name)
    passed = Text("", "") if why is None else Text(f" Passed over: {why}.", f"已跳过：{why}。")
    return f"{gate.name}: {invocation.say(gate.said)}{invocation.say(passed)}"
