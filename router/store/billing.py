"""Tariffs, voice packs, bills, corrections and payments in the store. A bill is issued once and never changed; every
change is one transaction with its audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.findings import Text
from router.billing.bill import Bill
from router.billing.money import ZERO, in_fen, of_fen
from router.billing.months import Month
from router.billing.refusal import BillingError
from router.tariffs import TariffMode

from .base import clean_json
from .billing_rows import CorrectionRow, IssuedBill, ModeRow, PackRow
from .billing_tables import bill_corrections, bill_payments, bills, pack_uses, tariff_modes, voice_packs
from .database import clean
from .life_tables import qualifications
from .tables import changes
from .usage import UsagePart


class BillingPart(UsagePart):
    """What `router.store.Store` does with bills."""

    # -- tariffs and packs ------------------------------------------------------------------------------------------

    async def tariff_modes(self, account: str | None = None) -> list[ModeRow]:
        """The modes that were chosen, by account, instance and month."""
        order = (tariff_modes.c.account, tariff_modes.c.instance, tariff_modes.c.month)
        statement = select(tariff_modes).order_by(*order)
        async with self._database.read() as connection:
            if account is not None:
                statement = statement.where(tariff_modes.c.account.in_(await _names(connection, account)))
            rows = (await connection.execute(statement)).all()
        return [ModeRow(row.account, row.instance or None, Month.parse(row.month), row.mode, row.seats) for row in rows]

    async def choose_mode(
        self,
        account: str,
        instance: str | None,
        month: Month,
        mode: TariffMode,
        seats: int,
        actor: str,
        now: float,
        reason: str | None,
    ) -> None:
        """From ``month`` on, ``account`` (or its ``instance``) pays by ``mode``. Chosen again for the same month, the
        later choice counts. Raises `BillingError` where that month, or a later one, was billed already."""
        values: dict[str, Any] = {"account": clean(account), "instance": clean(instance or ""), "month": str(month)}
        values |= {"mode": mode, "seats": seats, "by": clean(actor), "reason": _text(reason), "at": now}
        upsert = postgresql.insert if self.backend == "postgresql" else sqlite.insert
        async with self._change() as connection:
            await self._refuse_billed(connection, account, month)
            written = upsert(tariff_modes).values(values)
            fresh = {name: written.excluded[name] for name in ("mode", "seats", "by", "reason", "at")}
            keys = ["account", "instance", "month"]
            await connection.execute(written.on_conflict_do_update(index_elements=keys, set_=fresh))
            told = {"month": str(month), "instance": instance, "mode": mode, "seats": seats}
            await self._audit(connection, actor, "bill_mode", account, now, reason, None, told)

    async def buy_packs(
        self,
        account: str,
        minutes: int,
        count: int,
        price: Decimal,
        bought: float,
        expires: float,
        month: Month,
        actor: str,
        now: float,
        reason: str | None,
    ) -> list[PackRow]:
        """Enter ``count`` packs of ``minutes`` at ``price`` each, bought in ``month``. Raises `BillingError` where that
        month was billed already."""
        values = {"account": clean(account), "minutes": minutes, "price": in_fen(price), "bought": bought}
        values |= {"expires": expires, "by": clean(actor), "reason": _text(reason)}
        async with self._change() as connection:
            await self._refuse_billed(connection, account, month)
            made: list[PackRow] = []
            for _ in range(count):
                row = (await connection.execute(insert(voice_packs).values(values).returning(voice_packs))).one()
                made.append(_pack(row, 0))
            told = {"minutes": minutes, "count": count, "price": str(price), "bought": bought, "expires": expires}
            told["packs"] = [pack.id for pack in made]
            await self._audit(connection, actor, "bill_packs", account, now, reason, None, told)
        return made

    async def voice_packs(self, account: str | None = None) -> list[PackRow]:
        """The packs of an account, or all, in the order in which they end; with what issued bills drew from them."""
        used = (
            select(pack_uses.c.pack, func.sum(pack_uses.c.minutes).label("used")).group_by(pack_uses.c.pack).subquery()
        )
        statement = (
            select(voice_packs, func.coalesce(used.c.used, 0).label("used"))
            .outerjoin(used, used.c.pack == voice_packs.c.id)
            .order_by(voice_packs.c.expires, voice_packs.c.bought, voice_packs.c.id)
        )
        async with self._database.read() as connection:
            if account is not None:
                statement = statement.where(voice_packs.c.account.in_(await _names(connection, account)))
            return [_pack(row, int(row.used)) for row in await connection.execute(statement)]

    async def pack_use_of(self, number: str) -> dict[int, int]:
        """Pack → minutes that the bill ``number`` and its corrections drew."""
        statement = (
            select(pack_uses.c.pack, func.sum(pack_uses.c.minutes))
            .join(bills, bills.c.id == pack_uses.c.bill)
            .where(bills.c.number == clean(number))
            .group_by(pack_uses.c.pack)
        )
        async with self._database.read() as connection:
            return {pack: int(minutes) for pack, minutes in await connection.execute(statement)}

    # -- bills ------------------------------------------------------------------------------------------------------

    async def billing_counter(self) -> int:
        """What `issue_bill` compares: whether anything that a bill is made of was changed meanwhile."""
        async with self._database.read() as connection:
            return int((await connection.execute(select(changes.c.counter))).scalar_one())

    async def issue_bill(
        self,
        bill: Bill,
        corrections: Sequence[int],
        seen: int,
        issued: float,
        due_by: float,
        actor: str,
        now: float,
        reason: str | None,
    ) -> tuple[IssuedBill, bool] | None:
        """Freeze ``bill`` and give it a number; the bill, and whether it is new: one that was issued for the account
        and month before is given back as it is. ``seen`` is the `billing_counter` at which it was made; None, and
        nothing done, where something was changed since. ``corrections`` are those that stand on it."""
        async with self._change() as connection:
            same = bills.c.account.in_(await _names(connection, bill.account))
            known = await self._issued(connection, same, bills.c.month == str(bill.month))
            if known:
                return known[0], False
            counter = int((await connection.execute(select(changes.c.counter))).scalar_one())
            if counter != seen + 1:
                return None
            of_month = select(func.count()).where(bills.c.month == str(bill.month))
            count = int((await connection.execute(of_month)).scalar_one())
            values: dict[str, Any] = {
                "number": f"B{bill.month.first:%Y%m}-{count + 1:04d}",
                "account": bill.account,
                "company": clean(bill.company),
                "month": str(bill.month),
                "content": clean_json(bill.as_json()),
                "due": in_fen(bill.due),
                "issued": issued,
                "due_by": due_by,
                "by": clean(actor),
                "reason": _text(reason),
            }
            made = await connection.execute(insert(bills).values(values).returning(bills.c.id))
            key = made.scalar_one()
            uses = [
                {"pack": pack, "bill": key, "correction": None, "minutes": minutes}
                for pack, minutes in bill.pack_use.items()
            ]
            if uses:
                await connection.execute(insert(pack_uses), uses)
            if corrections:
                taken = bill_corrections.c.id.in_(corrections) & bill_corrections.c.taken.is_(None)
                await connection.execute(update(bill_corrections).where(taken).values(taken=key))
            told = {"account": bill.account, "month": str(bill.month), "due": str(bill.due), "at": issued}
            await self._audit(connection, actor, "bill_issue", values["number"], now, reason, None, told)
            return (await self._issued(connection, bills.c.id == key))[0], True

    async def issued_bill(self, number: str) -> IssuedBill | None:
        """The bill of that number."""
        async with self._database.read() as connection:
            found = await self._issued(connection, bills.c.number == clean(number))
        return found[0] if found else None

    async def issued_bills(
        self, account: str | None = None, month: Month | None = None, *, unpaid: bool = False
    ) -> list[IssuedBill]:
        """Issued bills, by month and number; ``unpaid``: those of which anything is outstanding."""
        terms = [] if month is None else [bills.c.month == str(month)]
        async with self._database.read() as connection:
            if account is not None:
                terms.append(bills.c.account.in_(await _names(connection, account)))
            return await self._issued(connection, *terms, unpaid=unpaid)

    async def pay_bill(
        self, number: str, amount: Decimal | None, at: float, actor: str, now: float, reason: str | None
    ) -> tuple[IssuedBill, Decimal]:
        """Enter a payment, by default of everything that is outstanding; the bill, and what was entered: nothing for a
        bill that is settled. Raises `BillingError`: no such bill, more than is outstanding."""
        async with self._change() as connection:
            found = await self._issued(connection, bills.c.number == clean(number))
            if not found:
                raise no_bill(number)
            known = found[0]
            paid = known.outstanding if amount is None else amount
            if paid > known.outstanding:
                raise BillingError(
                    "pays-too-much",
                    Text(
                        f"Of {number} {known.outstanding} yuan are outstanding; {paid} are more.",
                        f"账单 {number} 尚欠 {known.outstanding} 元，{paid} 元超出。",
                    ),
                    Text("Pay what is outstanding: leave --amount out.", "不写 --amount 即付清余额。"),
                )
            if paid <= 0:
                return known, ZERO
            values = {"bill": known.id, "amount": in_fen(paid), "at": at, "by": clean(actor), "reason": _text(reason)}
            await connection.execute(insert(bill_payments).values(values))
            before, after = {"paid": str(known.paid)}, {"paid": str(known.paid + paid), "at": at}
            await self._audit(connection, actor, "bill_pay", number, now, reason, before, after)
            return replace(known, paid=known.paid + paid), paid

    # -- corrections ------------------------------------------------------------------------------------------------

    async def correct_bill(
        self,
        number: str,
        amount: Decimal,
        uses: Mapping[int, int],
        content: Mapping[str, Any],
        at: float,
        actor: str,
        now: float,
        reason: str,
    ) -> CorrectionRow:
        """Enter a correction of the bill ``number``: ``amount`` is added to a later one, ``uses`` (pack → minutes,
        below zero for minutes given back) to what the packs lost. Raises `BillingError` for a bill that is not
        there."""
        async with self._change() as connection:
            found = await self._issued(connection, bills.c.number == clean(number))
            if not found:
                raise no_bill(number)
            bill = found[0]
            values = {"bill": bill.id, "amount": in_fen(amount), "content": clean_json(dict(content))}
            values |= {"reason": clean(reason), "at": at, "by": clean(actor), "taken": None}
            made = await connection.execute(insert(bill_corrections).values(values).returning(bill_corrections.c.id))
            key = made.scalar_one()
            rows = [
                {"pack": pack, "bill": bill.id, "correction": key, "minutes": minutes}
                for pack, minutes in uses.items()
                if minutes
            ]
            if rows:
                await connection.execute(insert(pack_uses), rows)
            told = {"amount": str(amount), "uses": {str(pack): minutes for pack, minutes in uses.items()}, "at": at}
            await self._audit(connection, actor, "bill_correct", number, now, reason, None, told)
        return CorrectionRow(key, number, bill.bill.account, amount, dict(content), reason, at, actor, None)

    async def corrections(self, account: str | None = None, *, open_only: bool = False) -> list[CorrectionRow]:
        """Corrections in their order; ``open_only``: those that stand on no bill yet."""
        taking = bills.alias("taking")
        statement = (
            select(bill_corrections, bills.c.number, bills.c.account, taking.c.number.label("taken_by"))
            .join(bills, bills.c.id == bill_corrections.c.bill)
            .outerjoin(taking, taking.c.id == bill_corrections.c.taken)
            .order_by(bill_corrections.c.id)
        )
        if open_only:
            statement = statement.where(bill_corrections.c.taken.is_(None))
        async with self._database.read() as connection:
            if account is not None:
                statement = statement.where(bills.c.account.in_(await _names(connection, account)))
            rows = (await connection.execute(statement)).all()
        return [
            CorrectionRow(
                row.id, row.number, row.account, of_fen(row.amount), row.content, row.reason, row.at, row.by,
                row.taken_by,
            )
            for row in rows
        ]  # fmt: skip

    # -- inside -----------------------------------------------------------------------------------------------------

    async def _refuse_billed(self, connection: AsyncConnection, account: str, month: Month) -> None:
        statement = select(func.max(bills.c.month)).where(bills.c.account.in_(await _names(connection, account)))
        last = (await connection.execute(statement)).scalar_one()
        if last is not None and last >= str(month):
            raise BillingError(
                "month-issued",
                Text(
                    f"{last} was billed already; nothing before it can be changed.",
                    f"{last} 已出账，此前的内容不能更改。",
                ),
                Text(
                    f"Choose {Month.parse(last).plus(1)} or later.",
                    f"请选择 {Month.parse(last).plus(1)} 或之后的月份。",
                ),
            )

    @staticmethod
    async def _issued(connection: AsyncConnection, *terms: Any, unpaid: bool = False) -> list[IssuedBill]:
        paid = (
            select(bill_payments.c.bill, func.sum(bill_payments.c.amount).label("paid"))
            .group_by(bill_payments.c.bill)
            .subquery()
        )
        statement = (
            select(bills, func.coalesce(paid.c.paid, 0).label("paid"))
            .outerjoin(paid, paid.c.bill == bills.c.id)
            .where(*terms)
            .order_by(bills.c.month, bills.c.number)
        )
        if unpaid:
            statement = statement.where(bills.c.due > func.coalesce(paid.c.paid, 0))
        rows: Iterable[Row[*tuple[Any, ...]]] = (await connection.execute(statement)).all()
        return [
            IssuedBill(
                row.id, row.number, Bill.of(row.content), row.issued, row.due_by, row.by, row.reason,
                of_fen(int(row.paid)),
            )
            for row in rows
        ]  # fmt: skip


def no_bill(number: str) -> BillingError:
    """There is no bill of that number."""
    return BillingError(
        "no-bill",
        Text(f"There is no bill `{number[:40]}`.", f"没有账单 `{number[:40]}`。"),
        Text("`line400 bill list` lists those that were issued.", "用 `line400 bill list` 查看已出的账单。"),
    )


async def _names(connection: AsyncConnection, account: str) -> list[str]:
    """Under what an account's rows stand: its credit code, and the company's name from before it was qualified."""
    found = select(qualifications.c.company).where(qualifications.c.code == clean(account))
    return [clean(account), *(await connection.execute(found)).scalars()]


def _pack(row: Row[*tuple[Any, ...]], used: int) -> PackRow:
    price = of_fen(row.price)
    return PackRow(row.id, row.account, row.minutes, price, row.bought, row.expires, row.by, used)


def _text(value: str | None) -> str | None:
    return None if value is None else clean(value)
