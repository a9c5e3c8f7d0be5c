"""Call ids of test calls: the same seed, the same call."""

from __future__ import annotations

import random


def call_id_of(seed: int) -> str:
    """The call id that ``--seed`` gives."""
    return f"{random.Random(seed).getrandbits(64):016x}"  # noqa: S311 - reproducible on purpose, no secret
