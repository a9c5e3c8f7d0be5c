"""Findings and faults: what is wrong, as values.

A *finding* is about what somebody wrote (a file, a place in it); a *fault* is about what happened in one
call. Both carry a stable code for machines and a text in two languages for people. Nothing here raises,
prints or sorts: findings are collected, and rendered where they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Language = Literal["en", "zh"]
Severity = Literal["error", "warning", "info"]
FaultParty = Literal["caller", "configuration", "carrier", "switch", "line400"]


class Text(NamedTuple):
    """One sentence in the two languages of the product."""

    en: str
    zh: str

    def to(self, language: Language) -> str:
        """The sentence in ``language``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file: ``file`` as the user named it, ``line`` and ``column`` counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a configuration.

    ``code`` is stable and kebab-case. ``message`` says what is wrong and why, with the offending value in it;
    ``cure`` says what to do. ``counter_example`` is a ``line400 call …`` command that shows the fault.
    """

    severity: Severity
    code: str
    place: Place
    message: Text
    cure: Text
    counter_example: str | None = None

    def as_json(self, language: Language = "en") -> dict[str, object]:
        """The finding as ``check --json`` prints it (CONTRACT: ``check``)."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "severity": self.severity,
            "code": self.code,
            "message": self.message.to(language),
            "cure": self.cure.to(language),
            "counter_example": self.counter_example,
        }

    def as_text(self, language: Language = "en") -> str:
        """The finding on two or three lines for a terminal, rendered from the same values as the JSON."""
        word = SEVERITY_WORDS[self.severity].to(language)
        colon, cure = Text(": ", "：").to(language), Text("cure", "办法").to(language)
        lines = [
            f"{self.place}: {word}{colon}{self.message.to(language)} [{self.code}]",
            f"  {cure}{colon}{self.cure.to(language)}",
        ]
        if self.counter_example:
            lines.append(f"  {self.counter_example}")
        return "\n".join(lines)


SEVERITY_WORDS: dict[str, Text] = {
    "error": Text("error", "错误"),
    "warning": Text("warning", "警告"),
    "info": Text("info", "提示"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong in one call, and whose fault it was."""

    code: str
    by: FaultParty
    message: Text

    def as_json(self, language: Language = "en") -> dict[str, str]:
        """The fault as a call result carries it (CONTRACT: ``fault``)."""
        return {"code": self.code, "by": self.by, "message": self.message.to(language)}


def has_errors(findings: list[Finding]) -> bool:
    """Whether any finding forbids the configuration to be used."""
    return any(finding.severity == "error" for finding in findings)
