"""What the router asks of the outside for a flow, and above all what it does not."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from ivr_flows.commands import Fetch
from ivr_flows.results import Failed, Fetched
from router.clock import Clock
from router.model import FetchAccess
from router.outside.fetch import MOST_BYTES, HttpFetcher

LOOPBACK = ("127.0.0.0/8", "::1/128")


class Site:
    """A web service on a free port of this host, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, dict[str, str]]] = []
        self.port = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path_qs, await request.text(), dict(request.headers)))
        path = request.path
        if path == "/order":
            return web.json_response({"status": "paid", "sum": 3})
        if path == "/to":
            raise web.HTTPFound(request.query["where"])
        if path == "/see-other":
            raise web.HTTPSeeOther("/order")
        if path == "/round":
            raise web.HTTPFound("/round")
        if path == "/large":
            return web.Response(text='"' + "x" * MOST_BYTES + '"')
        if path == "/packed":
            packed = gzip.compress(b'"' + b"x" * (64 * MOST_BYTES) + b'"')
            return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        if path == "/never":
            await asyncio.sleep(60)
        if path == "/empty":
            return web.Response(status=204)
        if path == "/deep":
            return web.Response(text="[" * 100_000)
        if path == "/cookie":
            return web.json_response(request.cookies.get("a"), headers={"Set-Cookie": "a=1"})
        return web.Response(status=404, text="<html>")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    found = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


@pytest.fixture
async def make() -> AsyncIterator[Callable[..., HttpFetcher]]:
    made: list[HttpFetcher] = []

    def fetcher(
        *allow: str, networks: tuple[str, ...] = (), addresses: dict[str, list[str]] | None = None
    ) -> HttpFetcher:
        async def resolve(host: str, port: int) -> list[str]:
            try:
                return (addresses or {})[host]
            except KeyError:
                raise OSError(f"no such host: {host}") from None

        made.append(HttpFetcher(FetchAccess(allow, networks), Clock(0.0), resolve))
        return made[-1]

    yield fetcher
    for one in made:
        await one.close()


async def reason(fetcher: HttpFetcher, command: Fetch) -> str:
    found = await fetcher(command)
    assert isinstance(found, Failed), found
    return found.reason


async def test_an_answer_is_decoded(site: Site, make: Callable[..., HttpFetcher]) -> None:
    found = await make(site.url(""))(Fetch(site.url("/order?n=1"), headers=(("X-Key", "7"),)))
    assert isinstance(found, Fetched)
    assert found.value == {"status": "paid", "sum": 3}
    ((method, path, body, headers),) = site.asked
    assert (method, path, body, headers["X-Key"]) == ("GET", "/order?n=1", "", "7")


async def test_a_body_is_sent(site: Site, make: Callable[..., HttpFetcher]) -> None:
    await make(site.url(""))(Fetch(site.url("/order"), "POST", '{"名": 1}'))
    assert site.asked[0][:3] == ("POST", "/order", '{"名": 1}')


async def test_an_empty_answer_is_nothing(site: Site, make: Callable[..., HttpFetcher]) -> None:
    found = await make(site.url(""))(Fetch(site.url("/empty")))
    assert isinstance(found, Fetched)
    assert found.value is None


async def test_only_origins_of_the_list_are_asked(site: Site, make: Callable[..., HttpFetcher]) -> None:
    fetcher = make(site.url(""), networks=LOOPBACK, addresses={"other.example": ["127.0.0.1"]})
    urls = [
        site.url("/order", "other.example"),
        f"http://127.0.0.1:{site.port + 1}/order",
        f"https://127.0.0.1:{site.port}/order",
        f"http://user@127.0.0.1:{site.port}/order",
        f"http://127.0.0.1:{site.port}@other.example/order",
        "file:///etc/passwd",
        "order",
        "http://127.0.0.1:99999/",
        "http://[::1",
    ]
    for url in urls:
        assert await reason(fetcher, Fetch(url)), url
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "fe80::1",
        "::ffff:10.0.0.1",
    ],
)
async def test_a_name_that_leads_inside_is_refused(site: Site, make: Callable[..., HttpFetcher], address: str) -> None:
    fetcher = make(site.url("", "erp.example"), addresses={"erp.example": ["127.0.0.1", address]})
    assert "not public" in await reason(fetcher, Fetch(site.url("/order", "erp.example")))
    assert site.asked == []


async def test_a_name_may_lead_into_a_network_that_is_listed(site: Site, make: Callable[..., HttpFetcher]) -> None:
    fetcher = make(site.url("", "erp.example"), networks=LOOPBACK, addresses={"erp.example": ["127.0.0.1"]})
    assert isinstance(await fetcher(Fetch(site.url("/order", "ERP.example"))), Fetched)


async def test_a_name_without_an_address_fails(site: Site, make: Callable[..., HttpFetcher]) -> None:
    assert "no connection" in await reason(make("http://erp.example"), Fetch("http://erp.example/"))


async def test_a_redirect_inside_the_list_is_followed(site: Site, make: Callable[..., HttpFetcher]) -> None:
    fetcher = make(site.url(""))
    assert isinstance(await fetcher(Fetch(site.url("/to?where=/order"))), Fetched)
    found = await fetcher(Fetch(site.url("/see-other"), "POST", "{}"))
    assert isinstance(found, Fetched)
    assert site.asked[-1][:3] == ("GET", "/order", "")


async def test_a_redirect_off_the_list_is_not(site: Site, make: Callable[..., HttpFetcher]) -> None:
    fetcher = make(site.url(""), networks=LOOPBACK, addresses={"other.example": ["127.0.0.1"]})
    inside = site.url("/order", "other.example")
    assert "not on the list" in await reason(fetcher, Fetch(site.url(f"/to?where={inside}")))
    assert [asked[1].split("?")[0] for asked in site.asked] == ["/to"]


async def test_headers_stay_with_the_host_they_were_meant_for(site: Site, make: Callable[..., HttpFetcher]) -> None:
    other = site.url("", "other.example")
    fetcher = make(site.url(""), other, networks=LOOPBACK, addresses={"other.example": ["127.0.0.1"]})
    await fetcher(Fetch(site.url(f"/to?where={other}/order"), headers=(("Authorization", "secret"),)))
    assert "Authorization" in site.asked[0][3]
    assert "Authorization" not in site.asked[1][3]


async def test_redirects_end(site: Site, make: Callable[..., HttpFetcher]) -> None:
    assert await reason(make(site.url("")), Fetch(site.url("/round"))) == "too many redirects"


@pytest.mark.parametrize("path", ["/large", "/packed"])
async def test_a_long_answer_is_left_unread(site: Site, make: Callable[..., HttpFetcher], path: str) -> None:
    assert await reason(make(site.url("")), Fetch(site.url(path))) == "the answer is longer than 256 KiB"


async def test_a_host_that_never_answers_ends_with_the_timeout(site: Site, make: Callable[..., HttpFetcher]) -> None:
    assert await reason(make(site.url("")), Fetch(site.url("/never"), timeout=0.2)) == "no answer within 0.2 s"


@pytest.mark.parametrize(("path", "why"), [("/none", "status 404"), ("/deep", "the answer is no JSON")])
async def test_what_is_no_answer_fails(site: Site, make: Callable[..., HttpFetcher], path: str, why: str) -> None:
    assert await reason(make(site.url("")), Fetch(site.url(path))) == why


async def test_no_cookie_is_kept(site: Site, make: Callable[..., HttpFetcher]) -> None:
    fetcher = make(site.url(""))
    for _ in range(2):
        found = await fetcher(Fetch(site.url("/cookie")))
        assert isinstance(found, Fetched)
        assert found.value is None
