"""The vendor's and the carrier's side: what they offer and what they decide.

`BackOffice` is the interface; a real vendor implements it over its own API. `SimulatedOffice` is the one to rehearse
with: its stock is made from a seed, and it decides what support tells it to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Literal, Protocol, get_args

from router.model import Carrier, Tier

from .grading import MINIMUMS, Features, Wanted, features, grade
from .model import RoutePlan
from .workdays import Counted, Workdays

REVIEW_DAYS = (3, 5)
"""Working days that the review of a qualification takes (customer_source: 3-5个工作日)."""

DecisionKind = Literal["approve", "reject", "forward", "return", "route_done", "transfer_done", "transfer_refused"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A number in stock. ``features`` are labels of ours."""

    number: str
    carrier: Carrier
    tier: Tier
    features: Features

    @property
    def minimum(self) -> int:
        """Its monthly minimum in yuan."""
        return MINIMUMS[self.tier]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the office says when it takes something in: its reference and, for a qualification, from when to when the
    decision is expected."""

    reference: str
    earliest: Counted | None = None
    latest: Counted | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the office decided of ``subject``: a credit code or a 400 number."""

    subject: str
    kind: DecisionKind
    reason: str = ""


class BackOffice(Protocol):
    """What line400 asks of the vendor. Moments and days are passed in; nothing here changes the store: what the office
    decides is taken in by whoever called."""

    def offers(self, wanted: Wanted) -> Iterable[Offer]:
        """The numbers on offer that are as ``wanted``, taken ones among them: the store knows who has which."""
        ...

    def offer(self, number: str) -> Offer | None:
        """What is offered under ``number``; None where it is not in stock."""
        ...

    def take_qualification(self, code: str, submitted: date) -> Receipt:
        """A company's qualification was submitted on ``submitted``."""
        ...

    def take_materials(self, number: str, application: str, bundle: bytes) -> Receipt:
        """The materials of an application were handed in, as one file."""
        ...

    def take_route_order(self, number: str, ticket: str, plan: RoutePlan) -> Receipt:
        """A route was ordered of the carrier."""
        ...

    def take_release(self, number: str) -> Receipt:
        """The owner gave ``number`` back."""
        ...

    def decisions(self) -> Sequence[Decision]:
        """What was decided since this was asked last, in order."""
        ...


_PREFIXES: dict[Carrier, tuple[str, ...]] = {
    "unicom": ("4000", "4006"),
    "mobile": ("4001", "4007"),
    "telecom": ("4008", "4009"),
}
_ORDINARY = 60
_TAILS = (
    *("168", "520", "888", "999", "666", "1234", "3456", "6789", "8765", "1122", "6688", "1212", "6868", "1221"),
    *(
        "8889",
        "1688",
        "8888",
        "9999",
        "6666",
        "56789",
        "98765",
        "88888",
        "66666",
        "123456",
        "666888",
        "888888",
        "999999",
    ),
)


@dataclass
class SimulatedOffice:
    """A back office that holds a stock made from ``seed`` and says what it is told to with `decide`."""

    workdays: Workdays
    seed: int = 400
    _stock: dict[str, Offer] = field(default_factory=dict)
    _decided: list[Decision] = field(default_factory=list)

    def offers(self, wanted: Wanted) -> Iterable[Offer]:
        """See `BackOffice`."""
        for offer in self._all().values():
            as_asked = wanted.carrier in (None, offer.carrier) and wanted.tier in (None, offer.tier)
            if as_asked and wanted.takes(offer.number):
                yield offer

    def offer(self, number: str) -> Offer | None:
        """See `BackOffice`."""
        return self._all().get(number)

    def take_qualification(self, code: str, submitted: date) -> Receipt:
        """See `BackOffice`."""
        first, last = (self.workdays.after(submitted, days) for days in REVIEW_DAYS)
        return Receipt(f"Q{code[-8:]}-{submitted:%Y%m%d}", first, last)

    def take_materials(self, number: str, application: str, bundle: bytes) -> Receipt:
        """See `BackOffice`."""
        return Receipt(f"M{application}")

    def take_route_order(self, number: str, ticket: str, plan: RoutePlan) -> Receipt:
        """See `BackOffice`."""
        return Receipt(ticket)

    def take_release(self, number: str) -> Receipt:
        """See `BackOffice`."""
        return Receipt(f"C{number}")

    def decide(self, subject: str, kind: DecisionKind, reason: str = "") -> None:
        """What support decides in the office's place."""
        assert kind in get_args(DecisionKind)
        self._decided.append(Decision(subject, kind, reason))

    def decisions(self) -> Sequence[Decision]:
        """See `BackOffice`."""
        decided, self._decided = self._decided, []
        return decided

    def _all(self) -> dict[str, Offer]:
        if not self._stock:
            chance = Random(self.seed)  # noqa: S311 - a stock to rehearse with
            for carrier, prefixes in _PREFIXES.items():
                for tail in ("", *_TAILS):
                    for _ in range(_ORDINARY if not tail else 2):
                        free = 6 - len(tail)
                        digits = f"{chance.randrange(10**free):0{free}d}" if free else ""
                        number = f"{chance.choice(prefixes)}{digits}{tail}"
                        self._stock[number] = Offer(number, carrier, grade(number), features(number))
        return self._stock
