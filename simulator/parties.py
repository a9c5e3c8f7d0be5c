"""Who answers behind a queue or a transfer: the grammars of ``--agents`` and ``--target``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from ivr_flows.findings import Text

AgentKind = Literal["none", "answer", "never", "full", "no_agents"]
TargetKind = Literal["answer", "busy", "no_answer", "failed"]

ANSWER_AFTER = 5.0
TALK = 30.0


class PartyError(ValueError):
    """An ``--agents`` or ``--target`` text that its grammar does not allow."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


@dataclass(frozen=True, slots=True)
class AgentScript:
    """``none``: the script ends when the queue admits the caller. ``answer``: an agent answers after ``after_s``
    and hangs up after ``talk_s`` more seconds. ``never``: agents are signed in, none answers. ``full``: the queue
    admits nobody more. ``no_agents``: nobody is signed in."""

    kind: AgentKind = "none"
    after_s: float = ANSWER_AFTER
    talk_s: float = TALK

    @classmethod
    def parse(cls, text: str) -> AgentScript:
        """Read ``none | answer[:AFTER_S[:TALK_S]] | never | full | no_agents``. Raises `PartyError`."""
        kind, after, talk = _parts(text, "--agents", "none, answer[:AFTER_S[:TALK_S]], never, full, no_agents")
        if kind not in ("none", "answer", "never", "full", "no_agents") or (kind != "answer" and ":" in text):
            raise _refuse(text, "--agents", "none, answer[:AFTER_S[:TALK_S]], never, full, no_agents")
        return cls(cast(AgentKind, kind), after, talk)


@dataclass(frozen=True, slots=True)
class TargetScript:
    """``answer``: the target answers after ``after_s`` and hangs up after ``talk_s`` more seconds; ``no_answer``
    rings until the transfer's timeout; ``busy`` and ``failed`` at once."""

    kind: TargetKind = "answer"
    after_s: float = ANSWER_AFTER
    talk_s: float = TALK

    @classmethod
    def parse(cls, text: str) -> TargetScript:
        """Read ``answer[:AFTER_S[:TALK_S]] | busy | no_answer | failed``. Raises `PartyError`."""
        kind, after, talk = _parts(text, "--target", "answer[:AFTER_S[:TALK_S]], busy, no_answer, failed")
        if kind not in ("answer", "busy", "no_answer", "failed") or (kind != "answer" and ":" in text):
            raise _refuse(text, "--target", "answer[:AFTER_S[:TALK_S]], busy, no_answer, failed")
        return cls(cast(TargetKind, kind), after, talk)


def _parts(text: str, option: str, grammar: str) -> tuple[str, float, float]:
    kind, *numbers = text.strip().split(":")
    if len(numbers) > 2:
        raise _refuse(text, option, grammar)
    try:
        seconds = [float(number) for number in numbers]
    except ValueError:
        raise _refuse(text, option, grammar) from None
    if any(not 0 <= value < 86_400 for value in seconds):
        raise _refuse(text, option, grammar)
    after = seconds[0] if seconds else ANSWER_AFTER
    talk = seconds[1] if len(seconds) > 1 else TALK
    return kind, after, talk


def _refuse(text: str, option: str, grammar: str) -> PartyError:
    return PartyError(
        Text(f"{option} `{text}` is not understood.", f"无法识别 {option} `{text}`。"),
        Text(f"One of: {grammar}.", f"可选：{grammar}。"),
    )
