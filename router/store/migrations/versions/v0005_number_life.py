"""The life of numbers: qualifications of companies, handlers, lives, the documents that belong to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the tables."""
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "qualifications",
        sa.Column("id", serial, primary_key=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_index("qualifications_code", "qualifications", ["code"], unique=True)
    op.create_table(
        "handlers",
        sa.Column("id", serial, primary_key=True),
        sa.Column("qualification", serial, sa.ForeignKey("qualifications.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("used", sa.Double(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_index("handlers_name", "handlers", ["qualification", "name"], unique=True)
    op.create_table(
        "lives",
        sa.Column("number", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("owner", serial, sa.ForeignKey("qualifications.id")),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("due", sa.Double()),
        sa.Column("coming", sa.JSON(), nullable=False),
    )
    op.create_index("lives_owner", "lives", ["owner"])
    op.create_index("lives_due", "lives", ["due"])
    op.create_table(
        "life_files",
        sa.Column("id", serial, primary_key=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("added", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_index("life_files_kind", "life_files", ["subject", "kind"], unique=True)


def downgrade() -> None:
    """Remove them. The life states of the numbers stay; whose they are, and their documents, are lost."""
    op.drop_table("life_files")
    op.drop_table("lives")
    op.drop_table("handlers")
    op.drop_table("qualifications")
