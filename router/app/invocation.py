"""One use of the command line: its global options, its streams, and how it prints.

Results go to standard output, messages to standard error. With ``--json`` standard output gets exactly one document.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ivr_flows.findings import Language, Text

from .problems import Problem

if TYPE_CHECKING:
    from rich.console import Console

DEFAULT_CONFIG = "config"
PLAIN_WIDTH = 160
"""Columns of a table that goes to a file or a pipe."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def language_of(environment: Mapping[str, str]) -> Language:
    """The language that the locale asks for: the first of LC_ALL, LC_MESSAGES, LANG that is set decides."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def printable(text: str) -> str:
    """``text`` without characters that could steer a terminal (callers and peers choose some of what is shown)."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


@dataclass(slots=True)
class Invocation:
    """Global options and streams. ``config`` is the folder as given; ``documented`` says whether the JSON document is
    out already."""

    config: Path = Path(DEFAULT_CONFIG)
    json: bool = False
    quiet: bool = False
    debug: bool = False
    language: Language = "en"
    environment: Mapping[str, str] = field(default_factory=dict)
    documented: bool = False
    _consoles: dict[str, Console] = field(default_factory=dict)

    @property
    def out(self) -> TextIO:
        """Standard output, looked up when used (a test may replace it)."""
        return sys.stdout

    @property
    def err(self) -> TextIO:
        """Standard error."""
        return sys.stderr

    @property
    def interactive(self) -> bool:
        """Whether a person sits at both ends: keys come from a terminal, and what is printed goes to one."""
        return not self.json and sys.stdin.isatty() and sys.stdout.isatty()

    def say(self, text: Text) -> str:
        """The sentence in the language of this use."""
        return text.to(self.language)

    def console(self, stream: str = "out") -> Console:
        """A rich console on ``out`` or ``err``. Markup is off: what is printed is never taken for markup."""
        from rich.console import Console

        found = self._consoles.get(stream)
        if found is None:
            file = self.out if stream == "out" else self.err
            plain = not file.isatty()
            width = PLAIN_WIDTH if plain else None
            found = Console(file=file, markup=False, highlight=False, emoji=False, soft_wrap=plain, width=width)
            self._consoles[stream] = found
        return found

    def document(self, value: Any) -> None:
        """Print the one JSON document of this use."""
        if self.documented:
            raise AssertionError("a second document on standard output")
        self.documented = True
        encoding = (getattr(self.out, "encoding", None) or "utf-8").lower().replace("-", "")
        text = json.dumps(value, ensure_ascii=encoding != "utf8", indent=2, allow_nan=False)
        # A lone surrogate (an argument that was no UTF-8) has no encoding: JSON's own escape stands for it.
        text = re.sub(r"[\ud800-\udfff]", lambda found: f"\\u{ord(found.group()):04x}", text)
        self.out.write(text + "\n")
        self.out.flush()

    def line(self, text: str = "") -> None:
        """Print one line of a result for people; nothing with ``--json``."""
        if not self.json:
            self.out.write(printable(text) + "\n")

    def note(self, text: Text) -> None:
        """A remark on standard error; left out with ``--quiet``."""
        if not self.quiet:
            self.err.write(printable(self.say(text)) + "\n")

    def warn(self, text: Text) -> None:
        """A warning on standard error, also with ``--quiet``."""
        word = Text("warning: ", "警告：")
        self.err.write(f"{self.say(word)}{printable(self.say(text))}\n")

    def fail(self, problem: Problem) -> int:
        """Print ``problem`` where it belongs and return its exit status."""
        for finding in problem.findings:
            self.err.write(printable(finding.as_text(self.language)) + "\n")
        word = Text("error: ", "错误：")
        self.err.write(f"line400: {self.say(word)}{printable(self.say(problem.message))}\n")
        cure = self.say(problem.cure)
        if cure:
            self.err.write(f"  {printable(cure)}\n")
        if self.json and not self.documented:
            self.document(problem.as_json(self.language))
        return problem.status
