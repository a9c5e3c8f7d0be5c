"""Cures by rule: changes of a flow file's text that need no judgement."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..findings import Finding
from ..loader import load_flow
from .rules.unclosed_template import SINGLE


@dataclass(frozen=True, slots=True)
class Edit:
    """``old`` on ``line`` (from 1), at ``column`` (from 1), becomes ``new``."""

    line: int
    column: int
    old: str
    new: str


def edits_for(finding: Finding, text: str) -> list[Edit]:
    """What cures ``finding`` in the file's ``text``; empty where a person must decide."""
    cure = _CURES.get(finding.code)
    lines = text.split("\n")
    if cure is None or not 0 < finding.place.line <= len(lines):
        return []
    return list(cure(finding, lines))


def curable(code: str) -> bool:
    """Whether findings of ``code`` may have a cure by rule."""
    return code in _CURES


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with the edits made, each only where its ``old`` still stands; of overlapping ones the first."""
    lines = text.split("\n")
    taken: set[tuple[int, int]] = set()
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.column), reverse=True):
        line = lines[edit.line - 1]
        start = edit.column - 1
        places = {(edit.line, column) for column in range(start, start + max(1, len(edit.old)))}
        if line[start : start + len(edit.old)] != edit.old or places & taken:
            continue
        taken |= places
        lines[edit.line - 1] = line[:start] + edit.new + line[start + len(edit.old) :]
    return "\n".join(lines)


def fix_text(text: str, findings: Iterable[Finding]) -> tuple[str, list[Finding]]:
    """``text`` with its ``findings`` cured as far as that is possible, and those that were. A change after which the
    file had more errors of form is not made."""
    cured: list[Finding] = []
    # From the end on, so that the places before stay where they were.
    for finding in sorted(findings, key=lambda finding: finding.place, reverse=True):
        edits = edits_for(finding, text)
        if not edits:
            continue
        after = apply_edits(text, edits)
        if after != text and _errors(after, finding.place.file) <= _errors(text, finding.place.file):
            text = after
            cured.append(finding)
    return text, cured


def _errors(text: str, file: str) -> int:
    """Errors of the form of a flow; what the flow does is judged when everything is read again."""
    definition, findings = load_flow(text, file)
    return sum(finding.severity == "error" for finding in findings) + (definition is None)


def _compared(finding: Finding, lines: list[str]) -> Iterable[Edit]:
    """``digits > 3`` becomes ``digits | int > 3``."""
    name = re.search(r"`([\w.]+) \| int`", finding.cure.en)
    if name is None:
        return
    word = re.escape(name[1])
    first = re.compile(rf"(?<![\w.]){word}(?=\s*(?:==|!=|<=|>=|<|>)\s*-?\d)")
    second = re.compile(rf"(?<=\d)(\s*(?:==|!=|<=|>=|<|>)\s*){word}(?![\w.])")
    for number in range(finding.place.line, min(finding.place.line + 4, len(lines) + 1)):
        line = lines[number - 1]
        matches = [(m.start(), m[0], f"{m[0]} | int") for m in first.finditer(line)]
        matches += [(m.start(), m[0], f"{m[0]} | int") for m in second.finditer(line)]
        if matches:
            yield from (Edit(number, start + 1, old, new) for start, old, new in matches)
            return


def _braces(finding: Finding, lines: list[str]) -> Iterable[Edit]:
    """``${company}`` and ``{ company }`` become ``{{ company }}``."""
    written = re.match(r"`(.*?)` is said", finding.message.en)
    single = SINGLE.search(written[1]) if written else None
    if single is None or written is None:
        return
    for number in range(finding.place.line, min(finding.place.line + 20, len(lines) + 1)):
        start = lines[number - 1].find(written[1])
        if start >= 0:
            quoted = _in_quotes(lines[number - 1], start)
            new = f"{{{{ {single['name']} }}}}"
            if not quoted and _begins_value(lines[number - 1], start):
                return  # YAML would take the braces for a mapping
            yield Edit(number, start + 1, written[1], new)
            return


def _in_quotes(line: str, position: int) -> bool:
    before = line[:position]
    return before.count('"') % 2 == 1 or before.count("'") % 2 == 1


def _begins_value(line: str, position: int) -> bool:
    return line[:position].rstrip().endswith((":", "-", "[", ",", "{"))


def _terminator(finding: Finding, lines: list[str]) -> Iterable[Edit]:
    """A bare ``#:`` gets its quotes."""
    number = finding.place.line
    match = re.match(r"(\s*)#(\s*):", lines[number - 1])
    if match:
        yield Edit(number, len(match[1]) + 1, "#", '"#"')


def _half_width(finding: Finding, lines: list[str]) -> Iterable[Edit]:
    """A full-width key ``１`` becomes ``"1"``."""
    meant = re.search(r'half-width key "([0-9*#]+)"', finding.cure.en)
    if meant is None:
        return
    line, start = lines[finding.place.line - 1], finding.place.column - 1
    match = re.match(r"""(["']?)([^\s"':]+)\1""", line[start:])
    if match and unicodedata.normalize("NFKC", match[2]) == meant[1]:
        yield Edit(finding.place.line, start + 1, match[0], f'"{meant[1]}"')


def _renamed(finding: Finding, lines: list[str]) -> Iterable[Edit]:
    """A deprecated key gets its name of today."""
    words = re.match(r"`([^`]+)`.*`([^`]+)`", finding.message.en)
    if words is None:
        return
    line, start = lines[finding.place.line - 1], finding.place.column - 1
    if line[start : start + len(words[1])] == words[1]:
        yield Edit(finding.place.line, start + 1, words[1], words[2])


def _comment(finding: Finding, lines: list[str]) -> Iterable[Edit]:
    """A comment that allows nothing goes; one that allows several things is left to its author."""
    line = lines[finding.place.line - 1]
    start = finding.place.column - 1
    if "," in line[start:].split("because")[0]:
        return
    kept = line[:start].rstrip()
    yield Edit(finding.place.line, len(kept) + 1, line[len(kept) :], "")


_CURES: dict[str, Callable[[Finding, list[str]], Iterable[Edit]]] = {
    "text-compared-with-number": _compared,
    "unclosed-template": _braces,
    "hash-not-quoted": _terminator,
    "unknown-branch": _half_width,
    "deprecated-key": _renamed,
    "allow-unused": _comment,
}
