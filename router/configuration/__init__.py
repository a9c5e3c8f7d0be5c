"""The configuration: files in a folder, read with every finding at once; made new, edited, compared."""

from __future__ import annotations

from .collecting import without_collector
from .day_checks import TODAY_CODES
from .folder import ConfigurationMissing, read_folder
from .loader import Loaded, load, load_files
from .schemas import json_schema
from .table_cache import TableCache

__all__ = [
    "TODAY_CODES",
    "ConfigurationMissing",
    "Loaded",
    "TableCache",
    "json_schema",
    "load",
    "load_files",
    "read_folder",
    "without_collector",
]
