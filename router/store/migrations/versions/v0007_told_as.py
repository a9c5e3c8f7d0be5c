"""Rows of the audit that several may tell of, and that are there once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the column and its index; rows that are there were told of by one."""
    op.add_column("audit", sa.Column("told_as", sa.Text()))
    op.create_index("audit_told_as", "audit", ["told_as"], unique=True)


def downgrade() -> None:
    """Remove them."""
    op.drop_index("audit_told_as", "audit")
    op.drop_column("audit", "told_as")
