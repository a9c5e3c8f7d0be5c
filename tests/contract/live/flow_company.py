"""A company whose every number runs one small flow, and its calls in virtual time and over the embedded switch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from router.book import RouteBook
from router.configuration import load
from router.record import CallRecord
from simulator.call import TestCall
from simulator.embedded import Embedded, SwitchMaker
from simulator.parties import AgentScript, TargetScript
from simulator.virtual import run_virtual

from .flow_case import Case

AT_ONCE = 8
"""Calls at a time on one switch."""
PATIENCE = 60.0
"""Real seconds after which a call on the switch counts as hanging."""

FILES = {
    "line400.yaml": "company: 示例科技\ntimezone: Asia/Shanghai\nspeech: { url: 'https://asr.example/' }\n",
    "lines.yaml": """\
lines:
  bj: { base_number: 010-88880001, carrier: unicom, province: 北京, city: 北京, trunk: bj, channels: 500 }
  sh: { base_number: 021-66660002, carrier: telecom, province: 上海, city: 上海, trunk: sh, channels: 500 }
""",
    "trunks.yaml": "trunks:\n  bj: { peer: 127.0.0.1, max_calls: 500 }\n  sh: { peer: 127.0.0.1, max_calls: 500 }\n",
    "queues.yaml": "queues: { support: { max_waiting: 500 }, default: { max_waiting: 500 } }\n"
    "voicemail: { general: { max: 120s } }\n",
    "calendars.yaml": """\
calendars:
  office: { holidays: CN, open: { workday: ["09:00-12:00", "13:30-18:00"], saturday: ["10:00-16:00"] } }
""",
}


def number_of(place: int) -> str:
    """The 400 number of the flow at ``place``."""
    return f"400800{place:04d}"


def flow_file(name: str, nodes: str, header: str = "") -> str:
    """A whole flow around unindented ``nodes``."""
    return f"flow: {name}\n{header}nodes:\n" + "\n".join(f"  {line}" for line in nodes.strip("\n").splitlines()) + "\n"


def compiled_book(
    folder: Path,
    flows: Iterable[str],
    files: Mapping[str, str] = FILES,
    subflows: Mapping[str, str] = {},
    headers: Mapping[int, str] = {},
) -> RouteBook:
    """The book of a company in ``folder`` whose number ``number_of(n)`` runs the n-th of ``flows`` (their nodes, with
    ``headers[n]`` above them). ``subflows`` are more flows, by name."""
    (folder / "flows").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    numbers, routes = ["number"], ["number,line,flow"]
    for name, nodes in subflows.items():
        (folder / "flows" / f"{name}.flow.yaml").write_text(flow_file(name, nodes), encoding="utf-8")
    for place, nodes in enumerate(flows):
        name = f"flow-{place:03d}"
        (folder / "flows" / f"{name}.flow.yaml").write_text(
            flow_file(name, nodes, headers.get(place, "")), encoding="utf-8"
        )
        numbers.append(number_of(place))
        routes.append(f"{number_of(place)},bj,{name}")
    (folder / "numbers.csv").write_text("\n".join(numbers) + "\n", encoding="utf-8")
    (folder / "routes.csv").write_text("\n".join(routes) + "\n", encoding="utf-8")
    loaded = load(folder)
    wrong = [finding.as_text() for finding in loaded.findings if finding.severity == "error"]
    assert loaded.configuration is not None, wrong
    assert not wrong, wrong
    return RouteBook.compile(loaded.configuration, "r1")


AGREED = (
    *("caller", "caller_kind", "called", "called_by", "dialled", "base_number", "line", "trunk", "flow", "rule"),
    *("path", "heard", "pressed", "outcome", "abandoned_in", "queue", "hangup", "fault", "revision", "test"),
)


def agreed(book: RouteBook, record: CallRecord) -> dict[str, Any]:
    """What every way of running a call must say alike; ``answered`` is whether it was. Of what the caller left not
    its seconds."""
    shown = record.as_json(book.zone)
    left = [
        {key: value for key, value in item.as_json().items() if key != "seconds"} | {"file": item.file}
        for item in record.left
    ]
    return {key: shown[key] for key in AGREED} | {"answered": shown["answered"] is not None, "left": left}


def call_of(name: str, number: str, case: Case) -> TestCall:
    return TestCall(number, case.caller, case.at, f"call-{name}", case.data or {})


def told(texts: Sequence[str], record: CallRecord) -> None:
    """What the record says was heard is what the caller was told, where it says so at all."""
    shown = list(record.heard)
    assert [("•" if text == "•" else heard) for heard, text in zip(texts, shown, strict=True)] == shown


def virtually(book: RouteBook, name: str, number: str, case: Case) -> CallRecord:
    """The call of ``case`` in virtual time. What its record says was heard is what the caller was told."""
    agents, targets = AgentScript.parse(case.agents), TargetScript.parse(case.target)
    script = case.script()
    record = run_virtual(book, call_of(name, number, case), script, agents, targets)
    told(script.texts, record)
    return record


async def over_switch(
    book: RouteBook,
    calls: Mapping[str, tuple[str, Case]],
    speed: float = 40.0,
    *,
    make_switch: SwitchMaker | None = None,
    at_once: int = AT_ONCE,
    switches: int = 1,
    patience: float = PATIENCE,
) -> tuple[dict[str, CallRecord | BaseException], list[str]]:
    """The calls (name → number, case) over embedded switches, or those of ``make_switch``, and what outbound legs they
    refused. Agents and targets are those of a whole switch: calls that want the same ones run beside each other,
    ``at_once`` of them; ``switches`` of these groups run at the same time, each on its own switch."""
    groups: dict[tuple[str, str, float], list[str]] = {}
    for name, (_, case) in calls.items():
        groups.setdefault((case.agents, case.target, case.at), []).append(name)
    records: dict[str, CallRecord | BaseException] = {}
    refused: list[str] = []
    at = min(case.at for _, case in calls.values())
    waiting = sorted(groups.values(), key=len)

    async def work() -> None:
        async with Embedded(book, at, speed=speed, make_switch=make_switch) as embedded:
            free = asyncio.Semaphore(at_once)
            while waiting:
                await asyncio.gather(*(one(embedded, free, name) for name in waiting.pop()))
            assert embedded.router is not None
            assert embedded.router.status()["calls"]["in_progress"] == 0
            refused.extend(leg.presented for leg in embedded.refused_legs)

    async def one(embedded: Embedded, free: asyncio.Semaphore, name: str) -> None:
        number, case = calls[name]
        agents, targets = AgentScript.parse(case.agents), TargetScript.parse(case.target)
        async with free:
            script = case.script()
            placed = embedded.place(call_of(name, number, case), script, agents, targets)
            try:
                record = await asyncio.wait_for(placed, patience)
                told(script.texts, record)
                records[name] = record
            except (Exception, asyncio.CancelledError) as error:
                records[name] = error

    await asyncio.gather(*(work() for _ in range(switches)))
    return records, refused
