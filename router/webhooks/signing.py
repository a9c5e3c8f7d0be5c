"""The signature of a delivery, as Standard Webhooks (https://www.standardwebhooks.com, version 1.0.0) has it:
``v1,`` and the base64 of HMAC-SHA256 over id, time and body, so that what a receiver gets can be neither forged nor
sent again later."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

PREFIX: Final = "whsec_"
SHORTEST: Final = 24
"""Bytes that a secret should have at least (Standard Webhooks: 24 to 64)."""


def key_of(secret: str) -> bytes:
    """The key of a secret: what stands behind ``whsec_`` in base64, any other text as it is. Raises `ValueError` for
    broken base64."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("what stands behind whsec_ is no base64") from None


def signature_of(key: bytes, delivery: str, at: int, body: bytes) -> str:
    """The value of ``webhook-signature``."""
    signed = hmac.new(key, f"{delivery}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def headers_of(key: bytes | None, delivery: str, at: int, body: bytes) -> dict[str, str]:
    """The headers that say what is delivered; unsigned without a key."""
    headers = {"webhook-id": delivery, "webhook-timestamp": str(at)}
    if key is not None:
        headers["webhook-signature"] = signature_of(key, delivery, at, body)
    return headers
