"""What an apply promises on every database: killed, overtaken, or with a store that fails, the old or the new revision
is whole."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ivr_flows.findings import Fault, Text
from router.app.invocation import Invocation
from router.app.problems import Problem, describe
from router.app.revisions import scheduler
from router.app.revisions.gates import Overrides
from router.app.revisions.guard import guard_once
from router.app.revisions.pipeline import STAGES, Judgement, commit, judge_folder
from router.app.revisions.scheduler import carry_out_next
from router.model import ApplyWatch
from router.store import Conflict, Store, StoreError
from tests.end_to_end.conftest import COMPANY
from tests.postgres import PostgresServer
from tests.stores import ROOT, over

PATIENCE = 120
INSIDE = ("transaction begun", "before the commit", "committed")
PAUSED = """
import sys, time
from pathlib import Path
from router.app.invocation import Invocation
from router.app.revisions import pipeline
from router.store.revisions import RevisionsPart

def pause(stage):
    if stage == sys.argv[2]:
        print("reached", flush=True)
        time.sleep(600)

activate = RevisionsPart._activate

async def paused(self, *values):
    pause("transaction begun")
    await activate(self, *values)
    pause("before the commit")

RevisionsPart._activate = paused
judged = pipeline.judge_folder(Invocation(config=Path(sys.argv[1])), on_stage=pause)
pipeline.commit(judged, "li", "second", 2.0, on_stage=pause)
pause("committed")
"""


@pytest.fixture
def invocation(url: str, tmp_path: Path) -> Invocation:
    """A small company whose store is the test's own."""
    folder = tmp_path / "config"
    for name, text in COMPANY.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("sqlite:///var/line400.db", url))
    return Invocation(config=folder, quiet=True)


def bind(invocation: Invocation, flow: str) -> None:
    """Save another binding."""
    routes = invocation.config / "routes.yaml"
    text = COMPANY["routes.yaml"]
    routes.write_text(text.replace("    flow: welcome\n", f"    flow: {flow}\n"))


def judged(invocation: Invocation) -> Judgement:
    return judge_folder(invocation, behaviour=False)


async def first(invocation: Invocation) -> Judgement:
    """Apply the files as they are, then save another binding and judge it."""

    def work() -> Judgement:
        commit(judged(invocation), "li", "first", 1.0)
        bind(invocation, "service")
        return judged(invocation)

    return await asyncio.to_thread(work)


async def in_force(url: str) -> tuple[str, bool, int]:
    """The current revision, whether its content has the other binding, and how many revisions there are."""
    async with await Store.open(url, create=False) as store:
        content = await store.get_revision("current")
        return (
            content.revision.revision,
            b"    flow: service\n    rules" in content.files["routes.yaml"],
            len(await store.history()),
        )


def killed_at(invocation: Invocation, stage: str) -> None:
    """Run an apply in a process of its own and kill it when it has reached ``stage``."""
    command = [sys.executable, "-c", PAUSED, str(invocation.config), stage]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"reached\n"
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)


@pytest.mark.parametrize("stage", [*STAGES, *INSIDE])
async def test_killed_at_any_stage_the_old_or_the_new_revision_is_whole(
    url: str, invocation: Invocation, stage: str
) -> None:
    await first(invocation)
    await asyncio.to_thread(killed_at, invocation, stage)
    found = await in_force(url)
    assert found == (("r2", True, 2) if stage == "committed" else ("r1", False, 1))
    if stage != "committed":
        await asyncio.to_thread(lambda: commit(judged(invocation), "li", "again", 3.0))
        assert await in_force(url) == ("r2", True, 2)


async def test_of_two_applies_at_once_one_wins_and_the_other_is_told(url: str, invocation: Invocation) -> None:
    mine = await first(invocation)

    async def one() -> object:
        try:
            return await asyncio.to_thread(commit, mine, "li", None, 2.0)
        except Conflict as conflict:
            return conflict

    results = await asyncio.gather(one(), one())
    assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
    assert await in_force(url) == ("r2", True, 2)


async def test_a_first_apply_is_not_done_twice(url: str, invocation: Invocation) -> None:
    both = await asyncio.to_thread(lambda: [judged(invocation), judged(invocation)])
    await asyncio.to_thread(commit, both[0], "li", None, 1.0)
    with pytest.raises(Conflict):
        await asyncio.to_thread(commit, both[1], "wang", None, 1.0)


async def test_a_store_that_went_away_is_told_and_nothing_is_made_in_its_place(
    backend: str, url: str, invocation: Invocation, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    mine = await first(invocation)
    if backend == "sqlite":
        file = Path(url.removeprefix("sqlite:///"))
        files = [found for found in file.parent.iterdir() if found.name.startswith(file.name)]
        away = tmp_path / "away"
        away.mkdir()
        for found in files:
            found.rename(away / found.name)
        with pytest.raises(StoreError) as caught:
            await asyncio.to_thread(commit, mine, "li", None, 2.0)
        assert caught.value.code == "store_missing"
        assert [found for found in files if found.exists()] == []
        for found in files:
            (away / found.name).rename(found)
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        await asyncio.to_thread(server.halt)
        try:
            with pytest.raises(StoreError) as caught:
                await asyncio.to_thread(commit, mine, "li", None, 2.0)
        finally:
            await asyncio.to_thread(server.resume)
        assert caught.value.code == "unreachable"
    assert await in_force(url) == ("r1", False, 1)


FULL = """
import os, resource, sys
from pathlib import Path
from router.app.main import run
size = os.path.getsize(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
raise SystemExit(run(["--config", sys.argv[1], "--json", "apply"], {}))
"""


async def test_a_disk_that_fills_up_leaves_the_old_revision(backend: str, url: str, invocation: Invocation) -> None:
    if backend != "sqlite":
        return  # the server's disk is not the router's; what it says then is tested with the store's errors
    await first(invocation)
    bulk = os.urandom(800_000).hex()  # more than the file of an empty store has
    (invocation.config / "flows" / "service.flow.yaml").write_text(
        COMPANY["flows/service.flow.yaml"] + "".join(f"# {bulk[i : i + 100]}\n" for i in range(0, len(bulk), 100))
    )
    file = url.removeprefix("sqlite:///")
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", FULL, str(invocation.config), file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert await in_force(url) == ("r1", False, 1)


async def scheduled(store: Store, invocation: Invocation, due: float = 1.0) -> int:
    mine = await first(invocation)
    made = await store.schedule(mine.candidate.files, mine.candidate.scenarios, due, "li", "夜间", 2.0, base=mine.base)
    return made.id


async def test_what_is_due_is_judged_again_and_comes_into_force_by_one_router(
    url: str, invocation: Invocation, store: Store
) -> None:
    await scheduled(store, invocation)
    await asyncio.gather(*(carry_out_next(invocation, store, f"router-{index}") for index in range(3)))
    assert await in_force(url) == ("r2", True, 2)
    (row,) = await store.schedules()
    assert row.state == "applied"
    newest = (await store.activations(1))[0]
    assert (newest.author, newest.reason, newest.kind) == ("li", "夜间", "apply")


async def test_what_is_not_due_waits_whatever_the_router_s_clock_shows(
    url: str, invocation: Invocation, store: Store
) -> None:
    await scheduled(store, invocation, due=4e9)
    assert await carry_out_next(invocation, store, "router-a") > 1e6
    assert (await in_force(url))[0] == "r1"


async def test_what_fails_its_scenarios_then_is_refused_and_says_why(
    url: str, invocation: Invocation, store: Store
) -> None:
    mine = await first(invocation)
    wrong = "scenario: 错\ncall: { to: 400-600-5678, at: 2026-10-12T10:00:00+08:00 }\nexpect: { outcome: answered }\n"
    await store.schedule(
        mine.candidate.files, {"scenarios/w.scenario.yaml": wrong.encode()}, 1.0, "li", None, 2.0, base=mine.base
    )
    await carry_out_next(invocation, store, "router-a")
    (row,) = await store.schedules()
    assert row.state == "refused"
    assert row.said is not None
    assert "1 of 1 scenarios fail" in row.said.en
    assert (await in_force(url))[0] == "r1"


async def test_what_was_overtaken_is_refused(url: str, invocation: Invocation, store: Store) -> None:
    await scheduled(store, invocation)
    bind(invocation, "welcome")
    (invocation.config / "routes.yaml").write_text("# another\n" + COMPANY["routes.yaml"])
    await asyncio.to_thread(lambda: commit(judged(invocation), "wang", None, 3.0))
    await carry_out_next(invocation, store, "router-a")
    assert [row.state for row in await store.schedules()] == ["refused"]
    assert (await in_force(url))[:2] == ("r3", False)


async def calls(store: Store, failed: int, good: int, *, test: bool = False) -> None:
    fault = Fault("node_limit", "configuration", Text("x", "x"))
    now = time.time()
    for index in range(failed + good):
        facts = {"outcome": "failed", "fault": fault} if index < failed else {}
        await store.save(over(f"{test}{index}", now, revision="r2", test=test, **facts))


async def applied_twice(store: Store, invocation: Invocation) -> None:
    mine = await first(invocation)
    await asyncio.to_thread(commit, mine, "li", None, time.time() - 60)


WATCH = ApplyWatch(600.0, 5.0, 20)


async def test_a_revision_whose_live_calls_fail_is_taken_back_once_and_audited(
    url: str, invocation: Invocation, store: Store
) -> None:
    await applied_twice(store, invocation)
    await calls(store, 2, 18)
    assert await guard_once(store, lambda _: WATCH) == "r1"
    assert (await in_force(url))[0] == "r1"
    newest = (await store.activations(1))[0]
    assert (newest.kind, newest.author) == ("rollback", "line400")
    assert newest.reason is not None
    assert "2 of 20 calls failed" in newest.reason
    assert [row.actor for row in await store.audit_entries(action="rollback")] == ["line400"]
    assert await guard_once(store, lambda _: WATCH) is None


@pytest.mark.parametrize(
    ("failed", "good", "watch"),
    [(1, 19, WATCH), (10, 9, WATCH), (20, 0, None), (20, 0, ApplyWatch(1.0, 5.0, 20))],
    ids=["as many as allowed", "too few calls", "not watched", "the time is over"],
)
async def test_a_revision_stays(
    url: str, invocation: Invocation, store: Store, failed: int, good: int, watch: ApplyWatch | None
) -> None:
    await applied_twice(store, invocation)
    await calls(store, failed, good)
    assert await guard_once(store, lambda _: watch) is None
    assert (await in_force(url))[0] == "r2"


async def test_test_calls_take_nothing_back(url: str, invocation: Invocation, store: Store) -> None:
    await applied_twice(store, invocation)
    await calls(store, 30, 0, test=True)
    assert await guard_once(store, lambda _: WATCH) is None
    assert (await in_force(url))[0] == "r2"


async def test_a_gate_is_passed_over_by_name_with_a_reason_that_is_audited(
    invocation: Invocation, store: Store
) -> None:
    wrong = "scenario: 错\ncall: { to: 400-600-5678, at: 2026-10-12T10:00:00+08:00 }\nexpect: { outcome: answered }\n"
    (invocation.config / "scenarios" / "w.scenario.yaml").write_text(wrong)
    refused = await asyncio.to_thread(judged, invocation)
    with pytest.raises(Problem) as caught:
        await asyncio.to_thread(commit, refused, "li", None, 1.0)
    assert caught.value.status == 1
    overrides = Overrides.parse(["preflight"], "场景有误")
    passed = await asyncio.to_thread(lambda: judge_folder(invocation, overrides=overrides))
    await asyncio.to_thread(commit, passed, "li", "场景有误", 1.0)
    (entry,) = await store.audit_entries(action="override")
    assert (entry.actor, entry.reason, entry.after) == ("li", "场景有误", {"gate": "preflight"})


async def test_a_schedule_that_cannot_be_judged_is_refused_and_the_others_go_on(
    url: str, invocation: Invocation, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scheduled(store, invocation)

    def broken(*_: object) -> None:
        raise ValueError("13800138000")

    with monkeypatch.context() as patch:
        patch.setattr(scheduler, "_judge", broken)
        await carry_out_next(invocation, store, "router-a")
    (row,) = await store.schedules()
    assert row.state == "refused"
    assert row.said is not None
    assert "ValueError" in row.said.en
    assert "13800138000" not in row.said.en
    assert (await in_force(url))[0] == "r1"


def test_being_overtaken_is_status_1() -> None:
    problem = describe(Conflict(Text("x", "x"), Text("y", "y")))
    assert problem is not None
    assert problem.status == 1
