"""Profiles of a traffic for an estimate: as told, or out of recorded calls."""

from __future__ import annotations

from dataclasses import dataclass

from ivr_flows.findings import Text
from router.billing.estimate import NumberProfile, Profile
from router.billing.months import Month
from router.billing.refusal import BillingError

from .books import Books
from .drafting import Ledger, windows_of


@dataclass(frozen=True, slots=True)
class Recorded:
    """A profile, the recorded numbers in it and how many calls they had, where that is known."""

    profile: Profile
    numbers: tuple[str, ...]
    calls: int | None


def told(minutes: int, months: int, seats: int, tier: str = "普通") -> Profile:
    """One number with as many minutes every month."""
    return Profile((NumberProfile(tier, (minutes,) * months),), seats)


async def recorded(
    ledger: Ledger,
    books: Books,
    account: str,
    first: Month,
    last: Month,
    seats: int,
    pack_months: int,
    number: str | None = None,
) -> Recorded:
    """What ``account`` (or one ``number`` of it) used from ``first`` to ``last``: one month stands for as many as a
    pack is valid, several are taken as they are. Raises `BillingError`: more months than that, nothing there."""
    months = [first]
    while months[-1] < last:
        months.append(months[-1].plus(1))
    if len(months) > pack_months:
        raise BillingError(
            "too-many-months",
            Text(
                f"Packs are valid for {pack_months} months; {len(months)} are too many to compare.",
                f"语音包有效期为 {pack_months} 个月；{len(months)} 个月无法比较。",
            ),
            Text(f"Name at most {pack_months}: --month {first}..{first.plus(pack_months - 1)}.",
                 f"最多 {pack_months} 个月：--month {first}..{first.plus(pack_months - 1)}。"),
        )  # fmt: skip
    used: dict[str, list[int]] = {}
    tiers: dict[str, str] = {}
    calls = 0
    for index, month in enumerate(months):
        tenures = books.tenures(month).get(account, [])
        windows = windows_of(books, tenures, month)
        counted = await ledger.used_minutes(windows)
        for tenure in tenures:
            if number in (None, tenure.number):
                tiers[tenure.number] = tenure.tier
                used.setdefault(tenure.number, [0] * len(months))
                count, minutes = counted.get(tenure.number, (0, 0))
                used[tenure.number][index] += minutes
                calls += count
    if not used:
        raise BillingError(
            "nothing-to-bill",
            Text(f"The company had no such number in {first}..{last}.", f"该公司在 {first}..{last} 没有该号码。"),
            Text("Choose another month or company.", "请选择其他月份或公司。"),
        )
    times = pack_months if len(months) == 1 else 1
    profiles = tuple(NumberProfile(tiers[one], tuple(minutes) * times) for one, minutes in used.items())
    return Recorded(Profile(profiles, seats), tuple(used), calls)
