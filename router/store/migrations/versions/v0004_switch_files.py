"""How far the switch's own call records have been read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "switch_files",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Remove it. The switch's records are then read from their beginning again, which changes nothing known."""
    op.drop_table("switch_files")
