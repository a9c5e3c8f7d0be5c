"""The configuration as values: what the loader produces and the route book compiles. Frozen, without I/O.

Numbers are canonical here (`4008001234`), callers national digits (`13800138000`), percentages 0..100,
times seconds, days ``datetime.date``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from ivr_flows.findings import Place
from ivr_flows.lint.settings import USUAL, LintSettings

from .route_options import MAX_FORWARDS, NO_OVERFLOW, RING_TIME, Caps, Forward, Hunt, Overflow, Pin
from .tariffs import USUAL_RULES, BillingRules, PriceTable

if TYPE_CHECKING:
    from .invariants import Invariant

Carrier = Literal["unicom", "mobile", "telecom"]
Tier = Literal["普通", "优选", "精选", "金牌", "白金", "VIP", "VVIP"]
LifeState = Literal[
    "reserved",
    "submitted",
    "review",
    "opened",
    "routed",
    "bound",
    "suspended",
    "expired",
    "released",
    "transferring",
]
HeaderName = str
"""``p-called-party-id``, ``history-info``, ``diversion``, ``to``, or a carrier's own header ``x-…``; small letters."""
TelephoneKind = Literal["international", "premium"]
"""Kinds of number that agents' telephones may call only where that is set."""

NOWHERE = Place("-")


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """One purchased 400 number: identity and commercial facts (``numbers.yaml`` or ``numbers.csv``)."""

    number: str
    company: str = ""
    carrier: Carrier | None = None
    tier: Tier = "普通"
    instance: str | None = None
    purchased: date | None = None
    expires: date | None = None
    auto_renew: bool = True
    state: LifeState | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Fallback:
    """Where a line's caller goes when the router is away: an announcement, or a number."""

    announce: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An underlying line. ``base_number`` is canonical national digits. What the carrier does with calls that it does
    not take: ``ring_time`` seconds of ringing, the lines of ``overflow``, at most ``max_forwards`` of them in all."""

    name: str
    base_number: str
    trunk: str
    carrier: Carrier | None = None
    province: str | None = None
    city: str | None = None
    channels: int = 30
    overflow: Overflow = NO_OVERFLOW
    default_number: str | None = None
    fallback: Fallback = Fallback()
    place: Place = NOWHERE
    ring_time: float = RING_TIME
    max_forwards: int = MAX_FORWARDS


@dataclass(frozen=True, slots=True)
class Trunk:
    """The SIP peer over which a line's calls arrive. ``original_called`` is where the 400 number is looked for, in
    order; empty: the trunk carries it nowhere. With ``auth: register`` the switch registers as ``username`` at
    ``registrar`` (None: the peer), with the password in the environment variable ``secret_env``."""

    name: str
    peer: str = "127.0.0.1"
    auth: Literal["ip", "register"] = "ip"
    codecs: tuple[str, ...] = ("alaw", "ulaw")
    dtmf: Literal["rfc4733", "inband", "info"] = "rfc4733"
    max_calls: int | None = None
    original_called: tuple[HeaderName, ...] = ("p-called-party-id", "history-info", "diversion", "to")
    caller_passthrough: bool = False
    username: str | None = None
    secret_env: str | None = None
    registrar: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class CallerMatch:
    """Conditions on the caller; keys AND together, the values of one key OR. Empty tuple: no condition.

    ``patterns`` of ``lists`` are resolved by name in `Configuration.lists`. ``prefix`` and ``number`` are canonical
    caller digits; a pattern ends in ``*`` or is exact. ``not_lists``: the caller is in none of them (a hidden one is
    in none).
    """

    lists: tuple[str, ...] = ()
    not_lists: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    province: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    carrier: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """The condition of a rule; everything given must hold. ``dates`` are inclusive ranges; ``weekday`` 0 = Monday;
    ``share`` percent of the calls that reach the rule, by ``share_by``."""

    caller: CallerMatch | None = None
    hours: str | None = None
    hours_is: tuple[str, ...] = ("open",)
    dates: tuple[tuple[date, date], ...] = ()
    weekday: tuple[int, ...] = ()
    share: float | None = None
    share_by: Literal["caller", "call"] = "caller"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a route. ``name`` is the given name or ``rule-N`` (N from 1). ``when`` None: always matches.

    What it may set: ``line`` (the carrier's choice for a dialled call; with ``hunt`` the first of its lines), ``flow``
    or ``split`` (flow → percent, in the order written), ``forward`` (a leg in place of a flow), or ``reject``:
    ``busy``, ``blocked``, ``unallocated`` or a Q.850 cause as text. ``pin`` stands in place of the route's,
    ``priority`` is that of the caller in queues.
    """

    name: str
    when: When | None = None
    line: str | None = None
    flow: str | None = None
    split: tuple[tuple[str, float], ...] = ()
    split_by: Literal["caller", "call"] = "caller"
    reject: str | None = None
    announce: str | None = None
    place: Place = NOWHERE
    hunt: Hunt | None = None
    forward: Forward | None = None
    pin: Pin | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The route of one number: its default line and flow (the binding) and rules, first match wins.

    With ``hunt`` the ``line`` is the first of its lines. The rules that ``allow:`` and ``trial:`` of the file stand for
    are among ``rules``: the first and the last ones.
    """

    number: str
    line: str | None = None
    flow: str | None = None
    rules: tuple[Rule, ...] = ()
    place: Place = NOWHERE
    hunt: Hunt | None = None
    caps: Caps | None = None
    pin: Pin | None = None


DayHours = tuple[tuple[int, int], ...]
"""Opening intervals of one day in minutes from its midnight, ``[start, end)``; an end beyond 1440 runs into the next
day (``22:00-06:00`` is ``(1320, 1800)``)."""


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """The statutory holidays of a year by day, with their names, and its make-up working days."""

    holidays: Mapping[date, str]
    workdays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """Opening hours. ``workday`` is Monday to Friday and make-up days; ``weekdays`` overrides by weekday (0 =
    Monday), not on a make-up day; ``overrides`` by date: intervals, or None for a holiday.
    ``holidays`` is ``CN`` or None; ``holiday_years`` are the years for which the configuration lists them itself."""

    name: str
    holidays: Literal["CN"] | None = None
    workday: DayHours = ()
    weekdays: Mapping[int, DayHours] = field(default_factory=dict)
    holiday_hours: DayHours = ()
    overrides: Mapping[date, DayHours | None] = field(default_factory=dict)
    place: Place = NOWHERE
    holiday_years: Mapping[int, HolidayYear] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue of agents. ``wrap_up`` seconds; ``agents`` their names or extensions; ``last_agent``: within how many
    days a caller's last agent counts for ``last_agent_first``; ``auto_pause``: whether who does not answer is paused
    there."""

    name: str
    strategy: str = "longest_idle"
    max_waiting: int = 50
    wrap_up: float = 10.0
    agents: tuple[str, ...] = ()
    last_agent: float = 7.0
    auto_pause: bool = True
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class InstanceText:
    """What people read of a call centre instance; ``title`` is empty where its name serves."""

    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host, port and credentials of a service; the secret is in the environment variable ``secret_env``."""

    host: str = "127.0.0.1"
    port: int = 0
    username: str = "line400"
    secret_env: str | None = None


@dataclass(frozen=True, slots=True)
class ApiEndpoint(Endpoint):
    """Where the HTTP API listens. ``tls_cert`` and ``tls_key`` are absolute paths of PEM files (both or none);
    ``rate`` is how many requests a second one client may make, ``concurrent`` how many may be in progress
    altogether."""

    port: int = 8400
    tls_cert: str | None = None
    tls_key: str | None = None
    rate: float = 1000.0
    concurrent: int = 200


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key of the vendor-compatible endpoint. ``preflight``: what it changes must pass the scenarios; else those that
    fail are passed over, audited."""

    id: str
    secret_env: str
    role: str = "viewer"
    active: bool = True
    preflight: bool = False


@dataclass(frozen=True, slots=True)
class FetchAccess:
    """What flows may ask: ``allow`` are origins (``https://erp.example``), ``networks`` those that are not public and
    may be connected to all the same (``10.0.0.0/8``)."""

    allow: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WebService:
    """A web service of the company's own that the router sends to: its URL, the environment variable whose value it is
    shown as a bearer token (None: none), and how many seconds it may take."""

    url: str
    secret_env: str | None = None
    timeout: float = 5.0


WebhookForm = Literal["cloudevents", "ccc"]


@dataclass(frozen=True, slots=True)
class WebhookReceiver:
    """Who is told of the happenings that match ``events`` (`router.happenings.wanted`), in which form. The secret of
    ``service`` signs what is sent."""

    name: str
    service: WebService
    events: tuple[str, ...] = ("*",)
    form: WebhookForm = "cloudevents"


@dataclass(frozen=True, slots=True)
class Retention:
    """Days for which what callers leave behind is kept, by kind; None: until somebody deletes it. ``callers`` is what
    flows keep of a caller (``set`` with ``scope: caller``), counted from the last time. ``qualifications`` are those of
    companies without a number, counted from their last change or release; ``handlers`` persons, from their last use."""

    voicemail: float | None = 90.0
    recordings: float | None = 180.0
    callbacks: float | None = 180.0
    surveys: float | None = 365.0
    callers: float | None = 365.0
    qualifications: float | None = 1095.0
    handlers: float | None = 1095.0


@dataclass(frozen=True, slots=True)
class ApplyWatch:
    """For how many ``seconds`` after an apply live calls are watched, and when the revision is taken back: more than
    ``failure_rate`` percent of at least ``min_calls`` failed by our fault."""

    seconds: float = 600.0
    failure_rate: float = 5.0
    min_calls: int = 20


DEFAULT_KEY_FILE = "var/line400-life.key"


@dataclass(frozen=True, slots=True)
class LifeSettings:
    """The life of numbers: ``contact`` is whom to ask about route tickets. The key of personal data is in the
    environment variable ``key_env`` where one is named, else in the file ``key_file`` (absolute). ``quarantine``:
    days for which a number that was in use is not sold again (None: never). ``seed`` makes the simulated stock."""

    contact: str = ""
    key_env: str | None = None
    key_file: str = DEFAULT_KEY_FILE
    renewal_months: int = 1
    quarantine: float | None = 90.0
    seed: int = 400


PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")
"""Networks of which no carrier's address is one (RFC 1918, loopback)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``line400.yaml``. ``store`` is a URL with its path already absolute. ``recordings`` are the absolute folders that
    the switch records into; ``messages``, ``speech`` and ``events`` the services that send messages, understand speech
    and are told of events; ``webhooks`` the receivers of what happens; ``apply`` how a revision is watched once it is
    in force (None: not at all).
    ``other_routers`` are the FastAGI addresses that the switch tries behind ours, ``switch_cdr`` is the file of its own
    call records (None: where `line400 asterisk` puts it), ``telephones_dial`` what agents' telephones may call besides
    numbers at home. To peers outside ``local_networks`` the switch gives ``external_address`` as its own (None: the one
    that it has)."""

    company: str = ""
    timezone: str = "Asia/Shanghai"
    store: str = "sqlite:///var/line400.db"
    api: ApiEndpoint = ApiEndpoint()
    access_keys: tuple[AccessKey, ...] = ()
    fastagi: Endpoint = Endpoint(port=4573)
    asterisk: Endpoint = Endpoint(port=5038, secret_env="LINE400_AMI_SECRET")  # noqa: S106 - the variable's name
    lint: LintSettings = USUAL
    fetch: FetchAccess = FetchAccess()
    messages: WebService | None = None
    speech: WebService | None = None
    events: WebService | None = None
    webhooks: tuple[WebhookReceiver, ...] = ()
    recordings: tuple[str, ...] = ()
    sounds: str | None = None
    speech_command: tuple[str, ...] = ()
    retention: Retention = Retention()
    apply: ApplyWatch | None = None
    other_routers: tuple[str, ...] = ()
    switch_cdr: str | None = None
    life: LifeSettings = LifeSettings()
    billing: BillingRules = USUAL_RULES
    telephones_dial: tuple[TelephoneKind, ...] = ()
    external_address: str | None = None
    local_networks: tuple[str, ...] = PRIVATE_NETWORKS


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the files say, cross-references checked. Flows are compiled by `router.book`, from the texts in
    ``flow_sources`` (flow name → file name and content, the packaged ``welcome`` included).

    ``files`` is the exact content of every file read, by path relative to the configuration folder: what a revision
    holds.
    """

    settings: Settings = Settings()
    numbers: tuple[NumberFacts, ...] = ()
    lines: Mapping[str, Line] = field(default_factory=dict)
    trunks: Mapping[str, Trunk] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calendars: Mapping[str, CalendarSpec] = field(default_factory=dict)
    queues: Mapping[str, QueueSpec] = field(default_factory=dict)
    boxes: Mapping[str, float] = field(default_factory=dict)
    instances: Mapping[str, str] = field(default_factory=dict)
    instance_texts: Mapping[str, InstanceText] = field(default_factory=dict)
    flow_sources: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    invariants: tuple[Invariant, ...] = ()
    prices: tuple[PriceTable, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
