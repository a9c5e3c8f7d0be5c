"""Amounts and days as they stand in ``prices.yaml`` and under ``billing:``."""

from __future__ import annotations

import re
from decimal import Decimal

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal

from .values import as_text, kind

_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,6})?")


def read_amount(value: object) -> Decimal:
    """Yuan: ``0.18`` or ``1900``, never below zero."""
    text = as_text(value).replace(",", "").replace("_", "")
    if _AMOUNT.fullmatch(text):
        return Decimal(text)
    raise Refusal(
        Text(f"`{text[:40]}` is no amount in yuan.", f"`{text[:40]}` 不是以元为单位的金额。"),
        Text("Write yuan with at most six decimals: 0.18 or 1900.", "请以元为单位，最多六位小数，如 0.18 或 1900。"),
        "bad-amount",
    )


def _above_zero(value: object) -> Decimal:
    amount = read_amount(value)
    if amount > 0:
        return amount
    raise Refusal(
        Text("A minute that costs nothing has no break-even.", "单价不能为 0。"),
        Text("Write a price above zero, such as 0.18.", "请写大于 0 的单价，如 0.18。"),
        "bad-amount",
    )


Amount = kind(read_amount, Decimal, type=["number", "string"], minimum=0)
Price = kind(_above_zero, Decimal, type=["number", "string"], exclusiveMinimum=0)


def _read_grace(value: object) -> int | None:
    text = as_text(value).lower().removesuffix("d")
    if text in ("never", "永不"):
        return None
    if re.fullmatch(r"\d{1,3}", text):
        return int(text)
    raise Refusal(
        Text(f"`{text[:40]}` is no number of days.", f"`{text[:40]}` 不是天数。"),
        Text("Write days such as 7, or never.", "请写天数，如 7；不自动停机写 never。"),
        "bad-days",
    )


GraceDays = kind(_read_grace, int | None, type=["string", "integer"], examples=["7", "never"])
