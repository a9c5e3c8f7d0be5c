"""Numbers, resolve, calls and audit over HTTP: the same answers as the command line gives."""

from __future__ import annotations

from typing import Any

import pytest

from router.record import CallRecord
from tests.api import NOON, Asked


def record(n: int, **more: Any) -> CallRecord:
    facts: dict[str, Any] = {
        "caller": "13800138000",
        "caller_kind": "mobile",
        "called": "4008001234",
        "called_by": "dialled",
        "dialled": "4008001234",
        "started": NOON + n,
        "ended": NOON + n + 10,
        "outcome": "completed",
    }
    return CallRecord(f"c{n:03d}", **{**facts, **more})


async def test_a_number_in_any_spelling(api: Asked) -> None:
    found = await api.get("/numbers/400-800-1234")
    assert found["number"] == "4008001234"
    assert found["flow"]
    assert found["revision"] == "r1"


async def test_a_number_that_is_not_configured_is_404(api: Asked) -> None:
    answer = await api.ask("GET", "/numbers/4009999999")
    assert answer.status == 404
    assert answer.content_type == "application/problem+json"
    said = await answer.json()
    assert (said["code"], said["status"]) == ("not-found", 404)
    assert said["request_id"] == answer.headers["X-Request-Id"]


async def test_what_is_no_number_is_told_as_the_command_line_tells_it(api: Asked) -> None:
    said = await api.get("/numbers/40080012", status=422)
    assert said["code"] == "too_short"
    assert said["cure"]
    chinese = await api.get("/numbers/40080012", status=422, headers={"Accept-Language": "zh"})
    assert chinese["detail"] != said["detail"]


@pytest.mark.parametrize("sort", ["number", "-number"])
async def test_pages_of_numbers_hold_every_number_once(api: Asked, sort: str) -> None:
    whole = (await api.get(f"/numbers?limit=500&sort={sort}"))["items"]
    seen, cursor = [], ""
    while True:
        page = await api.get(f"/numbers?limit=2&sort={sort}{cursor}")
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == whole
    numbers = [item["number"] for item in whole]
    assert len(numbers) > 2
    assert numbers == sorted(numbers, reverse=sort.startswith("-"))


async def test_the_language_may_stand_in_the_query(api: Asked) -> None:
    said = await api.get("/calls/none?lang=zh", status=404)
    assert "没有" in said["detail"]
    assert (await api.get("/numbers?limit=1&lang=zh"))["items"]


async def test_only_the_fields_asked_for(api: Asked) -> None:
    page = await api.get("/numbers?fields=number,flow&limit=1")
    assert [set(item) for item in page["items"]] == [{"number", "flow"}]
    one = await api.get("/numbers/4008001234?fields=state")
    assert set(one) == {"state"}
    said = await api.get("/numbers?fields=numbr", status=422)
    assert "number" in said["cure"]


async def test_resolve_says_where_and_why(api: Asked) -> None:
    found = await api.get("/resolve?number=4008001234&from=13800138000&at=2026-10-12T10:00")
    assert found["number"] == "4008001234"
    assert found["trace"][-1]["matched"] is True
    assert found["caller"]["kind"] == "mobile"
    unknown = await api.get("/resolve?number=4009999999")
    assert unknown["fault"]["code"] == "unknown_number"


async def test_calls_by_page_and_filter(api: Asked) -> None:
    for n in range(7):
        await api.store.save(record(n, outcome="abandoned" if n % 2 else "completed", started=NOON + n // 2))
    seen, cursor = [], ""
    while True:
        page = await api.get(f"/calls?limit=3{cursor}")
        seen += [item["call_id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [f"c{n:03d}" for n in (6, 5, 4, 3, 2, 1, 0)]
    oldest = await api.get("/calls?sort=started&limit=2")
    assert [item["call_id"] for item in oldest["items"]] == ["c000", "c001"]
    later = await api.get(f"/calls?sort=started&limit=2&cursor={oldest['next']}")
    assert [item["call_id"] for item in later["items"]] == ["c002", "c003"]
    left = await api.get("/calls?outcome=abandoned&called=400-800-1234")
    assert len(left["items"]) == 3
    assert (await api.get("/calls/c003"))["outcome"] == "abandoned"


async def test_a_cursor_belongs_to_its_list_and_filters(api: Asked) -> None:
    for n in range(3):
        await api.store.save(record(n))
    cursor = (await api.get("/calls?limit=1"))["next"]
    for path in (f"/calls?limit=1&outcome=completed&cursor={cursor}", f"/numbers?cursor={cursor}", "/calls?cursor=x"):
        assert (await api.get(path, status=422))["code"] == "bad-cursor"


async def test_who_may_not_see_callers_gets_them_masked(api: Asked) -> None:
    await api.store.save(record(1, inputs=["13900139000"]))
    full = await api.get("/calls/c001", role="support")
    assert (full["caller"], full["pressed"]) == ("13800138000", "13900139000")
    hidden = await api.get("/calls/c001", role="viewer")
    assert (hidden["caller"], hidden["pressed"]) == ("138****8000", "•")
    assert (await api.get("/calls?caller=13800138000", role="viewer", status=403))["code"] == "forbidden"


async def test_the_audit_by_page(api: Asked) -> None:
    await api.store.announce("all", "x", NOON + 60, "li", NOON)
    first = await api.get("/audit?limit=2")
    rest = await api.get(f"/audit?limit=500&cursor={first['next']}")
    whole = await api.get("/audit?limit=500")
    assert first["items"] + rest["items"] == whole["items"]
    only = await api.get("/audit?actor=li")
    assert [item["actor"] for item in only["items"]] == ["li"]
