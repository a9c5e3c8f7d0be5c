"""The HTTP API for tests: over a store of its own and the example configuration, without a switch, asked by a client
with a token of each role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from router.api import make_app
from router.api.application import API, Api
from router.api.limits import Limits
from router.api.roles import ROLES, Role
from router.api.tokens import digest_of, new_id, new_token
from router.app.invocation import Invocation
from router.app.loading import load_folder
from router.app.metrics_mount import metrics
from router.app.rest.mounted import make_api
from router.app.served import Revisions, Served
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.clock import Clock
from router.store import Store
from router.store.access import TokenRow

CONFIG = Path(__file__).resolve().parents[1] / "config"
NOON = 1_790_000_000.0


class SetClock(Clock):
    """A clock that stands where the test sets it."""

    def __init__(self, moment: float) -> None:
        super().__init__(start=moment)
        self.moment = moment

    def now(self) -> float:
        return self.moment


@dataclass
class Asked:
    """The API with what is behind it; ``tokens`` has one for each role."""

    client: TestClient[Any, Any]
    served: Served
    store: Store
    clock: SetClock
    api: Api
    tokens: dict[Role, str] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, *, role: Role | None = "admin", headers: dict[str, str] | None = None, **more: Any
    ) -> ClientResponse:
        """Ask ``path`` below ``/api/v1`` with the token of ``role``, or none."""
        sent = {"Accept-Language": "en", **(headers or {})}
        if role is not None:
            sent.setdefault("Authorization", f"Bearer {self.tokens[role]}")
        answer: ClientResponse = await self.client.request(method, "/api/v1" + path, headers=sent, **more)
        return answer

    async def get(self, path: str, *, role: Role | None = "admin", status: int = 200, **more: Any) -> Any:
        """The JSON at ``path``, once its status is as expected."""
        answer = await self.ask("GET", path, role=role, **more)
        assert answer.status == status, await answer.text()
        return await answer.json()

    async def token(self, name: str, role: Role, **more: Any) -> str:
        """A new token."""
        text = new_token((await self.store.instance()).name)
        scope, expires = more.get("scope"), more.get("expires")
        row = TokenRow(new_id(), name, role, scope, self.clock.moment, "test", expires, None)
        await self.store.add_token(row, digest_of(text), "test")
        return text


@asynccontextmanager
async def asking(
    folder: Path, *, config: Path = CONFIG, limits: Limits | None = None, at: float = NOON
) -> AsyncIterator[Asked]:
    """The API over a new store in ``folder``."""
    invocation = Invocation(config=config)
    configuration = load_folder(invocation)
    async with await Store.open(f"sqlite:///{folder / 'store.db'}") as store:
        made = await store.apply_revision(configuration.files, "test", None, at, expected_current=None)
        revisions = Revisions()
        revisions.learn(made.revision, configuration)
        clock = SetClock(at)
        book = RouteBook.compile(configuration, made.revision)
        router = LiveRouter(book, store, clock, configuration.settings, router_id="test:0", ami_secret="x")
        served = Served(invocation, router, store, revisions)
        app = make_app(router, mounts=[(await make_api(served, limits)).mount, await metrics(served)])
        async with TestClient(TestServer(app)) as client:
            asked = Asked(client, served, store, clock, app[API])
            for role in ROLES:
                asked.tokens[role] = await asked.token(role, role)
            yield asked
