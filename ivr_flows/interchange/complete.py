"""What our language demands and a foreign flow may lack: wired exits, defined variables, a start, usable names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from ..expressions import BUILT_IN, ExpressionError, is_template, names_used
from ..findings import Text
from ..nodes import NODE_TYPES
from ..schema import parse_duration
from .graph import END, Graph, Node
from .naming import slug, unique

OUTSIDE = "\x00outside"
EMPTY_TEXT = "''"
UNSET_WAYS = frozenset({"no_input", "no_match", "error", "failed"})
REQUIRED: dict[str, tuple[str, ...]] = {
    "menu": ("no_input",),
    "gather": ("ok", "no_input"),
    "queue": ("timeout",),
    "transfer": ("busy", "no_answer", "failed"),
    "hours": ("open", "closed"),
    "fetch": ("ok", "error"),
    "subflow": ("ok", "failed"),
    "survey": ("done", "no_input"),
    "callback": ("done", "failed"),
    "staffing": ("staffed", "unstaffed"),
    "loop": ("again", "done"),
    "speech": ("no_input", "no_match"),
    "message": ("sent", "failed"),
}
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 600.0
LONGEST_REQUEST = 30.0
MOST_FIELDS = 32
MOST_INTENTS, LONGEST_INTENT = 9, 60
NEEDS_NO_CALLER = frozenset({"set", "branch", "hours", "fetch", "notify", "hangup", "staffing", "logging", "loop"})
TEXT_OPTIONS_WITHOUT_TEMPLATES = frozenset({"pattern", "file", "post_digits"})


def complete(graph: Graph) -> None:
    """Make ``graph`` one that can be written: see the module. Idempotent."""
    _missing_targets(graph)
    _start(graph)
    if graph.exact:
        return
    _ways(graph)
    _required(graph)
    _within_bounds(graph)
    _hangup(graph)
    _outside(graph)


def _missing_targets(graph: Graph) -> None:
    for node in list(graph.nodes.values()):
        for target in list(node.targets()):
            if target not in graph.nodes:
                graph.lose(
                    node.origin or node.key,
                    "next",
                    Text(
                        f"leads to `{_shown(target)}`, which the file does not hold; the call ends there",
                        f"指向文件中没有的 `{_shown(target)}`，改为在此结束通话",
                    ),
                )
        node.redirect(lambda target: target if target in graph.nodes else graph.end())


def _shown(key: str) -> str:
    return key.replace("\x00", " ").strip()[:80]


def _start(graph: Graph) -> None:
    if graph.start in graph.nodes:
        return
    if not graph.nodes:
        graph.add(Node("start", "hangup", {"": "normal"}, name="end_call"))
    if graph.start:
        graph.lose(
            graph.name,
            "start",
            Text("names a node that the file does not hold", "指向文件中没有的节点"),
        )
    graph.start = next(iter(graph.nodes))


def _ways(graph: Graph) -> None:
    """Exits that a type has not: of an opaque node a branch more, else reported."""
    for node in graph.nodes.values():
        kind = NODE_TYPES.get(node.type)
        ways = kind.branches.ways if kind is not None else "on"
        if node.next is not None and ways in ("on", "none"):
            if node.type == "opaque":
                node.on.setdefault("next", node.next)
            elif node.next not in node.on.values():
                graph.lose(node.origin or node.key, "next", Text("has no such exit here", "在这里没有该出口"))
            node.next = None
        if node.on and ways != "on":
            graph.lose(node.origin or node.key, ", ".join(node.on), Text("has no such exit here", "在这里没有该出口"))
            node.on = {}


def _required(graph: Graph) -> None:
    for node in list(graph.nodes.values()):
        kind = NODE_TYPES.get(node.type)
        wanted = (*REQUIRED.get(node.type, ()), *(kind.branches.required if kind else ()))
        for branch in dict.fromkeys(wanted):
            if branch not in node.on:
                node.on[branch] = graph.end()
        if node.type == "branch" and node.otherwise is None and [when for when, _ in node.cases] != ["true"]:
            node.otherwise = graph.end()


def _within_bounds(graph: Graph) -> None:
    """Bring what other systems allow into what we do: pauses, and the fields of notifications."""
    for node in graph.nodes.values():
        if node.type == "wait":
            wanted = parse_duration(node.options.get("", 0))
            node.options[""] = f"{min(max(wanted, SHORTEST_WAIT), LONGEST_WAIT):g}s"
            if wanted > LONGEST_WAIT:
                graph.lose(
                    node.origin or node.key,
                    "wait",
                    Text(f"is {LONGEST_WAIT:g} s at most here", f"这里最长 {LONGEST_WAIT:g} 秒"),
                )
        elif node.type == "fetch":
            _request(graph, node)
        elif node.type == "speech":
            _few_intents(graph, node)
        elif node.type == "notify" and node.options.get("data"):
            fields: dict[str, Any] = {}
            for name, value in node.options["data"].items():
                plain_name = re.sub(r"[^A-Za-z0-9_]", "_", str(name))[:60]
                if not plain_name.strip("_") or plain_name[0].isdigit():
                    plain_name = f"field_{len(fields) + 1}"
                fields[unique(plain_name, fields)] = value
            for name in list(fields)[MOST_FIELDS:]:
                graph.lose(node.origin or node.key, name, Text("is a field too many", "字段过多"))
                del fields[name]
            node.options["data"] = fields


def _request(graph: Graph, node: Node) -> None:
    """A request whose address is one, and that waits no longer than ours do."""
    origin = node.origin or node.key
    if parse_duration(node.options.get("timeout", 0)) > LONGEST_REQUEST:
        node.options["timeout"] = f"{LONGEST_REQUEST:g}s"
        graph.lose(
            origin, "timeout", Text(f"is {LONGEST_REQUEST:g} s at most here", f"这里最长 {LONGEST_REQUEST:g} 秒")
        )
    url = str(node.options.get("url", ""))
    if not is_template(url.split("/", 3)[0]) and not url.lower().startswith(("http://", "https://")):
        graph.lose(origin, "url", Text("is no address of a web service", "不是网络服务地址"))
        node.options["url"] = f"https://request.invalid/{slug(node.name, 'request')}"


def _few_intents(graph: Graph, node: Node) -> None:
    """Intents that differ, and no more than a speech node tells apart. Exits of the others stay and are reported."""
    kept: dict[str, str] = {}
    for intent in node.options["intents"]:
        folded = "".join(normalize("NFKC", intent).casefold().split())
        if folded and folded not in kept and len(kept) < MOST_INTENTS and len(intent) <= LONGEST_INTENT:
            kept[folded] = intent
        else:
            graph.lose(
                node.origin or node.key,
                intent,
                Text(
                    f"is not told apart: a node has {MOST_INTENTS} different intents",
                    f"无法区分：最多 {MOST_INTENTS} 个意图",
                ),
            )
    if not kept:
        kept["understood"] = "understood"
    node.options["intents"] = list(kept.values())
    for intent in kept.values():
        if intent not in node.on:
            node.on[intent] = graph.end()


def drop_unused_end(graph: Graph) -> None:
    """The end that was made for unwired exits goes when none is left."""
    if END in graph.nodes and graph.start != END and all(END not in node.targets() for node in graph.nodes.values()):
        del graph.nodes[END]


def _hangup(graph: Graph) -> None:
    """After a hang-up only nodes that need no caller may run."""
    if graph.on_hangup is None:
        return
    seen: set[str] = set()
    waiting = [graph.on_hangup]
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        node = graph.nodes.get(key)
        if node is None or node.type not in NEEDS_NO_CALLER:
            graph.lose(
                node.origin if node else graph.name,
                "hang-up",
                Text("needs a caller, but runs after the caller has left", "在来电者挂机后执行，却需要来电者"),
            )
            graph.on_hangup = None
            return
        waiting.extend(node.targets())


def _outside(graph: Graph) -> None:
    """Variables that a call may read before anything sets them come from elsewhere: a first node keeps what is there
    already."""
    uses = {key: _used(node) for key, node in graph.nodes.items()}
    names = dict.fromkeys(name for used in uses.values() for name in used)
    wanted = [name for name in names if name not in BUILT_IN and _read_unset(graph, uses, name)]
    if not wanted:
        return
    values = {name: "{{ " + f"{name} | default({graph.outside.get(name, EMPTY_TEXT)})" + " }}" for name in wanted}
    known = graph.nodes.get(OUTSIDE)
    if known is not None:
        known.options[""] = {**values, **known.options[""]}
        return
    node = Node(OUTSIDE, "set", {"": values}, next=graph.start, name="from_outside")
    node.remarks.append("values that the flow expects from elsewhere; one that is given already is kept")
    graph.nodes[OUTSIDE] = node
    graph.start = OUTSIDE


def _used(node: Node) -> set[str]:
    """The names that the templates of ``node`` read."""
    found: set[str] = set()
    for text in _texts(node):
        try:
            found.update(name for name, _ in names_used(text))
        except ExpressionError:
            continue
    return found


def _read_unset(graph: Graph, uses: Mapping[str, set[str]], name: str) -> bool:
    """Whether some way from the start reads ``name`` before a node sets it; nodes that no way reaches count as read."""
    seen: set[str] = set()
    waiting = [graph.start, *([graph.on_hangup] if graph.on_hangup is not None else [])]
    while waiting:
        key = waiting.pop()
        if key in seen or key not in graph.nodes:
            continue
        seen.add(key)
        if name in uses[key]:
            return True
        node = graph.nodes[key]
        if name in _defined(node):
            # An input and a request set their variable where they succeed.
            waiting.extend(target for branch, target in node.on.items() if branch in UNSET_WAYS)
        else:
            waiting.extend(node.targets())
    # What no way reaches has to load all the same: a name must be defined somewhere.
    if any(name in _defined(node) for node in graph.nodes.values()):
        return False
    return any(name in used for used in uses.values())


def _defined(node: Node) -> set[str]:
    """The variables that ``node`` sets."""
    found: set[str] = set()
    if node.type == "set":
        found.update(node.options.get("", {}))
    into = node.options.get("into")
    if isinstance(into, str):
        found.add(into)
    elif node.type in _defaults:
        found.add(_defaults[node.type])
    return found


_defaults = {"gather": "digits", "fetch": "last", "survey": "score", "speech": "utterance"}


def _texts(node: Node) -> list[str]:
    cases = node.cases if node.type == "branch" else []
    found = [when if is_template(when) else "{{ " + when + " }}" for when, _ in cases]
    waiting = [value for name, value in node.options.items() if name not in TEXT_OPTIONS_WITHOUT_TEMPLATES]
    if node.type == "opaque":
        return found
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if is_template(value):
                found.append(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return found


def name_nodes(graph: Graph) -> dict[str, str]:
    """The name of every node in YAML, by key, each once."""
    names: dict[str, str] = {}
    if graph.exact:
        return {key: key for key in graph.nodes}
    taken: set[str] = {"next", "on", "else"}
    for key, node in graph.nodes.items():
        wanted = "end_call" if key == END else slug(node.name, node.type)
        if wanted[0].isdigit():
            wanted = f"{node.type}_{wanted}"
        names[key] = unique(wanted, taken)
        taken.add(names[key])
    return names
