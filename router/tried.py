"""The lines that a simulated carrier tried for a call, as a call record shows them."""

from __future__ import annotations

from dataclasses import dataclass

from ivr_flows.findings import Language

from .explain import explain
from .resolution import TraceStep


@dataclass(frozen=True, slots=True)
class Tried:
    """A line that the carrier tried for a call: ``taken``, or why not (``full busy no_answer down``), and the seconds
    for which it rang; ``forwards_used_up`` (no line): the call was passed on as often as it may be."""

    line: str
    result: str
    seconds: float = 0.0

    def __str__(self) -> str:
        """As scenarios name it: ``bj-unicom=down``."""
        return f"{self.line}={self.result}" if self.line else self.result

    def as_step(self) -> TraceStep:
        """As a trace shows it."""
        if self.result == "forwards_used_up":
            return TraceStep("carrier", False, self.result, (f"{self.seconds:g}",))
        return TraceStep("carrier", self.result == "taken", f"line_{self.result}", (self.line, f"{self.seconds:g}"))

    def as_json(self, language: Language = "en") -> dict[str, object]:
        """As ``call --json`` prints it."""
        return {"line": self.line or None, "result": self.result, "why": explain(self.as_step()).to(language)}
