"""``line400 check --fix``: cures by rule, written to the flow files that they concern.

A change is kept only if the file then has fewer findings that can be cured and no error that it had not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr_flows.findings import Finding
from ivr_flows.lint.fixing import apply_edits, edits_for
from ivr_flows.loader import load_flow
from router.configuration.files_on_disk import write_atomic

ROUNDS = 5
"""How often findings may appear behind others that were cured."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """One finding that was cured."""

    finding: Finding

    def as_json(self) -> dict[str, object]:
        """As ``check --fix --json`` lists it."""
        return {"file": self.finding.place.file, "line": self.finding.place.line, "code": self.finding.code}


def fix(findings: Sequence[Finding]) -> list[Fixed]:
    """Cure what can be cured by rule, in the files named. Raises `WriteError` where one cannot be written."""
    fixed: list[Fixed] = []
    for file in dict.fromkeys(finding.place.file for finding in findings):
        path = Path(file)
        if not file.endswith(".yaml") or not path.is_file():
            continue
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            continue  # reported already
        mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
        after, cured = fix_text(text, [finding for finding in findings if finding.place.file == file])
        if cured:
            write_atomic(path, mark + after.encode("utf-8"))
            fixed.extend(Fixed(finding) for finding in cured)
    return fixed


def fix_text(text: str, findings: Iterable[Finding]) -> tuple[str, list[Finding]]:
    """``text`` with its ``findings`` cured as far as that is possible, and those that were."""
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
