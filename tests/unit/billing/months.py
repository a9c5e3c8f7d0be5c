"""Companies, calls and packs for tests of billing: a ledger in memory, and a bill made the slow and simple way.

`naive` knows nothing of the code under test: it goes through calls minute by minute and through months day by day.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from router.accounting.books import Books
from router.accounting.drafting import Draft, draft
from router.billing.bill import Bill
from router.billing.months import Month
from router.billing.tenure import Held
from router.configuration.price_parts import packaged_prices
from router.model import Configuration, Settings
from router.store.billing_rows import BilledCall, CorrectionRow, IssuedBill, ModeRow, PackRow
from router.tariffs import USUAL_RULES, BillingRules

ZONE = ZoneInfo("Asia/Shanghai")
TABLE = packaged_prices()[0]
A, B = "91110000600037341L", "91310000MA1FL0000N"
NUMBER, OTHER = "4008001234", "4006667777"
LATE = datetime(2027, 12, 1, tzinfo=ZONE).timestamp()
FOREVER = float("-inf")


def moment(text: str) -> float:
    """Epoch seconds of a time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def held(at: str | float, state: str, account: str | None = A, tier: str = "普通", instance: str | None = None) -> Held:
    """One entry of a number's story."""
    return Held(moment(at) if isinstance(at, str) else at, state, account, tier, instance)


def always(account: str = A, tier: str = "普通", instance: str | None = None) -> list[Held]:
    """The story of a number that was bound since ever."""
    return [held(FOREVER, "bound", account, tier, instance)]


def pack(key: int, minutes: int, bought: str | float, expires: str | float, account: str = A) -> PackRow:
    """A voice pack."""
    start, end = (moment(at) if isinstance(at, str) else at for at in (bought, expires))
    price = TABLE.packs.get(minutes, Decimal(minutes) / 5)
    return PackRow(key, account, minutes, Decimal(price), start, end, "li")


def mode(month: str, name: str, seats: int = 0, instance: str | None = None) -> ModeRow:
    """A choice of tariff."""
    return ModeRow(A, instance, Month.parse(month), name, seats)  # type: ignore[arg-type]


def call(number: str, at: str | float, minutes: int = 1) -> BilledCall:
    """A call that began its flow at ``at``."""
    return BilledCall(number, moment(at) if isinstance(at, str) else at, minutes)


@dataclass
class World:
    """A ledger in memory."""

    calls: Sequence[BilledCall] = ()
    stories: dict[str, list[Held]] = field(default_factory=dict)
    packs: Sequence[PackRow] = ()
    modes: Sequence[ModeRow] = ()
    fixed: Sequence[CorrectionRow] = ()
    rules: BillingRules = USUAL_RULES

    def books(self, at: float = LATE) -> Books:
        """The books at a moment."""
        configuration = Configuration(settings=Settings(billing=self.rules), prices=packaged_prices())
        return Books(configuration, at, {A: "甲公司", B: "乙公司"}, self.stories)

    def draft(self, month: str, account: str = A, at: float = LATE) -> Draft:
        """The draft of a month."""
        return asyncio.run(draft(self, self.books(at), account, Month.parse(month)))

    def bill(self, month: str, account: str = A, at: float = LATE) -> Bill:
        """The bill of a month."""
        return self.draft(month, account, at).bill

    async def used_minutes(self, windows) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for one in self._in(windows):
            count, minutes = found.get(one.number, (0, 0))
            found[one.number] = count + 1, minutes + one.minutes
        return found

    async def used_calls(self, windows) -> AsyncIterator[BilledCall]:
        for one in sorted(self._in(windows), key=lambda one: (one.entered, one.number, one.minutes)):
            yield one

    async def calls_up(self, windows) -> int:
        return 0

    async def tariff_modes(self, account: str | None = None) -> list[ModeRow]:
        return [row for row in self.modes if row.account == account]

    async def voice_packs(self, account: str | None = None) -> list[PackRow]:
        return [row for row in self.packs if row.account == account]

    async def corrections(self, account: str | None = None, *, open_only: bool = False) -> list[CorrectionRow]:
        return [row for row in self.fixed if row.account == account]

    async def issued_bills(self, account: str | None = None, month: Month | None = None) -> list[IssuedBill]:
        return []

    def _in(self, windows) -> list[BilledCall]:
        return [
            one for one in self.calls if any(start <= one.entered < end for start, end in windows.get(one.number, ()))
        ]


# -- the slow and simple way ------------------------------------------------------------------------------------------

PAID = ("opened", "routed", "bound", "suspended", "transferring")


def naive(world: World, year: int, month: int, account: str = A) -> dict[tuple[str | None, str], tuple[int, Decimal]]:
    """(number, line) → (quantity, due) of a month, for rules with a minimum of each number's own."""
    rules, left = world.rules, {one.id: one.minutes for one in world.packs}
    first = date(2026, 1, 1)
    found: dict[tuple[str | None, str], tuple[int, Decimal]] = {}
    ordered = sorted(world.calls, key=lambda one: (one.entered, one.number, one.minutes))
    counts: dict[str, list[int]] = {}
    for one in ordered:
        day = datetime.fromtimestamp(one.entered, ZONE)
        story = world.stories[one.number]
        owner = next((entry.account for entry in reversed(story) if entry.at <= one.entered), None)
        if owner != account or (day.year, day.month) > (year, month) or day.date() < first:
            continue
        if not _paid_in(story, account, day.year, day.month):
            continue  # kept after its end, or applied for: it takes no calls
        in_month = (day.year, day.month) == (year, month)
        tariff = _mode(world, _instance(story, day), day.year, day.month)
        for _ in range(one.minutes):
            usable = [
                row
                for row in world.packs
                if row.account == account and row.bought <= one.entered < row.expires and left[row.id] > 0
            ]
            usable.sort(key=lambda row: (row.expires, row.bought, row.id))
            if usable and (tariff == "usage" or rules.packs_with_seats):
                left[usable[0].id] -= 1
                if in_month:
                    counts.setdefault(one.number, [0, 0])[1] += 1
            elif in_month:
                counts.setdefault(one.number, [0, 0])[0] += 1
    days = _days(year, month)
    for number, story in world.stories.items():
        ends = [_midnight(day + timedelta(days=1)) for day in days]
        at_ends = [next((entry for entry in reversed(story) if entry.at < end), None) for end in ends]
        mine = [entry for entry in at_ends if entry and entry.account == account and entry.state in PAID]
        inside = _inside(story, _midnight(days[0]), ends[-1])
        if not _paid_in(story, account, year, month):
            continue
        last = [entry for entry in inside if entry.account == account][-1]
        price = Decimal("0.20") if _mode(world, last.instance, year, month) == "usage" else Decimal("0.18")
        charged, covered = counts.get(number, [0, 0])
        found[number, "inbound"] = charged, _fen(price * charged)
        if covered:
            found[number, "inbound_pack"] = covered, Decimal("0.00")
        counted = _fen(price * charged) + (_fen(price * covered) if rules.pack_use_counts else 0)
        share = _share(world, story, account, days, len(mine), sum(entry.state == "suspended" for entry in mine))
        lacking = _fen(Decimal(share.numerator) * TABLE.minimums[last.tier] / share.denominator) - counted
        found[number, "minimum"] = 1, max(Decimal("0.00"), lacking)
    return found


def _share(world: World, story: list[Held], account: str, days: list[date], owned: int, suspended: int) -> Fraction:
    """The part of the minimum; begun and ended within the month are found from entry to entry."""
    rules, whole = world.rules, len(days)
    start, end = _midnight(days[0]), _midnight(days[-1] + timedelta(days=1))
    begun = ended = None
    for before, entry in zip([None, *story], story, strict=False):
        was = before is not None and before.account == account and before.state in PAID
        now = entry.account == account and entry.state in PAID
        other = before is not None and before.state in PAID and before.account not in (None, account)
        if not start < entry.at < end:
            continue
        if now and not was:
            begun = begun or ("transfer" if other else "purchase")
            ended = None
        if now:
            ended = None
        if was and not now:
            ended = "transfer" if entry.account is not None and entry.state in PAID else "release"
    share = Fraction(1)
    if "transfer" in (begun, ended):
        if rules.transfer == "days":
            share = Fraction(owned, whole)
        elif rules.transfer == "new":
            share = Fraction(0 if ended == "transfer" else 1)
        elif rules.transfer == "old":
            share = Fraction(0 if begun == "transfer" else 1)
    else:
        for happened, rule in ((begun, rules.first_month), (ended, rules.last_month)):
            if happened and rule == "days":
                share = min(share, Fraction(owned, whole))
            elif happened and rule == "none":
                share = Fraction(0)
    if suspended and rules.suspended_days == "days":
        share = share * (owned - suspended) / owned
    elif suspended and rules.suspended_days == "none":
        share = Fraction(0)
    return share


def _paid_in(story: list[Held], account: str, year: int, month: int) -> bool:
    days = _days(year, month)
    inside = _inside(story, _midnight(days[0]), _midnight(days[-1] + timedelta(days=1)))
    return any(entry.account == account and entry.state in PAID for entry in inside)


def _inside(story: list[Held], start: float, end: float) -> list[Held]:
    before = [entry for entry in story if entry.at <= start][-1:]
    return before + [entry for entry in story if start < entry.at < end]


def _instance(story: list[Held], day: datetime) -> str | None:
    """The instance whose mode counts in the month of ``day``: that of the end of the month."""
    days = _days(day.year, day.month)
    end = _midnight(days[-1] + timedelta(days=1))
    return _inside(story, _midnight(days[0]), end)[-1].instance


def _mode(world: World, instance: str | None, year: int, month: int) -> str:
    for named in (instance, None):
        rows = [
            row for row in world.modes if row.instance == named and (row.month.year, row.month.month) <= (year, month)
        ]
        if rows:
            return sorted(rows, key=lambda row: str(row.month))[-1].mode
    return world.rules.mode


def _days(year: int, month: int) -> list[date]:
    day, found = date(year, month, 1), []
    while day.month == month:
        found.append(day)
        day += timedelta(days=1)
    return found


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()


def _fen(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
