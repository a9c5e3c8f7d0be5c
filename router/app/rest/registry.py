"""Every operation of the API, resource by resource, in the order of the document."""

from __future__ import annotations

from router.api.operation import Operation

from . import (
    agents,
    audit,
    bills,
    calls,
    configured,
    emergencies,
    files,
    inbox,
    life_events,
    lives,
    numbers,
    operations,
    qualifications,
    revisions,
    session,
    tokens,
    trials,
    users,
    webhooks,
)

OPERATIONS: tuple[Operation, ...] = (
    *numbers.OPERATIONS,
    *configured.OPERATIONS,
    *files.OPERATIONS,
    *revisions.OPERATIONS,
    *calls.OPERATIONS,
    *inbox.OPERATIONS,
    *agents.OPERATIONS,
    *qualifications.OPERATIONS,
    *lives.OPERATIONS,
    *life_events.OPERATIONS,
    *bills.OPERATIONS,
    *trials.OPERATIONS,
    *emergencies.OPERATIONS,
    *webhooks.OPERATIONS,
    *audit.OPERATIONS,
    *operations.OPERATIONS,
    *session.OPERATIONS,
    *tokens.OPERATIONS,
    *users.OPERATIONS,
)
