"""``transfer``: connect the caller to a number, or to where another line lands."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from ..commands import Dial, Prompt
from ..expressions import is_template
from ..findings import Finding, Text
from ..results import DialEnded, TargetAnswered
from ..schema import Duration, Refusal, Strict, unknown_name
from .kind import Branches, Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..environment import Environment
    from ..results import Result
    from ..session import Session, Step

WAYS = ("busy", "no_answer", "failed")


class TransferOptions(Strict):
    """``to`` a number, or ``line`` the name of a line. The leg presents the base number of the line it leaves by,
    never the 400 number. ``timeout`` is the ring time in whole seconds (a fraction counts as one more);
    ``post_digits`` are dialled after the answer; ``whisper`` is what the target hears before the caller."""

    to: str | None = None
    line: str | None = None
    timeout: Duration = Field(default=30.0, gt=0, le=600)
    post_digits: str = Field(default="", pattern=r"^[0-9*#wW]*$")
    whisper: str | None = None

    @model_validator(mode="after")
    def _one_target(self) -> TransferOptions:
        if (self.to is None) == (self.line is None):
            raise Refusal(
                Text(
                    "A transfer goes either `to` a number or over a `line`.",
                    "转接目标只能是 `to` 号码或 `line` 线路之一。",
                ),
                Text("Write one of the two.", "请只写其中一个。"),
                "transfer-target",
            )
        return self


def _texts(options: TransferOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if options.to:
        yield ("to",), options.to
    if options.whisper:
        yield ("whisper",), options.whisper


def _check(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    options: TransferOptions = node.options
    known = environment.lines
    if options.line and known is not None and options.line not in known:
        yield unknown_name(node.option_place("line"), Text("line", "线路"), options.line, known, "unknown-line")
    if options.to and not is_template(options.to) and not any(character.isdigit() for character in options.to):
        yield Finding(
            "error",
            "bad-number",
            node.option_place("to"),
            Text(f"`{options.to}` is no number to dial.", f"`{options.to}` 不是可拨打的号码。"),
            Text("Write a number such as 010-88880009, or use `line`.", "请写号码，如 010-88880009，或改用 `line`。"),
        )


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: TransferOptions = node.options
    answered = wiring.branch(node, "answered")
    ways = {name: wiring.branch(node, name) for name in WAYS}

    def build(to: str | None, whisper: Prompt | None) -> Dial:
        return Dial(to, options.line, float(math.ceil(options.timeout)), options.post_digits, whisper)

    made = wiring.command((wiring.text(options.to), wiring.prompt(options.whisper)), build)

    def enter(session: Session, at: float) -> Command | Step:
        command: Dial = made(session, at) if callable(made) else made
        session.phase = "ringing"
        session.wait_for(after)
        return command

    def after(session: Session, result: Result) -> Command | Step:
        session.phase = "flow"
        how: str = result.how if result.__class__ is DialEnded else "failed"
        session.last = how
        if how == "answered":
            if session.outcome != "answered":
                session.observe(TargetAnswered(result.at))
            session.phase = "flow"
            return finish_or_go(session, answered, "target")
        following = ways[how]
        assert following is not None
        return following

    return enter


TRANSFER = NodeType(
    "transfer",
    TransferOptions,
    _compile,
    Branches("on", ("answered", *WAYS), WAYS),
    main="to",
    texts=_texts,
    check=_check,
)
