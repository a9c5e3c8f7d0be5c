"""The tables, as the newest migration leaves them. A test compares the two.

Moments are epoch seconds in double precision. JSON columns hold what Python's ``json`` makes of lists and objects.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

SCHEMA: Final = "0011"
"""The newest migration that this line400 knows."""

VERSION_TABLE: Final = "line400_version"

metadata = MetaData()
_serial = BigInteger().with_variant(Integer, "sqlite")

calls = Table(
    "calls",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("caller", Text),
    Column("caller_kind", Text, nullable=False),
    Column("called", Text),
    Column("called_by", Text),
    Column("dialled", Text, nullable=False),
    Column("started", Double, nullable=False),
    Column("base_number", Text),
    Column("line", Text),
    Column("trunk", Text),
    Column("flow", Text),
    Column("revision", Text),
    Column("rule", Text),
    Column("test", Boolean, nullable=False),
    Column("path", JSON, nullable=False),
    Column("heard", JSON, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("outcome", Text),
    Column("abandoned_in", Text),
    Column("queue", Text),
    Column("hangup_by", Text),
    Column("hangup_cause", Integer),
    Column("fault_code", Text),
    Column("fault_by", Text),
    Column("fault_en", Text),
    Column("fault_zh", Text),
    Column("entered", Double),
    Column("answered", Double),
    Column("ended", Double),
    Column("router_id", Text),
    Column("seen", Double, nullable=False),
    Column("agent", Text),
    Column("tried", JSON, nullable=False, server_default=text("'[]'")),
    Column("priority", Integer),
    Index("calls_started", "started"),
    Index("calls_called", "called", "started"),
    Index("calls_entered", "called", "entered"),
    Index("calls_caller", "caller", "started"),
    Index("calls_outcome", "outcome", "started"),
    Index("calls_open", "router_id", sqlite_where=text("outcome IS NULL"), postgresql_where=text("outcome IS NULL")),
)

revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Column("at", Double, nullable=False),
)

current_revision = Table(
    "current_revision",
    metadata,
    Column(
        "id", Integer, CheckConstraint("id = 1", name="current_revision_one"), primary_key=True, autoincrement=False
    ),
    Column("number", Integer, ForeignKey("revisions.number")),
    Column("since", Double),
)

activations = Table(
    "activations",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("number", Integer, ForeignKey("revisions.number"), nullable=False),
    Column("at", Double, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Column("kind", Text, nullable=False),
)

scheduled = Table(
    "scheduled",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("number", Integer, ForeignKey("revisions.number"), nullable=False),
    Column("base", Integer),
    Column("due", Double, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Column("created", Double, nullable=False),
    Column("overrides", JSON, nullable=False),
    Column("scenarios", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("said_en", Text),
    Column("said_zh", Text),
    Column("ended", Double),
    Column("ended_by", Text),
    Column("claimed_by", Text),
    Column("claimed_until", Double),
    Index("scheduled_state", "state", "due"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("told_as", Text),
    Index("audit_at", "at"),
    Index("audit_subject", "subject", "at"),
    Index("audit_told_as", "told_as", unique=True),
)

roles = Table(
    "roles",
    metadata,
    Column("role", Text, primary_key=True),
    Column("description_en", Text, nullable=False),
    Column("description_zh", Text, nullable=False),
)

actors = Table(
    "actors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, ForeignKey("roles.role"), nullable=False),
    Column("created", Double, nullable=False),
)

announcements = Table(
    "announcements",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("number", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("until", Double, nullable=False),
    Column("end_call", Boolean, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Column("created", Double, nullable=False),
    Column("ended", Double),
    Index("announcements_until", "until"),
)

blocks = Table(
    "blocks",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("caller", Text, nullable=False),
    Column("until", Double),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Column("created", Double, nullable=False),
    Column("ended", Double),
    Index("blocks_ended", "ended"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text),
    Column("caller", Text),
    Column("node", Text, nullable=False),
    Column("box", Text),
    Column("file", Text),
    Column("seconds", Double),
    Column("callback", Text),
    Column("queue", Text),
    Column("score", Integer),
    Column("scale", Text),
    Column("created", Double, nullable=False),
    Column("state", Text, nullable=False),
    Column("assignee", Text),
    Column("test", Boolean, nullable=False),
    Column("expires", Double),
    Index("inbox_call", "call_id", "position", unique=True),
    Index("inbox_state", "state", "created"),
    Index("inbox_number", "number", "created"),
    Index("inbox_expires", "expires"),
)
"""What callers left behind. ``position`` is its place among what was left in its call: written twice, it is there
once."""

caller_memory = Table(
    "caller_memory",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("kept", JSON, nullable=False),
    Column("updated", Double, nullable=False),
    Column("expires", Double),
    Index("caller_memory_expires", "expires"),
)

number_states = Table(
    "number_states",
    metadata,
    Column("number", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("by", Text, nullable=False),
)

routers = Table(
    "routers",
    metadata,
    Column("router_id", Text, primary_key=True),
    Column("started", Double, nullable=False),
    Column("heartbeat", Double, nullable=False),
    Column("previous", Double),
    Column("pid", Integer),
    Column("host", Text),
)

switch_files = Table(
    "switch_files",
    metadata,
    Column("name", Text, primary_key=True),
    Column("head", Text, nullable=False),
    Column("read", BigInteger, nullable=False),
)
"""How far a switch's own call records have been read: ``read`` bytes of the file of ``name`` whose first line has the
digest ``head``."""

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="changes_one"), primary_key=True, autoincrement=False),
    Column("counter", BigInteger, nullable=False),
)
"""One row, raised in every transaction that changes the current revision, the overlay or a number's state. Its row
lock makes such transactions follow one another on PostgreSQL, as SQLite's own write lock does."""
