"""The tables of the vendor-compatible endpoint, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Table, Text, text

from .tables import metadata

vendor_nonces = Table(
    "vendor_nonces",
    metadata,
    Column("key", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("until", Double, nullable=False),
    Index("vendor_nonces_until", "until"),
)
"""Nonces that were used with an access key, each until the date it came with is too old to be taken."""

vendor_flows = Table(
    "vendor_flows",
    metadata,
    Column("id", Text, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("editor", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("published", Double),
    Column("digest", Text),
    Index("vendor_flows_flow", "flow", "created"),
    Index(
        "vendor_flows_open",
        "flow",
        unique=True,
        sqlite_where=text("published IS NULL"),
        postgresql_where=text("published IS NULL"),
    ),
)
"""Versions of flows as the vendor's API edits them: the open draft of a flow (at most one), and what was published.
``digest`` is that of the flow file that publishing wrote: as long as the file is that, the definition is its own."""
