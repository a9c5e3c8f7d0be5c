"""``speech``: ask the caller to say what it is about; a key stands for an intent, too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated
from unicodedata import normalize

from pydantic import Field, StringConstraints, model_validator

from ..commands import Listen, Prompt
from ..findings import Finding, Text
from ..schema import Duration, Refusal
from .asking import RetryPrompts, asked_texts, compile_asking
from .kind import Branches, Enter, NodeType
from .variables import VariableName

if TYPE_CHECKING:
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..environment import Environment
    from ..results import Said
    from ..session import Session, Step

FAILURES = ("no_input", "no_match")
NO_INTENT = "0"
"""The key that stands for words which name no intent."""


class SpeechOptions(RetryPrompts):
    """``intents`` are the phrases that decide, each a branch; the *n*-th one is also key *n*. ``into`` names the
    variable that holds what was said. ``timeout`` and ``retries`` are those of ``menu``."""

    prompt: str
    intents: list[Annotated[str, StringConstraints(min_length=1, max_length=60)]] = Field(min_length=1, max_length=9)
    into: VariableName = "utterance"
    timeout: Duration = Field(default=5.0, gt=0, le=60)
    retries: int = Field(default=2, ge=0, le=20)
    barge_in: bool = True

    @model_validator(mode="after")
    def _each_once(self) -> SpeechOptions:
        folded = [_folded(intent) for intent in self.intents]
        twice = next(
            (intent for intent, form in zip(self.intents, folded, strict=True) if folded.count(form) > 1), None
        )
        if twice is not None or any(intent in FAILURES for intent in self.intents):
            raise Refusal(
                Text(
                    f"The intent `{twice or 'no_input'}` is there twice or is the name of a failure.",
                    f"意图 `{twice or 'no_input'}` 重复，或与失败分支同名。",
                ),
                Text("Write every intent once.", "每个意图只写一次。"),
                "bad-intents",
            )
        return self


def _folded(text: str) -> str:
    return "".join(normalize("NFKC", text).casefold().split())


def _check(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    intents = node.options.intents
    for intent in intents:
        if intent not in node.on:
            yield Finding(
                "error",
                "missing-branch",
                node.place,
                Text(
                    f"The intent `{intent}` of `{node.id}` has no branch.", f"`{node.id}` 的意图 `{intent}` 没有分支。"
                ),
                Text(f"Add `{intent}: NODE` under `on:`.", f"请在 `on:` 下补上 `{intent}: 节点`。"),
            )
    for branch, target in node.on.items():
        if branch not in intents and branch not in FAILURES:
            yield Finding(
                "warning",
                "branch-never-taken",
                target.place,
                Text(f"`{branch}` is not among the intents.", f"`{branch}` 不在 intents 中。"),
                Text("Add it to `intents`, or delete the branch.", "请加入 `intents`，或删去该分支。"),
            )


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: SpeechOptions = node.options
    keys = {str(number): intent for number, intent in enumerate(options.intents, 1)}
    steps = {key: wiring.steps[node.on[intent].name] for key, intent in keys.items()}
    # The longest phrase that was said decides: 查账单明细 is more than 查账单.
    phrases = sorted(((_folded(intent), key) for key, intent in keys.items()), key=lambda item: -len(item[0]))

    def build(prompts: tuple[Prompt, ...]) -> Listen:
        return Listen(
            prompts,
            timeout=options.timeout,
            digit_timeout=options.timeout,
            barge_in=options.barge_in,
            keys=frozenset(keys),
            intents=tuple(options.intents),
        )

    def understood(session: Session, result: Said) -> str:
        session.variables[options.into] = result.text
        said = _folded(result.text)
        if not said:
            return ""
        if result.intent in options.intents:
            return str(options.intents.index(result.intent) + 1)
        return next((key for phrase, key in phrases if phrase in said), NO_INTENT)

    def judge(session: Session, digits: str) -> Step | str:
        said, session.said = session.said, False
        step = steps.get(digits)
        if step is None:
            return "no_match" if digits else "no_input"
        session.last = keys[digits]
        if not said:
            session.variables[options.into] = keys[digits]
        return step

    failed = {failure: step for failure in FAILURES if (step := wiring.branch(node, failure)) is not None}
    return compile_asking(wiring, options, build, {}, judge, failed, understood=understood)


SPEECH = NodeType(
    "speech",
    SpeechOptions,
    _compile,
    Branches("on", FAILURES, ("no_input",), {"no_match": "no_input"}, any_name=True),
    main="prompt",
    texts=asked_texts,
    defines=lambda options: (options.into,),
    check=_check,
)
