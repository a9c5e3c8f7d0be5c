"""What a happening looks like to a receiver: CloudEvents 1.0 in its structured JSON form, or the vendor's call events.

Of the vendor's form the sources give the order and names of the events, ``caller``, ``callee``, ``broker``, the actions
and exits of nodes and the phases of abandonment (reference: *事件消息格式*); how the members around them are called is
our own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, Final
from urllib.parse import quote

from ..happenings import (
    AGENT_ANSWERED,
    CALL_ENDED,
    CALL_QUEUED,
    CALL_STARTED,
    CDR_READY,
    NODE_ENTERED,
    TEST,
    Happening,
    iso,
)
from ..model import WebhookForm

CLOUDEVENTS: Final = "application/cloudevents+json; charset=utf-8"
JSON: Final = "application/json; charset=utf-8"
VENDOR_EVENTS: Final[Mapping[str, str]] = {
    CALL_STARTED: "Route2IVR",
    NODE_ENTERED: "IvrTracking",
    CALL_QUEUED: "Enqueue",
    AGENT_ANSWERED: "Established",
    CALL_ENDED: "Released",
    CDR_READY: "CDRReady",
    TEST: "Test",
}
PHASES: Final[Mapping[str, str]] = {"flow": "IVR", "queue": "Queuing", "ringing": "Ringing"}

InstanceOf = Callable[[str | None], str]
"""The instance of a 400 number, empty for none."""


def kinds_of(form: WebhookForm, kinds: frozenset[str]) -> frozenset[str]:
    """Those of ``kinds`` that the form can tell of: the vendor's knows calls alone, and not each answer."""
    return kinds if form == "cloudevents" else kinds & VENDOR_EVENTS.keys()


def content_of(
    happening: Happening, form: WebhookForm, company: str, zone: tzinfo, instance_of: InstanceOf
) -> tuple[bytes, str]:
    """The body of a delivery and its media type."""
    if form == "cloudevents":
        return _bytes(_cloud_event(happening, company, zone)), CLOUDEVENTS
    return _bytes(_vendor_event(happening, instance_of)), JSON


def _cloud_event(happening: Happening, company: str, zone: tzinfo) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": happening.id,
        "source": f"/line400/{quote(company, safe='')}",
        "type": f"line400.{happening.kind}",
        "subject": happening.subject,
        "time": iso(happening.at, zone),
        "datacontenttype": "application/json",
        "data": dict(happening.data),
    }


def _vendor_event(happening: Happening, instance_of: InstanceOf) -> dict[str, Any]:
    data = happening.data
    call = data.get("record", data)
    called = call.get("called")
    event: dict[str, Any] = {
        "eventId": happening.id,
        "eventType": VENDOR_EVENTS[happening.kind],
        "eventTime": round(happening.at * 1000),
        "instanceId": instance_of(called),
        "contactId": call.get("call_id", ""),
        "contactType": "Inbound",
        "caller": call.get("caller") or "",
        "callee": called or "",
        "broker": called or "",
        "contactFlowId": call.get("flow") or "",
    }
    if happening.kind == NODE_ENTERED:
        event |= {"nodeId": data["node"], "nodeName": data["node"], "nodeAction": "ENTER"}
    elif happening.kind in (CALL_QUEUED, AGENT_ANSWERED):
        event |= {"skillGroupId": data.get("queue") or "", "agentId": data.get("agent") or ""}
    elif happening.kind == CALL_ENDED:
        event |= {
            "releaseInitiator": _initiator(data.get("hangup_by")),
            "abandonPhase": PHASES.get(data.get("abandoned_in") or ""),
        }
    elif happening.kind == CDR_READY:
        event["record"] = dict(call)
    return event


def _initiator(by: str | None) -> str:
    return {"caller": "customer", "agent": "agent", "target": "agent"}.get(by or "", "system")


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
