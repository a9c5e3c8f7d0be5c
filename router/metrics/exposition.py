"""The metrics of a router in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.process_collector import ProcessCollector

from ..timing import Timings

if TYPE_CHECKING:
    from ..asterisk.service import LiveRouter

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def exposition(
    router: LiveRouter,
    queues: Sequence[Mapping[str, Any]] | None,
    deliveries: Mapping[tuple[str, str], int],
    version: str,
) -> bytes:
    """Everything at one moment. ``queues`` are those of `LiveRouter.live`, None while the switch cannot be asked;
    ``deliveries`` those of webhooks by receiver and state."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Collected(_families(router, queues, deliveries, version)))
    return generate_latest(registry)


class _Collected:
    """Gives the registry what was collected."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def _families(
    router: LiveRouter,
    queues: Sequence[Mapping[str, Any]] | None,
    deliveries: Mapping[tuple[str, str], int],
    version: str,
) -> Iterator[Metric]:
    yield from _of_calls(router)
    yield from _of_state(router, version)
    yield from _of_queues(queues)
    yield _counted(
        GaugeMetricFamily,
        "line400_webhook_deliveries",
        "Deliveries to receivers of webhooks",
        ("receiver", "state"),
        deliveries,
    )


def _of_calls(router: LiveRouter) -> Iterator[Metric]:
    meters = router.meters
    calls = CounterMetricFamily(
        "line400_calls", "Calls that are over, by outcome and by instance", labels=("outcome", "instance", "test")
    )
    for (outcome, instance, test), count in sorted(meters.calls.items()):
        calls.add_metric([outcome, instance, "true" if test else "false"], count)
    yield calls
    yield _counted(
        CounterMetricFamily,
        "line400_faults",
        "Calls that ended with a fault, by its code and by whose fault it was",
        ("code", "by"),
        meters.faults,
    )
    minutes = CounterMetricFamily("line400_billable_minutes", "Minutes that are billed", labels=("instance",))
    for instance, count in sorted(meters.minutes.items()):
        minutes.add_metric([instance], count)
    yield minutes
    yield _gauge("line400_calls_in_progress", "Calls in progress", len(router.active_records()))
    yield _histogram(
        "line400_call_setup_seconds",
        "From the switch's connection to the first thing that it is told",
        meters.setup,
    )
    refused = CounterMetricFamily(
        "line400_fastagi_refused", "FastAGI connections closed because of what the peer did", labels=("reason",)
    )
    for reason, count in sorted(router.refused_connections.items()):
        refused.add_metric([reason], count)
    yield refused


def _of_state(router: LiveRouter, version: str) -> Iterator[Metric]:
    yield InfoMetricFamily("line400", "This router", value={"version": version, "router": router.router_id})
    yield InfoMetricFamily("line400_revision", "The revision in force", value={"revision": router.book.revision or ""})
    yield _gauge("line400_numbers", "Numbers of the revision in force", len(router.book))
    yield _gauge("line400_ready", "Whether a call that arrives now is served in full", router.ready)
    yield _gauge("line400_ami_connected", "Whether the switch's manager interface is connected", router.link.connected)
    ami = CounterMetricFamily("line400_ami_reconnections", "How often AMI was lost and found again")
    ami.add_metric([], router.link.reconnections)
    yield ami
    yield _gauge("line400_store_failing", "Whether call records wait for the store", router.store_failure is not None)
    yield _gauge("line400_records_waiting", "Call records that are not in the store yet", router.records_waiting)
    if router.store is not None:
        for name, timings in (("read", router.store.reads), ("write", router.store.writes)):
            yield _histogram(f"line400_store_{name}_seconds", f"Transactions that {name}", timings)


def _of_queues(queues: Sequence[Mapping[str, Any]] | None) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("line400_queue_waiting", "Callers who wait in a queue", labels=("queue",))
    longest = GaugeMetricFamily("line400_queue_longest_wait_seconds", "Of the first who waits", labels=("queue",))
    agents = GaugeMetricFamily("line400_queue_agents", "Agents signed in at a queue", labels=("queue", "state"))
    for queue in queues or ():
        name = queue["name"]
        waiting.add_metric([name], len(queue["waiting"]))
        longest.add_metric([name], max((caller["seconds"] for caller in queue["waiting"]), default=0))
        states: dict[str, int] = {}
        for agent in queue["agents"]:
            state = "paused" if agent["paused"] else agent["state"]
            states[state] = states.get(state, 0) + 1
        for state, count in sorted(states.items()):
            agents.add_metric([name, state], count)
    yield from (waiting, longest, agents)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))


def _counted(
    kind: type[CounterMetricFamily] | type[GaugeMetricFamily],
    name: str,
    text: str,
    labels: Sequence[str],
    counts: Mapping[tuple[str, str], int],
) -> Metric:
    family = kind(name, text, labels=labels)
    for values, count in sorted(counts.items()):
        family.add_metric(list(values), count)
    return family


def _histogram(name: str, text: str, timings: Timings) -> Metric:
    family = HistogramMetricFamily(name, text)
    family.add_metric([], timings.cumulative(), timings.total)
    return family
