"""The REST API, put together for a running router."""

from __future__ import annotations

from functools import partial

from router.api.application import Api
from router.api.identity import Identity
from router.api.limits import Limits
from router.api.long_work import LongWork
from router.api.paging import Cursors
from router.api.repeating import Repeating
from router.api.server import Mount

from ..moments import iso_time
from ..served import Served
from .refusals import refusal_of
from .registry import OPERATIONS


async def make_api(served: Served, limits: Limits | None = None, *, tls: bool = False) -> Api:
    """The API over ``served``. Raises `StoreError`."""
    instance = await served.store.instance()
    return Api(
        OPERATIONS,
        served,
        identity=Identity(served.store, instance.name, served.now, tls=tls),
        cursors=Cursors(instance.key),
        repeating=Repeating(served.store),
        long_work=LongWork(
            served.store, served.router.router_id, refusal_of, served.now, partial(iso_time, zone=served.zone)
        ),
        explain=refusal_of,
        now=served.now,
        limits=limits,
    )


async def rest_api(served: Served) -> Mount:
    """What `router.app.mounting` puts into the application."""
    return (await make_api(served)).mount
