"""Amounts: yuan as `decimal.Decimal`, brought to the fen once per line, half a fen up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

FEN = Decimal("0.01")
ZERO = Decimal("0.00")


def to_fen(amount: Decimal | Fraction) -> Decimal:
    """``amount`` to the fen; exactly half a fen goes away from zero (四舍五入)."""
    if isinstance(amount, Fraction):
        hundredths = amount * 100
        down, rest = divmod(abs(hundredths.numerator), hundredths.denominator)
        whole = down + (2 * rest >= hundredths.denominator)
        return Decimal(-whole if hundredths < 0 else whole).scaleb(-2)
    return amount.quantize(FEN, ROUND_HALF_UP)


def in_fen(amount: Decimal) -> int:
    """A rounded amount as the whole number of fen that a store keeps."""
    return int(amount.scaleb(2))


def of_fen(fen: int) -> Decimal:
    """What `in_fen` made, as an amount."""
    return Decimal(fen).scaleb(-2)
