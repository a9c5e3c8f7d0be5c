"""``/metrics``: for Prometheus. Open to whoever is on the machine where the API is on loopback, else with a token that
may `live.read` (see `router.api.watching`)."""

from __future__ import annotations

from aiohttp import web

from router.api.server import Mount
from router.api.watching import may_watch
from router.metrics.exposition import CONTENT_TYPE, exposition
from router.store import StoreError

from .served import Served
from .version import line400_version


async def metrics(served: Served) -> Mount:
    """What `router.app.mounting` puts into the application."""

    async def answer(request: web.Request) -> web.Response:
        await may_watch(request)
        document = await served.router.live()
        try:
            deliveries = await served.store.count_deliveries() if served.settings.webhooks else {}
        except StoreError:
            deliveries = {}  # line400_store_failing says so
        body = exposition(served.router, document["queues"], deliveries, line400_version())
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    def mount(app: web.Application) -> None:
        app.router.add_get("/metrics", answer)

    return mount
