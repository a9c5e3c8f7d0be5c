"""The schema of ``prices.yaml`` and of ``billing:`` in line400.yaml. Amounts are decimal from the text on."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, Strict
from router.model import Tier
from router.tariffs import MODES, BillingRules, Confidence, Mark, Section, Share, TariffMode, TransferRule

from .price_values import Amount, GraceDays, Price
from .setting_values import TimeZone
from .values import Day, as_text

TIERS: tuple[Tier, ...] = get_args(Tier)


Count = Annotated[int, Field(ge=1, le=1_000_000)]
PackMinutes = Annotated[int, Field(ge=1_000, le=1_000_000_000, multiple_of=1_000)]


def _read_mode(value: object) -> object:
    text = as_text(value)
    return {"包月": "seats", "坐席包月": "seats", "按量": "usage", "按量付费": "usage"}.get(text, text)


Mode = Annotated[TariffMode, BeforeValidator(_read_mode)]


class MarkEntry(Strict):
    """Where figures come from: of which day they are, how sure they are, the source."""

    date: Day
    confidence: Confidence = "own"
    source: Annotated[str, Field(max_length=200)] = ""

    def value(self) -> Mark:
        """The value of `router.tariffs`."""
        return Mark(self.date, self.confidence, self.source)


class PriceTableEntry(Strict):
    """The prices of months that begin on ``from`` or later."""

    since: Day = Field(alias="from")
    inbound: dict[Mode, Price]
    seats: dict[Count, Amount]
    packs: dict[PackMinutes, Amount] = Field(default={})
    pack_months: Annotated[int, Field(ge=1, le=36)] = 3
    minimums: dict[Tier, Amount]
    marks: dict[Section, MarkEntry] = Field(default={})

    @model_validator(mode="after")
    def _complete(self) -> PriceTableEntry:
        for name, there, wanted in (
            ("inbound", self.inbound, MODES),
            ("minimums", self.minimums, TIERS),
            ("seats", self.seats, (1,)),
        ):
            lacking = [str(key) for key in wanted if key not in there]
            if lacking:
                raise Refusal(
                    Text(
                        f"`{name}` of the prices from {self.since} lacks {', '.join(lacking)}.",
                        f"{self.since} 起的价格中，`{name}` 缺少 {'、'.join(lacking)}。",
                    ),
                    Text(
                        f"Write a price for each of: {', '.join(str(key) for key in wanted)}.",
                        f"请为以下各项写价格：{'、'.join(str(key) for key in wanted)}。",
                    ),
                    "incomplete-prices",
                )
        return self


class PricesFile(Strict):
    """``prices.yaml``."""

    tables: list[PriceTableEntry] = Field(default_factory=list)


class BillingEntry(Strict):
    """How bills are made where the sources leave it open, and when one is due."""

    timezone: TimeZone = "Asia/Shanghai"
    mode: Mode = "usage"
    pack_use_counts: bool = False
    packs_with_seats: bool = True
    minimum_of: Literal["number", "tier"] = "number"
    first_month: Share = "full"
    last_month: Share = "full"
    suspended_days: Share = "full"
    transfer: TransferRule = "days"
    due_days: Annotated[int, Field(ge=0, le=365)] = 15
    grace_days: GraceDays = 0

    def rules(self) -> BillingRules:
        """The value of `router.tariffs`."""
        return BillingRules(**dict(self))
