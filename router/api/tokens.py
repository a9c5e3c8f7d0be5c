"""Tokens: ``l4_INSTANCE_SECRET``. The instance is the name of the store that it belongs to, so that one of another
store is told so without asking anything; the secret is 256 random bits.

At rest there is only the SHA-256. A slow hash would protect a secret that can be guessed; 256 random bits cannot, and
every request pays for the hash.
"""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from typing import Final

PREFIX: Final = "l4_"
_FORM: Final = re.compile(r"l4_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
LONGEST: Final = 64


def new_token(instance: str) -> str:
    """A token of the store called ``instance``."""
    return f"{PREFIX}{instance}_{secrets.token_urlsafe(32)}"


def new_id() -> str:
    """A short name for a token that is no secret."""
    return f"t_{secrets.token_hex(5)}"


def instance_of(token: str) -> str | None:
    """The name of the store that ``token`` says it belongs to; None: it has not the form of a token."""
    found = _FORM.fullmatch(token) if len(token) <= LONGEST else None
    return None if found is None else found.group(1)


def digest_of(secret: str) -> str:
    """What is kept of a token or of a session."""
    return sha256(secret.encode()).hexdigest()
