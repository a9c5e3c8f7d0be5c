"""The tables of the API's doors: who may come in, and what was asked before."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from .tables import metadata

instance = Table(
    "instance",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="instance_one"), primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
)
"""One row: the name that stands in every token of this store, and the key that its cursors are signed with."""

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("role", Text, ForeignKey("roles.role"), nullable=False),
    Column("scope", JSON(none_as_null=True)),
    Column("created", Double, nullable=False),
    Column("author", Text, nullable=False),
    Column("expires", Double),
    Column("revoked", Double),
    Index("tokens_digest", "digest", unique=True),
    Index("tokens_name", "name"),
)
"""``digest`` is the SHA-256 of the token. A fast digest is right here: a token is 256 random bits, which nobody can
try; a slow one is for passwords, which people choose."""

users = Table(
    "users",
    metadata,
    Column("name", Text, ForeignKey("actors.name"), primary_key=True),
    Column("password", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("changed", Double, nullable=False),
    Column("disabled", Boolean, nullable=False),
)
"""People who sign in. Their role is that of the actor of their name; ``password`` is an Argon2 hash."""

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.name"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Index("sessions_user", "user"),
    Index("sessions_expires", "expires"),
)

request_keys = Table(
    "request_keys",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("asked", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("status", Integer),
    Column("headers", JSON(none_as_null=True)),
    Column("body", Text),
    Index("request_keys_created", "created"),
)
"""Requests that carried an ``Idempotency-Key``. ``digest`` is of who, operation and key; ``asked`` of what was asked;
``status`` is null while the request is under way."""

operations = Table(
    "operations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Double),
    Column("total", Double),
    Column("said_en", Text),
    Column("said_zh", Text),
    Column("result", JSON(none_as_null=True)),
    Column("error", JSON(none_as_null=True)),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("router_id", Text, nullable=False),
    Index("operations_created", "created"),
)
"""Long work. ``state`` is ``running``, ``done``, ``failed`` or ``cancelled``; ``error`` is a problem document."""
