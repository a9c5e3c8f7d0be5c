"""The schema of ``routes.yaml`` and of a row of ``routes.csv``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, Strict

from .number_values import CallerNumber, CallerPattern, CallerPrefix, City, Number, Province, read_carrier
from .route_option_schemas import (
    Allow,
    ForwardEntry,
    HuntEntry,
    OverLimitEntry,
    PinEntry,
    Priority,
    Spoken,
    TrialEntry,
    refuse,
)
from .route_values import Calls
from .values import Dates, Name, OneOrMore, Percent, Rejection, Weekday

CallerCarrier = Literal["unicom", "mobile", "telecom", "broadnet", "unknown"]
CallerKind = Literal["mobile", "landline", "service", "iot", "privacy", "foreign", "hidden", "unknown"]

CallerCarrierWord = Annotated[CallerCarrier, BeforeValidator(read_carrier)]


class CallerEntry(Strict):
    """Conditions on the caller."""

    lists: Annotated[tuple[Name, ...], OneOrMore] = Field(default=(), alias="list")
    not_lists: Annotated[tuple[Name, ...], OneOrMore] = Field(default=(), alias="not_list")
    number: Annotated[tuple[CallerNumber, ...], OneOrMore] = ()
    prefix: Annotated[tuple[CallerPrefix, ...], OneOrMore] = ()
    province: Annotated[tuple[Province, ...], OneOrMore] = ()
    city: Annotated[tuple[City, ...], OneOrMore] = ()
    carrier: Annotated[tuple[CallerCarrierWord, ...], OneOrMore] = ()
    kind: Annotated[tuple[CallerKind, ...], OneOrMore] = ()

    @model_validator(mode="after")
    def _something(self) -> CallerEntry:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise Refusal(
                Text("`caller:` names no condition.", "`caller:` 没有写条件。"),
                Text(
                    "Add list, not_list, number, prefix, province, city, carrier or kind, or delete it.",
                    "请写 list、not_list、number、prefix、province、city、carrier 或 kind，或删除此键。",
                ),
                "empty-condition",
            )
        return self


class WhenEntry(Strict):
    """The condition of a rule; all keys must hold."""

    caller: CallerEntry | None = None
    hours: Name | None = None
    hours_is: Annotated[tuple[Literal["open", "closed", "holiday"], ...], OneOrMore] | None = Field(
        default=None, alias="is", min_length=1
    )
    dates: Annotated[tuple[Dates, ...], OneOrMore] = ()
    weekday: Annotated[tuple[Weekday, ...], OneOrMore] = ()
    share: Percent | None = None
    share_by: Literal["caller", "call"] | None = Field(default=None, alias="by")

    @model_validator(mode="after")
    def _complete(self) -> WhenEntry:
        for key, needs, present, needed in (
            ("is", "hours", self.hours_is, self.hours),
            ("by", "share", self.share_by, self.share),
        ):
            if present is not None and needed is None:
                raise Refusal(
                    Text(f"`{key}:` says how, but `{needs}:` is missing.", f"写了 `{key}:`，却没有 `{needs}:`。"),
                    Text(f"Add `{needs}: …` beside it, or delete it.", f"请在旁边写 `{needs}: …`，或删除它。"),
                    "incomplete-condition",
                )
        conditions = (self.caller, self.hours, self.dates, self.weekday)
        if self.share is None and not any(conditions):
            raise Refusal(
                Text("`when:` names no condition.", "`when:` 没有写条件。"),
                Text(
                    "Add a condition; a rule that always matches has no `when:`.",
                    "请写条件；总是命中的规则不写 `when:`。",
                ),
                "empty-condition",
            )
        return self


class RuleEntry(Strict):
    """One rule of a route."""

    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    when: WhenEntry | None = None
    line: Name | None = None
    flow: Name | None = None
    split: dict[Name, Percent] | None = None
    by: Literal["caller", "call"] | None = None
    reject: Rejection | None = None
    announce: Spoken | None = None
    hunt: HuntEntry | None = None
    forward: ForwardEntry | None = None
    pin: PinEntry | None = None
    priority: Priority | None = None

    @model_validator(mode="before")
    @classmethod
    def _when_written(cls, value: Any) -> Any:
        if isinstance(value, dict) and "when" in value and value["when"] is None:
            raise Refusal(
                Text("`when:` names no condition.", "`when:` 没有写条件。"),
                Text(
                    "Add a condition; a rule that always matches has no `when:`.",
                    "请写条件；总是命中的规则不写 `when:`。",
                ),
                "empty-condition",
            )
        return value

    @model_validator(mode="after")
    def _one_effect(self) -> RuleEntry:
        given = [key for key in ("flow", "split", "forward", "reject") if getattr(self, key) is not None]
        if self.line is not None and self.hunt is not None:
            given = ["line", "hunt"]
        elif self.reject is not None:
            beside = ("line", "hunt", "pin", "priority")
            given.extend(key for key in beside if getattr(self, key) is not None)
        if len(given) > 1:
            both, both_zh = " and ".join(f"`{key}`" for key in given), "、".join(f"`{key}`" for key in given)
            raise Refusal(
                Text(f"A rule cannot have {both} together.", f"一条规则不能同时写 {both_zh}。"),
                Text("Keep one, or write two rules.", "只保留一个，或写成两条规则。"),
                "contradicting-rule",
            )
        if not given and not any((self.line, self.hunt, self.pin, self.priority)):
            raise Refusal(
                Text("The rule does nothing.", "这条规则没有任何动作。"),
                Text(
                    "Add `flow:`, `split:`, `forward:`, `line:`, `hunt:`, `pin:`, `priority:` or `reject:`.",
                    "请写 `flow:`、`split:`、`forward:`、`line:`、`hunt:`、`pin:`、`priority:` 或 `reject:`。",
                ),
                "empty-rule",
            )
        for key, needs in (("by", "split"), ("announce", "reject")):
            if getattr(self, key) is not None and getattr(self, needs) is None:
                raise Refusal(
                    Text(f"`{key}:` belongs to `{needs}:`, which is missing.", f"`{key}:` 须与 `{needs}:` 同用。"),
                    Text(f"Add `{needs}: …`, or delete `{key}:`.", f"请写 `{needs}: …`，或删除 `{key}:`。"),
                    "incomplete-rule",
                )
        if self.split is not None and abs(sum(self.split.values()) - 100) > 1e-9:
            total = f"{sum(self.split.values()):g}"
            raise Refusal(
                Text(f"The shares of `split:` sum to {total}, not to 100.", f"`split:` 各项之和为 {total}，不是 100。"),
                Text("Correct the percentages so that they sum to 100.", "请更正百分比，使其总和为 100。"),
                "split-sum",
            )
        return self


class RouteEntry(Strict):
    """The route of one number."""

    line: Name | None = None
    hunt: HuntEntry | None = None
    flow: Name | None = None
    allow: Allow | None = None
    pin: PinEntry | None = None
    max_calls: Calls | None = None
    max_calls_per_month: Calls | None = None
    over_limit: OverLimitEntry | None = None
    trial: TrialEntry | None = None
    rules: Annotated[tuple[RuleEntry, ...], OneOrMore] = ()

    @model_validator(mode="after")
    def _fits(self) -> RouteEntry:
        if self.line is not None and self.hunt is not None:
            raise refuse(
                "contradicting-rule",
                "A route cannot have `line` and `hunt` together.",
                "一条路由不能同时写 `line` 和 `hunt`。",
                "Keep one of the two; the first line of `hunt` comes first.",
                "只保留一个；`hunt` 的第一条线路优先。",
            )
        if self.over_limit is not None and self.max_calls is None and self.max_calls_per_month is None:
            raise refuse(
                "incomplete-rule",
                "`over_limit:` belongs to a cap, which is missing.",
                "`over_limit:` 须与上限同用。",
                "Add `max_calls:` or `max_calls_per_month:`, or delete it.",
                "请写 `max_calls:` 或 `max_calls_per_month:`，或删除它。",
            )
        return self


class RoutesFile(Strict):
    """``routes.yaml``."""

    routes: dict[Number, RouteEntry] = Field(default={})
    lists: dict[Name, Annotated[tuple[CallerPattern, ...], OneOrMore]] = Field(default={})


class RouteRow(Strict):
    """One row of ``routes.csv``: the binding of a number, without rules."""

    number: Number
    line: Name | None = None
    flow: Name | None = None
