"""``callback``: take down that the caller wants to be called back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..commands import Notify, Play, Prompt
from ..results import Done, Failed
from ..schema import Strict
from .kind import Branches, Enter, NodeType

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step

EVENT = "callback_requested"
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_SEPARATORS = re.compile(r"[\s().-]")


class CallbackOptions(Strict):
    """``number`` to call back, the caller's own where none is given; ``prompt`` is said when it was taken down."""

    number: str = "{{ caller.number }}"
    prompt: str | None = None


def _texts(options: CallbackOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    yield ("number",), options.number
    if options.prompt:
        yield ("prompt",), options.prompt


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: CallbackOptions = node.options
    done, failed = wiring.steps[node.on["done"].name], wiring.steps[node.on["failed"].name]
    written = wiring.text(options.number)
    prompt = wiring.prompt(options.prompt)
    path_id = wiring.prefix + node.id

    def build(prompt: Prompt) -> tuple[Play, str]:
        return Play((prompt,)), prompt.heard

    made = None if prompt is None else wiring.command((prompt,), build)

    def enter(session: Session, at: float) -> Command | Step:
        if made is not None and session.answered_at is None:
            return session.answer_first(enter)
        text = written(session, at) if callable(written) else written
        number = _SEPARATORS.sub("", str(text))
        if not _NUMBER.fullmatch(number):
            # A hidden caller who gave no number.
            return failed
        fields = {"node": path_id, "number": number, "queue": session.queue or ""}
        session.note("callback", fields)
        session.wait_for(taken)
        return Notify(EVENT, fields)

    def taken(session: Session, result: Result) -> Command | Step:
        if isinstance(result, Failed):
            session.notes = session.notes[:-1]
            return failed
        if made is None:
            return done
        command, heard = made(session, result.at) if callable(made) else made
        session.heard.append(heard)
        session.wait_for(said)
        play: Play = command
        return play

    def said(session: Session, result: Result) -> Command | Step:
        return done if isinstance(result, Done) else session.switch_failed(result)

    return enter


CALLBACK = NodeType(
    "callback",
    CallbackOptions,
    _compile,
    Branches("on", ("done", "failed"), ("done", "failed")),
    main="number",
    texts=_texts,
)
