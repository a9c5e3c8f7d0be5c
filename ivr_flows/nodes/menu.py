"""``menu``: ask for one choice; every key is a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from ..commands import Gather, Prompt
from ..schema import Duration
from .asking import RetryPrompts, asked_texts, compile_asking
from .kind import Branches, Enter, NodeType

if TYPE_CHECKING:
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step

FAILURES = ("no_input", "no_match")


class MenuOptions(RetryPrompts):
    """``timeout`` runs from the end of the prompt, ``digit_timeout`` between the digits of a longer key.
    ``retries`` further attempts follow the first; their own prompts are played before the prompt."""

    prompt: str
    timeout: Duration = Field(default=5.0, gt=0, le=300)
    retries: int = Field(default=2, ge=0, le=20)
    digit_timeout: Duration = Field(default=3.0, gt=0, le=60)
    barge_in: bool = True


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: MenuOptions = node.options
    choices = {key: wiring.steps[target.name] for key, target in node.on.items() if key not in FAILURES}
    keys = frozenset(choices)
    longest = max((len(key) for key in keys), default=1)

    def build(prompts: tuple[Prompt, ...]) -> Gather:
        return Gather(
            prompts,
            timeout=options.timeout,
            digit_timeout=options.digit_timeout,
            max_digits=longest,
            barge_in=options.barge_in,
            keys=keys,
        )

    def judge(session: Session, digits: str) -> Step | str:
        session.last = digits
        return "no_match" if digits else "no_input"

    failed = {failure: step for failure in FAILURES if (step := wiring.branch(node, failure)) is not None}
    return compile_asking(wiring, options, build, choices, judge, failed)


MENU = NodeType(
    "menu",
    MenuOptions,
    _compile,
    Branches("on", FAILURES, ("no_input",), {"no_match": "no_input"}, keys=True),
    main="prompt",
    texts=asked_texts,
)
