"""What the store hands out, as values. Moments are epoch seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ivr_flows.findings import Text
from router.left import LeftKind, LeftState
from router.model import LifeState

ActivationKind = Literal["apply", "rollback"]


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls; everything given must hold. ``since`` <= started < ``until``. ``test`` None: both. ``up`` True:
    only calls that have not ended; False: only ended ones. Newest first, or ``oldest_first``; ``limit`` of them after
    ``offset``, or behind the call that ``after`` names by its start and id. ``numbers``, ``queues`` and ``call_ids``:
    calls of any of them; ``endings``: that ended in one of these ways, an outcome and where it was abandoned (None:
    anywhere)."""

    called: str | None = None
    caller: str | None = None
    outcome: str | None = None
    line: str | None = None
    flow: str | None = None
    since: float | None = None
    until: float | None = None
    test: bool | None = None
    up: bool | None = None
    limit: int | None = None
    offset: int = 0
    oldest_first: bool = False
    after: tuple[float, str] | None = None
    numbers: tuple[str, ...] | None = None
    endings: tuple[tuple[str, str | None], ...] | None = None
    queues: tuple[str, ...] | None = None
    agent: str | None = None
    call_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One applied state of the configuration. ``revision`` is ``r1``, ``r2`` …; ``current``: routers run it."""

    revision: str
    at: float
    author: str
    reason: str | None
    digest: str
    current: bool


@dataclass(frozen=True, slots=True)
class RevisionContent:
    """A revision with its files: path relative to the configuration folder → bytes."""

    revision: Revision
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Activation:
    """A revision became the current one."""

    revision: str
    at: float
    author: str
    reason: str | None
    kind: ActivationKind


ScheduleState = Literal["waiting", "applied", "refused", "cancelled"]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A revision that is to come into force at ``due``, by the clock of the store. ``base`` is what was current when it
    was scheduled (None: nothing was); ``overrides`` are the gates it passes over, each with the reason. ``ended``,
    ``ended_by`` (a person, or a router) and ``said`` tell how it ended."""

    id: int
    revision: str
    base: str | None
    due: float
    author: str
    reason: str | None
    created: float
    overrides: Mapping[str, str]
    state: ScheduleState
    said: Text | None
    ended: float | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class LiveOutcomes:
    """How the real calls of a revision went: ``calls`` that ended, ``failed`` ones among them whose fault was the
    configuration's or ours."""

    calls: int
    failed: int


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which entries of the inbox; everything given must hold. ``since`` <= created. ``test`` None: both.
    ``after``: only what stands behind the entry with this ``created`` and ``id``, newest first."""

    kind: str | None = None
    number: str | None = None
    state: str | None = None
    assignee: str | None = None
    since: float | None = None
    test: bool | None = None
    limit: int | None = None
    after: tuple[float, int] | None = None


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One thing that a caller left in the call ``call_id`` to ``number``; the other fields as in `router.left.Left`,
    ``callback`` being whom to call back. ``created`` is when the call began, ``expires`` when it is deleted by
    itself."""

    id: int
    call_id: str
    position: int
    kind: LeftKind
    number: str | None
    caller: str | None
    node: str
    box: str | None
    file: str | None
    seconds: float | None
    callback: str | None
    queue: str | None
    score: int | None
    scale: str | None
    created: float
    state: LeftState
    assignee: str | None
    test: bool
    expires: float | None


@dataclass(frozen=True, slots=True)
class AnnouncementRow:
    """An emergency announcement on one number, or on ``all``; in force until ``until`` or until it is ``ended``."""

    id: int
    number: str
    text: str
    until: float
    end_call: bool
    author: str
    reason: str | None
    created: float
    ended: float | None


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A blocked caller (a number, or a prefix ending in ``*``). ``until`` None: until it is taken back."""

    id: int
    caller: str
    until: float | None
    author: str
    reason: str | None
    created: float
    ended: float | None


@dataclass(frozen=True, slots=True)
class OverlayRows:
    """What is laid over the current revision at one moment. ``counter`` is the change counter it was read at;
    ``coming`` are the states that time alone will bring, by number, each with its moment; ``paid`` the numbers of which
    the store knows until when they are paid."""

    announcements: list[AnnouncementRow]
    blocks: list[BlockRow]
    states: dict[str, LifeState]
    counter: int
    coming: dict[str, tuple[tuple[float, LifeState], ...]] = field(default_factory=dict)
    paid: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NumberState:
    """The life state of a number, since when and by whom."""

    number: str
    state: LifeState
    since: float
    by: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, to what, when and why. ``before`` and ``after`` are JSON values."""

    id: int
    at: float
    actor: str
    action: str
    subject: str
    reason: str | None
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Role:
    """A role and what it may do, in words."""

    role: str
    description_en: str
    description_zh: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a key that changes things."""

    name: str
    role: str
    created: float


@dataclass(frozen=True, slots=True)
class RouterRow:
    """A router that uses the store. ``heartbeat`` is when it was last known alive; ``previous`` is when it was last
    known alive before it started this time."""

    router_id: str
    started: float
    heartbeat: float
    previous: float | None
    pid: int | None
    host: str | None
