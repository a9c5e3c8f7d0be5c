"""``# line400: allow CODE because …``: findings that an author accepts, with the reason.

The comment stands on the line of a node (or of the finding itself), or alone on the line above. On a node's line it
covers the whole node. What is wrong with such a comment is a finding too: no reason, nothing to allow, a rule that
cannot be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from ..definition import FlowDefinition
from ..findings import Finding, Place, Text
from ..schema import nearest

_COMMENT = re.compile(r"#\s*line400:\s*(?P<rest>.*)$")
_ALLOW = re.compile(
    r"allow\s+(?P<codes>[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s*(?:(?:because|因为|：|:)\s*(?P<reason>.*))?$", re.IGNORECASE
)


@dataclass(slots=True)
class Allowance:
    """One comment: the ``codes`` it allows on the lines ``first`` to ``last``."""

    codes: tuple[str, ...]
    reason: str
    place: Place
    first: int
    last: int
    used: set[str] = field(default_factory=set)

    def covers(self, finding: Finding) -> bool:
        """Whether ``finding`` is meant."""
        return finding.code in self.codes and self.first <= finding.place.line <= self.last


def apply_allowances(flow: FlowDefinition, findings: Sequence[Finding], fatal: Sequence[str]) -> list[Finding]:
    """``findings`` without those that a comment allows, and what is wrong with the comments."""
    from .registry import CODES

    return allow(flow.text, flow.file, [node.place.line for node in flow.nodes.values()], findings, fatal, CODES)


def allow(
    text: str,
    file: str,
    starts: Sequence[int],
    findings: Sequence[Finding],
    fatal: Collection[str],
    known: Collection[str],
) -> list[Finding]:
    """``findings`` in ``file``, which holds ``text``, without those that a comment allows, and what is wrong with the
    comments. ``starts`` are the lines on which something begins that a comment there covers to its end; ``fatal`` are
    codes that cannot be allowed, ``known`` those that there are."""
    if "line400:" not in text:
        return list(findings)
    allowances = list(_read(text, file, sorted(starts)))
    kept = []
    for finding in findings:
        allowing = [a for a in allowances if a.covers(finding) and a.reason and finding.code not in fatal]
        for allowance in allowances:
            if allowance.covers(finding):
                allowance.used.add(finding.code)
        if not allowing:
            kept.append(finding)
    kept.extend(found for allowance in allowances for found in _wrong(allowance, fatal, known))
    return kept


def _read(text: str, file: str, starts: Sequence[int]) -> Iterator[Allowance]:
    lines = text.splitlines()
    ends = {
        start: (starts[index + 1] - 1 if index + 1 < len(starts) else len(lines)) for index, start in enumerate(starts)
    }
    for number, line in enumerate(lines, 1):
        match = _COMMENT.search(line)
        if match is None or _inside_a_text(line, match.start()):
            continue
        place = Place(file, number, match.start() + 1)
        allow = _ALLOW.match(match["rest"].strip())
        codes = tuple(re.split(r"\s*,\s*", allow["codes"])) if allow else ()
        reason = (allow["reason"] or "").strip() if allow else ""
        target = number
        if not line[: match.start()].strip():
            target = next(
                (n for n in range(number + 1, len(lines) + 1) if not lines[n - 1].lstrip().startswith("#")), number
            )
        yield Allowance(codes, reason, place, target, ends.get(target, target))


def _inside_a_text(line: str, position: int) -> bool:
    """Whether the ``#`` at ``position`` stands in a quoted text of its line, or glued to a word."""
    before = line[:position]
    if before and not before[-1].isspace():
        return True
    return before.count('"') % 2 == 1 or before.count("'") % 2 == 1


def _wrong(allowance: Allowance, fatal: Collection[str], known: Collection[str]) -> Iterator[Finding]:
    place = allowance.place
    if not allowance.codes:
        yield Finding(
            "warning",
            "allow-not-understood",
            place,
            Text("This comment to line400 is not understood.", "无法识别这条给 line400 的注释。"),
            Text("Write `# line400: allow CODE because REASON`.", "请写 `# line400: allow 规则代码 because 原因`。"),
        )
        return
    if not allowance.reason:
        yield Finding(
            "warning",
            "allow-without-reason",
            place,
            Text(
                f"`allow {', '.join(allowance.codes)}` gives no reason, so it allows nothing.",
                f"`allow {', '.join(allowance.codes)}` 没有写原因，因此不起作用。",
            ),
            Text("Add `because` and the reason.", "请补上 because 和原因。"),
        )
        return
    for code in allowance.codes:
        if code in fatal:
            message = Text(f"`{code}` cannot be allowed: with it nothing runs.", f"`{code}` 不能放行：这样无法运行。")
            cure = Text("Correct it, and delete the comment.", "请改正问题并删去注释。")
        elif code not in allowance.used:
            close = None if code in known else nearest(code, known)
            message = Text(f"`allow {code}` allows nothing here.", f"`allow {code}` 在这里没有要放行的问题。")
            cure = (
                Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
                if close
                else Text("Delete the comment.", "请删去该注释。")
            )
        else:
            continue
        yield Finding("warning", "allow-unused", place, message, cure)
