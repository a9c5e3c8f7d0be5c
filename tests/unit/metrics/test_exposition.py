"""What Prometheus reads: by its own parser, and with nothing in it that names a person."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from router.app.metrics_mount import metrics
from router.metrics.exposition import exposition
from router.store import Store
from router.timing import SECONDS, Timings
from tests.api import asking
from tests.unit.live.little_switch import Call, Rig

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
QUEUES = [
    {
        "name": "support",
        "waiting": [{"seconds": 7}, {"seconds": 3}],
        "agents": [{"state": "idle", "paused": False}, {"state": "idle", "paused": True}],
    }
]


def read(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            found[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


async def test_calls_are_counted_by_outcome_and_instance(tmp_path: Path) -> None:
    rig = Rig()
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
        router = await rig.start(store)
        await Call("01088880001").run(router.fastagi_port)
        await Call("01088880001", caller="13900000000").run(router.fastagi_port, uniqueid="2.1")
        await Call("01088880001", LINE400_TEST="1").run(router.fastagi_port, uniqueid="3.1")
        text = exposition(router, QUEUES, {("crm", "dead"): 2}, "0.1.0")
        await rig.stop()
    found = read(text)
    for outcome, test, count in [("completed", "false", 1), ("rejected", "false", 1), ("completed", "true", 1)]:
        labels = (("instance", ""), ("outcome", outcome), ("test", test))
        assert found["line400_calls_total", labels] == count
    assert found["line400_call_setup_seconds_count", ()] == 3
    assert found["line400_call_setup_seconds_bucket", (("le", "+Inf"),)] == 3
    assert found["line400_billable_minutes_total", (("instance", ""),)] == 1
    assert found["line400_queue_waiting", (("queue", "support"),)] == 2
    assert found["line400_queue_longest_wait_seconds", (("queue", "support"),)] == 7
    assert found["line400_queue_agents", (("queue", "support"), ("state", "paused"))] == 1
    assert found["line400_webhook_deliveries", (("receiver", "crm"), ("state", "dead"))] == 2
    assert found["line400_revision_info", (("revision", "r1"),)] == 1
    assert found["line400_ami_connected", ()] == 0
    assert found["line400_ready", ()] == 0
    assert found["line400_store_write_seconds_count", ()] > 0
    assert found["process_cpu_seconds_total", ()] > 0
    for personal in (b"13800138000", b"13900000000", b"4008001234"):
        assert personal not in text


async def test_metrics_are_served_and_the_scrape_needs_a_token_behind_a_proxy(tmp_path: Path) -> None:
    async with asking(tmp_path) as api:
        app: Any = api.client.app
        assert app is not None
        answer = await api.client.get("/metrics")
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert ("line400_numbers", ()) in read(await answer.read())
        behind = await api.client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
        assert behind.status == 401
        token = {"Authorization": f"Bearer {api.tokens['viewer']}", "X-Forwarded-For": "203.0.113.9"}
        assert (await api.client.get("/metrics", headers=token)).status == 200
    assert metrics.__doc__


@given(st.lists(st.floats(0, 10), max_size=50))
def test_every_duration_is_counted_once_in_the_class_that_holds_it(durations: list[float]) -> None:
    timings = Timings()
    for seconds in durations:
        timings.add(seconds)
    classes = timings.cumulative()
    assert [bound for bound, _ in classes] == [*map(str, SECONDS), "+Inf"]
    assert classes[-1][1] == len(durations)
    for bound, count in classes[:-1]:
        assert count == sum(seconds <= float(bound) for seconds in durations)


async def test_the_dashboard_and_the_alerts_ask_for_metrics_that_there_are(tmp_path: Path) -> None:
    board = json.loads((DEPLOY / "grafana" / "line400.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))
    asked += [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    rig = Rig()
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
        router = await rig.start(store)
        await Call("01088880001", caller="13900000000").run(router.fastagi_port)
        text = exposition(router, QUEUES, {("crm", "dead"): 1}, "0.1.0")
        await rig.stop()
    there = {name for name, _ in read(text)} | {"line400_faults_total"}
    wanted = {name for expression in asked for name in re.findall(r"\b(?:line400|process)_[a-z_]+", expression)}
    assert wanted - there == set()
    assert len(wanted) > 12
