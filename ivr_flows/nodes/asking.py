"""What ``menu`` and ``gather`` have in common: prompt, attempts, retries with their own prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from ..commands import Gather, Prompt
from ..results import Digits, Failed
from .kind import Enter

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..results import HungUp, Result
    from ..session import Session, Step

SENSITIVE_MARK = "•"

Judge: TypeAlias = "Callable[[Session, str], Step | str]"
"""Given the keys of an attempt: the node to go on with, or ``no_input`` or ``no_match``."""


def compile_asking(
    wiring: Wiring,
    options: Any,
    build: Callable[[tuple[Prompt, ...]], Gather],
    choices: Mapping[str, Step],
    judge: Judge,
    failed: dict[str, Step],
    sensitive: bool = False,
) -> Enter:
    """The enter function of a node that asks for keys.

    Each attempt is one `Gather`; keys that are among ``choices`` decide at once, others are given to ``judge``.
    One counter counts silence and wrong keys together; after ``retries`` further attempts the branch of the last
    failure in ``failed`` is taken. A retry plays ``no_input_prompt`` or ``no_match_prompt``, where there is one,
    before the prompt.
    """
    retries: int = options.retries
    terminator: str = getattr(options, "terminator", "")
    prompt = wiring.prompt(options.prompt)
    assert prompt is not None

    def asking(*prompts: Prompt) -> tuple[Gather, tuple[str, ...]]:
        return build(prompts), tuple(part.heard for part in prompts)

    first = wiring.command((prompt,), asking)
    again = {
        failure: wiring.command(tuple(part for part in (wiring.prompt(extra), prompt) if part is not None), asking)
        for failure, extra in (
            ("no_input", getattr(options, "no_input_prompt", None)),
            ("no_match", getattr(options, "no_match_prompt", None)),
        )
    }

    def ask(session: Session, made: Any, at: float) -> Gather:
        asked: tuple[Gather, tuple[str, ...]] = made(session, at) if callable(made) else made
        command, heard = asked
        session.wait_for(after, gone)
        if session.typed_ahead:
            command = replace(command, typed_ahead=session.typed_ahead)
            session.typed_ahead = ""
            if command.barge_in:
                # The caller's key interrupts these prompts before they begin.
                return replace(command, prompts=())
        session.heard.extend(heard)
        return command

    def enter(session: Session, at: float) -> Command | Step:
        if session.answered_at is None:
            return session.answer_first(enter)
        session.tries = 0
        if not dynamic and not session.typed_ahead:
            session._resume = after
            session._on_gone = gone
            session.heard.append(only_heard)
            command: Gather = only_command
            return command
        return ask(session, first, at)

    dynamic = callable(first)
    only_command: Any
    only_command, (only_heard,) = (None, ("",)) if dynamic else first

    def after(session: Session, result: Result) -> Command | Step:
        if result.__class__ is not Digits:
            return session.switch_failed(result) if isinstance(result, Failed) else ask(session, first, result.at)
        digits = result.digits
        if result.unheard:
            del session.heard[-result.unheard :]
        if sensitive:
            session.inputs.append(SENSITIVE_MARK if digits or result.terminated else "")
        else:
            session.inputs.append(digits + terminator if result.terminated else digits)
        choice = choices.get(digits)
        if choice is not None:
            session.last = digits
            return choice
        verdict = judge(session, digits)
        if verdict.__class__ is not str:
            return verdict  # type: ignore[return-value]
        if session.tries < retries:
            session.tries += 1
            return ask(session, again[verdict], result.at)
        return failed[verdict]

    def gone(session: Session, result: HungUp) -> None:
        session.inputs.append("h")

    return enter
