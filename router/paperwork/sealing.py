"""Encryption of what is personal, at rest: AES-256-GCM with a key from an environment variable or a file of its owner.

A sealed value belongs to the subject that it was sealed for: moved to another row it does not open. Without the key
nothing opens; a backup of the store does not hold it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ivr_flows.findings import Text

_NONCE: Final = 12
_VERSION: Final = b"\x01"
SHORTEST: Final = 16
"""Characters that a secret must have at least."""


class SealingError(Exception):
    """A key that is missing or wrong. ``code``: ``no-key``, ``weak-key``, ``wrong-key``, ``key-file``."""

    def __init__(self, code: str, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.cure = cure


class Sealer:
    """Seals and opens with one secret."""

    def __init__(self, secret: str) -> None:
        if len(secret.strip()) < SHORTEST:
            raise SealingError(
                "weak-key",
                Text(
                    f"The key of personal data has fewer than {SHORTEST} characters.",
                    f"个人信息加密密钥不足 {SHORTEST} 个字符。",
                ),
                Text("Make one: openssl rand -base64 32", "可用以下命令生成：openssl rand -base64 32"),
            )
        given = secret.strip().encode("utf-8", "surrogateescape")
        self._cipher = AESGCM(_derived(given, b"line400 sealed personal data"))
        self._mark = _derived(given, b"line400 marks of submissions")

    def seal(self, clear: bytes, subject: str) -> bytes:
        """``clear``, encrypted for ``subject``."""
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, clear, subject.encode())

    def open(self, sealed: bytes, subject: str) -> bytes:
        """What was sealed for ``subject``. Raises `SealingError` ``wrong-key``."""
        try:
            if sealed[:1] != _VERSION:
                raise InvalidTag
            return self._cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], subject.encode())
        except (InvalidTag, ValueError) as error:
            raise SealingError(
                "wrong-key",
                Text(
                    "Personal data in the store cannot be opened: the key is another one, or they were changed.",
                    "存储中的个人信息无法解密：密钥不符，或数据被改动。",
                ),
                Text(
                    "Use the key that they were sealed with: `life: { key_env: … }` or `key_file` in line400.yaml.",
                    "请使用加密时的密钥：line400.yaml 的 `life: { key_env: … }` 或 `key_file`。",
                ),
            ) from error

    def mark(self, text: str) -> str:
        """A digest of ``text`` that only the holder of the key can make: equal texts have equal marks."""
        return hmac.new(self._mark, text.encode(), hashlib.sha256).hexdigest()


def sealer_of(variable: str | None, file: Path, environment: Mapping[str, str]) -> tuple[Sealer, bool]:
    """The sealer of the settings, and whether its key was made just now: the key in the environment ``variable`` where
    one is named, else the one in ``file``, which is made (readable by its owner alone) where it is not there.

    Raises `SealingError`.
    """
    if variable is not None:
        secret = environment.get(variable, "")
        if not secret:
            raise SealingError(
                "no-key",
                Text(
                    f"The environment variable {variable} with the key of personal data is not set.",
                    f"没有设置环境变量 {variable}（个人信息加密密钥）。",
                ),
                Text(f"export {variable}=…", f"export {variable}=…"),
            )
        return Sealer(secret), False
    try:
        try:
            return Sealer(file.read_text("utf-8")), False
        except FileNotFoundError:
            file.parent.mkdir(exist_ok=True)
            return Sealer(_new_key(file)), True
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise SealingError(
            "key-file",
            Text(f"The key file {file} cannot be used: {reason}.", f"密钥文件 {file} 无法使用：{reason}。"),
            Text("Check its permissions, or name another one.", "请检查其权限，或另行指定。"),
        ) from error


def _new_key(file: Path) -> str:
    """Make the key file, whole from the moment it is there; of two that make it at once one wins."""
    secret = secrets.token_urlsafe(32)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"{secret}\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, file)
    except FileExistsError:
        return file.read_text("utf-8")
    finally:
        draft.unlink()
    return secret


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
