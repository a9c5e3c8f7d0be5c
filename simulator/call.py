"""A test inbound call, as somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from router.call_ids import call_id_of
from router.traffic import Traffic


@dataclass(frozen=True, slots=True)
class TestCall:
    """``to`` is what is dialled, a 400 number or a base number in any spelling; ``caller`` None for a hidden one;
    ``at`` the moment (epoch seconds). ``data`` are variables that the flow may use, ``traffic`` what is going on
    meanwhile (lines that are down, calls on lines and numbers)."""

    __test__ = False

    to: str
    caller: str | None
    at: float
    call_id: str = "test"
    data: Mapping[str, Any] = field(default_factory=dict)
    traffic: Traffic | None = None


__all__ = ["TestCall", "call_id_of"]
