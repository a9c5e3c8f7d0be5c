"""What goes on now, as JSON values: calls in progress with node and digits, queues with their callers and agents.

Digits of an input that its flow calls sensitive are ``•`` here as in the call record. Callers are masked; with
``reveal`` they are shown, and only who may know them is given that (see `router.api.server`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..record import CallRecord
from .queue_board import QueueBoard, QueueState
from .status import masked

if TYPE_CHECKING:
    from .service import LiveRouter

MOST_CALLS = 500
"""Calls listed; ``in_progress`` counts all."""


class LiveView:
    """The view on ``router``; made before the router connects to AMI or behind it."""

    def __init__(self, router: LiveRouter) -> None:
        self._router = router
        self._board: QueueBoard | None = None

    async def document(self, *, reveal: bool = False) -> dict[str, Any]:
        """Everything at one moment (``now``, epoch seconds; other moments too). ``queues`` is None while the switch
        cannot be asked. ``digits`` are the attempts of the call so far, in order."""
        router = self._router
        if self._board is None or self._board.link is not router.link:
            self._board = QueueBoard(router.link)
        queues = await self._board.read() if router.link.connected else None
        now = router.clock.now()
        callers = {uniqueid: record for uniqueid, record in router.in_progress() if record is not None}
        records = router.active_records()
        return {
            "now": now,
            "timezone": router.settings.timezone,
            "revision": router.book.revision or None,
            "in_progress": len(records),
            "calls": [_call(record, now, reveal) for record in records[:MOST_CALLS]],
            "queues": None if queues is None else [_queue(queue, callers, reveal) for queue in queues],
        }


def _shown(caller: str | None, reveal: bool) -> str | None:
    return caller if reveal else masked(caller)


def _call(record: CallRecord, now: float, reveal: bool) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "test": record.test,
        "caller": _shown(record.caller, reveal),
        "called": record.called,
        "line": record.line,
        "flow": record.flow,
        "node": record.path[-1] if record.path else None,
        "nodes": len(record.path),
        "digits": [text for text in record.inputs if text],
        "queue": record.queue,
        "agent": record.agent,
        "started": record.started,
        "answered": record.answered,
        "seconds": round(max(0.0, now - record.started), 1),
    }


def _queue(queue: QueueState, callers: dict[str, CallRecord], reveal: bool) -> dict[str, Any]:
    waiting = []
    for entry in queue.waiting:
        record = callers.get(entry.uniqueid)
        waiting.append(
            {
                "position": entry.position,
                "seconds": entry.seconds,
                "call_id": record.call_id if record else None,
                "caller": _shown(record.caller, reveal) if record else None,
            }
        )
    return {
        "name": queue.name,
        "waiting": waiting,
        "agents": [{**agent.as_json(), "last_call": agent.last_call} for agent in queue.agents],
        "answered": queue.answered,
        "abandoned": queue.abandoned,
    }
