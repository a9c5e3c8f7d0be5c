"""What a scenario file may say: the pydantic models, and their JSON Schema for editors.

The verbs are fixed (DESIGN: *The simulator, by example*); ``expect`` has every key of the ``call`` JSON and
``hangup_by``. Every model is strict: an unknown key is an error that names the nearest known one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from unicodedata import normalize

from pydantic import BeforeValidator, Field, TypeAdapter, WithJsonSchema, field_validator, model_validator

from ivr_flows.commands import ALL_KEYS
from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, Strict, parse_duration
from router.record import Outcome
from router.route_options import LineState

from ..parties import AgentScript, PartyError, TargetScript

VERBS = ("hears", "presses", "silent_for", "waits", "hangs_up", "queued_in", "transferred_to")
BOUNDED_VERBS = frozenset({"hears", "queued_in", "transferred_to"})

Seconds = Annotated[
    float,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": ["string", "number"], "description": "A duration: 5s, 1m30s, or seconds."}),
]


def _moment(value: object) -> datetime:
    text = str(value).strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(
            Text(f"`{text}` is no time.", f"`{text}` 不是时间。"),
            Text(
                "Write ISO 8601, for example 2026-10-12T10:00:00+08:00; without an offset the configured time zone.",
                "请按 ISO 8601 书写，例如 2026-10-12T10:00:00+08:00；不写偏移时使用配置的时区。",
            ),
            "bad-time",
        ) from None


def _keys(value: object) -> str:
    text = "" if value is None else normalize("NFKC", str(value)).strip()
    if not text:
        raise Refusal(
            Text("`presses` has no keys.", "`presses` 没有按键。"),
            Text(
                'Write the keys, # and * in quotes: presses: "12#". For no key use `silent_for: 5s`.',
                '请写出按键，# 和 * 要加引号：presses: "12#"。不按键请用 `silent_for: 5s`。',
            ),
            "bad-keys",
        )
    wrong = next((letter for letter in text if letter not in ALL_KEYS), None)
    if wrong is not None:
        cure = Text("Keys are 0-9, * and #.", "按键只能是 0-9、* 和 #。")
        if text == "h":
            cure = Text("To hang up write `hangs_up:`.", "挂机请写 `hangs_up:`。")
        raise Refusal(
            Text(f"`{wrong}` in `{text}` is not a key of a telephone.", f"`{text}` 中的 `{wrong}` 不是电话按键。"),
            cure,
            "bad-keys",
        )
    return text


def _some_text(value: object) -> str:
    text = "" if value is None else str(value)
    if not text.strip():
        raise Refusal(
            Text("An empty text says nothing.", "空文本没有意义。"),
            Text("Write a part of what the caller hears, or the name.", "请写出应听到内容的一部分，或名称。"),
            "empty-text",
        )
    return text


def _agents(value: object) -> str:
    try:
        AgentScript.parse(str(value))
    except PartyError as error:
        raise Refusal(error.message, error.cure, "bad-agents") from None
    return str(value)


def _targets(value: object) -> str:
    try:
        TargetScript.parse(str(value))
    except PartyError as error:
        raise Refusal(error.message, error.cure, "bad-targets") from None
    return str(value)


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "description": "ISO 8601; without an offset the configured time zone."}),
]
Keys = Annotated[
    str,
    BeforeValidator(_keys),
    WithJsonSchema({"type": ["string", "integer"], "pattern": "^[0-9*#]+$", "minimum": 0}),
]
SomeText = Annotated[str, BeforeValidator(_some_text), WithJsonSchema({"type": ["string", "integer"], "minLength": 1})]
PlainText = Annotated[str, WithJsonSchema({"type": ["string", "integer"]})]
Agents = Annotated[
    str,
    BeforeValidator(_agents),
    WithJsonSchema({"type": "string", "pattern": "^(none|never|full|no_agents|answer(:[0-9.]+){0,2})$"}),
]
Targets = Annotated[
    str,
    BeforeValidator(_targets),
    WithJsonSchema({"type": "string", "pattern": "^(busy|no_answer|failed|answer(:[0-9.]+){0,2})$"}),
]


Count = Annotated[int, Field(ge=0, le=100_000_000)]


class CallModel(Strict):
    """The call that a scenario places."""

    to: SomeText = Field(description="The number dialled: a 400 number or a base number.")
    from_: PlainText | None = Field(None, alias="from", description="The caller; none: hidden.")
    at: Moment = Field(description="When the call is placed. Always required: a scenario never reads the clock.")
    call_id: str | None = Field(None, description="The call id, which `by: call` shares depend on.")
    data: dict[str, Any] | None = Field(None, description="Names that the flow's expressions find.")
    agents: Agents | None = None
    targets: Targets | None = None


class StepModel(Strict):
    """One step: exactly one verb, and ``within`` beside a verb that waits for something."""

    hears: SomeText | None = Field(None, description="A part of one later prompt.")
    presses: Keys | None = Field(None, description="Keys for the next input.")
    silent_for: Seconds | None = Field(None, description="No key for this long.")
    waits: Seconds | None = Field(None, description="Stays on the line for this long.")
    hangs_up: None = Field(None, description="Hangs up; without a value.")
    queued_in: SomeText | None = Field(None, description="The queue that admits the caller.")
    transferred_to: SomeText | None = Field(None, description="The number or line to which a transfer goes.")
    within: Seconds | None = Field(None, description="At most this long from the step before.")

    @field_validator("hangs_up", mode="before")
    @classmethod
    def _no_value(cls, value: object) -> None:
        if value is not None:
            raise Refusal(
                Text(
                    f"`hangs_up` takes no value, but `{value}` stands here.", f"`hangs_up` 不带值，这里却是 `{value}`。"
                ),
                Text(
                    "Write `- hangs_up:`; to hang up later put `- waits: 3s` before it.",
                    "请写 `- hangs_up:`；稍后挂机请在前面加 `- waits: 3s`。",
                ),
                "bad-step",
            )

    @model_validator(mode="after")
    def _one_verb(self) -> StepModel:
        verbs = [verb for verb in VERBS if verb in self.model_fields_set]
        if len(verbs) != 1:
            written = ", ".join(verbs)
            raise Refusal(
                Text(f"A step has one verb; here are {written}.", f"一个步骤只能有一个动词，这里有 {written}。")
                if verbs
                else Text("This step has no verb.", "此步骤没有动词。"),
                Text("Start each verb with its own dash.", "每个动词单独用一个短横线开头。")
                if verbs
                else Text(f"One of: {', '.join(VERBS)}.", f"可用动词：{'、'.join(VERBS)}。"),
                "bad-step",
            )
        verb = verbs[0]
        if verb == "presses" and self.presses is None:
            _keys(None)
        if getattr(self, verb) is None and verb != "hangs_up":
            raise Refusal(
                Text(f"`{verb}` has no value.", f"`{verb}` 没有值。"),
                Text(f"Write it behind the colon: `{verb}: …`.", f"请在冒号后写出：`{verb}: …`。"),
                "bad-step",
            )
        if self.within is not None and verb not in BOUNDED_VERBS:
            raise Refusal(
                Text(f"`within` cannot stand beside `{verb}`.", f"`within` 不能与 `{verb}` 并列。"),
                Text(
                    "It bounds `hears`, `queued_in` and `transferred_to`.",
                    "它只限定 `hears`、`queued_in` 和 `transferred_to`。",
                ),
                "bad-step",
            )
        return self


def _bare_verb(value: object) -> object:
    """``- hangs_up`` without its colon means the same as with it."""
    if value == "hangs_up":
        return {"hangs_up": None}
    if isinstance(value, str):
        raise Refusal(
            Text(f"`{value}` is no step.", f"`{value}` 不是步骤。"),
            Text("Write a verb, a colon and a value: `- hears: 欢迎`.", "请写动词、冒号和值：`- hears: 欢迎`。"),
            "bad-step",
        )
    return value


class HangupModel(Strict):
    """``hangup`` of the call JSON; only the keys that are given are compared."""

    by: Literal["caller", "flow", "agent", "target", "carrier", "switch", "line400"] | None = None
    cause: int | None = None


class FaultModel(Strict):
    """``fault`` of the call JSON; only the keys that are given are compared."""

    code: str | None = None
    by: Literal["caller", "configuration", "carrier", "switch", "line400"] | None = None
    message: str | None = None


class ExpectModel(Strict):
    """What the call's result must be. Values are exact; a key that is not given is not compared."""

    call_id: str | None = None
    test: bool | None = None
    caller: PlainText | None = None
    caller_kind: Literal["mobile", "landline", "service", "iot", "privacy", "foreign", "hidden", "unknown"] | None = (
        None
    )
    called: PlainText | None = None
    called_by: Literal["dialled", "header", "only_number", "line_default"] | None = None
    dialled: PlainText | None = None
    base_number: PlainText | None = None
    line: str | None = None
    trunk: str | None = None
    flow: str | None = None
    revision: PlainText | None = None
    rule: PlainText | None = None
    path: list[PlainText] | None = None
    heard: list[PlainText] | None = None
    pressed: PlainText | None = None
    outcome: Outcome | None = None
    tried: list[str] | None = Field(None, description="Lines that the carrier tried, as `LINE=RESULT`.")
    priority: int | None = None
    left: list[dict[str, Any]] | None = Field(None, description="What the caller left behind.")
    agent: PlainText | None = Field(None, description="Who answered the caller.")
    abandoned_in: Literal["flow", "queue", "ringing"] | None = None
    queue: str | None = None
    hangup: HangupModel | None = None
    hangup_by: Literal["caller", "flow", "agent", "target", "carrier", "switch", "line400"] | None = None
    fault: FaultModel | None = None
    started: Moment | None = None
    answered: Moment | None = None
    ended: Moment | None = None
    duration_s: float | None = None
    billable_minutes: int | None = None


class ScenarioModel(Strict):
    """One scenario: a call, what the caller does and hears, and what must come of it."""

    scenario: SomeText = Field(description="What is specified, in one sentence: its name in every report.")
    description: str | None = None
    tags: list[str] = Field(default_factory=list, description="Words to select by.")
    call: CallModel
    steps: list[Annotated[StepModel, BeforeValidator(_bare_verb)]] = Field(default_factory=list)
    agents: Agents | None = Field(None, description="Who answers in queues, as `call --agents`.")
    targets: Targets | None = Field(None, description="Who answers transfers, as `call --target`.")
    lines: dict[str, LineState] = Field(
        default_factory=dict, description="Lines that take no call, as `call --line-state`."
    )
    occupied: dict[str, Count] = Field(
        default_factory=dict, description="Calls that are up on 400 numbers and lines, as `call --occupied`."
    )
    month_calls: dict[str, Count] = Field(
        default_factory=dict, description="Calls that 400 numbers had this month, as `call --month-calls`."
    )
    expect: ExpectModel | None = None

    @model_validator(mode="after")
    def _whole(self) -> ScenarioModel:
        if not self.steps and (self.expect is None or not self.expect.model_fields_set):
            raise Refusal(
                Text("This scenario checks nothing.", "此场景没有检查任何内容。"),
                Text("Add `steps` or `expect`.", "请补上 `steps` 或 `expect`。"),
                "empty-scenario",
            )
        for key in ("agents", "targets"):
            if getattr(self, key) is not None and getattr(self.call, key) is not None:
                raise Refusal(
                    Text(f"`{key}` stands twice: here and in `call`.", f"`{key}` 写了两次：此处和 `call` 中。"),
                    Text("Keep one of the two.", "只保留其中一个。"),
                    "given-twice",
                )
        return self


class ScenarioListModel(Strict):
    """A file with several scenarios."""

    scenarios: list[ScenarioModel] = Field(min_length=1)


def scenario_json_schema() -> dict[str, Any]:
    """The JSON Schema of a ``*.scenario.yaml`` file, for editors that complete and check while typing."""
    schema = TypeAdapter(ScenarioModel | ScenarioListModel).json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "line400 scenario",
        **schema,
    }
