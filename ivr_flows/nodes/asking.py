"""What ``menu`` and ``gather`` have in common: prompt, attempts, retries with their own prompts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from pydantic import Field, model_validator

from ..commands import Gather, Prompt
from ..findings import Text
from ..results import Digits, Failed, Said
from ..schema import Refusal, Strict
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
    understood: Callable[[Session, Said], str] | None = None,
) -> Enter:
    """The enter function of a node that asks for keys.

    Each attempt is one `Gather`; keys that are among ``choices`` decide at once, others are given to ``judge``.
    One counter counts silence and wrong keys together; after ``retries`` further attempts the branch of the last
    failure in ``failed`` is taken. A retry plays ``no_input_prompt`` or ``no_match_prompt``, where there is one,
    before the prompt; of ``no_input_prompts`` and ``no_match_prompts`` the *n*-th retry plays the *n*-th, the last one
    again where there are no more. ``understood`` gives the keys that a caller's words stand for.
    """
    retries: int = options.retries
    terminator: str = getattr(options, "terminator", "")
    prompt = wiring.prompt(options.prompt)
    assert prompt is not None

    def asking(*prompts: Prompt) -> tuple[Gather, tuple[str, ...]]:
        return build(prompts), tuple(part.heard for part in prompts)

    first = wiring.command((prompt,), asking)
    again = {
        failure: [
            wiring.command(tuple(part for part in (wiring.prompt(extra), prompt) if part is not None), asking)
            for extra in retry_prompts(options, failure)
        ]
        for failure in ("no_input", "no_match")
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
            if not isinstance(result, Said) or understood is None:
                return session.switch_failed(result) if isinstance(result, Failed) else ask(session, first, result.at)
            session.said = True
            result = Digits(understood(session, result), result.at, False, result.unheard)
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
            prompts = again[verdict]
            return ask(session, prompts[min(session.tries, len(prompts)) - 1], result.at)
        return failed[verdict]

    def gone(session: Session, result: HungUp) -> None:
        session.inputs.append("h")

    return enter


def asked_texts(options: Any) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """The prompts of a node that asks, with their places."""
    for name in ("prompt", "no_input_prompt", "no_match_prompt"):
        text = getattr(options, name)
        if text:
            yield (name,), text
    for name in ("no_input_prompts", "no_match_prompts"):
        for index, text in enumerate(getattr(options, name)):
            yield (name, index), text


class RetryPrompts(Strict):
    """What is said before the prompt of a retry: one text for all of them, or a list with one for each."""

    no_input_prompt: str | None = None
    no_match_prompt: str | None = None
    no_input_prompts: list[str] = Field(default_factory=list, max_length=20)
    no_match_prompts: list[str] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        for name in ("no_input_prompt", "no_match_prompt"):
            if getattr(self, name) is not None and getattr(self, f"{name}s"):
                raise Refusal(
                    Text(f"`{name}` and `{name}s` are both given.", f"`{name}` 与 `{name}s` 同时给出。"),
                    Text("Keep one of the two.", "只保留一处。"),
                    "option-twice",
                )
        return self


def retry_prompts(options: Any, failure: str) -> Sequence[str | None]:
    """What is said before the prompt of each retry behind ``failure``: at least one, None for nothing."""
    several: Sequence[str] = getattr(options, f"{failure}_prompts", ())
    return several or (getattr(options, f"{failure}_prompt", None),)
