"""Which queue, and with which priority, a queue node of Amazon Connect gets: decided by what is set before it."""

from __future__ import annotations

from .connect_values import TARGET_QUEUE
from .graph import Graph


def settle_queues(graph: Graph) -> None:
    """Write the queue's name into each queue node that only one static choice can reach, and its priority."""
    before: dict[str, list[str]] = {}
    for node in graph.nodes.values():
        for target in node.targets():
            before.setdefault(target, []).append(node.key)
    for node in graph.nodes.values():
        if node.type not in ("queue", "staffing"):
            continue
        where = "name" if node.type == "queue" else ""
        if node.options.get(where) == "{{ " + TARGET_QUEUE + " }}":
            names = _reaching(graph, before, node.key, TARGET_QUEUE)
            only = next(iter(names)) if len(names) == 1 else None
            if only is not None and "{{" not in only:
                node.options[where] = only
        if node.type == "queue":
            priorities = _reaching(graph, before, node.key, "queue_priority")
            only = next(iter(priorities)) if len(priorities) == 1 else None
            if only is not None and only.isdigit():
                node.options["priority"] = min(max(100 - int(only), 1), 99)
            elif priorities - {None}:
                # There 1 is the highest and 5 what a contact has; here 99 is the highest.
                node.options["priority"] = "{{ 100 - (queue_priority | default('') | int(5)) }}"


def _reaching(graph: Graph, before: dict[str, list[str]], key: str, name: str) -> set[str | None]:
    """The values of variable ``name`` that may hold at node ``key``; None where a way sets none."""
    found: set[str | None] = set()
    seen: set[str] = set()
    waiting = [key]
    if key == graph.start:
        found.add(None)
    while waiting:
        for previous in before.get(waiting.pop(), []):
            if previous in seen:
                continue
            seen.add(previous)
            node = graph.nodes[previous]
            values = node.options.get("", {}) if node.type == "set" else {}
            if isinstance(values, dict) and name in values:
                found.add(values[name])
                continue
            if previous == graph.start:
                found.add(None)
            waiting.append(previous)
    return found
