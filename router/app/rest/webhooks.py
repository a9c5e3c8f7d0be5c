"""``/webhooks`` and ``/webhook-deliveries``: receivers, what became of what they were told, sending it again."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, ListQuery, Output
from router.api.operation import Call, Operation, Page
from router.api.refusal import not_found

from ..served import Served
from ..webhooks_view import delivery_json, receivers, test_happening


class WebhookModel(Output):
    """A receiver with the numbers of its deliveries; ``url`` is null for one that is not configured any more."""

    name: str
    url: str | None
    events: list[str]
    form: str | None
    signed: bool
    waiting: int
    delivered: int
    dead: int


class DeliveryModel(Output):
    """Something that one receiver is told; ``said`` is why the last try failed."""

    id: int
    receiver: str
    event: str
    event_id: str
    subject: str
    at: str
    state: Literal["waiting", "delivered", "dead"]
    tries: int
    due: str | None
    said: str | None
    ended: str | None


class DeliveriesQuery(ListQuery):
    """Which deliveries."""

    receiver: Line | None = None
    state: Literal["waiting", "delivered", "dead"] | None = None


class DeliveryPath(Input):
    """A delivery's number."""

    id: Annotated[int, Field(ge=1, le=2**62)]


class ReplayBody(Input):
    """Which dead letters are sent once more: all, or those of one receiver."""

    receiver: Line | None = None
    reason: Line | None = None


class Replayed(Output):
    """How many are sent once more."""

    replayed: int


class Tested(Output):
    """What every receiver is told of."""

    event_id: str


async def list_webhooks(call: Call[None, ListQuery, None], served: Served) -> Page:
    """The receivers, those of the settings first; there are few, and all are given."""
    return Page(await receivers(served.settings, served.store, os.environ))


async def test_webhooks(call: Call[None, None, None], served: Served) -> dict[str, Any]:
    """Tell every receiver of a test."""
    told = test_happening(call.who.name, call.now)
    await served.store.tell([told])
    return {"event_id": told.id}


async def list_deliveries(call: Call[None, DeliveriesQuery, None], served: Served) -> Page:
    """Deliveries, newest first."""
    query = call.query
    before = None if call.after is None else int(call.after[0])
    rows = await served.store.deliveries(
        receiver=query.receiver, state=query.state, before=before, limit=query.limit + 1
    )
    shown = rows[: query.limit]
    after = (shown[-1].id,) if len(rows) > query.limit else None
    return Page([delivery_json(row, served.zone) for row in shown], after)


async def replay_delivery(call: Call[DeliveryPath, None, None], served: Served) -> dict[str, Any]:
    """Send one dead letter once more."""
    count = await served.store.replay_deliveries(call.now, call.who.name, call.now, ids=[call.path.id])
    if not count:
        raise not_found(Text("a dead letter", "死信"), str(call.path.id))
    return {"replayed": count}


async def replay_deliveries(call: Call[None, None, ReplayBody], served: Served) -> dict[str, Any]:
    """Send dead letters once more."""
    wanted = call.body
    count = await served.store.replay_deliveries(
        call.now, call.who.name, call.now, wanted.reason, receiver=wanted.receiver
    )
    return {"replayed": count}


OPERATIONS = (
    Operation(
        "list_webhooks",
        "GET",
        "/webhooks",
        "webhooks",
        Text("Receivers of events", "事件接收方"),
        "webhooks.read",
        list_webhooks,
        query=ListQuery,
        answer=WebhookModel,
        paged=True,
    ),
    Operation(
        "test_webhooks",
        "POST",
        "/webhooks/test",
        "webhooks",
        Text("Tell every receiver of a test", "向各接收方发送测试事件"),
        "webhooks.edit",
        test_webhooks,
        answer=Tested,
        repeatable=True,
    ),
    Operation(
        "list_webhook_deliveries",
        "GET",
        "/webhook-deliveries",
        "webhooks",
        Text("What became of what receivers were told", "事件投递情况"),
        "webhooks.read",
        list_deliveries,
        query=DeliveriesQuery,
        answer=DeliveryModel,
        paged=True,
    ),
    Operation(
        "replay_webhook_delivery",
        "POST",
        "/webhook-deliveries/{id}/replay",
        "webhooks",
        Text("Send a dead letter once more", "重发一封死信"),
        "webhooks.edit",
        replay_delivery,
        path_model=DeliveryPath,
        answer=Replayed,
        repeatable=True,
    ),
    Operation(
        "replay_webhook_deliveries",
        "POST",
        "/webhook-deliveries/replay",
        "webhooks",
        Text("Send dead letters once more", "重发死信"),
        "webhooks.edit",
        replay_deliveries,
        body=ReplayBody,
        answer=Replayed,
        repeatable=True,
        body_example={"receiver": "crm", "reason": "receiver mended"},
    ),
)
