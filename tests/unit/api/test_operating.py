"""Announcements, blocks, the inbox, agents and webhooks over HTTP: what the command line does, by the same services."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from router.asterisk.ami_link import AmiAccess, AmiLink
from router.clock import Clock
from router.happenings import KINDS, Happening
from router.left import Left
from router.model import QueueSpec
from router.store.webhooks import Outcome
from simulator.switch import VirtualSwitch
from tests.api import NOON, Asked, asking
from tests.stores import over

ANNOUNCEMENT = {"text": "系统维护中。", "until": "+2h", "end_call": True, "reason": "maintenance"}


async def put(api: Asked, path: str, body: Any, status: int = 200, **more: Any) -> Any:
    answer = await api.ask("PUT", path, json=body, **more)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def post(api: Asked, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
    answer = await api.ask("POST", path, json=body, **more) if body is not None else await api.ask("POST", path, **more)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def test_an_announcement_is_put_in_force_seen_and_ended(tmp_path: Path) -> None:
    async with asking(tmp_path) as api:
        made = await put(api, "/announcements/400-800-1234", ANNOUNCEMENT, role="support")
        assert (made["number"], made["author"], made["end_call"]) == ("4008001234", "token:support", True)
        await put(api, "/announcements/all", {"text": "全体通知", "until": "2030-01-01"})
        listed = await api.get("/announcements", role="viewer")
        assert [item["number"] for item in listed["items"]] == ["4008001234", "all"]
        first = await api.get("/announcements?limit=1", role="viewer")
        second = await api.get(f"/announcements?limit=1&cursor={first['next']}", role="viewer")
        assert [item["number"] for page in (first, second) for item in page["items"]] == ["4008001234", "all"]
        assert second["next"] is None
        assert (await api.ask("DELETE", "/announcements/4008001234?reason=over")).status == 204
        assert (await api.ask("DELETE", "/announcements/4008001234")).status == 404
        entries = await api.store.audit_entries(action="end_announcement")
        assert [(entry.actor, entry.reason) for entry in entries] == [("token:admin", "over")]


@pytest.mark.parametrize(
    ("number", "body", "code"),
    [
        ("13800138000", ANNOUNCEMENT, None),
        ("all", {**ANNOUNCEMENT, "until": "2001-01-01"}, "time-is-past"),
        ("all", {**ANNOUNCEMENT, "until": "soon"}, "bad-time"),
        ("all", {**ANNOUNCEMENT, "text": "字" * 501}, "too-long"),
        ("all", {**ANNOUNCEMENT, "text": "a\u202eb"}, "invalid-request"),
    ],
)
async def test_a_wrong_announcement_is_refused_whole(tmp_path: Path, number: str, body: Any, code: str | None) -> None:
    async with asking(tmp_path) as api:
        refused = await put(api, f"/announcements/{number}", body, status=422)
        assert code in (None, refused["code"])
        assert refused["cure"]
        assert (await api.get("/announcements"))["items"] == []


async def test_a_caller_is_blocked_and_unblocked(tmp_path: Path) -> None:
    async with asking(tmp_path) as api:
        made = await put(api, "/blocks/+8613900000000", {"reason": "骚扰"}, role="support")
        assert (made["caller"], made["until"]) == ("13900000000", None)
        assert [item["caller"] for item in (await api.get("/blocks", role="engineer"))["items"]] == ["13900000000"]
        await api.get("/blocks", role="viewer", status=403)
        assert (await api.ask("DELETE", "/blocks/13900000000")).status == 204
        assert (await api.get("/blocks"))["items"] == []


async def leave(api: Asked, count: int) -> None:
    for place in range(count):
        left = (Left("voicemail", "message", box="general", file=f"m{place}", seconds=3.0),)
        await api.store.close_call(over(f"c{place}", started=NOON + place, left=left), "r")


async def test_the_inbox_is_paged_worked_on_and_audited(tmp_path: Path) -> None:
    async with asking(tmp_path) as api:
        await leave(api, 5)
        seen: list[str] = []
        page = await api.get("/inbox?limit=2", role="support")
        while True:
            seen += [item["call_id"] for item in page["items"]]
            if page["next"] is None:
                break
            page = await api.get(f"/inbox?limit=2&cursor={page['next']}", role="support")
        assert seen == ["c4", "c3", "c2", "c1", "c0"]
        number = page["items"][0]["id"]
        assert (await post(api, f"/inbox/{number}/assign", {"to": "li"}, role="support"))["assignee"] == "li"
        assert (await post(api, f"/inbox/{number}/done", {}, role="support"))["state"] == "done"
        assert (await api.get("/inbox?state=done", role="support"))["items"][0]["id"] == number
        assert (await api.ask("DELETE", f"/inbox/{number}", role="support")).status == 204
        await api.get(f"/inbox/{number}", role="support", status=404)
        actions = {entry.action for entry in await api.store.audit_entries()}
        assert {"inbox_list", "inbox_assign", "inbox_done", "inbox_delete"} <= actions


async def test_who_may_not_see_callers_sees_them_masked_and_hears_nothing(tmp_path: Path) -> None:
    async with asking(tmp_path) as api:
        await leave(api, 1)
        (entry,) = (await api.get("/inbox", role="qa"))["items"]
        assert entry["caller"] is None or "*" in entry["caller"]
        await api.get(f"/inbox/{entry['id']}/audio", role="qa", status=403)
        await api.get(f"/inbox/{entry['id']}/audio", role="support", status=404)
        await api.get("/inbox", role="viewer", status=403)


async def test_audio_is_sent_from_the_folders_of_the_settings_alone(tmp_path: Path) -> None:
    from dataclasses import replace

    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / "m0.wav").write_bytes(b"RIFF....WAVE")
    (tmp_path / "secret.wav").write_bytes(b"RIFFsecret")
    async with asking(tmp_path) as api:
        api.served.router.settings = replace(api.served.settings, recordings=(str(spool),))
        await leave(api, 1)
        escaping = (Left("voicemail", "message", box="general", file="../secret", seconds=3.0),)
        await api.store.close_call(over("out", started=NOON + 9, left=escaping), "r")
        entries = {item["call_id"]: item["id"] for item in (await api.get("/inbox"))["items"]}
        heard = await api.ask("GET", f"/inbox/{entries['c0']}/audio")
        assert (heard.status, await heard.read()) == (200, b"RIFF....WAVE")
        assert heard.headers["Content-Type"] == "audio/wav"
        await api.get(f"/inbox/{entries['out']}/audio", status=404)


async def test_agents_are_signed_in_and_out_on_the_switch_and_that_is_audited(tmp_path: Path) -> None:
    queues = {"default": QueueSpec("default", agents=("1001",))}
    switch = VirtualSwitch(Clock(NOON), [], "agi://127.0.0.1:1/x", {"line400": "s"}, lambda name: (name, 1.0), queues)
    await switch.start()
    try:
        async with asking(tmp_path) as api:
            link = api.served.router.link = AmiLink(AmiAccess("127.0.0.1", switch.ami_port, "line400", "s"))
            link.start()
            await link.wait_connected(10)
            done = await post(api, "/agents/1002/sign-in", {"queue": "default"}, role="support")
            assert (done["queues"], done["audited"]) == (["default"], True)
            agent = (await api.get("/agents?queue=default", role="viewer"))["items"][-1]
            assert (agent["agent"], agent["paused"]) == ("1002", False)
            await post(api, "/agents/1002/pause", {"reason": "lunch"}, role="support")
            (queue,) = [one for one in (await api.get("/queues", role="viewer"))["items"] if one["name"] == "default"]
            assert [one["paused"] for one in queue["agents"] if one["agent"] == "1002"] == [True]
            assert (await api.get("/queues/default"))["name"] == "default"
            await api.get("/queues/none", status=404)
            done = await post(api, "/agents/1002/sign-out", {}, role="support")
            assert done["queues"] == ["default"]
            refused = await post(api, "/agents/10;01/sign-in", {}, status=422, role="support")
            assert refused["code"] == "bad-agent"
            await link.stop()
            actions = [entry.action for entry in await api.store.audit_entries() if entry.subject == "1002"]
            assert sorted(actions) == ["agent_pause", "agent_sign_in", "agent_sign_out"]
    finally:
        await switch.stop()


async def test_without_a_switch_agents_cannot_be_asked_for(tmp_path: Path) -> None:
    async with asking(tmp_path) as api:
        refused = await api.get("/agents", status=503)
        assert refused["code"] == "no-switch"


async def test_dead_letters_are_listed_and_sent_once_more(tmp_path: Path) -> None:
    async with asking(tmp_path) as api:
        now = time.time()
        await api.store.tell([Happening(f"c/{place}", "call.started", "c", now, {}) for place in range(3)])
        await api.store.spread({"crm": frozenset(KINDS)}, now)
        taken = await api.store.take_deliveries("crm", now, 9)
        await api.store.end_tries([Outcome(one.id, "dead", "status 500", None) for one in taken], now)
        dead = await api.get("/webhook-deliveries?state=dead&limit=2", role="engineer")
        rest = await api.get(f"/webhook-deliveries?state=dead&limit=2&cursor={dead['next']}", role="engineer")
        ids = [item["id"] for item in (*dead["items"], *rest["items"])]
        assert len(set(ids)) == 4  # the revision that came into force among them
        assert await post(api, f"/webhook-deliveries/{ids[0]}/replay") == {"replayed": 1}
        await post(api, f"/webhook-deliveries/{ids[0]}/replay", status=404)
        assert await post(api, "/webhook-deliveries/replay", {"receiver": "crm"}) == {"replayed": 3}
        (crm,) = (await api.get("/webhooks"))["items"]
        assert (crm["name"], crm["url"], crm["waiting"], crm["dead"]) == ("crm", None, 4, 0)
        assert (await post(api, "/webhooks/test"))["event_id"].startswith("test/")
        await api.get("/webhooks", role="support", status=403)
