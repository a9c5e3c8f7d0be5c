"""Tokens, users and their sessions, requests that must not be done twice, long work."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the tables, and the name and key of this store."""
    instance = op.create_table(
        "instance",
        sa.Column(
            "id",
            sa.Integer(),
            sa.CheckConstraint("id = 1", name="instance_one"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
    )
    op.bulk_insert(instance, [{"id": 1, "name": secrets.token_hex(4), "key": secrets.token_bytes(32)}])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), sa.ForeignKey("roles.role"), nullable=False),
        sa.Column("scope", sa.JSON(none_as_null=True)),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("expires", sa.Double()),
        sa.Column("revoked", sa.Double()),
    )
    op.create_index("tokens_digest", "tokens", ["digest"], unique=True)
    op.create_index("tokens_name", "tokens", ["name"])
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), sa.ForeignKey("actors.name"), primary_key=True),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("changed", sa.Double(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("user", sa.Text(), sa.ForeignKey("users.name"), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("expires", sa.Double(), nullable=False),
    )
    op.create_index("sessions_user", "sessions", ["user"])
    op.create_index("sessions_expires", "sessions", ["expires"])
    op.create_table(
        "request_keys",
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.JSON(none_as_null=True)),
        sa.Column("body", sa.Text()),
    )
    op.create_index("request_keys_created", "request_keys", ["created"])
    op.create_table(
        "operations",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Double()),
        sa.Column("total", sa.Double()),
        sa.Column("said_en", sa.Text()),
        sa.Column("said_zh", sa.Text()),
        sa.Column("result", sa.JSON(none_as_null=True)),
        sa.Column("error", sa.JSON(none_as_null=True)),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("updated", sa.Double(), nullable=False),
        sa.Column("router_id", sa.Text(), nullable=False),
    )
    op.create_index("operations_created", "operations", ["created"])


def downgrade() -> None:
    """Remove them: every token and session is void, and nobody can sign in."""
    for table in ("operations", "request_keys", "sessions", "users", "tokens", "instance"):
        op.drop_table(table)
