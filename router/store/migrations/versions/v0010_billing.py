"""Billing: tariffs, voice packs, bills with their corrections and payments; calls found by their flow entry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the tables."""
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_index("calls_entered", "calls", ["called", "entered"])
    op.create_table(
        "tariff_modes",
        sa.Column("id", serial, primary_key=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_index("tariff_modes_month", "tariff_modes", ["account", "instance", "month"], unique=True)
    op.create_table(
        "voice_packs",
        sa.Column("id", serial, primary_key=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("bought", sa.Double(), nullable=False),
        sa.Column("expires", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
    )
    op.create_index("voice_packs_account", "voice_packs", ["account", "expires"])
    op.create_table(
        "bills",
        sa.Column("id", serial, primary_key=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("issued", sa.Double(), nullable=False),
        sa.Column("due_by", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
    )
    op.create_index("bills_number", "bills", ["number"], unique=True)
    op.create_index("bills_month", "bills", ["account", "month"], unique=True)
    op.create_table(
        "bill_corrections",
        sa.Column("id", serial, primary_key=True),
        sa.Column("bill", serial, sa.ForeignKey("bills.id"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("taken", serial, sa.ForeignKey("bills.id")),
    )
    op.create_index("bill_corrections_bill", "bill_corrections", ["bill"])
    op.create_index("bill_corrections_taken", "bill_corrections", ["taken"])
    op.create_table(
        "pack_uses",
        sa.Column("id", serial, primary_key=True),
        sa.Column("pack", serial, sa.ForeignKey("voice_packs.id"), nullable=False),
        sa.Column("bill", serial, sa.ForeignKey("bills.id"), nullable=False),
        sa.Column("correction", serial, sa.ForeignKey("bill_corrections.id")),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
    )
    op.create_index("pack_uses_pack", "pack_uses", ["pack"])
    op.create_index("pack_uses_bill", "pack_uses", ["bill"])
    op.create_table(
        "bill_payments",
        sa.Column("id", serial, primary_key=True),
        sa.Column("bill", serial, sa.ForeignKey("bills.id"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
    )
    op.create_index("bill_payments_bill", "bill_payments", ["bill"])


def downgrade() -> None:
    """Remove them; the bills are lost."""
    for table in ("bill_payments", "pack_uses", "bill_corrections", "bills", "voice_packs", "tariff_modes"):
        op.drop_table(table)
    op.drop_index("calls_entered", "calls")
