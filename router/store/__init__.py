"""The store of line400: call records, revisions, overlay, life states and audit, on SQLite or PostgreSQL."""

from router.switch_calls import ROUTER_AWAY, ROUTER_LOST

from .archive import BackupSummary
from .errors import Conflict, StoreError
from .reconciling import ReadUpTo, Reconciled
from .revisions import ANY
from .rows import (
    Activation,
    Actor,
    AnnouncementRow,
    AuditEntry,
    BlockRow,
    CallFilter,
    InboxEntry,
    InboxFilter,
    LiveOutcomes,
    NumberState,
    OverlayRows,
    Revision,
    RevisionContent,
    Role,
    RouterRow,
    Scheduled,
)
from .store import Store
from .writer import CallWriter

__all__ = [
    "ANY",
    "ROUTER_AWAY",
    "ROUTER_LOST",
    "Activation",
    "Actor",
    "AnnouncementRow",
    "AuditEntry",
    "BackupSummary",
    "BlockRow",
    "CallFilter",
    "CallWriter",
    "Conflict",
    "InboxEntry",
    "InboxFilter",
    "LiveOutcomes",
    "NumberState",
    "OverlayRows",
    "ReadUpTo",
    "Reconciled",
    "Revision",
    "RevisionContent",
    "Role",
    "RouterRow",
    "Scheduled",
    "Store",
    "StoreError",
]
