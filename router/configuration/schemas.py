"""The schema of every configuration file: keys, kinds and defaults, as pydantic models.

The loader validates entry by entry (one line, one rule), so that a fault in one does not hide the next; the
models named ``…File`` are whole files, for the published JSON Schema and for the documentation.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, Strict
from router.model import Carrier, DayHours, HeaderName, LifeState, Tier

from .values import (
    BaseNumber,
    CallerNumber,
    CallerPattern,
    CallerPrefix,
    City,
    Dates,
    Day,
    Host,
    Hours,
    Name,
    Number,
    Peer,
    Percent,
    Province,
    Rejection,
    Seconds,
    StoreUrl,
    TimeZone,
    Variable,
    Weekday,
    as_list,
    read_carrier,
    read_dates,
    read_hours,
)


class _OneOrMore:
    """One value stands for a list of one, for the validator as for the published schema."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        written = handler(schema)
        items = handler.resolve_ref_schema(written).get("items")
        return {"anyOf": [written, items]} if items else written


OneOrMore = _OneOrMore()
Port = Annotated[int, Field(ge=0, le=65535)]
CallerCarrier = Literal["unicom", "mobile", "telecom", "broadnet", "unknown"]
CallerKind = Literal["mobile", "landline", "service", "iot", "privacy", "foreign", "hidden", "unknown"]

CarrierWord = Annotated[Carrier, BeforeValidator(read_carrier)]
CallerCarrierWord = Annotated[CallerCarrier, BeforeValidator(read_carrier)]


def _inbound_only(value: object) -> object:
    text = str(value).strip()
    if text == "inbound":
        return text
    raise Refusal(
        Text(
            f"`usage: {text[:40]}` is not allowed: a 400 number is inbound only. By the rules of MIIT for the service "
            "(主被叫分摊付费业务) it may neither place calls nor be shown as the calling number.",
            f"不允许 `usage: {text[:40]}`：按工信部对 400 业务（主被叫分摊付费业务）的规定，"
            "400 号码只能呼入，不能呼出，也不能作外显号码。",
        ),
        Text(
            "Write `usage: inbound`, or leave the key out; calls going out present a line's base number.",
            "请写 `usage: inbound` 或删除此键；外呼请用线路的底号。",
        ),
        "usage-not-inbound",
    )


Usage = Annotated[Literal["inbound"], BeforeValidator(_inbound_only)]


# line400.yaml


class AccessKeyEntry(Strict):
    """A key of the vendor-compatible endpoint."""

    id: Name
    secret_env: Variable
    role: Name = "viewer"


class ApiEntry(Strict):
    """Where the HTTP API and the console listen."""

    host: Host = "127.0.0.1"
    port: Port = 8400
    access_keys: Annotated[tuple[AccessKeyEntry, ...], OneOrMore] = ()


class FastAgiEntry(Strict):
    """Where the FastAGI service listens."""

    host: Host = "127.0.0.1"
    port: Port = 4573


class AsteriskEntry(Strict):
    """How the switch's manager interface (AMI) is reached."""

    host: Host = "127.0.0.1"
    ami_port: Port = 5038
    username: Name = "line400"
    secret_env: Variable = "LINE400_AMI_SECRET"  # noqa: S105 - the variable's name


class SettingsFile(Strict):
    """``line400.yaml``."""

    company: Annotated[str, Field(max_length=120)] = ""
    timezone: TimeZone = "Asia/Shanghai"
    store: StoreUrl = "sqlite:///var/line400.db"
    api: ApiEntry = ApiEntry()
    fastagi: FastAgiEntry = FastAgiEntry()
    asterisk: AsteriskEntry = AsteriskEntry()


# numbers.yaml, numbers.csv


class NumberEntry(Strict):
    """One purchased 400 number."""

    number: Number
    company: Annotated[str, Field(max_length=120)] | None = None
    carrier: CarrierWord | None = None
    tier: Tier = "普通"
    instance: Name | None = None
    purchased: Day | None = None
    expires: Day | None = None
    auto_renew: bool = True
    usage: Usage = "inbound"
    state: LifeState | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> NumberEntry:
        if self.purchased and self.expires and self.expires < self.purchased:
            raise Refusal(
                Text(
                    f"The number expires ({self.expires}) before it was purchased ({self.purchased}).",
                    f"号码到期日（{self.expires}）早于购买日（{self.purchased}）。",
                ),
                Text("Correct one of the two dates.", "请更正其中一个日期。"),
                "expires-before-purchase",
            )
        return self


class NumbersFile(Strict):
    """``numbers.yaml``."""

    numbers: tuple[NumberEntry, ...] = ()


# lines.yaml


class FallbackEntry(Strict):
    """What the switch does with the caller when the router is away."""

    announce: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    number: BaseNumber | None = None

    @model_validator(mode="after")
    def _one(self) -> FallbackEntry:
        if (self.announce is None) == (self.number is None):
            raise Refusal(
                Text(
                    "A fallback is either an announcement or a number.",
                    "fallback 只能是播报（announce）或号码（number）之一。",
                ),
                Text("Write `announce: …` or `number: …`.", "请写 `announce: …` 或 `number: …`。"),
                "bad-fallback",
            )
        return self


class LineEntry(Strict):
    """An underlying line."""

    base_number: BaseNumber
    trunk: Name
    carrier: CarrierWord | None = None
    province: Province | None = None
    city: City | None = None
    channels: Annotated[int, Field(ge=1, le=100_000)] = 30
    overflow: Name | None = None
    default_number: Number | None = None
    fallback: FallbackEntry | None = None


class LinesFile(Strict):
    """``lines.yaml``."""

    lines: dict[Name, LineEntry] = Field(default={})


# trunks.yaml


class TrunkEntry(Strict):
    """The SIP peer over which lines' calls arrive."""

    peer: Peer = "127.0.0.1"
    auth: Literal["ip"] = "ip"
    codecs: Annotated[
        tuple[Literal["alaw", "ulaw", "g722", "g729", "gsm", "ilbc", "opus"], ...], OneOrMore, Field(min_length=1)
    ] = ("alaw", "ulaw")
    dtmf: Literal["rfc4733", "inband", "info"] = "rfc4733"
    max_calls: Annotated[int, Field(ge=1, le=100_000)] | None = None
    original_called: Annotated[tuple[HeaderName, ...], OneOrMore] = (
        "p-called-party-id",
        "history-info",
        "diversion",
        "to",
    )
    caller_passthrough: bool = False


class TrunksFile(Strict):
    """``trunks.yaml``."""

    trunks: dict[Name, TrunkEntry] = Field(default={})


# queues.yaml


class QueueEntry(Strict):
    """A queue of agents."""

    strategy: Literal["longest_idle", "round_robin", "random", "fewest_calls", "ring_all"] = "longest_idle"
    max_waiting: Annotated[int, Field(ge=1, le=100_000)] = 50
    wrap_up: Seconds = 10.0
    agents: Annotated[tuple[Name, ...], OneOrMore] = ()


def _positive(value: float) -> float:
    if value > 0:
        return value
    raise Refusal(
        Text("A recording of no length cannot hold anything.", "录音时长不能为 0。"),
        Text("Write a duration such as 120s.", "请写时长，如 120s。"),
        "bad-duration",
    )


class BoxEntry(Strict):
    """A voicemail box."""

    max: Annotated[Seconds, AfterValidator(_positive)] = 120.0


class InstanceEntry(Strict):
    """A call centre instance."""

    queue: Name = "default"


class QueuesFile(Strict):
    """``queues.yaml``."""

    queues: dict[Name, QueueEntry] = Field(default={})
    voicemail: dict[Name, BoxEntry] = Field(default={})
    instances: dict[Name, InstanceEntry] = Field(default={})


# routes.yaml


class CallerEntry(Strict):
    """Conditions on the caller."""

    lists: Annotated[tuple[Name, ...], OneOrMore] = Field(default=(), alias="list")
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
                    "Add list, number, prefix, province, city, carrier or kind, or delete it.",
                    "请写 list、number、prefix、province、city、carrier 或 kind，或删除此键。",
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
    announce: Annotated[str, Field(min_length=1, max_length=500)] | None = None

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
        given = [key for key in ("flow", "split", "reject") if getattr(self, key) is not None]
        if self.reject is not None and self.line is not None:
            given.append("line")
        if len(given) > 1:
            both, both_zh = " and ".join(f"`{key}`" for key in given), "、".join(f"`{key}`" for key in given)
            raise Refusal(
                Text(f"A rule cannot have {both} together.", f"一条规则不能同时写 {both_zh}。"),
                Text("Keep one, or write two rules.", "只保留一个，或写成两条规则。"),
                "contradicting-rule",
            )
        if not given and self.line is None:
            raise Refusal(
                Text("The rule does nothing.", "这条规则没有任何动作。"),
                Text("Add `flow:`, `split:`, `line:` or `reject:`.", "请写 `flow:`、`split:`、`line:` 或 `reject:`。"),
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
    flow: Name | None = None
    rules: Annotated[tuple[RuleEntry, ...], OneOrMore] = ()


class RoutesFile(Strict):
    """``routes.yaml``."""

    routes: dict[Number, RouteEntry] = Field(default={})
    lists: dict[Name, Annotated[tuple[CallerPattern, ...], OneOrMore]] = Field(default={})


class RouteRow(Strict):
    """One row of ``routes.csv``: the binding of a number, without rules."""

    number: Number
    line: Name | None = None
    flow: Name | None = None


# calendars.yaml


def _read_override(value: object) -> object:
    text = value.strip() if isinstance(value, str) else None
    return text if text in ("holiday", "workday") else read_hours(value)


Override = Annotated[
    DayHours | Literal["holiday", "workday"],
    BeforeValidator(_read_override),
    WithJsonSchema(
        {
            "oneOf": [
                {"enum": ["holiday", "workday", "closed"]},
                {"type": "string", "pattern": r"^\d{1,2}:\d{2}-\d{1,2}:\d{2}$"},
                {"type": "array", "items": {"type": "string"}},
            ]
        }
    ),
]


class OpenEntry(Strict):
    """Opening intervals by kind of day; what is not named is closed."""

    workday: Hours = ()
    monday: Hours | None = None
    tuesday: Hours | None = None
    wednesday: Hours | None = None
    thursday: Hours | None = None
    friday: Hours | None = None
    saturday: Hours | None = None
    sunday: Hours | None = None
    holiday: Hours = ()


class CalendarEntry(Strict):
    """One calendar of opening hours."""

    holidays: Literal["CN"] | None = None
    open: OpenEntry = OpenEntry()
    overrides: dict[Annotated[tuple[date, date], BeforeValidator(read_dates)], Override] = Field(default={})


class CalendarsFile(Strict):
    """``calendars.yaml``."""

    calendars: dict[Name, CalendarEntry] = Field(default={})


FILES: dict[str, type[Strict]] = {
    "line400": SettingsFile,
    "numbers": NumbersFile,
    "lines": LinesFile,
    "trunks": TrunksFile,
    "queues": QueuesFile,
    "routes": RoutesFile,
    "calendars": CalendarsFile,
}
"""Schema by the file's name without ``.yaml``."""


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of the file ``name`` (``line400``, ``routes`` … with or without ``.yaml``), as editors read it.

    It describes what is written, not what it becomes. Raises `KeyError` for a name that is no configuration file.
    """
    stem = name.removesuffix(".yaml")
    schema = FILES[stem].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": f"{stem}.yaml"}
