"""``branch``: the first condition that holds decides; ``else`` where none does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from ..definition import Reference
from ..expressions import compile_condition
from ..schema import Strict
from .kind import Branches, Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step


class Case(Strict):
    """One condition and the node it leads to."""

    when: str
    next: str


class BranchOptions(Strict):
    """``cases`` in order."""

    cases: list[Case] = Field(min_length=1)


def _texts(options: BranchOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for index, case in enumerate(options.cases):
        yield ("cases", index, "when"), case.when if "{{" in case.when else "{{ " + case.when + " }}"


def _exits(node: NodeDefinition) -> Iterator[tuple[str, Reference]]:
    for index, case in enumerate(node.options.cases):
        yield f"case {index + 1}", Reference(case.next, node.option_place("cases", index, "next"))


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: BranchOptions = node.options
    cases = [(compile_condition(case.when), wiring.steps[case.next]) for case in options.cases]
    otherwise = wiring.step(node.otherwise)

    def enter(session: Session, at: float) -> Command | Step:
        for holds, step in cases:
            if holds(session, at):
                return step
        return otherwise if otherwise is not None else finish_or_go(session, otherwise)

    return enter


BRANCH = NodeType(
    "branch",
    BranchOptions,
    _compile,
    Branches("inside"),
    main="cases",
    needs_caller=False,
    inner_exits=_exits,
    texts=_texts,
)
