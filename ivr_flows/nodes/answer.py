"""``answer``: answer the call; nothing where it is answered already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..schema import Strict
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step


class AnswerOptions(Strict):
    """No options."""


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    following = wiring.step(node.next)

    def go_on(session: Session, at: float) -> Command | Step:
        return following if following is not None else finish_or_go(session, following)

    def enter(session: Session, at: float) -> Command | Step:
        if session.answered_at is None:
            return session.answer_first(go_on)
        return go_on(session, at)

    return enter


ANSWER = NodeType("answer", AnswerOptions, _compile)
