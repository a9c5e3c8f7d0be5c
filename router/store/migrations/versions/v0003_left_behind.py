"""What callers leave behind, what flows keep of them, and the agent who answered a call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the tables and the column."""
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text()),
        sa.Column("caller", sa.Text()),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("box", sa.Text()),
        sa.Column("file", sa.Text()),
        sa.Column("seconds", sa.Double()),
        sa.Column("callback", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("score", sa.Integer()),
        sa.Column("scale", sa.Text()),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("expires", sa.Double()),
    )
    op.create_index("inbox_call", "inbox", ["call_id", "position"], unique=True)
    op.create_index("inbox_state", "inbox", ["state", "created"])
    op.create_index("inbox_number", "inbox", ["number", "created"])
    op.create_index("inbox_expires", "inbox", ["expires"])
    op.create_table(
        "caller_memory",
        sa.Column("caller", sa.Text(), primary_key=True),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("updated", sa.Double(), nullable=False),
        sa.Column("expires", sa.Double()),
    )
    op.create_index("caller_memory_expires", "caller_memory", ["expires"])
    op.add_column("calls", sa.Column("agent", sa.Text()))


def downgrade() -> None:
    """Remove them. Recordings stay on the switch; who left them is then known from the calls alone."""
    op.drop_column("calls", "agent")
    op.drop_table("caller_memory")
    op.drop_table("inbox")
