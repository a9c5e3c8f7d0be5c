"""The REST API, put together for a running router."""

from __future__ import annotations

from functools import partial

from router.api.application import Api
from router.api.identity import Identity
from router.api.limits import Limits
from router.api.long_work import STOPPED, LongWork, both_languages
from router.api.paging import Cursors
from router.api.repeating import Repeating
from router.api.server import Mount

from ..moments import iso_time
from ..served import Served
from ..version import line400_version
from .refusals import refusal_of
from .registry import OPERATIONS


async def make_api(served: Served, limits: Limits | None = None) -> Api:
    """The API over ``served``; ``limits`` None: those of its settings. Raises `StoreError`."""
    instance = await served.store.instance()
    endpoint = served.settings.api
    return Api(
        OPERATIONS,
        served,
        identity=Identity(served.store, instance.name, served.now, tls=endpoint.tls_cert is not None),
        cursors=Cursors(instance.key),
        repeating=Repeating(served.store),
        long_work=LongWork(
            served.store, served.router.router_id, refusal_of, served.now, partial(iso_time, zone=served.zone)
        ),
        explain=refusal_of,
        now=served.now,
        limits=limits or Limits(rate=endpoint.rate, burst=2 * endpoint.rate, concurrent=endpoint.concurrent),
        version=line400_version(),
    )


async def rest_api(served: Served) -> Mount:
    """What `router.app.mounting` puts into the application. Long work that a router of this name left running when it
    died is ended as failed."""
    await served.store.lose_operations(served.router.router_id, served.now(), both_languages(STOPPED))
    return (await make_api(served)).mount
