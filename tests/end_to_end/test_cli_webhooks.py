"""Receivers and their deliveries, as who runs a hotline sees them."""

from __future__ import annotations

import asyncio
import time

from router.happenings import KINDS, Happening
from router.store import Store
from router.store.webhooks import Outcome

SETTINGS = """company: 示例科技
store: sqlite:///var/line400.db
webhooks:
  - { name: crm, url: "http://127.0.0.1:9/hook", secret_env: CRM_SECRET, events: ["call.*"] }
"""


def dead_letter(cli) -> int:
    """A delivery that was given up."""

    async def make() -> int:
        now = time.time()
        async with await Store.open(f"sqlite:///{cli.store}") as store:
            await store.tell([Happening("c/0", "call.started", "c", now, {"caller": "13800138000"})])
            await store.spread({"crm": frozenset(KINDS)}, now)
            (one,) = await store.take_deliveries("crm", now, 9)
            await store.end_tries([Outcome(one.id, "dead", "status 500", None)], now)
            return one.id

    return asyncio.run(make())


def test_the_receivers_are_listed_also_before_there_is_a_store(cli) -> None:
    cli.write("line400.yaml", SETTINGS)
    done = cli("webhooks", "--json", CRM_SECRET="x")
    assert done.status == 0, done.err
    assert done.json == [
        {
            "name": "crm",
            "url": "http://127.0.0.1:9/hook",
            "events": ["call.*"],
            "form": "cloudevents",
            "signed": True,
            "waiting": 0,
            "delivered": 0,
            "dead": 0,
        }
    ]
    assert "unsigned" in cli("webhooks", lang="en").out


def test_a_dead_letter_is_seen_and_sent_again(cli) -> None:
    cli.write("line400.yaml", SETTINGS)
    number = dead_letter(cli)
    dead = cli("webhooks", "dead", lang="en")
    assert "status 500" in dead.out
    assert "13800138000" not in dead.out
    assert cli("webhooks", "replay", str(number + 1), "--json").json == {"replayed": 0}
    assert cli("webhooks", "replay", str(number), "--json", "--author", "anna").json == {"replayed": 1}
    assert cli("webhooks", "--json").json[0]["waiting"] == 1
    assert cli("webhooks", "dead", lang="zh").out.strip() == "没有死信。"


def test_a_test_waits_for_the_router(cli) -> None:
    cli.write("line400.yaml", SETTINGS)
    assert cli("webhooks", "test", "--json").json["receivers"] == ["crm"]


def test_slips_are_said_with_their_cure(cli) -> None:
    assert cli("webhooks", "test").status == 2
    cli.write("line400.yaml", SETTINGS)
    for words, said in [
        (["send"], "no action"),
        (["dead", "--receiver", "crn"], "No webhook"),
        (["replay", "x"], "number"),
        (["list", "3"], "no ids"),
    ]:
        done = cli("webhooks", *words, lang="en")
        assert done.status == 2
        assert said in done.err


def test_a_misspelt_event_is_found_by_check_with_its_place(cli) -> None:
    cli.write("line400.yaml", SETTINGS.replace('["call.*"]', "[call.stared]"))
    done = cli("check", "--json")
    (finding,) = [one for one in done.json["findings"] if one["code"] == "unknown-event"]
    assert (finding["file"].rpartition("/")[2], finding["line"]) == ("line400.yaml", 4)
    assert "call.started" in finding["cure"]


def test_two_receivers_of_one_name_are_refused(cli) -> None:
    twice = '  - { name: crm, url: "http://127.0.0.1:9/other" }\n'
    cli.write("line400.yaml", SETTINGS + twice)
    done = cli("check", "--json")
    assert "webhook-twice" in [one["code"] for one in done.json["findings"]]
