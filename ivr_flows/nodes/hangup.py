"""``hangup``: end the call; before answer its cause is the refusal that the caller gets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, WithJsonSchema

from ..commands import Hangup, Play, Prompt
from ..findings import Text
from ..schema import Refusal, Strict
from .kind import Branches, Enter, NodeType

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step

CAUSES = {"normal": 16, "busy": 17, "rejected": 21}
CAUSE_AS_WRITTEN = {
    "anyOf": [
        {"enum": [*CAUSES, None]},
        {"type": "integer", "minimum": 1, "maximum": 127},
        {"type": "string", "pattern": r"^\d{1,3}$"},
    ],
    "default": "normal",
}


def _cause(value: object) -> int:
    text = "normal" if value is None else str(value)
    if text in CAUSES:
        return CAUSES[text]
    if text.isdecimal() and 1 <= int(text) <= 127:
        return int(text)
    raise Refusal(
        Text(f"`{value}` is no hang-up cause.", f"`{value}` 不是挂机原因。"),
        Text(
            "One of: normal, busy, rejected, or a Q.850 cause 1..127.",
            "可选：normal、busy、rejected，或 Q.850 原因值 1 到 127。",
        ),
        "bad-cause",
    )


class HangupOptions(Strict):
    """``cause`` as a word or a Q.850 number; ``text`` is spoken first."""

    cause: Annotated[int, BeforeValidator(_cause), WithJsonSchema(CAUSE_AS_WRITTEN)] = 16
    text: str | None = None


def _texts(options: HangupOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if options.text:
        yield ("text",), options.text


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: HangupOptions = node.options
    command = Hangup(options.cause)

    def end(session: Session, at: float) -> Command | Step:
        if session.gone:
            return session.end_call("flow", command)
        session._on_gone = None
        return command

    prompt = wiring.prompt(options.text)
    if prompt is None:
        return end

    def build(prompt: Prompt) -> tuple[Play, str]:
        return Play((prompt,)), prompt.heard

    made = wiring.command((prompt,), build)

    def after(session: Session, result: Result) -> Command | Step:
        return end(session, result.at)

    def enter(session: Session, at: float) -> Command | Step:
        if session.gone:
            return end(session, at)
        if session.answered_at is None:
            return session.answer_first(enter)
        play: Play
        play, heard = made(session, at) if callable(made) else made
        session.heard.append(heard)
        session.wait_for(after)
        return play

    return enter


HANGUP = NodeType("hangup", HangupOptions, _compile, Branches("none"), main="cause", needs_caller=False, texts=_texts)
