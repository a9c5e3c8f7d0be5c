"""``voicemail``: let the caller leave a message in a box."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from ..commands import Prompt, Record
from ..findings import Finding, Text
from ..results import Recorded
from ..schema import Duration, Strict, unknown_name
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..environment import Environment
    from ..results import HungUp, Result
    from ..session import Session, Step


SHORTEST_MESSAGE = 1.0
"""Seconds of a message; less is none."""
SILENCE_ENDS_MESSAGE = 10.0
"""Seconds of silence that end a message."""


class VoicemailOptions(Strict):
    """``box`` names a box; ``prompt`` is played before the message; ``max`` bounds the message,
    as ``max`` of the box does."""

    box: str = "general"
    prompt: str | None = None
    max: Duration = Field(default=120.0, gt=0, le=3600)


def _texts(options: VoicemailOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if options.prompt:
        yield ("prompt",), options.prompt


def _check(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    known = environment.boxes
    if known is not None and node.options.box not in known:
        yield unknown_name(
            node.option_place("box"), Text("voicemail box", "语音信箱"), node.options.box, known, "unknown-box"
        )


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: VoicemailOptions = node.options
    following = wiring.step(node.next)
    prompt = wiring.prompt(options.prompt)
    path_id = wiring.prefix + node.id
    boxes = wiring.environment.boxes
    longest = options.max
    if isinstance(boxes, Mapping) and options.box in boxes:
        longest = min(longest, boxes[options.box])

    def left(session: Session, seconds: float, reference: str | None) -> None:
        session.note(
            "voicemail", {"node": path_id, "box": options.box, "reference": reference or "", "seconds": seconds}
        )

    def build(*prompts: Prompt) -> tuple[Record, tuple[str, ...]]:
        return Record(prompts, longest, SILENCE_ENDS_MESSAGE, options.box), tuple(part.heard for part in prompts)

    made = wiring.command((prompt,) if prompt is not None else (), build)

    def enter(session: Session, at: float) -> Command | Step:
        if session.answered_at is None:
            return session.answer_first(enter)
        command: Record
        command, heard = made(session, at) if callable(made) else made
        session.heard.extend(heard)
        session.wait_for(after, gone)
        return command

    def after(session: Session, result: Result) -> Command | Step:
        if result.__class__ is not Recorded:
            return session.switch_failed(result)
        session.last = result.seconds
        if result.seconds >= SHORTEST_MESSAGE:
            if session.outcome != "answered":
                session.outcome = "voicemail"
            left(session, result.seconds, result.reference)
        return finish_or_go(session, following)

    def gone(session: Session, result: HungUp) -> None:
        # Hanging up is how most callers end a message.
        seconds = float(result.partial or 0)
        if seconds < SHORTEST_MESSAGE:
            return
        left(session, seconds, result.reference)
        if session.outcome is None:
            session.outcome = "voicemail"

    return enter


VOICEMAIL = NodeType("voicemail", VoicemailOptions, _compile, main="box", texts=_texts, check=_check)
