"""The tables of numbers' lives, as the newest migration leaves them.

What is personal lies in columns ``sealed``: encrypted before it gets here (`router.paperwork.sealing`); the store never
sees it in clear.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Double, ForeignKey, Index, Integer, LargeBinary, Table, Text

from .tables import metadata

_serial = BigInteger().with_variant(Integer, "sqlite")

qualifications = Table(
    "qualifications",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("code", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("qualifications_code", "code", unique=True),
)

handlers = Table(
    "handlers",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("qualification", _serial, ForeignKey("qualifications.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("used", Double, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("handlers_name", "qualification", "name", unique=True),
)

lives = Table(
    "lives",
    metadata,
    Column("number", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("owner", _serial, ForeignKey("qualifications.id")),
    Column("facts", JSON, nullable=False),
    Column("due", Double),
    Column("coming", JSON, nullable=False),
    Index("lives_owner", "owner"),
    Index("lives_due", "due"),
)
"""One row is the life of a number under its owner: the primary key is what lets only one applicant have it. ``due`` is
when time alone changes it next, ``coming`` the states that time will bring: ``[[moment, state], …]``."""

life_files = Table(
    "life_files",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("added", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("life_files_kind", "subject", "kind", unique=True),
)
"""A scan or document. ``subject`` is a qualification (``qualification:3``) or an application's name; of each kind there
is one, which a later upload replaces. ``digest`` is that of the clear content."""
