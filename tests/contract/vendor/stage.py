"""An endpoint on a socket, in a thread of its own, and the vendor's SDKs pointed at it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from router.api.roles import may
from router.model import AccessKey
from router.vendor import MAX_LINE, KeyRing, VendorEndpoint

SECRET = "s3cret-for-tests"
KEYS = (
    AccessKey("testkey", "SECRET", "engineer"),
    AccessKey("reader", "SECRET", "viewer"),
    AccessKey("off", "SECRET", "engineer", active=False),
    AccessKey("unset", "NOT_SET", "engineer"),
)


@dataclass
class Memory:
    """Nonces that were used."""

    used: dict[tuple[str, str], float] = field(default_factory=dict)

    async def use_nonce(self, key: str, nonce: str, now: float, until: float) -> bool:
        if self.used.get((key, nonce), now) > now:
            return False
        self.used[key, nonce] = until
        return True


@contextmanager
def on_a_socket(install: Callable[[web.Application], None]) -> Iterator[str]:
    """``host:port`` of an application in a thread of its own."""
    app = web.Application()
    install(app)
    started: threading.Event = threading.Event()
    address: list[str] = []
    loop = asyncio.new_event_loop()

    async def begin() -> web.AppRunner:
        runner = web.AppRunner(app, max_line_size=MAX_LINE, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address.append(f"127.0.0.1:{runner.addresses[0][1]}")
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(begin())
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(10)
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def an_endpoint(
    services: Mapping[tuple[str, str], Any], now: Callable[[], float], nonces: Any = None, **rates: Any
) -> VendorEndpoint:
    """An endpoint with the keys `KEYS`; refused calls out are kept in ``endpoint.told``."""
    told: list[tuple[str, str, str]] = []

    async def refused(call: Any, presented: str, to: str) -> None:
        told.append((call.action.name, presented, to))

    keys = KeyRing(KEYS, {"SECRET": SECRET})
    endpoint = VendorEndpoint(lambda: keys, nonces or Memory(), services, may, now, refused, **rates)  # type: ignore[arg-type]
    endpoint.told = told  # type: ignore[attr-defined]
    return endpoint


def new_client(address: str, key: str | None = "testkey", secret: str | None = SECRET, **more: Any) -> Any:
    """The vendor's client of the version 2020-07-01, with another endpoint and nothing else."""
    from alibabacloud_ccc20200701.client import Client
    from alibabacloud_tea_openapi.utils_models import Config

    given = {"protocol": "http", "read_timeout": 60_000, "connect_timeout": 10_000, **more}
    return Client(Config(access_key_id=key, access_key_secret=secret, endpoint=address, **given))


def old_client(address: str, key: str = "testkey", secret: str = SECRET) -> Any:
    """The vendor's client of the version 2017-07-05."""
    from alibabacloud_ccc20170705.client import Client
    from alibabacloud_tea_openapi.models import Config

    return Client(
        Config(
            access_key_id=key,
            access_key_secret=secret,
            endpoint=address,
            protocol="http",
            read_timeout=60_000,
            connect_timeout=10_000,
        )
    )
