"""The calls of a day through a candidate: what would have gone another way."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace

import pytest

from router.record import CallRecord
from router.store import CallFilter, Store
from tests.end_to_end.conftest import COMPANY

AT = "--at=2026-10-12T10:00"
CALLS = [
    ("4008001234", "13800138000", "", "none"),
    ("4008001234", "13900000000", "", "none"),
    ("4006005678", "13800138000", "0", "answer"),
    ("4006005678", "13800138001", "1,123#", "never"),
    ("4006005678", "13800138002", "", "none"),
    ("4006005678", "13800138003", "1,h", "none"),
    ("4008001234", "02166660001", "0", "full"),
    ("4009990000", "13800138000", "", "none"),
]


@pytest.fixture
def day(cli):
    """A day of calls on revision r1, kept as real ones."""
    cli("apply")
    for to, who, press, agents in CALLS:
        assert cli("call", to, "--from", who, AT, "--press", press, "--agents", agents, "--revision", "r1").status == 0

    async def real() -> None:
        async with await Store.open(f"sqlite:///{cli.store}") as store:
            for record in await store.query_calls(CallFilter()):
                await store.save(replace(record, call_id=f"real-{record.call_id}", test=False))

    asyncio.run(real())
    return cli


def replay(cli, *argv: str) -> dict[str, object]:
    said = cli("replay", "--day", "2026-10-12", *argv, "--json", lang="zh")
    assert said.status == 0, said.err
    return said.json


def test_the_same_files_repeat_every_call(day):
    said = replay(day)
    assert (said["calls"], said["same"], said["differ"], said["only_routed"]) == (8, 8, 0, 0)


def test_calls_that_would_go_another_way_are_grouped(day):
    text = COMPANY["flows/service.flow.yaml"].replace('"0": agent, no_input: bye', '"0": ask, no_input: bye')
    day.write("flows/service.flow.yaml", text)
    said = replay(day)
    assert said["differ"] == 2
    groups = {(group["number"], group["before"]) for group in said["groups"]}
    assert ("4006005678", "进入 default 队列") in groups
    shown = day("replay", "--day", "2026-10-12", lang="zh").out
    assert "重放 8 通来电，其中 2 通会走不同的路。" in shown
    assert "line400 call 400-600-5678" in shown


def test_a_candidate_folder_and_an_applied_revision_can_be_asked(day, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(day.folder, other)
    (other / "routes.yaml").write_text(COMPANY["routes.yaml"].replace("    flow: welcome\n", "    flow: service\n"))
    assert replay(day, "--candidate", str(other))["differ"] == 1
    assert replay(day, "--revision", "r1")["differ"] == 0
    assert replay(day, "--called", "400-600-5678")["calls"] == 4
    assert replay(day, "--test")["calls"] == 8
    assert day("replay", "--candidate", str(other), "--revision", "1").status == 2


def test_what_no_record_holds_is_not_guessed_at(day):
    async def hide() -> None:
        async with await Store.open(f"sqlite:///{day.store}") as store:
            found = [
                record for record in await store.query_calls(CallFilter(test=False)) if "123" in "".join(record.inputs)
            ]
            (record,) = found
            hidden: CallRecord = replace(record, call_id="hidden", inputs=["1", "•"])
            await store.save(hidden)
            await store.save(replace(record, call_id="gone", revision="r77"))

    asyncio.run(hide())
    said = replay(day)
    assert (said["calls"], said["differ"], said["only_routed"]) == (10, 0, 2)
    assert {item["why"] for item in said["why"]} == {"敏感按键不作记录", "其版本不在存储中"}
    day.write(
        "routes.yaml",
        COMPANY["routes.yaml"].replace(
            "    line: sh\n    flow: service\n  400-000", "    line: sh\n    flow: welcome\n  400-000"
        ),
    )
    assert replay(day)["differ"] >= 6


def test_a_day_without_calls_and_a_wrong_range(cli):
    assert cli("replay", "--day", "2026-10-12", "--json").json["calls"] == 0
    assert cli("replay", "--day", "2026-10-12", "--since", "2026-10-12").status == 2
    assert cli("replay", "--day", "x").status == 2
    assert not cli.store.exists()
