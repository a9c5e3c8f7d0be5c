"""Exploration: covering every branch of a generated flow of 1,000 nodes; cost per node from 10 to 10,000 nodes."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from ivr_flows import FlowDefinition, load_flow
from ivr_flows.explore import Exploration, Search, Situation
from router.callers import caller_facts

from .surroundings import Surroundings

AT = 1_790_000_000.0
DAY = 86_400.0
MOST_SECONDS = 1.0
"""What 1,000 nodes may take."""
AREAS = ("021", "020", "022", "023", "024", "025", "027", "028", "029", "0311", "0351", "0371", "0431", "0451", "0531")
PROVINCES = sorted({caller_facts(code + "66660001"[: 11 - len(code)]).province for code in AREAS})
DAYS = 64
CALENDARS = 24
SIZES = (10, 100, 1_000, 10_000)


def _surroundings() -> Surroundings:
    chance = random.Random(7)
    open_days = {f"office{index}": chance.getrandbits(DAYS) for index in range(CALENDARS)}
    return Surroundings({name: _calendar(days) for name, days in open_days.items()})


def _calendar(days: int) -> Callable[[float], str]:
    return lambda at: "open" if days >> int((at - AT) // DAY) & 1 else "closed"


def service_flow(size: int, seed: int = 1) -> str:
    """A service flow of ``size`` nodes, every one of them reachable: menus over menus, hours, conditions, orders asked
    for, queues with voicemail behind them, ways back to the first menu. The same seed, the same flow."""
    chance = random.Random(seed)
    names = iter(f"n{index}" for index in range(1, size - 2))
    nodes: dict[str, Any] = {}
    waiting = ["n0"]
    while waiting:
        name = waiting.pop(0)
        node, new = _node(chance, names, room=len(waiting) < 40, first=not nodes)
        nodes[name] = node
        waiting.extend(new)
        if not waiting and (name := next(names, "")):
            # The last branch is over before the flow has its size: the last queue's callers go on to the next.
            node.pop("hangup", None)
            node.update({"play": "请继续。", "next": name})
            waiting.append(name)
    nodes["special"] = {"play": "您好，本地专线为您服务。", "next": "bye"}
    nodes["bye"] = {"hangup": "normal"}
    return yaml.safe_dump({"flow": "generated", "start": "n0", "nodes": nodes}, allow_unicode=True, sort_keys=False)


def _node(chance: random.Random, names: Iterator[str], *, room: bool, first: bool) -> tuple[dict[str, Any], list[str]]:
    def new(count: int) -> list[str]:
        return [name for _, name in zip(range(count), names, strict=False)]

    kind = "menu" if first else chance.choice(["menu", "play", "hours", "branch", "gather", "queue", "play"])
    wanted = {"menu": 4 if room else 1, "play": 1, "hours": 2, "branch": 1, "gather": 2, "queue": 1}[kind]
    targets = new(wanted)
    if not targets or len(targets) < min(wanted, 2):
        return ({"play": "谢谢。", "next": targets[0]} if targets else {"hangup": "normal"}), targets
    last = targets[-1]
    if kind == "play":
        return {"play": "您好，请稍候。", "next": last}, targets
    if kind == "menu":
        keys = {str(key): name for key, name in enumerate(targets, 1)}
        return {"menu": "请按键选择，返回请按9。", "on": keys | {"9": "n0", "no_input": last}}, targets
    if kind == "hours":
        return {"hours": f"office{chance.randrange(CALENDARS)}", "on": {"open": targets[0], "closed": last}}, targets
    if kind == "branch":
        province = chance.choice(PROVINCES)
        return {"branch": [{"when": f"caller.province == '{province}'", "next": "special"}], "else": last}, targets
    if kind == "gather":
        return {
            "gather": {"prompt": "请输入单号。", "max_digits": 6},
            "on": {"ok": targets[0], "no_input": last},
        }, targets
    # A call has one agent: where the first queue gave up, only one that waits longer is answered.
    timeout = f"{20 + int(last[1:])}s"
    return {"queue": "support", "timeout": timeout, "on": {"answered": "bye", "timeout": last}}, targets


def _definition(size: int) -> FlowDefinition:
    definition, findings = load_flow(service_flow(size), "generated.flow.yaml")
    assert definition is not None, findings
    assert len(definition.nodes) == size, len(definition.nodes)
    return definition


def _explored(definition: FlowDefinition) -> tuple[Exploration, float]:
    callers = ("13800138000", *(code + "66660001"[: 11 - len(code)] for code in AREAS))
    situations = [Situation(caller_facts(who), AT + day * DAY) for who in callers for day in range(DAYS)]
    assert all(situation.caller.province for situation in situations), "geography is read before"
    search = Search(definition, _surroundings(), situations, max_steps=10_000_000)
    gc.collect()
    began = time.perf_counter()
    exploration = search.cover()
    return exploration, time.perf_counter() - began


def explore_1000_nodes_seconds() -> dict[str, object]:
    """Every branch that a call can take of a generated flow of 1,000 nodes, compiled before."""
    definition = _definition(1_000)
    exploration, seconds = min((_explored(definition) for _ in range(3)), key=lambda item: item[1])
    covered = exploration.coverage
    return {
        "value": round(seconds, 3),
        "unit": "s",
        "reference": MOST_SECONDS,
        "ratio": round(MOST_SECONDS / seconds, 2),
        "note": f"{covered.nodes} of {covered.all_nodes} nodes, {covered.branches} of {covered.all_branches} branches",
    }


def explore_cost_per_node_ratio() -> dict[str, object]:
    """Microseconds per node at 10,000 nodes over those at 100; the sizes between stand in the note."""
    costs: dict[int, float] = {}
    for size in SIZES:
        definition = _definition(size)
        rounds = 30 if size < 1_000 else 4
        exploration, seconds = min((_explored(definition) for _ in range(rounds)), key=lambda item: item[1])
        costs[size] = seconds / max(1, exploration.coverage.nodes) * 1e6
    return {
        "value": round(costs[10_000] / costs[100], 2),
        "unit": "times",
        "reference": 1.0,
        "ratio": round(costs[100] / costs[10_000], 2),
        "note": ", ".join(f"{size} nodes: {cost:.0f} µs each" for size, cost in costs.items()),
    }
