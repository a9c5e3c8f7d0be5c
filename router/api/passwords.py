"""Passwords: Argon2id, the hash with its parameters in one text.

A hash takes some tens of milliseconds and 19 MiB on purpose; it runs in a thread, two at a time, so that a flood of
sign-ins takes neither the event loop nor the memory.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal

SHORTEST: Final = 10
LONGEST: Final = 200
AT_ONCE: Final = 2

# OWASP's lowest recommendation for Argon2id: 19 MiB, two passes, one lane.
_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def check_password(password: str, name: str) -> str:
    """``password``, if it may be one of the user ``name``. Raises `Refusal`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refusal(
            Text(
                f"A password has {SHORTEST} to {LONGEST} characters.", f"密码长度应为 {SHORTEST} 至 {LONGEST} 个字符。"
            ),
            Text("Take several words.", "可用多个词组成。"),
            "bad-password",
        )
    if name.casefold() in password.casefold() or len(set(password)) < 5:
        raise Refusal(
            Text("This password is guessed at once.", "该密码极易被猜中。"),
            Text("Not the name in it, and at least five different characters.", "不要包含用户名，且至少五种不同字符。"),
            "bad-password",
        )
    return password


def hash_password(password: str) -> str:
    """What is kept of ``password``. Takes long; see `Passwords` for use in an event loop."""
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


class Passwords:
    """Hashes and verifies beside the event loop."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """What is kept of ``password``."""
        async with self._slots:
            return await asyncio.to_thread(hash_password, password)

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether ``password`` is the one that ``kept`` was made of. ``kept`` None (there is no such user) takes as
        long and is never right, so that the time does not tell who there is."""
        async with self._slots:
            return await asyncio.to_thread(_verify, kept, password)


def _verify(kept: str | None, password: str) -> bool:
    try:
        return _hasher.verify(_nobodys() if kept is None else kept, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
