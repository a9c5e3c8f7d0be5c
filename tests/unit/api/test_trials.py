"""Test calls, scenarios, calls out and bills over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api import Asked
from tests.unit.api.test_configuration import ended, serving


async def post(api: Asked, path: str, body: Any, status: int, role: Any = "qa") -> Any:
    answer = await api.ask("POST", path, json=body, role=role)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def test_a_test_call_is_placed_and_its_record_kept(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        asked = {"number": "400-800-1234", "from": "13800138000", "at": "2026-10-12T10:00", "seed": 7}
        made = await post(api, "/test-calls", asked, 201)
        assert (made["test"], made["called"], made["seed"]) == (True, "4008001234", 7)
        assert made["path"][0] == "greeting"
        again = await post(api, "/test-calls", asked, 201)
        assert again["call_id"] != made["call_id"]
        assert again["path"] == made["path"]
        listed = await api.get("/calls?test=true", role="qa")
        assert {record["call_id"] for record in listed["items"]} == {made["call_id"], again["call_id"]}
        await post(api, "/test-calls", {**asked, "press": "1,x?"}, 422)
        await post(api, "/test-calls", asked, 403, "viewer")


async def test_the_scenarios_are_run_and_reported(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        row = await ended(api, "/scenarios/run", {}, "qa")
        assert row["state"] == "done", row
        assert row["result"]["failed"] == 0
        assert row["result"]["passed"] > 0


async def test_no_400_number_calls_out_in_any_spelling_and_that_is_audited(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        for spelling in ("4008001234", "+86 400-800-1234", "sip:4008001234@host", "４００８００１２３４"):
            refused = await post(api, "/originate", {"from": spelling, "to": "13800138000"}, 403, "support")
            assert (refused["allowed"], refused["placed"]) == (False, False)
        entries = [one for one in await api.store.audit_entries() if one.action == "outbound_refused"]
        assert len(entries) == 4
        away = await post(api, "/originate", {"from": "01088880001", "to": "13800138000"}, 503, "support")
        assert away["code"] in ("no-switch", "no-line")


async def test_a_bill_is_drafted_issued_once_and_paid(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        month = "month=2026-10&at=2026-11-01"
        drafted = await api.get(f"/bills/draft?{month}", role="support")
        body = {"month": "2026-10", "at": "2026-11-01"}
        issued = await post(api, "/bills", body, 201, "support")
        assert issued["new"] is True
        again = await post(api, "/bills", body, 201, "support")
        assert (again["new"], again["bill"]) == (False, issued["bill"])
        assert drafted["due"] == issued["due"]
        (listed,) = (await api.get("/bills?unpaid=true", role="support"))["items"]
        assert listed["bill"] == issued["bill"]
        paid = await post(api, f"/bills/{issued['bill']}/payments", {"at": "2026-11-02"}, 200, "support")
        assert paid["entered"] == issued["due"]
        assert (await api.get("/bills?unpaid=true", role="support"))["items"] == []
        assert (await api.get(f"/bills/{issued['bill']}", role="support"))["lines"] == issued["lines"]
        await api.get("/bills/B202612-0001", status=404)
        await api.get("/bills", role="viewer", status=403)
