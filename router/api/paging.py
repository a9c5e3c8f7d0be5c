"""Cursors: where the next page begins, as an opaque text that only this service can make.

A cursor holds the key of the last item and is bound to the operation and to the filters that it was made for, so that
it cannot be carried to another list. It is no secret and grants nothing: whoever follows it needs the same right.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from typing import Any, Final

from ivr_flows.findings import Text

from .refusal import Refused, bad_value

_MAC_BYTES: Final = 16
_UNBOUND: Final = frozenset({"cursor", "limit", "fields"})


class Cursors:
    """Makes and reads cursors. ``key`` is the secret of the store, so that routers that share it understand each
    other's."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, operation: str, query: Any, after: Sequence[Any]) -> str:
        """The cursor behind the item with the key ``after``."""
        content = json.dumps(list(after), ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(operation, query, content) + content).decode().rstrip("=")

    def read(self, operation: str, query: Any, cursor: str) -> tuple[Any, ...]:
        """The key in ``cursor``. Raises `Refused` (422) for one that was not made here, or for another list."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _bad() from None
        mac, content = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(operation, query, content)):
            raise _bad()
        return tuple(json.loads(content))

    def _mac(self, operation: str, query: Any, content: bytes) -> bytes:
        bound = query.model_dump_json(exclude=set(_UNBOUND), exclude_defaults=True).encode()
        signed = b"\0".join((operation.encode(), bound, content))
        return hmac.digest(self._key, signed, "sha256")[:_MAC_BYTES]


def _bad() -> Refused:
    return bad_value(
        "query.cursor",
        "bad-cursor",
        Text("The cursor does not belong to this list and these filters.", "游标不属于此列表或这些筛选条件。"),
        Text(
            "Begin without a cursor, and follow `next` with the same filters.",
            "请不带游标重新开始，并保持筛选条件不变。",
        ),
    )
