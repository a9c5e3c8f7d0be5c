"""A number's life as a value: who has it, on what terms, until when, and what waits.

Moments are epoch seconds, days are days of the configured time zone, both inclusive where they are a *last* day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from math import inf
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from ivr_flows.findings import Text
from router.lifecycle import FIRST_PERIOD_MONTHS, KEEP_DAYS
from router.model import Carrier, LifeState, Tier

SHANGHAI = ZoneInfo("Asia/Shanghai")
Stage = Literal["stock"] | LifeState
"""A life state, or ``stock``: the number belongs to nobody and is on offer."""
STAGES: tuple[Stage, ...] = ("stock", *get_args(LifeState))

CARRIER_TEXTS: dict[Carrier, Text] = {
    "unicom": Text("China Unicom", "中国联通"),
    "mobile": Text("China Mobile", "中国移动"),
    "telecom": Text("China Telecom", "中国电信"),
}

MATERIALS_DAYS = 7
"""Days for the handler's materials, to the second (customer_source: 7天内未提交，号码将被释放)."""
RENEWAL_MONTHS = 1
QUARANTINE_DAYS = 90.0
"""Days for which a number that was in use is not sold again after its release: our own choice, so that the next owner
does not get the last one's calls. The vendor's rule is not published."""
MOST_MONTHS = 36


class LifeError(Exception):
    """Something that the rules of a number's life do not allow. ``code`` is stable; nothing was changed."""

    def __init__(self, code: str, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say: the time zone, periods, and whom to ask about a route ticket. ``quarantine_days`` None: a
    number that was in use is never sold again."""

    zone: tzinfo = SHANGHAI
    first_months: int = FIRST_PERIOD_MONTHS
    renewal_months: int = RENEWAL_MONTHS
    materials_days: int = MATERIALS_DAYS
    keep_days: int = KEEP_DAYS
    quarantine_days: float | None = QUARANTINE_DAYS
    contact: str = ""


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """What a route ticket orders of the carrier. Exactly one way of choosing among ``lines``: one line; ``shares`` in
    percent, one per line; or in order, the later ones as overflow. ``regions``: province → line."""

    lines: tuple[str, ...]
    shares: tuple[float, ...] = ()
    regions: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {"lines": list(self.lines), "shares": list(self.shares), "regions": dict(self.regions)}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> RoutePlan:
        """What `as_json` made."""
        return cls(tuple(value["lines"]), tuple(value["shares"]), dict(value["regions"]))


@dataclass(frozen=True, slots=True)
class Ticket:
    """A route ticket. ``done`` None: the carrier has not finished it."""

    id: str
    plan: RoutePlan
    ordered: float
    done: float | None = None

    def as_json(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {"id": self.id, "plan": self.plan.as_json(), "ordered": self.ordered, "done": self.done}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Ticket:
        """What `as_json` made."""
        return cls(value["id"], RoutePlan.of(value["plan"]), value["ordered"], value["done"])


@dataclass(frozen=True, slots=True)
class Life:
    """The life of ``number``. ``owner`` is the id of the qualification of the company that has it; ``application``
    names this ownership and no other. ``deadline``: until when materials must be in. ``expires`` is the last paid day.
    ``instance`` and ``flow``: the binding, also one that waits for the ticket. ``resume``: where a suspended, expired
    or transferring number goes back to. ``target``: who gets a transferring one; ``moved``: when it
    came from another company. ``free_from``: from when a
    released one is on offer again (infinite: never; None: at once). ``said``: why it was returned, suspended or
    released."""

    number: str
    state: Stage = "stock"
    since: float = 0.0
    owner: int | None = None
    application: str = ""
    carrier: Carrier | None = None
    tier: Tier = "普通"
    deadline: float | None = None
    handler: str | None = None
    purchased: date | None = None
    expires: date | None = None
    auto_renew: bool = True
    ticket: Ticket | None = None
    tickets: int = 0
    instance: str | None = None
    flow: str | None = None
    resume: Stage | None = None
    target: int | None = None
    moved: float | None = None
    free_from: float | None = None
    said: str = ""

    def on_offer(self, at: float) -> bool:
        """Whether it belongs to nobody and may be applied for."""
        return not self.owned and (self.free_from is None or at >= self.free_from)

    @property
    def owned(self) -> bool:
        """Whether somebody has it."""
        return self.state not in ("stock", "released")

    def as_json(self) -> dict[str, Any]:
        """What the store keeps beside number, state, since and owner."""
        return {
            "application": self.application,
            "carrier": self.carrier,
            "tier": self.tier,
            "deadline": self.deadline,
            "handler": self.handler,
            "purchased": self.purchased.isoformat() if self.purchased else None,
            "expires": self.expires.isoformat() if self.expires else None,
            "auto_renew": self.auto_renew,
            "ticket": self.ticket.as_json() if self.ticket else None,
            "tickets": self.tickets,
            "instance": self.instance,
            "flow": self.flow,
            "resume": self.resume,
            "target": self.target,
            "moved": self.moved,
            "free_from": "never" if self.free_from == inf else self.free_from,
            "said": self.said,
        }

    @classmethod
    def of(cls, number: str, state: Stage, since: float, owner: int | None, facts: Mapping[str, Any]) -> Life:
        """What the store keeps, as a value."""
        known = dict(facts)
        for name in ("purchased", "expires"):
            known[name] = date.fromisoformat(known[name]) if known.get(name) else None
        if known.get("free_from") == "never":
            known["free_from"] = inf
        known["ticket"] = Ticket.of(known["ticket"]) if known.get("ticket") else None
        return cls(number=number, state=state, since=since, owner=owner, **known)


@dataclass(frozen=True, slots=True)
class Request:
    """What an event brings with it; each event takes what it needs. ``required``: the documents that are asked for
    (None: all of them), ``missing``: those that are not there yet; ``qualified``: why the company may not apply, None
    where it may; ``offered``: tier and carrier in stock, None where the number is not on offer; ``checked``: why the
    flow may not be bound, None where it may."""

    owner: int | None = None
    carrier: Carrier | None = None
    tier: Tier | None = None
    qualified: LifeError | None = None
    offered: tuple[Tier, Carrier] | None = None
    handler: str | None = None
    required: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    plan: RoutePlan | None = None
    instance: str | None = None
    flow: str | None = None
    checked: LifeError | None = None
    months: int | None = None
    auto_renew: bool | None = None
    reason: str = ""
