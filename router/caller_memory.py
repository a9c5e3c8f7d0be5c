"""What flows keep of a caller for later calls (``set`` with ``scope: caller``): bounded, and what JSON can hold.

`CallerMemory` is the memory of one router without a store; with one, `router.asterisk.remembering` keeps it there.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

MOST_CALLERS = 100_000
MOST_VALUES = 64
"""Values that are kept of one caller; beyond them only those that are there can change."""
MOST_CHARACTERS = 200
"""Longest JSON text of one value, and of its name."""


class Memory(Protocol):
    """Where what is kept of callers lives. Callers are canonical numbers."""

    def recall(self, caller: str) -> Mapping[str, Any]: ...
    def keep(self, caller: str, values: Mapping[str, object]) -> None: ...


def merged(kept: Mapping[str, Any], values: Mapping[str, object]) -> dict[str, Any]:
    """``kept`` with ``values`` beside or in the place of what is there, as JSON holds them. A value that is too long,
    or one too many, is left out."""
    found = dict(kept)
    for name, value in values.items():
        text = json.dumps(value, ensure_ascii=False, default=str)
        if len(text) > MOST_CHARACTERS or len(name) > MOST_CHARACTERS:
            continue
        if name in found or len(found) < MOST_VALUES:
            found[name] = json.loads(text)
    return found


class CallerMemory:
    """The memory of one router. Of more than `MOST_CALLERS` callers those that called last are kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, str] = OrderedDict()

    def recall(self, caller: str) -> Mapping[str, Any]:
        """What was kept of ``caller``, empty where nothing was."""
        found = self._kept.get(caller)
        if found is None:
            return {}
        self._kept.move_to_end(caller)
        values: dict[str, Any] = json.loads(found)
        return values

    def keep(self, caller: str, values: Mapping[str, object]) -> None:
        """Keep ``values`` beside what is there, as far as they may be; see `merged`."""
        self.replace(caller, merged(self.recall(caller), values))

    def replace(self, caller: str, values: Mapping[str, Any]) -> None:
        """Keep ``values`` alone; nothing where there are none."""
        if not values:
            self._kept.pop(caller, None)
            return
        self._kept[caller] = json.dumps(values, ensure_ascii=False, default=str)
        self._kept.move_to_end(caller)
        if len(self._kept) > MOST_CALLERS:
            self._kept.popitem(last=False)
