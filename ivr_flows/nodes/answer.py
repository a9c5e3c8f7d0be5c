"""``answer``: answer the call; nothing where it is answered already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Answer
from ..passing import Passage
from ..results import Failed
from ..schema import Strict
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step


ANSWER_COMMAND = Answer()


class AnswerOptions(Strict):
    """No options."""


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    following = wiring.step(node.next)

    def answered(session: Session, result: Result) -> Command | Step:
        if result.__class__ is Failed:
            return session.switch_failed(result)
        session.answered_at = result.at
        return following if following is not None else finish_or_go(session, following)

    def enter(session: Session, at: float) -> Command | Step:
        if session.answered_at is None:
            session._resume = answered
            return ANSWER_COMMAND
        return following if following is not None else finish_or_go(session, following)

    if following is not None:
        wiring.steps[node.id].passage = Passage(answered, None, 0.0, following)
    return enter


ANSWER = NodeType("answer", AnswerOptions, _compile)
