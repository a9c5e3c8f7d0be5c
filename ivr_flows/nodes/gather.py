"""``gather``: ask for several digits, up to a count, a terminator or silence after a digit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from ..commands import Gather, Prompt
from ..findings import Text
from ..schema import Duration, Refusal
from .asking import RetryPrompts, asked_texts, compile_asking
from .kind import Branches, Enter, NodeType
from .variables import VariableName

if TYPE_CHECKING:
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step

FAILURES = ("no_input", "no_match")
MAX_PATTERN = 200


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise Refusal(
            Text(f"`{text}` is no regular expression: {error}.", f"`{text}` 不是正则表达式：{error}。"),
            Text(r"Write for example ^1\d{10}$.", r"例如 ^1\d{10}$。"),
            "bad-pattern",
        ) from None
    # A quantified group that holds a quantifier can take exponential time on a caller's digits.
    if len(text) > MAX_PATTERN or re.search(r"[+*}][^()]*\)[+*{]", text):
        raise Refusal(
            Text(f"`{text[:60]}` may take very long to match.", f"`{text[:60]}` 匹配可能耗时过长。"),
            Text("Do not repeat a group that holds a repetition.", "不要重复一个内部已有重复的分组。"),
            "slow-pattern",
        )
    return text


def _terminator(text: str) -> str:
    if text not in ("#", "*", ""):
        raise Refusal(
            Text(f"The terminator `{text}` is not a key to end with.", f"结束键 `{text}` 不可用。"),
            Text('Use "#", "*" or "" (quoted).', '请用 "#"、"*" 或 ""（带引号）。'),
            "bad-terminator",
        )
    return text


class GatherOptions(RetryPrompts):
    """``pattern`` must match the whole value. ``sensitive`` input is neither logged nor stored; the record shows
    ``•``. ``into`` names the variable, a text with its leading zeros."""

    prompt: str
    max_digits: int = Field(default=20, ge=1, le=25)
    min_digits: int = Field(default=1, ge=1, le=25)
    terminator: Annotated[str, AfterValidator(_terminator), WithJsonSchema({"enum": ["#", "*", ""]})] = "#"
    timeout: Duration = Field(default=5.0, gt=0, le=300)
    digit_timeout: Duration = Field(default=3.0, gt=0, le=60)
    retries: int = Field(default=2, ge=0, le=20)
    pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    sensitive: bool = False
    into: VariableName = "digits"
    barge_in: bool = True

    @model_validator(mode="after")
    def _lengths(self) -> GatherOptions:
        if self.min_digits > self.max_digits:
            raise Refusal(
                Text(
                    f"min_digits {self.min_digits} is more than max_digits {self.max_digits}.",
                    f"min_digits {self.min_digits} 大于 max_digits {self.max_digits}。",
                ),
                Text("Make min_digits the smaller one.", "min_digits 应不大于 max_digits。"),
                "bad-lengths",
            )
        return self


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: GatherOptions = node.options
    ok = wiring.branch(node, "ok")
    assert ok is not None
    pattern = re.compile(options.pattern) if options.pattern else None

    def build(prompts: tuple[Prompt, ...]) -> Gather:
        return Gather(
            prompts,
            timeout=options.timeout,
            digit_timeout=options.digit_timeout,
            max_digits=options.max_digits,
            terminator=options.terminator,
            barge_in=options.barge_in,
            sensitive=options.sensitive,
        )

    def judge(session: Session, digits: str) -> Step | str:
        if not digits:
            return "no_input"
        if len(digits) < options.min_digits or not digits.isdigit() or (pattern and not pattern.fullmatch(digits)):
            return "no_match"
        session.variables[options.into] = session.last = digits
        return ok

    failed = {failure: step for failure in FAILURES if (step := wiring.branch(node, failure)) is not None}
    return compile_asking(wiring, options, build, {}, judge, failed, options.sensitive)


GATHER = NodeType(
    "gather",
    GatherOptions,
    _compile,
    Branches("on", ("ok", *FAILURES), ("ok", "no_input"), {"no_match": "no_input"}),
    main="prompt",
    texts=asked_texts,
    defines=lambda options: (options.into,),
)
