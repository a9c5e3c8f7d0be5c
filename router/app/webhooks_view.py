"""Receivers of webhooks and what became of their deliveries, as the command line and the API show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from router.happenings import TEST, Happening
from router.model import Settings
from router.store import Store
from router.store.webhooks import Delivery

from .moments import iso_time


async def receivers(settings: Settings, store: Store | None, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each receiver of ``settings`` with the numbers of its deliveries; those that deliveries are there for and that
    are not configured any more come last, with ``url`` null."""
    counts = {} if store is None else await store.count_deliveries()

    def numbers(name: str) -> dict[str, int]:
        return {state: counts.get((name, state), 0) for state in ("waiting", "delivered", "dead")}

    found: list[dict[str, Any]] = [
        {
            "name": one.name,
            "url": one.service.url,
            "events": list(one.events),
            "form": one.form,
            "signed": bool(one.service.secret_env and environment.get(one.service.secret_env)),
            **numbers(one.name),
        }
        for one in settings.webhooks
    ]
    known = {one.name for one in settings.webhooks}
    gone = sorted({name for name, _ in counts} - known)
    nothing: dict[str, Any] = {"url": None, "events": [], "form": None, "signed": False}
    return found + [{"name": name, **nothing, **numbers(name)} for name in gone]


def delivery_json(delivery: Delivery, zone: tzinfo) -> dict[str, Any]:
    """A delivery without what it tells: that may be personal, and the receiver knows it."""
    happening = delivery.happening
    return {
        "id": delivery.id,
        "receiver": delivery.receiver,
        "event": happening.kind,
        "event_id": happening.id,
        "subject": happening.subject,
        "at": iso_time(happening.at, zone),
        "state": delivery.state,
        "tries": delivery.tries,
        "due": iso_time(delivery.due, zone) if delivery.state == "waiting" else None,
        "said": delivery.said,
        "ended": None if delivery.ended is None else iso_time(delivery.ended, zone),
    }


def test_happening(author: str, now: float) -> Happening:
    """What `line400 webhooks test` tells every receiver."""
    return Happening(f"test/{now!r}", TEST, "line400", now, {"author": author})
