"""The schema of what a route or a rule may ask for beyond a line and a flow: hunting, forwarding, PIN, caps, lists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ivr_flows.expressions import ExpressionError, compile_text
from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, Strict
from router.route_options import FORWARD_RING_TIME, MAX_FORWARDS

from .route_values import Forwards, PinCode, PinHash, RingTime, Target, Weight
from .setting_values import Variable
from .values import Name, OneOrMore, Percent, Rejection

Spoken = Annotated[str, Field(min_length=1, max_length=500)]


def refuse(code: str, en: str, zh: str, cure_en: str, cure_zh: str) -> Refusal:
    """A refusal in two languages."""
    return Refusal(Text(en, zh), Text(cure_en, cure_zh), code)


def _template(text: str) -> str:
    """A prompt may hold expressions, as those of flows."""
    try:
        compile_text(text)
    except ExpressionError as error:
        raise refuse(
            "bad-template",
            error.message.en,
            error.message.zh,
            "Correct the expression between {{ and }}.",
            "请更正 {{ 与 }} 之间的表达式。",
        ) from None
    return text


Template = Annotated[Spoken, AfterValidator(_template)]
Priority = Annotated[int, Field(ge=1, le=99)]


class HuntEntry(Strict):
    """Several lines in place of one. ``lines`` is a list, or a mapping of lines to weights."""

    lines: tuple[Name, ...] | dict[Name, Weight]
    strategy: Literal["sequential", "circular", "random", "least_busy", "weight"] | None = None
    weights: dict[Name, Weight] | None = None
    ring_time: RingTime | None = None
    max_forwards: Forwards = MAX_FORWARDS

    @model_validator(mode="after")
    def _fits(self) -> HuntEntry:
        names = tuple(self.lines)
        if len(set(names)) < max(2, len(names)):
            raise refuse(
                "bad-hunt",
                "Hunting wants two or more different lines.",
                "hunt 需要两条以上不同的线路。",
                "Name them under `lines:`; for one line write `line:`.",
                "请写在 `lines:` 下；只有一条线路时写 `line:`。",
            )
        if isinstance(self.lines, dict) and self.weights is not None:
            raise refuse(
                "bad-hunt",
                "The weights stand twice: in `lines:` and in `weights:`.",
                "权重写了两次：`lines:` 与 `weights:`。",
                "Keep one of the two.",
                "只保留一处。",
            )
        weights = self.weights_by_line()
        if weights and self.strategy not in (None, "weight"):
            raise refuse(
                "bad-hunt",
                f"Weights do nothing with the strategy `{self.strategy}`.",
                f"策略 `{self.strategy}` 不使用权重。",
                "Write `strategy: weight`, or delete the weights.",
                "请写 `strategy: weight`，或删除权重。",
            )
        if self.strategy == "weight" and not weights:
            raise refuse(
                "bad-hunt",
                "The strategy `weight` needs a weight for each line.",
                "策略 `weight` 需要每条线路的权重。",
                "Write for example `lines: { a: 70, b: 30 }`.",
                "例如 `lines: { a: 70, b: 30 }`。",
            )
        if weights and (set(weights) != set(names) or not any(weights.values())):
            raise refuse(
                "bad-hunt",
                "Each line wants one weight, and not all may be 0.",
                "每条线路须有一个权重，且不能全为 0。",
                "Write for example `lines: { a: 70, b: 30 }`.",
                "例如 `lines: { a: 70, b: 30 }`。",
            )
        return self

    def weights_by_line(self) -> dict[str, float]:
        """The weights, wherever they stand."""
        return dict(self.lines) if isinstance(self.lines, dict) else dict(self.weights or {})


class ForwardOnEntry(Strict):
    """The flow behind a leg that does not come about."""

    busy: Name | None = None
    no_answer: Name | None = None
    failed: Name | None = None


class ForwardEntry(Strict):
    """A leg that we place in place of a flow."""

    to: Target | None = None
    line: Name | None = None
    ring_time: RingTime = FORWARD_RING_TIME
    on: ForwardOnEntry = ForwardOnEntry()

    @model_validator(mode="after")
    def _one_target(self) -> ForwardEntry:
        if (self.to is None) == (self.line is None):
            raise refuse(
                "bad-forward",
                "A forwarding goes either `to:` a number or over a `line:`.",
                "转接目标只能是 `to:` 号码或 `line:` 线路之一。",
                "Write one of the two.",
                "请只写其中一个。",
            )
        return self


class PinEntry(Strict):
    """What a caller must key before the flow."""

    codes: Annotated[tuple[PinCode, ...], OneOrMore] = ()
    hashed: Annotated[tuple[PinHash, ...], OneOrMore] = ()
    secret_env: Annotated[tuple[Variable, ...], OneOrMore] = ()
    lists: Annotated[tuple[Name, ...], OneOrMore] = Field(default=(), alias="list")
    digits: Annotated[int, Field(ge=3, le=12)] = 4
    retries: Annotated[int, Field(ge=0, le=9)] = 2
    prompt: Template | None = None
    denied: Template | None = None

    @model_validator(mode="after")
    def _some_code(self) -> PinEntry:
        if not (self.codes or self.hashed or self.secret_env or self.lists):
            raise refuse(
                "bad-pin",
                "`pin:` says no code, so nobody could pass.",
                "`pin:` 没有任何密码，没有人能通过。",
                "Add `codes:`, `hashed:`, `secret_env:` or `list:`.",
                "请写 `codes:`、`hashed:`、`secret_env:` 或 `list:`。",
            )
        if any(len(code) != self.digits for code in self.codes):
            raise refuse(
                "bad-pin",
                f"A code does not have {self.digits} digits.",
                f"有密码不是 {self.digits} 位。",
                "Set `digits:`, or correct the code; all codes have the same length.",
                "请设置 `digits:` 或更正密码；所有密码长度相同。",
            )
        return self


class OverLimitEntry(Strict):
    """What a caller beyond a cap gets."""

    announce: Spoken | None = None
    reject: Rejection = "busy"


class AllowEntry(Strict):
    """The only callers whom a number takes."""

    lists: Annotated[tuple[Name, ...], OneOrMore] = Field(alias="list", min_length=1)
    announce: Spoken | None = None
    reject: Rejection = "blocked"


class TrialEntry(Strict):
    """A flow tried with some callers before it takes the others."""

    flow: Name
    callers: Annotated[tuple[Name, ...], OneOrMore] = ()
    share: Percent | None = None
    by: Literal["caller", "call"] | None = None

    @model_validator(mode="after")
    def _somebody(self) -> TrialEntry:
        if not self.callers and self.share is None:
            raise refuse(
                "incomplete-rule",
                "The trial says neither callers nor a share.",
                "灰度既没有写名单，也没有写比例。",
                "Add `callers: LIST` or `share: 5`.",
                "请写 `callers: 名单` 或 `share: 5`。",
            )
        if self.by is not None and self.share is None:
            raise refuse(
                "incomplete-condition",
                "`by:` says how, but `share:` is missing.",
                "写了 `by:`，却没有 `share:`。",
                "Add `share: …`, or delete `by:`.",
                "请写 `share: …`，或删除 `by:`。",
            )
        return self


def _listed(value: object) -> object:
    """A bare name, or a list of names, is the list itself."""
    return value if isinstance(value, dict) or value is None else {"list": value}


Allow = Annotated[AllowEntry, BeforeValidator(_listed, json_schema_input_type=AllowEntry | Name | list[Name])]
