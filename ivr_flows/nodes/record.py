"""``record``: record what the caller says, for the flow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import Field

from ..commands import Prompt, Record
from ..results import Recorded
from ..schema import Duration, Strict
from .kind import Enter, NodeType
from .next_step import finish_or_go
from .variables import VariableName

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import HungUp, Result
    from ..session import Session, Step


class RecordOptions(Strict):
    """``prompt`` is played before the recording, which ends after ``max``, after ``silence`` (0: never) or with ``#``.
    ``into`` names a variable with the fields ``reference`` (its file on the switch) and ``seconds``."""

    max: Duration = Field(default=60.0, gt=0, le=3600)
    silence: Duration = Field(default=5.0, ge=0, le=60)
    into: VariableName | None = None
    prompt: str | None = None


def _texts(options: RecordOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if options.prompt:
        yield ("prompt",), options.prompt


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: RecordOptions = node.options
    following = wiring.step(node.next)
    prompt = wiring.prompt(options.prompt)
    path_id = wiring.prefix + node.id

    def build(*prompts: Prompt) -> tuple[Record, tuple[str, ...]]:
        return Record(prompts, options.max, options.silence), tuple(part.heard for part in prompts)

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
        if not isinstance(result, Recorded):
            return session.switch_failed(result)
        session.last = result.seconds
        found = {"reference": result.reference or "", "seconds": result.seconds}
        if options.into is not None:
            session.variables[options.into] = found
        session.note("recording", {"node": path_id, **found})
        return finish_or_go(session, following)

    def gone(session: Session, result: HungUp) -> None:
        # The switch keeps what was recorded until the hang-up.
        if result.reference:
            seconds = float(result.partial or 0)
            session.note("recording", {"node": path_id, "reference": result.reference, "seconds": seconds})

    return enter


RECORD = NodeType(
    "record",
    RecordOptions,
    _compile,
    texts=_texts,
    defines=lambda options: () if options.into is None else (options.into,),
)
