"""Findings as SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from .findings import Finding, Language, Severity, Text
from .lint import CODES

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class RulePage:
    """A rule as a log describes it: what it says, how serious it is, and the page about it."""

    summary: Text
    severity: Severity
    page: str


def sarif(
    findings: Sequence[Finding],
    version: str,
    language: Language = "en",
    pages: Mapping[str, RulePage] | None = None,
) -> dict[str, Any]:
    """One SARIF log with one run. Paths stand as they were named, relative ones against ``%SRCROOT%``. ``pages``
    describe codes that are not the linter's own."""
    known = {code: RulePage(rule.summary, rule.severity, f"docs/rules/{rule.code}.md") for code, rule in CODES.items()}
    known.update(pages or {})
    codes = list(dict.fromkeys(finding.code for finding in findings))
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "line400",
                        "version": version,
                        "rules": [_rule(code, known, findings, language) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, codes.index(finding.code), language) for finding in findings],
            }
        ],
    }


def _rule(code: str, known: Mapping[str, RulePage], findings: Sequence[Finding], language: Language) -> dict[str, Any]:
    rule = known.get(code)
    first = next(finding for finding in findings if finding.code == code)
    summary = rule.summary.to(language) if rule is not None else code.replace("-", " ")
    described: dict[str, Any] = {
        "id": code,
        "shortDescription": {"text": summary},
        "defaultConfiguration": {"level": LEVELS[rule.severity if rule is not None else first.severity]},
    }
    if rule is not None:
        described["help"] = {"text": rule.page}
    return described


def _result(finding: Finding, index: int, language: Language) -> dict[str, Any]:
    path = PurePath(finding.place.file)
    location: dict[str, Any] = {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}
    if not path.is_absolute():
        location["uriBaseId"] = "%SRCROOT%"
    text = f"{finding.message.to(language)} {finding.cure.to(language)}"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": location,
                    "region": {
                        "startLine": max(1, finding.place.line),
                        "startColumn": max(1, finding.place.column),
                    },
                }
            }
        ],
    }
    if finding.counter_example:
        result["properties"] = {"counterExample": finding.counter_example}
    return result
