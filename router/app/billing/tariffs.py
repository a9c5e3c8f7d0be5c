"""``line400 bill packs`` and ``mode``: what a company buys ahead and how it pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr_flows.findings import Text
from router.accounting.books import Books
from router.accounting.drafting import Ledger, packs_left
from router.accounting.showing import mode_json, pack_json
from router.billing.money import ZERO
from router.billing.months import Month, months_later
from router.billing.refusal import BillingError
from router.store import Store
from router.store.billing_rows import ModeRow, PackRow
from router.tariffs import TariffMode

from ..invocation import Invocation
from ..life.at_desk import needed, unknown_action
from ..problems import DONE
from .till import Asked, Till, mode_word
from .views import mode_text, show_table

PACK_ACTIONS = ("buy", "list", "balance")


@dataclass(frozen=True, slots=True)
class Tariffs:
    """One use of them."""

    till: Till
    asked: Asked

    @property
    def invocation(self) -> Invocation:
        """How it prints."""
        return self.till.invocation

    @property
    def zone(self) -> ZoneInfo:
        """In which times are shown: that of the bills."""
        return ZoneInfo(self.till.configuration.settings.billing.timezone)

    def packs(self) -> int:
        """Buy packs, or tell what is left of them."""
        action = (self.asked.what or "balance").lower()
        if action == "buy":
            return self._buy()
        if action not in PACK_ACTIONS:
            raise unknown_action(f"packs {action}", PACK_ACTIONS)
        asked, at = self.asked, self.till.at

        async def work(ledger: Ledger, books: Books) -> list[tuple[PackRow, int]]:
            return await packs_left(ledger, books, books.account(asked.company))

        found = [
            (pack, left) for pack, left in self.till.look(work) if action == "list" or pack.bought <= at < pack.expires
        ]
        documents = [pack_json(pack, left, at, self.zone) for pack, left in found]
        if self.invocation.json:
            total = sum(left for pack, left in found if pack.bought <= at < pack.expires)
            self.invocation.document({"packs": documents, "left": total})
            return DONE
        self._show_packs(documents)
        return DONE

    def _buy(self) -> int:
        asked, till = self.asked, self.till
        minutes = needed(asked.minutes, "--minutes", "line400 bill packs buy --minutes 10000")

        async def work(store: Store, books: Books) -> list[PackRow]:
            account = books.account(asked.company)
            month = Month.of(till.at, books.zone)
            table = books.prices(datetime.fromtimestamp(till.at, books.zone).date())
            price = table.packs.get(minutes)
            if price is None:
                sizes = ", ".join(f"{size:,}" for size in table.packs)
                raise BillingError(
                    "no-such-pack",
                    Text(f"There is no voice pack of {minutes:,} minutes.", f"没有 {minutes:,} 分钟的语音包。"),
                    Text(f"There are: {sizes}.", f"可选：{sizes}。"),
                )
            expires = months_later(till.at, table.pack_months, books.zone)
            counter = till.counter
            return await store.buy_packs(
                account,
                minutes,
                asked.count,
                price,
                till.at,
                expires,
                month,
                counter.author,
                counter.now,
                counter.reason or None,
            )

        bought = till.change(work)
        documents = [pack_json(pack, pack.minutes, till.at, self.zone) for pack in bought]
        if self.invocation.json:
            self.invocation.document({"packs": documents, "price": str(sum((pack.price for pack in bought), ZERO))})
            return DONE
        self._show_packs(documents)
        return DONE

    def _show_packs(self, documents: Sequence[dict[str, Any]]) -> None:
        titles = (
            *(Text("pack", "语音包"), Text("minutes", "分钟"), Text("left", "剩余"), Text("price", "价格")),
            *(Text("bought", "购买时间"), Text("valid until", "有效期至")),
        )
        rows = [
            [str(one["pack"]), f"{one['minutes']:,}", f"{one['left']:,}", one["price"], one["bought"], one["expires"]]
            for one in documents
        ]
        if rows:
            show_table(self.invocation, titles, rows, right=(1, 2, 3))
        else:
            self.invocation.line(self.invocation.say(Text("No voice packs.", "没有语音包。")))

    def mode(self) -> int:
        """Choose a tariff from a month on, or tell what was chosen."""
        asked, till = self.asked, self.till
        wanted = mode_word(asked.mode)
        if wanted is not None:
            self._choose(wanted)

        async def work(ledger: Ledger, books: Books) -> tuple[list[ModeRow], str]:
            account = books.account(asked.company)
            return await ledger.tariff_modes(account), books.rules.mode

        rows, usual = till.look(work)
        if self.invocation.json:
            self.invocation.document({"modes": [mode_json(row) for row in rows], "default": usual})
            return DONE
        for row in rows:
            self.invocation.line(self.invocation.say(mode_text(row)))
        if not rows:
            said = Text(f"No tariff was chosen: {usual}.", f"未选择资费模式：{usual}。")
            self.invocation.line(self.invocation.say(said))
        return DONE

    def _choose(self, mode: TariffMode) -> None:
        asked, till = self.asked, self.till
        seats = needed(asked.seats, "--seats", "line400 bill mode --mode seats --seats 20") if mode == "seats" else 0

        async def work(store: Store, books: Books) -> None:
            account = books.account(asked.company)
            month = till.month(asked, books, back=-1)
            known = till.configuration.instances
            if asked.instance is not None and asked.instance not in known:
                raise BillingError(
                    "unknown-instance",
                    Text(f"There is no instance `{asked.instance}`.", f"没有实例 `{asked.instance}`。"),
                    Text(f"Known: {', '.join(known)}.", f"已有实例：{'、'.join(known)}。"),
                )
            counter = till.counter
            await store.choose_mode(
                account, asked.instance, month, mode, seats, counter.author, counter.now, counter.reason or None
            )

        till.change(work)
