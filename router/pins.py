"""PINs that a file holds without saying them: hashes by PBKDF2-SHA256, with a salt and the number of rounds.

A PIN has few digits: the hash keeps it from readers of the file, not from somebody who tries them all with the file in
hand. Rounds make that slow; a check takes some milliseconds.
"""

from __future__ import annotations

import hmac
import re
from hashlib import pbkdf2_hmac

from ivr_flows.findings import Text

ROUNDS = 20_000
MOST_ROUNDS = 1_000_000
_WRITTEN = re.compile(r"pbkdf2-sha256:(\d{1,7}):([0-9a-f]{16,64}):([0-9a-f]{64})\Z")


class PinError(ValueError):
    """A text that is no hash of a PIN."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


def hash_pin(code: str, salt: bytes, rounds: int = ROUNDS) -> str:
    """The hash of ``code`` as configuration files hold it: ``pbkdf2-sha256:ROUNDS:SALT:HASH``."""
    return f"pbkdf2-sha256:{rounds}:{salt.hex()}:{_derived(code, salt, rounds).hex()}"


def check_hash(text: str) -> tuple[int, bytes, bytes]:
    """Rounds, salt and hash of a written hash. Raises `PinError`."""
    match = _WRITTEN.match(text)
    if match is None or len(match[2]) % 2 or not 1000 <= int(match[1]) <= MOST_ROUNDS:
        raise PinError(Text("This is no hash of a PIN.", "这不是密码的哈希值。"))
    return int(match[1]), bytes.fromhex(match[2]), bytes.fromhex(match[3])


def opens(code: str, written: str) -> bool:
    """Whether ``code`` is the PIN whose hash is ``written``. Raises `PinError`."""
    rounds, salt, wanted = check_hash(written)
    return hmac.compare_digest(_derived(code, salt, rounds), wanted)


def _derived(code: str, salt: bytes, rounds: int) -> bytes:
    return pbkdf2_hmac("sha256", code.encode(), salt, rounds)
