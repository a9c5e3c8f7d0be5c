"""``loop``: go round a bounded number of times in a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from ..schema import Strict
from .kind import Branches, Enter, NodeType

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step


class LoopOptions(Strict):
    """``times``: how often ``again`` is taken before ``done``, which makes the count begin anew."""

    times: int = Field(ge=1, le=1000)


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    times: int = node.options.times
    again, done = (wiring.steps[node.on[name].name] for name in ("again", "done"))
    key = wiring.prefix + node.id

    def enter(session: Session, at: float) -> Command | Step:
        loops = session.loops
        if loops is None:
            loops = session.loops = {}
        round_ = loops.get(key, 0) + 1
        if round_ > times:
            del loops[key]
            return done
        loops[key] = round_
        return again

    return enter


LOOP = NodeType(
    "loop",
    LoopOptions,
    _compile,
    Branches("on", ("again", "done"), ("again", "done")),
    main="times",
    needs_caller=False,
)
