"""Tables that were read before: two configurations that hold the same `numbers.csv` read it once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from ivr_flows.findings import Finding

T = TypeVar("T")


@dataclass(slots=True)
class TableCache:
    """Rows and findings by the content they were read from. Hand one to several loads; what it holds is shared by
    the configurations, whose values never change."""

    _kept: dict[Hashable, tuple[list[Any], list[Finding]]] = field(default_factory=dict)

    def read(
        self, data: bytes, key: Hashable, read: Callable[[], tuple[list[T], list[Finding]]]
    ) -> tuple[list[T], list[Finding]]:
        """What ``read`` makes of ``data``; ``key`` is what else it depends on."""
        whole = (sha256(data).digest(), key)
        kept = self._kept.get(whole)
        if kept is None:
            kept = self._kept[whole] = read()
        return list(kept[0]), list(kept[1])
