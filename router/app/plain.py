"""Values of the configuration as JSON values: what they are made of, without the places they were read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import date, time
from enum import Enum
from typing import Any

from ivr_flows.findings import Place, Text


def plain(value: Any) -> Any:
    """``value`` as JSON: a dataclass is an object of its fields, a date is ISO 8601, a set is sorted."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Text):
        return {"en": value.en, "zh": value.zh}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | time):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name))
            for field in fields(value)
            if not field.name.startswith("_") and not isinstance(getattr(value, field.name), Place)
        }
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    return str(value)
