"""Used nonces, and versions of flows in the vendor's JSON."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "vendor_nonces",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("nonce", sa.Text(), primary_key=True),
        sa.Column("until", sa.Double(), nullable=False),
    )
    op.create_index("vendor_nonces_until", "vendor_nonces", ["until"])
    op.create_table(
        "vendor_flows",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("editor", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("updated", sa.Double(), nullable=False),
        sa.Column("published", sa.Double()),
        sa.Column("digest", sa.Text()),
    )
    op.create_index("vendor_flows_flow", "vendor_flows", ["flow", "created"])
    op.create_index(
        "vendor_flows_open",
        "vendor_flows",
        ["flow"],
        unique=True,
        sqlite_where=sa.text("published IS NULL"),
        postgresql_where=sa.text("published IS NULL"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("vendor_flows")
    op.drop_table("vendor_nonces")
