"""The actions of ``line400 bill`` but estimates: what was asked is handed to accounting, what comes back is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from ivr_flows.findings import Text
from router.accounting.arrears import Settled, settle_arrears
from router.accounting.books import Books
from router.accounting.drafting import Ledger, draft
from router.accounting.issuing import accounts_to_bill, correct, issue
from router.accounting.showing import Shown, bill_json, listed_json, settled_json
from router.billing.money import ZERO
from router.billing.months import Month
from router.billing.refusal import BillingError
from router.billing.words import STATE_TEXTS
from router.configuration.consistency import grouped
from router.store import Store
from router.store.billing import no_bill
from router.store.billing_rows import CorrectionRow, IssuedBill

from ..invocation import Invocation
from ..life.at_desk import needed
from ..presentation import show_rows
from ..problems import DONE
from .till import Asked, Till, amount_of, bill_number, number_asked
from .views import show_bill, show_table


@dataclass(frozen=True, slots=True)
class Acting:
    """One use of ``line400 bill``."""

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

    def show(self) -> int:
        """A bill: the issued one, else what it would be."""
        shown = self.find()
        if self.invocation.json:
            self.invocation.document(bill_json(shown, self.invocation.language))
        else:
            show_bill(self.invocation, shown)
        return DONE

    def find(self) -> Shown:
        """The bill that was asked for: by its number, or by company and month."""
        asked, till = self.asked, self.till
        number, named = number_asked(asked), bill_number(asked.what)

        async def work(ledger: Ledger, books: Books) -> Shown:
            if named is not None:
                known = next((one for one in await ledger.issued_bills() if one.number == named), None)
                if known is None:
                    raise no_bill(named)
                return Shown(known.bill, known, till.at, books.zone, number)
            month = till.month(asked, books)
            account = _account(books, asked.company, number, month)
            issued = await ledger.issued_bills(account, month)
            bill = issued[0].bill if issued else (await draft(ledger, books, account, month)).bill
            return Shown(bill, issued[0] if issued else None, till.at, books.zone, number)

        return till.look(work)

    def issue(self) -> int:
        """Issue the bills of a month: of one company, or with --all of every one that has anything on it."""
        asked, till = self.asked, self.till

        async def work(store: Store, books: Books) -> list[tuple[IssuedBill, bool]]:
            month = till.month(asked, books, back=1)
            accounts = await accounts_to_bill(store, books, month) if asked.all else [books.account(asked.company)]
            counter = till.counter
            return [
                await issue(store, books, account, month, counter.author, counter.now, counter.reason or None)
                for account in accounts
            ]

        made = till.change(work)
        for bill, new in made:
            if not new:
                self.invocation.note(
                    Text(
                        f"{bill.number} was issued before and stays as it is.", f"{bill.number} 此前已出账，保持不变。"
                    )
                )
        if self.invocation.json:
            documents = [
                {"new": new, **bill_json(Shown(bill.bill, bill, till.at, self.zone), self.invocation.language)}
                for bill, new in made
            ]
            self.invocation.document(documents if asked.all else documents[0])
            return DONE
        for bill, _ in made:
            show_bill(self.invocation, Shown(bill.bill, bill, till.at, self.zone))
            self.invocation.line()
        return DONE

    def list(self) -> int:
        """The issued bills, with what is outstanding."""
        asked, till = self.asked, self.till

        async def work(ledger: Ledger, books: Books) -> list[IssuedBill]:
            account = books.account(asked.company) if asked.company else None
            month = Month.parse(asked.month) if asked.month else None
            return await ledger.issued_bills(account, month)

        bills = [bill for bill in till.look(work) if not asked.unpaid or bill.outstanding]
        if self.invocation.json:
            self.invocation.document([listed_json(bill, self.till.at, self.zone) for bill in bills])
            return DONE
        say = self.invocation.say
        rows = [
            [
                bill.number,
                bill.bill.company,
                str(bill.bill.month),
                f"{bill.bill.due:,}",
                f"{bill.outstanding:,}",
                say(STATE_TEXTS[bill.state_at(till.at)]),
            ]
            for bill in bills
        ]
        titles = (
            *(Text("bill", "账单"), Text("company", "公司"), Text("month", "月份")),
            *(Text("due", "应付"), Text("outstanding", "欠费"), Text("state", "状态")),
        )
        if rows:
            show_table(self.invocation, titles, rows, right=(3, 4))
        else:
            self.invocation.line(say(Text("No bills.", "没有账单。")))
        return DONE

    def pay(self) -> int:
        """Enter a payment; numbers that were suspended for it come back when nothing is overdue any more."""
        asked, till = self.asked, self.till
        number = needed(bill_number(asked.what), "BILL", "line400 bill pay B202610-0001")
        amount = None if asked.amount is None else amount_of(asked.amount)

        async def work(store: Store, books: Books) -> tuple[IssuedBill, Decimal, list[Settled]]:
            counter = till.counter
            reason = counter.reason or None
            bill, paid = await store.pay_bill(number, amount, till.at, counter.author, counter.now, reason)
            settled = await settle_arrears(store, books, counter.now, counter.author, books.same(bill.bill.account))
            return bill, paid, settled

        bill, paid, settled = till.change(work)
        if self.invocation.json:
            moved = [settled_json(one) for one in settled]
            self.invocation.document(
                {**listed_json(bill, self.till.at, self.zone), "entered": str(paid), "moved": moved}
            )
            return DONE
        show_rows(
            self.invocation,
            (
                (Text("bill", "账单"), bill.number),
                (Text("paid now", "本次支付"), f"{paid:,}"),
                (Text("outstanding", "欠费"), f"{bill.outstanding:,}"),
            ),
        )
        self._tell_moves(settled)
        return DONE

    def correct(self) -> int:
        """Correct an issued bill on the next one."""
        asked, till = self.asked, self.till
        number = needed(bill_number(asked.what), "BILL", "line400 bill correct B202610-0001 --reason 漏计")
        reason = needed(till.counter.reason or None, "--reason", f"line400 bill correct {number} --reason 漏计")
        amount = None if asked.amount is None else amount_of(asked.amount, signed=True)

        async def work(store: Store, books: Books) -> CorrectionRow | None:
            return await correct(store, books, number, amount, till.counter.author, till.counter.now, reason)

        made = till.change(work)
        if self.invocation.json:
            amounts = {
                "amount": str(made.amount if made else ZERO),
                "minutes": made.content.get("minutes") if made else 0,
            }
            self.invocation.document({"bill": number, **amounts, "reason": reason, "made": made is not None})
            return DONE
        said = Text(f"{number} is right as it is.", f"{number} 无需更正。")
        if made is not None:
            said = Text(
                f"{made.amount:,} yuan will stand on the next bill for {number}.",
                f"{made.amount:,} 元将计入下一张账单（{number} 的更正）。",
            )
        self.invocation.line(self.invocation.say(said))
        return DONE

    def arrears(self) -> int:
        """Suspend for what is overdue, resume what is settled."""
        till = self.till

        async def work(store: Store, books: Books) -> list[Settled]:
            return await settle_arrears(store, books, till.counter.now, till.counter.author)

        settled = till.change(work)
        if self.invocation.json:
            self.invocation.document([settled_json(one) for one in settled])
            return DONE
        self._tell_moves(settled)
        if not settled:
            self.invocation.line(self.invocation.say(Text("Nothing to do.", "无需处理。")))
        return DONE

    def _tell_moves(self, settled: Sequence[Settled]) -> None:
        for one in settled:
            words = {
                "suspend": Text(f"suspended for {one.bill}", f"因 {one.bill} 欠费停机"),
                "resume": Text("back in service", "已复机"),
            }
            self.invocation.line(f"{grouped(one.number)}  {self.invocation.say(words[one.event])}")


def _account(books: Books, company: str | None, number: str | None, month: Month) -> str:
    """Whose bill: of the company that is named, else of the one that had the number last in the month."""
    if company is None and number is not None:
        owners = [tenure.account for own in books.tenures(month).values() for tenure in own if tenure.number == number]
        if not owners:
            raise BillingError(
                "no-owner",
                Text(f"Nobody had {number} in {month}.", f"{month} 没有公司持有 {number}。"),
                Text("Choose another month or number.", "请选择其他月份或号码。"),
            )
        return owners[-1]
    return books.account(company)
