"""Access keys: an id, a secret out of the environment, a role; and the nonces that were used with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from router.model import AccessKey

from . import errors


@dataclass(frozen=True, slots=True)
class Key:
    """A key that may be used; ``preflight``: what it changes must pass the scenarios."""

    id: str
    secret: str
    role: str
    preflight: bool = False


class KeyRing:
    """The keys of the configuration with the secrets of ``environment``."""

    def __init__(self, keys: Sequence[AccessKey], environment: Mapping[str, str]) -> None:
        self._keys = {key.id: key for key in keys}
        self._environment = environment

    def key(self, name: str) -> Key:
        """The key called ``name``. Raises `VendorError` for one that is not known or not active."""
        known = self._keys.get(name)
        if known is None:
            raise errors.unknown_key()
        secret = self._environment.get(known.secret_env, "")
        if not secret or not known.active:
            raise errors.inactive_key()
        return Key(known.id, secret, known.role, known.preflight)


class Nonces(Protocol):
    """Where used nonces are remembered; `router.store.Store` is one."""

    async def use_nonce(self, key: str, nonce: str, now: float, until: float) -> bool:
        """Remember ``nonce`` of ``key`` until ``until``; False where it is remembered already."""
        ...
