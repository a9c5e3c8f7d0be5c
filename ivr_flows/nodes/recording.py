"""``recording``: record the call from here on, or no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import RecordCall
from ..findings import Text
from ..results import Failed, Recorded
from ..schema import Strict
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step


class RecordingOptions(Strict):
    """``to``: ``on`` or ``off``."""

    to: bool


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    following = wiring.step(node.next)
    command = RecordCall(node.options.to)
    path_id = wiring.prefix + node.id

    def after(session: Session, result: Result) -> Command | Step:
        if isinstance(result, Failed):
            session.note_fault(
                "recording_failed",
                "switch",
                Text(
                    f"The call could not be recorded: {result.reason}.",
                    f"通话录音失败：{result.reason}。",
                ),
            )
        elif isinstance(result, Recorded) and result.reference:
            _note_once(session, path_id, result.reference)
        return finish_or_go(session, following)

    def enter(session: Session, at: float) -> Command | Step:
        session.wait_for(after)
        return command

    return enter


def _note_once(session: Session, path_id: str, reference: str) -> None:
    """The recording of a call is one, however often it is taken up again."""
    if all(fields.get("reference") != reference for _, fields in session.notes):
        session.note("recording", {"node": path_id, "reference": reference, "seconds": None})


RECORDING = NodeType("recording", RecordingOptions, _compile, main="to")
