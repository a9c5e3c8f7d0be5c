"""The schema of ``invariants.yaml``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, Strict

from .clock_values import After, Before, Between
from .invariant_sentences import read_sentence
from .number_values import Number
from .route_schemas import CallerEntry
from .values import Dates, Name, OneOrMore, Weekday

EndWord = Literal["agents", "transfer", "voicemail", "announcement", "rejected", "out_of_service", "nowhere"]


class MomentsEntry(Strict):
    """When: all keys must hold; ``after``, ``before`` and ``between`` are times of day."""

    hours: Name | None = None
    hours_is: Annotated[tuple[Literal["open", "closed", "holiday"], ...], OneOrMore] = Field(
        default=("open",), alias="is", min_length=1
    )
    dates: Annotated[tuple[Dates, ...], OneOrMore] = ()
    weekday: Annotated[tuple[Weekday, ...], OneOrMore] = ()
    after: After | None = None
    before: Before | None = None
    between: Annotated[tuple[Between, ...], OneOrMore] = ()


class ReachesEntry(Strict):
    """What is reached: one kind, one name or several."""

    queue: Annotated[tuple[Name, ...], OneOrMore] = ()
    flow: Annotated[tuple[Name, ...], OneOrMore] = ()
    line: Annotated[tuple[Name, ...], OneOrMore] = ()
    voicemail: Annotated[tuple[Name, ...], OneOrMore] = ()
    transfer: Annotated[tuple[str, ...], OneOrMore] = ()
    end: Annotated[tuple[EndWord, ...], OneOrMore] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> ReachesEntry:
        if sum(bool(getattr(self, name)) for name in type(self).model_fields) != 1:
            raise Refusal(
                Text("`reaches:` wants exactly one kind of target.", "`reaches:` 只能写一种目标。"),
                Text(
                    "Write one of queue, flow, line, voicemail, transfer, end.",
                    "请写 queue、flow、line、voicemail、transfer、end 之一。",
                ),
                "bad-invariant",
            )
        return self


class InvariantBody(Strict):
    """Which calls, and what they reach."""

    caller: CallerEntry | None = None
    when: MomentsEntry | None = None
    number: Annotated[tuple[Number, ...], OneOrMore] = ()
    reaches: ReachesEntry


def _body(value: Any) -> Any:
    return read_sentence(value) if isinstance(value, str) else value


Body = Annotated[InvariantBody, BeforeValidator(_body)]


class InvariantEntry(Strict):
    """One invariant: ``never`` or ``always``, as keys or as a sentence."""

    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    never: Body | None = None
    always: Body | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> InvariantEntry:
        if (self.never is None) == (self.always is None):
            raise Refusal(
                Text("An invariant is either `never` or `always`.", "不变式只能是 `never` 或 `always` 之一。"),
                Text("Write one of the two.", "请只写其中一个。"),
                "bad-invariant",
            )
        return self


class InvariantsFile(Strict):
    """``invariants.yaml``."""

    invariants: list[InvariantEntry] = Field(default_factory=list)
