"""What flows keep of a caller for later calls (``set`` with ``scope: caller``).

In the memory of one router: it is bounded, and gone when the router stops. Values are what JSON can hold.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

MOST_CALLERS = 100_000
MOST_CHARACTERS = 4096
"""Longest JSON text of what is kept of one caller."""


class Memory(Protocol):
    """Where what is kept of callers lives. Callers are canonical numbers."""

    def recall(self, caller: str) -> Mapping[str, Any]: ...
    def keep(self, caller: str, values: Mapping[str, object]) -> None: ...


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
        """Keep ``values`` beside what is there; nothing new where that would be too much for one caller."""
        text = json.dumps({**self.recall(caller), **values}, ensure_ascii=False, default=str)
        if len(text) > MOST_CHARACTERS:
            return
        self._kept[caller] = text
        self._kept.move_to_end(caller)
        if len(self._kept) > MOST_CALLERS:
            self._kept.popitem(last=False)
