"""A test inbound call, as somebody asks for it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TestCall:
    """``to`` is what is dialled, a 400 number or a base number in any spelling; ``caller`` None for a hidden one;
    ``at`` the moment (epoch seconds). ``data`` are variables that the flow may use."""

    __test__ = False

    to: str
    caller: str | None
    at: float
    call_id: str = "test"
    data: Mapping[str, Any] = field(default_factory=dict)


def call_id_of(seed: int) -> str:
    """The call id that ``--seed`` gives: the same seed, the same call."""
    return f"{random.Random(seed).getrandbits(64):016x}"  # noqa: S311 - reproducible on purpose, no secret
