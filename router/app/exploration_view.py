"""An exploration as people read it: a tree of paths, what is covered, and what stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr_flows.findings import Finding, Text

from .invocation import Invocation, printable
from .presentation import OUTCOME_WORDS, show_findings, show_rows

if TYPE_CHECKING:
    from rich.tree import Tree

    from ivr_flows.explore import Coverage
    from simulator.exploring import Explored, Way

_MOST_LEAVES = 400
"""Of a larger tree only this many ends are drawn; ``--json`` has them all."""


@dataclass(slots=True)
class _Branch:
    """A node of the tree of paths: the ways that end here, and what follows."""

    ends: list[Way] = field(default_factory=list)
    following: dict[str, _Branch] = field(default_factory=dict)


def show_exploration(
    invocation: Invocation, explored: Explored, suite: Mapping[str, Coverage], findings: Sequence[Finding]
) -> None:
    """The tree of each rule and flow, then the summary and the findings."""
    from rich.text import Text as Styled
    from rich.tree import Tree

    say = invocation.say
    console = invocation.console()
    drawn = 0
    for (rule, flow), ways in _by_entry(explored).items():
        title = " · ".join(part for part in (rule and f"[{rule}]", flow) if part) or say(
            Text("not connected", "未接通")
        )
        tree = Tree(Styled(printable(title), style="bold"))
        root = _Branch()
        for way in ways[: max(0, _MOST_LEAVES - drawn)]:
            branch = root
            for name in way.found.path:
                branch = branch.following.setdefault(name, _Branch())
            branch.ends.append(way)
            drawn += 1
        _grow(tree, root, invocation)
        console.print(tree)
    if drawn < len(explored.ways):
        more = len(explored.ways) - drawn
        invocation.line(
            say(Text(f"… and {more} more paths (--json has all)", f"……还有 {more} 条路径（--json 可看全部）"))
        )
    show_rows(invocation, _summary(invocation, explored, suite))
    show_findings(invocation, findings)


def _by_entry(explored: Explored) -> dict[tuple[str | None, str | None], list[Way]]:
    entries: dict[tuple[str | None, str | None], list[Way]] = {}
    for way in explored.ways:
        entries.setdefault((way.rule, way.flow), []).append(way)
    return entries


def _grow(tree: Tree, branch: _Branch, invocation: Invocation) -> None:
    from rich.text import Text as Styled

    for way in branch.ends:
        tree.add(Styled(printable(_end(way, invocation)), style="green" if way.found.talked_with else "cyan"))
    for name, following in branch.following.items():
        label, only = [name], following
        # A chain without ends and turns is one line.
        while not only.ends and len(only.following) == 1:
            name, only = next(iter(only.following.items()))
            label.append(name)
        text = Styled(printable(" → ".join(label)))
        if len(only.ends) == 1 and not only.following:
            text.append(printable("  " + _end(only.ends[0], invocation)), style="cyan")
            tree.add(text)
        else:
            _grow(tree.add(text), only, invocation)


def _end(way: Way, invocation: Invocation) -> str:
    found = way.found
    word = OUTCOME_WORDS.get(found.outcome)
    options = "".join(
        f" --{name} {value}" for name, value in (("agents", found.agents), ("target", found.target)) if value
    )
    outcome = invocation.say(word) if word else found.outcome
    return f"● {outcome}" + (f"  --press {found.press or chr(39) * 2}" if found.press or options else "") + options


def _summary(invocation: Invocation, explored: Explored, suite: Mapping[str, Coverage]) -> list[tuple[Text, str]]:
    say = invocation.say
    reached = ", ".join(str(name) for name in explored.bound()["reached"])  # type: ignore[attr-defined]  # a list
    whole = (
        Text("all of them", "已全部列出")
        if explored.complete
        else Text(f"not all: bounded by {reached or 'coverage'}", f"未列全：受限于 {reached or 'coverage'}")
    )
    rows = [(Text("paths", "路径"), f"{len(explored.ways)} ({say(whole)})")]
    for name, covered in explored.coverages().items():
        rows.append((Text("coverage", "覆盖"), _covered(invocation, name, covered)))
        if name in suite:
            rows.append((Text("scenarios cover", "场景覆盖"), _covered(invocation, name, suite[name])))
    for part in explored.parts:
        before = part.explored.before_human()
        if before:
            heard = f"{part.flow}: {' → '.join(before)}"
            row = (Text("always before a human", "转人工前必经"), heard)
            if row not in rows:
                rows.append(row)
    document = explored.as_json()
    for key, title in (
        ("shortest_to_human", Text("soonest a human", "最快转人工")),
        ("longest_silence", Text("longest silence", "最长静默")),
    ):
        found = document[key]
        if isinstance(found, dict):
            seconds = f"{found['seconds']:g} s" if invocation.language == "en" else f"{found['seconds']:g} 秒"
            node = f" @ {found['node']}" if "node" in found else ""
            rows.append((title, f"{seconds}{node}  {found['call']}"))
    return rows


def _covered(invocation: Invocation, name: str, covered: Coverage) -> str:
    missed = [*covered.missed_nodes, *(f"{node}.{branch}" for node, branch, _ in covered.missed_branches)]
    shown = Text(
        f"{name}: {covered.nodes}/{covered.all_nodes} nodes, {covered.branches}/{covered.all_branches} branches",
        f"{name}：节点 {covered.nodes}/{covered.all_nodes}，分支 {covered.branches}/{covered.all_branches}",
    )
    rest = ""
    if missed:
        names = ", ".join(missed[:8]) + (" …" if len(missed) > 8 else "")
        rest = invocation.say(Text(f"; not {names}", f"；未覆盖 {names}"))
    return invocation.say(shown) + rest
