"""What billing refuses, with a stable code, the reason and the cure."""

from __future__ import annotations

from ivr_flows.findings import Text


class BillingError(Exception):
    """Something that the rules of billing do not allow. ``code`` is stable; nothing was changed."""

    def __init__(self, code: str, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.cure = cure
