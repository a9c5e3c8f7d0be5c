"""The minimum of a number's tier in a month, also in one that is not whole, by the rules that were chosen."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from router.tariffs import BillingRules, Share

from .money import to_fen
from .tenure import Tenure


def minimum_share(tenure: Tenure, days_in_month: int, rules: BillingRules) -> Fraction:
    """Which part of its tier's minimum ``tenure`` owes for the month: 0 to 1."""
    share = _of_time(tenure, days_in_month, rules)
    if tenure.suspended and tenure.days:
        share *= _part(rules.suspended_days, tenure.days - tenure.suspended, tenure.days)
    return share


def minimum_of(monthly: Decimal, share: Fraction) -> Decimal:
    """The amount of a share, to the fen."""
    return to_fen(Fraction(monthly) * share)


def _of_time(tenure: Tenure, days_in_month: int, rules: BillingRules) -> Fraction:
    if "transfer" in (tenure.begins, tenure.ends):
        kept = {"new": tenure.ends != "transfer", "old": tenure.begins != "transfer", "both": True}
        if rules.transfer == "days":
            return Fraction(tenure.days, days_in_month)
        return Fraction(kept[rules.transfer])
    share = Fraction(1)
    if tenure.begins:
        share = min(share, _part(rules.first_month, tenure.days, days_in_month))
    if tenure.ends:
        share = min(share, _part(rules.last_month, tenure.days, days_in_month))
    return share


def _part(rule: Share, days: int, of: int) -> Fraction:
    if rule == "full":
        return Fraction(1)
    return Fraction(days, of) if rule == "days" else Fraction(0)
