"""The lines that the carrier tried for a call, and the caller's priority in queues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the columns; of the calls that are there nothing was tried."""
    op.add_column("calls", sa.Column("tried", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("calls", sa.Column("priority", sa.Integer()))


def downgrade() -> None:
    """Remove them."""
    op.drop_column("calls", "priority")
    op.drop_column("calls", "tried")
