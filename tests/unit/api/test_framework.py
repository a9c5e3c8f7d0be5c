"""What every operation gets from the table: repeated requests, long work, limits, pages, partial answers, errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from ivr_flows.findings import Text
from router.api.application import BASE, Api
from router.api.fields import Input, Output
from router.api.identity import Identity
from router.api.limits import Buckets, Limits
from router.api.long_work import LongWork
from router.api.operation import Answer, Call, Operation, Progress, Work
from router.api.paging import Cursors
from router.api.refusal import Refused
from router.api.repeating import Repeating
from router.api.tokens import digest_of, new_token
from router.app.problems import usage
from router.app.rest import operations as long_operations
from router.app.rest.refusals import refusal_of
from router.store import Store
from router.store.access import TokenRow
from tests.api import NOON, SetClock


class Thing(Output):
    """What is made."""

    n: int


class NewThing(Input):
    """What is to be made."""

    n: int = 0


class Things:
    """The services of these tests; also what the operations of long work ask."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.made: list[int] = []
        self.go, self.arrived, self.both = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.waiting = 0
        self.go.set()
        self.trouble: Exception | None = None


async def make(call: Call[None, None, NewThing], things: Things) -> Answer:
    things.arrived.set()
    things.waiting += 1
    if things.waiting == 2:
        things.both.set()
    await things.go.wait()
    if things.trouble is not None:
        raise things.trouble
    things.made.append(call.body.n)
    return Answer({"n": len(things.made)}, location="/things/1")


async def work(call: Call[None, None, NewThing], things: Things) -> Work:
    async def run(progress: Progress) -> Any:
        await progress(1, 2, Text("half", "一半"))
        await things.go.wait()
        if things.trouble is not None:
            raise things.trouble
        return {"n": call.body.n}

    return Work("counting", run)


TABLE = (
    Operation(
        "make",
        "POST",
        "/things",
        "t",
        Text("Make", "做"),
        "emergency.act",
        make,
        body=NewThing,
        answer=Thing,
        creates=True,
    ),
    Operation(
        "work",
        "POST",
        "/work",
        "t",
        Text("Work", "做"),
        "self.read",
        work,
        body=NewThing,
        answer=long_operations.OperationModel,
        long=True,
    ),
    *long_operations.OPERATIONS,
)


class Lab:
    """An API of two operations."""

    def __init__(self, client: TestClient[Any, Any], things: Things, api: Api, clock: SetClock) -> None:
        self.client, self.things, self.api, self.clock = client, things, api, clock
        self.tokens: dict[str, str] = {}

    async def token(self, name: str, role: str = "admin") -> None:
        text = new_token((await self.things.store.instance()).name)
        row = TokenRow(f"t_{name}", name, role, None, NOON, "test", None, None)
        await self.things.store.add_token(row, digest_of(text), "test")
        self.tokens[name] = text

    async def ask(self, method: str, path: str, who: str = "li", **more: Any) -> ClientResponse:
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Accept-Language": "en", **more.pop("headers", {})}
        answer: ClientResponse = await self.client.request(method, BASE + path, headers=headers, **more)
        return answer

    async def make(self, key: str | None = None, n: int = 1, who: str = "li") -> ClientResponse:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.ask("POST", "/things", who, json={"n": n}, headers=headers)


@asynccontextmanager
async def laboratory(folder: Path, limits: Limits | None = None) -> AsyncIterator[Lab]:
    clock = SetClock(NOON)
    async with await Store.open(f"sqlite:///{folder / 'store.db'}") as store:
        instance = await store.instance()
        things = Things(store)
        api = Api(
            TABLE,
            things,
            identity=Identity(store, instance.name, clock.now),
            cursors=Cursors(instance.key),
            repeating=Repeating(store),
            long_work=LongWork(store, "test:0", refusal_of, clock.now, str),
            explain=refusal_of,
            now=clock.now,
            limits=limits,
        )
        app = web.Application()
        api.mount(app)
        async with TestClient(TestServer(app)) as client:
            lab = Lab(client, things, api, clock)
            await lab.token("li")
            await lab.token("wang")
            yield lab


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with laboratory(tmp_path) as found:
        yield found


# ---- repeated requests


async def test_the_same_key_makes_one_thing_and_gives_one_answer(lab: Lab) -> None:
    first, again = await lab.make("k"), await lab.make("k")
    assert lab.things.made == [1]
    assert (first.status, again.status) == (201, 201)
    assert await first.json() == await again.json()
    assert first.headers["Location"] == again.headers["Location"] == "/api/v1/things/1"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_without_a_key_each_request_makes_one(lab: Lab) -> None:
    await lab.make()
    await lab.make()
    assert len(lab.things.made) == 2


async def test_a_key_is_good_for_one_body_and_one_client(lab: Lab) -> None:
    await lab.make("k", 1)
    other = await lab.make("k", 2)
    assert (other.status, (await other.json())["code"]) == (422, "key-used")
    assert (await lab.make("k", 2, "wang")).status == 201
    assert lab.things.made == [1, 2]


async def test_a_key_under_way_is_told_so(lab: Lab) -> None:
    lab.things.go.clear()
    first = asyncio.create_task(lab.make("k"))
    await lab.things.arrived.wait()
    second = await lab.make("k")
    assert (second.status, (await second.json())["code"]) == (409, "under-way")
    lab.things.go.set()
    assert (await first).status == 201
    assert (await lab.make("k")).headers["Idempotency-Replayed"] == "true"


async def test_of_many_at_once_one_is_done(lab: Lab) -> None:
    answers = await asyncio.gather(*(lab.make("k") for _ in range(20)))
    assert lab.things.made == [1]
    assert {answer.status for answer in answers} <= {201, 409}


async def test_what_was_refused_may_be_sent_again(lab: Lab) -> None:
    for trouble in (usage("no", Text("No.", "不。")), RuntimeError("x")):
        lab.things.trouble = trouble
        assert (await lab.make("k")).status in (422, 500)
    lab.things.trouble = None
    answer = await lab.make("k")
    assert answer.status == 201
    assert "Idempotency-Replayed" not in answer.headers


async def test_a_key_is_forgotten_after_a_day_and_freed_when_its_router_died(lab: Lab) -> None:
    await lab.make("k", 1)
    lab.clock.moment += 86_401
    assert (await lab.make("k", 2)).status == 201
    await lab.things.store.begin_request("lost", "x", lab.clock.moment, 86_400)
    assert await lab.things.store.begin_request("lost", "x", lab.clock.moment + 899, 86_400) is not None
    assert await lab.things.store.begin_request("lost", "x", lab.clock.moment + 901, 86_400) is None


@pytest.mark.parametrize("key", ["a b", "x" * 201, "é"])
async def test_what_is_no_key_is_refused(lab: Lab, key: str) -> None:
    answer = await lab.make(key)
    assert (answer.status, (await answer.json())["code"]) == (422, "bad-key")


# ---- long work


async def test_long_work_is_followed_to_its_end(lab: Lab) -> None:
    lab.things.go.clear()
    begun = await lab.ask("POST", "/work", json={"n": 7})
    assert begun.status == 202
    place = begun.headers["Location"].removeprefix(BASE)
    stream = await lab.ask("GET", place + "/events")
    events: list[tuple[str, Any]] = []
    async for line in stream.content:
        text = line.decode().strip()
        if text.startswith("event: "):
            events.append((text[7:], None))
        elif text.startswith("data: "):
            events[-1] = (events[-1][0], json.loads(text[6:]))
            lab.things.go.set()
    assert [name for name, _ in events][-1] == "end"
    assert {name for name, _ in events[:-1]} == {"progress"}
    assert events[-1][1]["result"] == {"n": 7}
    known = await (await lab.ask("GET", place)).json()
    assert (known["state"], known["done"], known["total"], known["said"]) == ("done", 1, 2, "half")
    listed = await (await lab.ask("GET", "/operations")).json()
    assert [item["id"] for item in listed["items"]] == [known["id"]]


async def test_long_work_that_fails_says_why(lab: Lab) -> None:
    for trouble, code in ((usage("no", Text("No.", "不。")), "no"), (RuntimeError("13800138000"), "internal-error")):
        lab.things.trouble = trouble
        place = (await lab.ask("POST", "/work", json={})).headers["Location"].removeprefix(BASE)
        async with await lab.ask("GET", place + "/events") as stream:
            said = (await stream.read()).decode()
        assert "event: end" in said
        assert "13800138000" not in said
        known = await (await lab.ask("GET", place)).json()
        assert (known["state"], known["error"]["code"]) == ("failed", code)


async def test_long_work_is_cancelled(lab: Lab) -> None:
    lab.things.go.clear()
    place = (await lab.ask("POST", "/work", json={})).headers["Location"].removeprefix(BASE)
    assert (await (await lab.ask("DELETE", place)).json())["state"] == "cancelled"
    assert (await (await lab.ask("GET", place)).json())["state"] == "cancelled"


async def test_long_work_of_others_is_not_shown(lab: Lab) -> None:
    await lab.token("qa", "qa")
    place = (await lab.ask("POST", "/work", json={})).headers["Location"].removeprefix(BASE)
    assert (await lab.ask("GET", place, "qa")).status == 404
    assert (await (await lab.ask("GET", "/operations", "qa")).json())["items"] == []


async def test_what_a_dead_router_left_running_is_ended(lab: Lab) -> None:
    await lab.things.store.add_operation("o_0000000000000000", "x", "token:li", NOON, "test:0")
    await lab.things.store.add_operation("o_1111111111111111", "x", "token:li", NOON, "other:0")
    assert await lab.things.store.lose_operations("test:0", NOON, {"en": {"code": "stopped"}, "zh": {}}) == 1
    states = {row.id: row.state for row in await lab.things.store.operations()}
    assert states == {"o_0000000000000000": "failed", "o_1111111111111111": "running"}
    answer = await lab.ask("DELETE", "/operations/o_1111111111111111")
    assert (answer.status, (await answer.json())["code"]) == (409, "runs-elsewhere")


# ---- limits


async def test_a_client_over_its_rate_is_told_how_long(tmp_path: Path) -> None:
    async with laboratory(tmp_path, Limits(rate=0.5, burst=2)) as lab:
        found = [await lab.ask("GET", "/operations") for _ in range(3)]
        assert [answer.status for answer in found] == [200, 200, 429]
        assert 1 <= int(found[2].headers["Retry-After"]) <= 2
        assert (await lab.ask("GET", "/operations", "wang")).status == 200, "the other client is not slowed down"


async def test_too_much_at_once_is_refused_and_not_queued(tmp_path: Path) -> None:
    async with laboratory(tmp_path, Limits(concurrent=2)) as lab:
        lab.things.go.clear()
        first = [asyncio.create_task(lab.make()) for _ in range(2)]
        await lab.things.both.wait()
        answer = await lab.make()
        assert (answer.status, (await answer.json())["code"]) == (503, "too-busy")
        lab.things.go.set()
        assert [(await task).status for task in first] == [201, 201]
        assert (await lab.make()).status == 201


def test_a_bucket_does_not_care_for_clocks_that_are_set() -> None:
    moment = 0.0
    buckets = Buckets(1.0, 2.0, lambda: moment)
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 1.0]
    moment = 1.0
    assert buckets.take("a") == 0.0
    assert buckets.take("a") == 1.0
    assert buckets.take("b") == 0.0
    moment = 1000.0
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 1.0]


def test_many_names_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.api.limits.MOST_BUCKETS", 100)
    buckets = Buckets(1.0, 2.0, lambda: 0.0)
    for n in range(1000):
        buckets.take(str(n))
    assert len(buckets._levels) <= 100


# ---- errors


async def test_a_mistake_of_ours_tells_nothing_but_the_request(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.things.trouble = RuntimeError("13800138000")
    answer = await lab.ask("POST", "/things", json={}, headers={"X-Request-Id": "abc-1"})
    said = await answer.json()
    assert (answer.status, said["code"], said["request_id"]) == (500, "internal-error", "abc-1")
    assert answer.headers["X-Request-Id"] == "abc-1"
    assert "13800138000" not in await answer.text() + caplog.text
    assert "abc-1" in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_request_id_that_could_break_a_log_is_not_taken(lab: Lab) -> None:
    answer = await lab.ask("GET", "/operations", headers={"X-Request-Id": "a b\tc"})
    assert answer.headers["X-Request-Id"] != "a b\tc"


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (usage("x", Text("x", "x")), 422),
        (Refused(409, "x", Text("x", "x")), 409),
        (FileNotFoundError(2, "no", "/secret/path"), 500),
    ],
)
async def test_what_services_raise_has_a_status(lab: Lab, trouble: Exception, status: int) -> None:
    lab.things.trouble = trouble
    answer = await lab.ask("POST", "/things", json={})
    assert answer.status == status
    assert "/secret" not in await answer.text()
