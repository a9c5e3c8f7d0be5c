"""``share``: split calls by percentage, sticky by caller or drawn per call, the same on every host."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from ..definition import Reference
from ..findings import Text
from ..schema import Refusal, Strict
from ..shares import share_bucket
from .kind import Branches, Enter, NodeType

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step


class ShareOptions(Strict):
    """``targets``: node → percent, together 100. ``by``: ``caller`` (a caller always goes the same way; a hidden one
    is split by call) or ``call``."""

    targets: dict[str, float] = Field(min_length=1)
    by: Literal["caller", "call"] = "caller"

    @model_validator(mode="after")
    def _sum(self) -> ShareOptions:
        total = sum(self.targets.values())
        if not abs(total - 100) <= 1e-6 or min(self.targets.values()) < 0:  # so written, it refuses nan
            raise Refusal(
                Text(f"The shares sum to {total:g}, not to 100.", f"比例之和为 {total:g}，应为 100。"),
                Text("Correct the percentages.", "请更正百分比。"),
                "shares-do-not-sum",
            )
        return self


def _exits(node: NodeDefinition) -> Iterator[tuple[str, Reference]]:
    for name in node.options.targets:
        yield name, Reference(name, node.option_place("targets", name))


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: ShareOptions = node.options
    steps = [wiring.steps[name] for name in options.targets]
    edges: list[float] = []
    total = 0.0
    for percent in options.targets.values():
        total += percent
        edges.append(round(total * 100, 6))
    flow_name, node_name = wiring.flow.name, node.id
    by_caller = options.by == "caller"
    last = len(steps) - 1

    def enter(session: Session, at: float) -> Command | Step:
        context = session.context
        key = (context.caller.number if by_caller else None) or context.call_id
        return steps[min(bisect_right(edges, share_bucket(flow_name, node_name, key)), last)]

    return enter


SHARE = NodeType(
    "share",
    ShareOptions,
    _compile,
    Branches("inside"),
    main="targets",
    main_is_mapping=True,
    needs_caller=False,
    inner_exits=_exits,
)
