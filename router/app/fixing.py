"""``line400 check --fix``: cures by rule, written to the flow files that they concern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr_flows.findings import Finding
from ivr_flows.lint.fixing import fix_text
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
