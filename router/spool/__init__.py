"""The files that a switch makes of what callers say."""

from .files import Spool
from .retention import Purged, delete_entry, purge

__all__ = ["Purged", "Spool", "delete_entry", "purge"]
