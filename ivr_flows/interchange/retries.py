"""Ways back to an input, turned into its retries where they are retries.

Most systems draw a retry as a way back: nothing pressed, perhaps an apology, perhaps a loop that counts, and the input
again. Here an input has ``retries`` of its own. A way back is folded where nothing but prompts stands on it and nothing
else leads to them; where it cannot be folded and the source sets no bound, a ``loop`` node bounds it, since a silent
caller would stay in it for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..findings import Text
from ..lint.subject import loops
from ..ssml import is_ssml
from .graph import Graph, Node

FAILURES = ("no_input", "no_match")
INPUTS = frozenset({"menu", "gather", "speech"})
ASIDE = frozenset({"play", "set", "wait", "notify", "language", "logging", "recording", "answer"})
"""Types with one way on that ask nothing: what may stand on a way back."""
PEOPLE = frozenset({"queue", "transfer"})
BOUND = 3
"""How often a way back without a bound of its own is taken."""
ROUNDS = 10
"""The same, where something is decided or asked of a system outside on the way: the source may bound it there."""
POLLS = 20
"""How often nodes that ask the caller nothing go round."""
MAX_RETRIES = 20


@dataclass(slots=True)
class WayBack:
    """The way of one failure back to its input: the nodes on it, the loop that counts it, and the apology."""

    nodes: list[Node] = field(default_factory=list)
    loop: Node | None = None
    apology: str = ""
    foldable: bool = True


def fold_retries(graph: Graph) -> None:
    """Fold or bound every way back; see the module."""
    for node in list(graph.nodes.values()):
        if node.type in INPUTS and node.key in graph.nodes and not node.options.get("retries"):
            _input(graph, node)
    _bound_cycles(graph)


def _input(graph: Graph, node: Node) -> None:
    # A failure that goes on as an input does is no retry.
    written = [failure for failure in FAILURES if node.on.get(failure) not in (None, node.on.get("ok"))]
    ways = {failure: _way(graph, node, node.on[failure]) for failure in written}
    found = {failure: way for failure, way in ways.items() if way is not None}
    if not found:
        return
    loops = {way.loop.key if way.loop else None for way in found.values()}
    whole = len(found) == len(written) and all(way.foldable for way in found.values())
    if whole and len(loops) == 1 and _fold(graph, node, found):
        return
    for failure, way in found.items():
        if way.loop is None:
            _bound(graph, node, failure)


def _way(graph: Graph, node: Node, first: str) -> WayBack | None:
    """The way from ``first`` back to ``node``; None where something else happens on it."""
    way = WayBack()
    seen: set[str] = set()
    key: str | None = first
    while key != node.key:
        inner = graph.nodes.get(key) if key is not None else None
        if inner is None or inner.key in seen:
            return None
        seen.add(inner.key)
        if inner.type == "loop" and way.loop is None:
            way.loop = inner
            key = inner.on.get("again")
        elif inner.type in ASIDE:
            way.foldable = way.foldable and _is_apology(graph, node, inner)
            if inner.type == "play":
                way.apology = _together(way.apology, inner.options.get("ssml") or inner.options.get("", ""))
            way.nodes.append(inner)
            key = inner.next
        elif _is_jump(inner):
            way.foldable = False
            key = inner.cases[0][1]
        else:
            return None
    return way


def _together(one: str, other: str) -> str:
    """Two prompts as one, either of which may be SSML."""
    if not one or not other:
        return one or other
    if not is_ssml(one) and not is_ssml(other):
        return f"{one} {other}"
    return "<speak>" + " ".join(_inside(text) for text in (one, other)) + "</speak>"


def _inside(text: str) -> str:
    marked = text.strip().removesuffix("</speak>").partition(">")[2] if is_ssml(text) else ""
    return marked or re.sub(r"[<&]", lambda match: {"<": "&lt;", "&": "&amp;"}[match[0]], text)


def _is_jump(node: Node) -> bool:
    """A branch with one way, as jumps are written."""
    return node.type == "branch" and len(node.cases) == 1 and node.cases[0][0] == "true"


def _is_apology(graph: Graph, node: Node, inner: Node) -> bool:
    """A prompt that only this input's failures lead to."""
    said = inner.options.get("") or inner.options.get("ssml")
    if inner.type != "play" or set(inner.options) - {"", "ssml", "barge_in"} or not said:
        return False
    if node.type == "speech":
        return False
    return inner.key != graph.start


def _fold(graph: Graph, node: Node, ways: dict[str, WayBack]) -> bool:
    """Make the ways the retries of ``node``; False where something else leads to what stands on them."""
    inside = {inner.key for way in ways.values() for inner in way.nodes}
    loop = next((way.loop for way in ways.values() if way.loop), None)
    if loop is not None:
        inside.add(loop.key)
    for other in graph.nodes.values():
        if other.key in inside or other is node:
            continue
        if inside & set(other.targets()):
            return False
    others = [target for name, target in node.on.items() if name not in ways]
    if inside & set(others):
        return False
    count = _count(loop)
    node.options["retries"] = min(count, MAX_RETRIES)
    for failure, way in ways.items():
        if way.apology:
            node.options[f"{failure}_prompt"] = way.apology
    end = loop.on["done"] if loop is not None else graph.end()
    for failure in ways:
        node.on[failure] = end
    if loop is None:
        graph.lose(
            node.origin or node.key,
            "retries",
            Text(
                f"are without bound in the source; here {count}, then the call ends",
                f"原流程无限重试；这里 {count} 次后结束通话",
            ),
        )
    for key in sorted(inside):
        gone = graph.nodes.pop(key)
        if gone.origin:
            node.remarks.append(f"with its retries from {gone.origin}")
    return True


def _count(loop: Node | None) -> int:
    value = loop.options.get("", BOUND) if loop is not None else BOUND
    return value if isinstance(value, int) else BOUND


def _bound(graph: Graph, node: Node, failure: str) -> None:
    """Put a loop on a way back without a bound."""
    key = f"{node.key}\x00{failure} tries"
    others = [other for other in FAILURES if other != failure and other in node.on]
    away = next((node.on[other] for other in others if _way(graph, node, node.on[other]) is None), graph.end())
    bound = Node(key, "loop", {"": BOUND}, on={"again": node.on[failure], "done": away}, name="tries")
    graph.nodes[key] = bound
    node.on[failure] = key
    graph.lose(
        node.origin or node.key,
        failure,
        Text(f"leads back without bound in the source; here {BOUND} times", f"原流程无限返回；这里最多 {BOUND} 次"),
    )


def _bound_cycles(graph: Graph) -> None:
    """Bound what a silent caller could never leave: circles over the ways that a call takes without its caller. A loop
    that is there bounds its own round, and leads on by ``done``."""
    while True:
        silent = {key: _silent_exits(node) for key, node in graph.nodes.items()}
        circles = loops({key: list(exits.values()) for key, exits in silent.items()})
        if not circles:
            return
        for circle in circles:
            inside = set(circle)
            key, exit_ = min(
                ((key, name) for key in circle for name, target in silent[key].items() if target in inside),
                key=lambda each: _best_to_break(graph.nodes[each[0]]),
            )
            asks = any(graph.nodes[each].type in INPUTS for each in circle)
            plain = all(graph.nodes[each].type in ASIDE | INPUTS for each in circle)
            _break(graph, graph.nodes[key], exit_, silent[key][exit_], BOUND if plain else ROUNDS if asks else POLLS)


def _best_to_break(node: Node) -> int:
    """Where a circle is broken: behind an input, else behind what only says something, else behind a decision."""
    return 0 if node.type in INPUTS else 1 if node.next is not None else 2


def _silent_exits(node: Node) -> dict[str, str]:
    """The exits that a call may take whose caller does nothing. Where a person may answer it is waiting."""
    if node.type in INPUTS or node.type in ("survey", "callback"):
        return {"no_input": node.on["no_input"]} if "no_input" in node.on else dict(node.on)
    if node.type in PEOPLE:
        return {}
    if node.type == "loop":
        return {"done": node.on["done"]}
    exits = dict(node.on)
    if node.next is not None:
        exits["next"] = node.next
    exits |= {f"case {number}": target for number, (_, target) in enumerate(node.cases)}
    if node.otherwise is not None and not _is_jump(node):
        exits["else"] = node.otherwise
    return exits


def _break(graph: Graph, node: Node, exit_: str, target: str, rounds: int) -> None:
    key = f"{node.key}\x00round"
    number = 1
    while key in graph.nodes:
        number += 1
        key = f"{node.key}\x00round{number}"
    graph.nodes[key] = Node(key, "loop", {"": rounds}, on={"again": target, "done": graph.end()}, name="rounds")
    if exit_ in node.on:
        node.on[exit_] = key
    elif exit_ == "next":
        node.next = key
    elif exit_ == "else":
        node.otherwise = key
    else:
        place = int(exit_.removeprefix("case "))
        node.cases[place] = (node.cases[place][0], key)
    graph.lose(
        node.origin or node.key,
        exit_,
        Text(f"goes round without bound in the source; here {rounds} times", f"原流程无限循环；这里最多 {rounds} 次"),
    )
