"""What out-of-band facts change in a session: its record, never its outstanding command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .findings import Text
from .results import (
    AgentAnswered,
    AgentRinging,
    Announced,
    CallerQueued,
    Event,
    ScriptEnded,
    SpeechUnavailable,
    StrayDigit,
    TargetAnswered,
)

if TYPE_CHECKING:
    from .session import Session


def _agent_answered(session: Session, event: Any) -> None:
    session.outcome = "answered"
    session.agent = event.agent
    session.phase = "talking"
    if session.answered_at is None:
        session.answered_at = event.at


def _target_answered(session: Session, event: Any) -> None:
    session.outcome = "answered"
    session.phase = "talking"
    if session.answered_at is None:
        session.answered_at = event.at


def _caller_queued(session: Session, event: Any) -> None:
    session.queue = event.queue
    session.phase = "queue"


def _agent_ringing(session: Session, event: Any) -> None:
    """The caller is still waiting in the queue: who leaves now has abandoned the queue."""


def _announced_in_queue(session: Session, event: Any) -> None:
    session.heard.append(event.prompt)


def _stray_digit(session: Session, event: Any) -> None:
    session.stray += 1


def _script_ended(session: Session, event: Any) -> None:
    session.script_ended = True


def _speech_unavailable(session: Session, event: Any) -> None:
    node = session.path[-1]
    if event.reason:
        session.note_fault(
            "speech_failed",
            "configuration",
            Text(
                f"The words at `{node}` were not understood: {event.reason}.",
                f"`{node}` 的语音未能识别：{event.reason}。",
            ),
        )
        return
    session.note_fault(
        "no_recogniser",
        "configuration",
        Text(
            f"`{node}` understands only keys: line400.yaml sets no `speech` service.",
            f"`{node}` 只能识别按键：line400.yaml 未设置 `speech` 服务。",
        ),
    )


OBSERVE: dict[type[Event], Callable[[Session, Any], None]] = {
    AgentAnswered: _agent_answered,
    TargetAnswered: _target_answered,
    CallerQueued: _caller_queued,
    AgentRinging: _agent_ringing,
    Announced: _announced_in_queue,
    StrayDigit: _stray_digit,
    ScriptEnded: _script_ended,
    SpeechUnavailable: _speech_unavailable,
}
"""What each kind of event does."""
