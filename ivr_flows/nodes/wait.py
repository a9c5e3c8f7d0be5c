"""``wait``: let time pass in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from ..commands import Wait
from ..results import Done
from ..schema import Duration, Strict
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step


class WaitOptions(Strict):
    """``seconds``: how long."""

    seconds: Duration = Field(gt=0, le=600)


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    following = wiring.step(node.next)
    command = Wait(node.options.seconds)

    def after(session: Session, result: Result) -> Command | Step:
        return finish_or_go(session, following) if isinstance(result, Done) else session.switch_failed(result)

    def enter(session: Session, at: float) -> Command | Step:
        session.wait_for(after)
        return command

    return enter


WAIT = NodeType("wait", WaitOptions, _compile, main="seconds")
