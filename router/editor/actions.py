"""Quick fixes: what an editor offers to do about a finding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr_flows.editing import Span, as_scalar
from ivr_flows.findings import Finding, Text
from ivr_flows.lint import FATAL
from ivr_flows.lint.fixing import apply_edits, edits_for, fix_text

_QUOTED = re.compile(r"`([^`]+)`")
_MEANT = re.compile(r"Did you mean `([^`]+)`\?")
_NEAR = 6
"""Lines below its place in which the word of a finding is looked for."""


@dataclass(frozen=True, slots=True)
class QuickFix:
    """``title`` as it is offered; ``edits`` are stretches of the text with what is written there. ``sure``: it is what
    the finding's cure says, and nothing is left to decide."""

    title: Text
    edits: tuple[tuple[Span, str], ...]
    sure: bool


def quick_fixes(finding: Finding, text: str, *, is_flow: bool) -> Iterator[QuickFix]:
    """What can be done about ``finding`` in ``text``."""
    edits = edits_for(finding, text) if is_flow else []
    if edits and apply_edits(text, edits) != text:
        yield QuickFix(
            finding.cure,
            tuple((Span(edit.line - 1, edit.column - 1, edit.column - 1 + len(edit.old)), edit.new) for edit in edits),
            True,
        )
    meant = _MEANT.search(finding.cure.en)
    wrong = None if meant is None else _word(finding, text.split("\n"), meant[1])
    if meant is not None and wrong is not None:
        span, quoted = wrong
        written = meant[1] if quoted else as_scalar(meant[1])
        yield QuickFix(Text(f"Write `{meant[1]}`", f"改为 `{meant[1]}`"), ((span, written),), True)
    if is_flow and finding.severity != "error" and finding.code not in FATAL and not finding.code.startswith("allow-"):
        yield _allowing(finding, text)


def all_fixed(findings: Iterable[Finding], text: str) -> str:
    """``text`` with everything cured that needs no judgement."""
    return fix_text(text, findings)[0]


def _word(finding: Finding, lines: list[str], meant: str) -> tuple[Span, bool] | None:
    """Where the word stands that ``finding`` is about, and whether within quotes or a longer text."""
    first = finding.place.line - 1
    for word in reversed([found for found in _QUOTED.findall(finding.message.en) if found != meant]):
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        for number in range(first, min(first + _NEAR, len(lines))):
            match = pattern.search(lines[number], finding.place.column - 1 if number == first else 0)
            if match is not None:
                line = lines[number]
                before, behind = line[: match.start()], line[match.end() :]
                alone = re.search(r"(^|[:{\[,-]\s+|^\s*|[{\[])$", before) and re.match(r"\s*(:|[,}\]]|#|$)", behind)
                return Span(number, match.start(), match.end()), not alone
    return None


def _allowing(finding: Finding, text: str) -> QuickFix:
    line = text.split("\n")[min(finding.place.line - 1, text.count("\n"))]
    indent = line[: len(line) - len(line.lstrip())]
    at = Span(min(finding.place.line - 1, text.count("\n")), 0, 0)
    return QuickFix(
        Text(f"Allow `{finding.code}` here (write the reason)", f"在此放行 `{finding.code}`（请写原因）"),
        ((at, f"{indent}# line400: allow {finding.code} because \n"),),
        False,
    )
