"""Where a caller falls in a percentage split: one hash, the same on every host and in every process."""

from __future__ import annotations

from hashlib import sha256


def share_bucket(*parts: str) -> int:
    """The bucket 0..9999 of ``parts`` (CONTRACT, *routes*: ``share``). A share of *p* percent takes the buckets
    below 100·p.

    A rule's parts are number, rule and key; a ``share`` node's are flow, node and key. The key is the caller's
    canonical number, or the call id for a hidden caller or ``by: call``.
    """
    return int.from_bytes(sha256("\x1f".join(parts).encode()).digest(), "big") % 10000
