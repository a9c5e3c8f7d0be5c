"""The store of line400: call records, revisions, overlay, life states and audit, on SQLite or PostgreSQL."""

from .archive import BackupSummary
from .calls import ROUTER_LOST
from .errors import Conflict, StoreError
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
    "Revision",
    "RevisionContent",
    "Role",
    "RouterRow",
    "Scheduled",
    "Store",
    "StoreError",
]
