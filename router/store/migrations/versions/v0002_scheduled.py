"""Revisions that are to come into force at a moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the table of scheduled revisions."""
    op.create_table(
        "scheduled",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("number", sa.Integer(), sa.ForeignKey("revisions.number"), nullable=False),
        sa.Column("base", sa.Integer()),
        sa.Column("due", sa.Double(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.Column("scenarios", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("said_en", sa.Text()),
        sa.Column("said_zh", sa.Text()),
        sa.Column("ended", sa.Double()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", sa.Double()),
    )
    op.create_index("scheduled_state", "scheduled", ["state", "due"])


def downgrade() -> None:
    """Remove it. The revisions stay; they never come into force by themselves then."""
    op.drop_table("scheduled")
