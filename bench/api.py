"""Requests a second over HTTP: looking a number up, and resolving a call, beside a bare aiohttp handler.

The API and the bare handler run in one process of their own, the clients in this one: they write prepared requests on
connections that stay open and read the answers. What is measured is the processor time of the server, so that neither
the clients nor other programs on the machine count. The rounds alternate.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import selectors
import socket
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

NUMBER = "4008001234"
CONNECTIONS = 8
SECONDS = 1.5
ROUNDS = 4
CONFIG = Path(__file__).resolve().parents[1] / "config"


def api_lookup_ratio_to_bare() -> dict[str, object]:
    """Number look-ups a second of one processor, with token, checks and headers; the reference is a bare handler that
    answers with the same JSON."""
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, folder), daemon=True)
        process.start()
        try:
            places: _Places = ours.recv()
            rates = _rates(places, ours)
        finally:
            ours.send(None)
            process.join(10)
            process.kill()
    lookup, resolve, bare = rates["lookup"], rates["resolve"], rates["bare"]
    return {
        "value": round(lookup),
        "unit": "requests/s/core",
        "reference": round(bare),
        "ratio": round(lookup / bare, 3),
        "note": f"{CONNECTIONS} connections; reference: an aiohttp handler with the same JSON and nothing else; "
        f"resolve with trace {resolve:,.0f}/s ({resolve / bare:.2f})",
    }


@dataclass(frozen=True, slots=True)
class _Places:
    api: int
    bare: int
    token: str


def _rates(places: _Places, server: Connection) -> dict[str, float]:
    def request(path: str) -> bytes:
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nAuthorization: Bearer {places.token}\r\n\r\n"
        return head.encode()

    wanted = {
        "bare": (places.bare, request(f"/numbers/{NUMBER}")),
        "lookup": (places.api, request(f"/api/v1/numbers/{NUMBER}")),
        "resolve": (places.api, request(f"/api/v1/resolve?number={NUMBER}&from=13800138000")),
    }
    best = dict.fromkeys(wanted, 0.0)
    for _ in range(ROUNDS):
        for name, (port, sent) in wanted.items():
            best[name] = max(best[name], _rate(port, sent, server))
    return best


def _used(server: Connection) -> float:
    """The processor seconds that the server has used."""
    server.send("used")
    seconds: float = server.recv()
    return seconds


def _rate(port: int, request: bytes, server: Connection) -> float:
    """Answers per processor second over `CONNECTIONS` connections, each with one request at a time."""
    chosen = selectors.DefaultSelector()
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    length = _length(connections[0], request)
    got = dict.fromkeys(connections, 0)
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chosen.register(connection, selectors.EVENT_READ)
        connection.send(request)
    answers, began, used = 0, time.perf_counter(), _used(server)
    while time.perf_counter() - began < SECONDS:
        for key, _ in chosen.select(0.1):
            connection = cast(socket.socket, key.fileobj)
            got[connection] += len(connection.recv(65536))
            if got[connection] >= length:
                got[connection] = 0
                answers += 1
                connection.send(request)
    used = _used(server) - used
    for connection in connections:
        connection.close()
    return answers / used


def _length(connection: socket.socket, request: bytes) -> int:
    """The bytes of one answer; every one is as long, but for the count in its request id."""
    shortest = 1 << 30
    for _ in range(50):
        connection.send(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200 " not in head[:20]:
            raise RuntimeError(head[:200])
        size = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(body) < size:
            body += connection.recv(65536)
        shortest = min(shortest, len(head) + 4 + size)
    return shortest


def _serve(pipe: Connection, folder: str) -> None:
    asyncio.run(_both(pipe, Path(folder)))


async def _both(pipe: Connection, folder: Path) -> None:
    """The API and the bare handler, until something comes over the pipe."""
    from aiohttp import web

    from router.api import ApiServer
    from router.api.limits import Limits
    from router.app.access import create_token
    from router.app.invocation import Invocation
    from router.app.loading import load_folder
    from router.app.rest.mounted import make_api
    from router.app.served import Revisions, Served
    from router.asterisk.service import LiveRouter
    from router.book import RouteBook
    from router.clock import Clock
    from router.model import ApiEndpoint
    from router.store import Store

    invocation = Invocation(config=CONFIG)
    configuration = load_folder(invocation)
    async with await Store.open(f"sqlite:///{folder / 'store.db'}") as store:
        clock, revisions = Clock(), Revisions()
        revisions.learn("r1", configuration)
        book = RouteBook.compile(configuration, "r1")
        router = LiveRouter(book, store, clock, configuration.settings, router_id="bench:0", ami_secret="x")
        served = Served(invocation, router, store, revisions)
        _, token = await create_token(store, "bench", "admin", clock.now(), "bench")
        made = await make_api(served, Limits(rate=1e9, burst=1e9))
        api = ApiServer(router, ApiEndpoint(port=0), [made.mount])
        await api.start()
        facts = served.directory.find(NUMBER)
        assert facts is not None
        answer: dict[str, Any] = {
            "number": NUMBER,
            "company": facts.company,
            "carrier": facts.carrier,
            "tier": facts.tier,
            "instance": facts.instance,
            "purchased": str(facts.purchased),
            "expires": None,
            "auto_renew": True,
            "state": "bound",
            "line": "bj-unicom",
            "flow": "welcome",
            "rules": 4,
            "fault": None,
            "revision": "r1",
        }

        async def bare(request: web.Request) -> web.Response:
            return web.json_response(answer)

        app = web.Application()
        app.router.add_get("/numbers/{number}", bare)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(_Places(api.port, int(runner.addresses[0][1]), token))
        while await asyncio.to_thread(pipe.recv) is not None:
            pipe.send(time.process_time())
        await runner.cleanup()
        await api.stop()


if __name__ == "__main__":
    print(api_lookup_ratio_to_bare())
