"""The schema of every configuration file: keys, kinds and defaults, as pydantic models.

The loader validates entry by entry (one line, one rule), so that a fault in one does not hide the next; the
models named ``…File`` are whole files, for the published JSON Schema and for the documentation.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, Strict
from router.model import PRIVATE_NETWORKS, Carrier, LifeState, TelephoneKind, Tier
from router.route_options import MAX_FORWARDS, RING_TIME

from .calendar_schemas import CalendarsFile
from .check_settings import CheckSettings
from .invariant_schemas import InvariantsFile
from .number_values import BaseNumber, City, Number, Province, read_carrier
from .price_schemas import BillingEntry, PricesFile
from .route_schemas import RoutesFile
from .route_values import Forwards, RingTime
from .service_schemas import ApplyEntry, LifeEntry, RetentionEntry, ServiceEntry, WebhookEntry, receivers_of_their_own
from .setting_values import FilePath, Folder, Host, LimitedDays, Network, Origin, Peer, StoreUrl, TimeZone, Variable
from .sound_values import MOST_WORDS, CommandWord, one_program
from .trunk_schemas import TrunksFile
from .values import Day, Name, OneOrMore, Seconds

Port = Annotated[int, Field(ge=0, le=65535)]
CarrierWord = Annotated[Carrier, BeforeValidator(read_carrier)]


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
    role: Literal["viewer", "qa", "support", "engineer", "reviewer", "admin"] = "viewer"
    active: bool = True
    preflight: bool = False


class ApiEntry(Strict):
    """Where the HTTP API and the console listen, with which certificate, and how much one client and all together may
    ask."""

    host: Host = "127.0.0.1"
    port: Port = 8400
    tls_cert: FilePath | None = None
    tls_key: FilePath | None = None
    rate: Annotated[float, Field(gt=0, le=1_000_000)] = 1000.0
    concurrent: Annotated[int, Field(ge=1, le=100_000)] = 200
    access_keys: Annotated[tuple[AccessKeyEntry, ...], OneOrMore] = ()

    @model_validator(mode="after")
    def _both_of_tls(self) -> ApiEntry:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise Refusal(
                Text("A certificate needs its key, and a key its certificate.", "证书与私钥必须同时配置。"),
                Text(
                    "Write both `tls_cert` and `tls_key`, or neither.", "请同时写 `tls_cert` 与 `tls_key`，或都不写。"
                ),
                "tls-incomplete",
            )
        return self


class FastAgiEntry(Strict):
    """Where the FastAGI service listens; ``also``: where other routers of the same switch do."""

    host: Host = "127.0.0.1"
    port: Port = 4573
    also: Annotated[tuple[Peer, ...], OneOrMore] = ()


class AsteriskEntry(Strict):
    """How the switch's manager interface (AMI) is reached."""

    host: Host = "127.0.0.1"
    ami_port: Port = 5038
    username: Name = "line400"
    secret_env: Variable = "LINE400_AMI_SECRET"  # noqa: S105 - the variable's name
    cdr: FilePath | None = None
    telephones_dial: Annotated[tuple[TelephoneKind, ...], OneOrMore] = ()
    external_address: Host | None = None
    local_networks: Annotated[tuple[Network, ...], OneOrMore] = PRIVATE_NETWORKS


class FetchEntry(Strict):
    """What the ``fetch`` nodes of flows may ask. ``allow``: origins; ``networks``: those that are not public and may be
    connected to all the same."""

    allow: Annotated[tuple[Origin, ...], OneOrMore] = ()
    networks: Annotated[tuple[Network, ...], OneOrMore] = ()


class SettingsFile(Strict):
    """``line400.yaml``. ``recordings``: the folders that the switch records into; ``sounds``: the folder that it plays
    from; ``speech_command``: the program that speaks in place of espeak-ng."""

    company: Annotated[str, Field(max_length=120)] = ""
    timezone: TimeZone = "Asia/Shanghai"
    store: StoreUrl = "sqlite:///var/line400.db"
    api: ApiEntry = ApiEntry()
    fastagi: FastAgiEntry = FastAgiEntry()
    asterisk: AsteriskEntry = AsteriskEntry()
    lint: CheckSettings = CheckSettings()
    fetch: FetchEntry = FetchEntry()
    messages: ServiceEntry | None = None
    speech: ServiceEntry | None = None
    events: ServiceEntry | None = None
    webhooks: Annotated[tuple[WebhookEntry, ...], OneOrMore, AfterValidator(receivers_of_their_own)] = ()
    recordings: Annotated[tuple[Folder, ...], OneOrMore] = ()
    sounds: Folder | None = None
    speech_command: Annotated[
        tuple[CommandWord, ...], Field(max_length=MOST_WORDS), OneOrMore, AfterValidator(one_program)
    ] = ()
    retention: RetentionEntry = RetentionEntry()
    apply: ApplyEntry | None = None
    life: LifeEntry = LifeEntry()
    billing: BillingEntry = BillingEntry()


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


class OverflowEntry(Strict):
    """The lines that the carrier tries, in order, by why this one does not take the call."""

    full: Annotated[tuple[Name, ...], OneOrMore] = ()
    busy: Annotated[tuple[Name, ...], OneOrMore] = ()
    no_answer: Annotated[tuple[Name, ...], OneOrMore] = ()
    down: Annotated[tuple[Name, ...], OneOrMore] = ()


def _by_reason(value: object) -> object:
    """A bare name, or a list of names, is where the call goes when all channels are in use."""
    return value if isinstance(value, dict) or value is None else {"full": value}


OverflowWritten = Annotated[
    OverflowEntry,
    BeforeValidator(_by_reason, json_schema_input_type=OverflowEntry | Name | list[Name]),
]


class LineEntry(Strict):
    """An underlying line."""

    base_number: BaseNumber
    trunk: Name
    carrier: CarrierWord | None = None
    province: Province | None = None
    city: City | None = None
    channels: Annotated[int, Field(ge=1, le=100_000)] = 30
    overflow: OverflowWritten | None = None
    ring_time: RingTime = RING_TIME
    max_forwards: Forwards = MAX_FORWARDS
    default_number: Number | None = None
    fallback: FallbackEntry | None = None


class LinesFile(Strict):
    """``lines.yaml``."""

    lines: dict[Name, LineEntry] = Field(default={})


# queues.yaml


class QueueEntry(Strict):
    """A queue of agents."""

    strategy: Literal["longest_idle", "round_robin", "random", "fewest_calls", "ring_all"] = "longest_idle"
    max_waiting: Annotated[int, Field(ge=1, le=100_000)] = 50
    wrap_up: Seconds = 10.0
    agents: Annotated[tuple[Name, ...], OneOrMore] = ()
    last_agent: LimitedDays = 7.0
    auto_pause: bool = True


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
    title: Annotated[str, Field(max_length=100)] = ""
    description: Annotated[str, Field(max_length=300)] = ""


class QueuesFile(Strict):
    """``queues.yaml``."""

    queues: dict[Name, QueueEntry] = Field(default={})
    voicemail: dict[Name, BoxEntry] = Field(default={})
    instances: dict[Name, InstanceEntry] = Field(default={})


FILES: dict[str, type[Strict]] = {
    "line400": SettingsFile,
    "numbers": NumbersFile,
    "lines": LinesFile,
    "trunks": TrunksFile,
    "queues": QueuesFile,
    "routes": RoutesFile,
    "calendars": CalendarsFile,
    "invariants": InvariantsFile,
    "prices": PricesFile,
}
"""Schema by the file's name without ``.yaml``."""


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of the file ``name`` (``line400``, ``routes`` … with or without ``.yaml``), as editors read it.

    It describes what is written, not what it becomes. Raises `KeyError` for a name that is no configuration file.
    """
    stem = name.removesuffix(".yaml")
    schema = FILES[stem].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": f"{stem}.yaml"}
