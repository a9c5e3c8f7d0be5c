"""The tables of billing, as the newest migration leaves them. Amounts are whole fen, months texts such as ``2026-10``.

``account`` is a company's unified social credit code, or its name where it has no qualification.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Double, ForeignKey, Index, Integer, Table, Text

from .tables import metadata

_serial = BigInteger().with_variant(Integer, "sqlite")

tariff_modes = Table(
    "tariff_modes",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("account", Text, nullable=False),
    Column("instance", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text),
    Column("at", Double, nullable=False),
    Index("tariff_modes_month", "account", "instance", "month", unique=True),
)
"""From ``month`` on the account, or its ``instance`` (empty: all that have no row of their own), pays by ``mode``."""

voice_packs = Table(
    "voice_packs",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("account", Text, nullable=False),
    Column("minutes", BigInteger, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("bought", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text),
    Index("voice_packs_account", "account", "expires"),
)

bills = Table(
    "bills",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("number", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("content", JSON, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("issued", Double, nullable=False),
    Column("due_by", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text),
    Index("bills_number", "number", unique=True),
    Index("bills_month", "account", "month", unique=True),
)
"""An issued bill. Its row is never changed: what is wrong with it is a row of ``bill_corrections``."""

bill_corrections = Table(
    "bill_corrections",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("bill", _serial, ForeignKey("bills.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("content", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("taken", _serial, ForeignKey("bills.id")),
    Index("bill_corrections_bill", "bill"),
    Index("bill_corrections_taken", "taken"),
)
"""What is added to a later bill for an earlier one; ``taken`` is the bill that it stands on, null before."""

pack_uses = Table(
    "pack_uses",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("pack", _serial, ForeignKey("voice_packs.id"), nullable=False),
    Column("bill", _serial, ForeignKey("bills.id"), nullable=False),
    Column("correction", _serial, ForeignKey("bill_corrections.id")),
    Column("minutes", BigInteger, nullable=False),
    Index("pack_uses_pack", "pack"),
    Index("pack_uses_bill", "bill"),
)
"""Minutes that an issued bill, or a correction of it, drew from a pack."""

bill_payments = Table(
    "bill_payments",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("bill", _serial, ForeignKey("bills.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text),
    Index("bill_payments_bill", "bill"),
)
