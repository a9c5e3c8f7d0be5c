"""What is to be told to receivers of webhooks."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text

from .tables import _serial, metadata

happenings = Table(
    "happenings",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("data", JSON, nullable=False),
    Column("spread", Boolean, nullable=False),
    Index("happenings_name", "name", unique=True),
    Index("happenings_spread", "spread", "id"),
    Index("happenings_at", "at"),
)
"""``spread``: the deliveries of it were made. ``name`` is the same whoever tells of it, and however often."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("happening", _serial, ForeignKey("happenings.id"), nullable=False),
    Column("receiver", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due", Double, nullable=False),
    Column("said", Text),
    Column("ended", Double),
    Index("deliveries_due", "receiver", "state", "due"),
    Index("deliveries_happening", "happening"),
)
"""``state`` is ``waiting``, ``delivered`` or ``dead``; ``said`` why the last try failed."""
