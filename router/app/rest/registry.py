"""Every operation of the API, resource by resource, in the order of the document."""

from __future__ import annotations

from router.api.operation import Operation

from . import audit, calls, numbers, operations, session, tokens, users

OPERATIONS: tuple[Operation, ...] = (
    *numbers.OPERATIONS,
    *calls.OPERATIONS,
    *audit.OPERATIONS,
    *operations.OPERATIONS,
    *session.OPERATIONS,
    *tokens.OPERATIONS,
    *users.OPERATIONS,
)
