"""What is to be told to receivers of webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None

_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "happenings",
        sa.Column("id", _serial, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("spread", sa.Boolean(), nullable=False),
    )
    op.create_index("happenings_name", "happenings", ["name"], unique=True)
    op.create_index("happenings_spread", "happenings", ["spread", "id"])
    op.create_index("happenings_at", "happenings", ["at"])
    op.create_table(
        "deliveries",
        sa.Column("id", _serial, primary_key=True),
        sa.Column("happening", _serial, sa.ForeignKey("happenings.id"), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.Column("said", sa.Text()),
        sa.Column("ended", sa.Double()),
    )
    op.create_index("deliveries_due", "deliveries", ["receiver", "state", "due"])
    op.create_index("deliveries_happening", "deliveries", ["happening"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("deliveries")
    op.drop_table("happenings")
