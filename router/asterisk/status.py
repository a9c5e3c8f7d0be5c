"""The state of a live router as JSON values, for the status page and the API. No personal data: callers are masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..record import CallRecord

if TYPE_CHECKING:
    from .service import LiveRouter


def masked(caller: str | None) -> str | None:
    """A calling number that can be told from another but not dialled: ``138****8000``."""
    if caller is None:
        return None
    if len(caller) < 8:
        return "*" * len(caller)
    return f"{caller[:3]}{'*' * (len(caller) - 7)}{caller[-4:]}"


def call_of(record: CallRecord) -> dict[str, Any]:
    """One call as the status page shows it. Moments are epoch seconds."""
    return {
        "call_id": record.call_id,
        "test": record.test,
        "caller": masked(record.caller),
        "called": record.called,
        "line": record.line,
        "flow": record.flow,
        "node": record.path[-1] if record.path else None,
        "queue": record.queue,
        "outcome": record.outcome,
        "fault": record.fault.code if record.fault else None,
        "started": record.started,
        "answered": record.answered,
        "ended": record.ended,
    }


def status_of(router: LiveRouter) -> dict[str, Any]:
    """Everything at one moment (``now``, epoch seconds)."""
    now = router.clock.now()
    active = router.active_records()
    failure = router.store_failure
    return {
        "now": now,
        "company": router.settings.company,
        "timezone": router.settings.timezone,
        "uptime_s": round(max(0.0, now - router.started_at), 3) if router.started_at else 0.0,
        "ready": router.ready,
        "stopping": router.stopping,
        "revision": router.book.revision or None,
        "numbers": len(router.book),
        "fastagi": {"port": router.fastagi_port, "refused": dict(router.refused_connections)},
        "ami": {
            "connected": router.link.connected,
            "reconnections": router.link.reconnections,
            "failure": router.link.last_failure or None,
        },
        "store": {
            "used": router.store is not None,
            "failure": failure.code if failure else None,
            "orphans_closed": router.orphans_closed,
        },
        "calls": {
            "in_progress": len(active),
            "finished": router.meters.calls.total(),
            "by_outcome": router.meters.by_outcome(),
            "active": [call_of(record) for record in active[:100]],
            "last": [call_of(record) for record in router.last],
        },
    }
