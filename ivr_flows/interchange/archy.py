"""Genesys Archy YAML: a flow of menus, tasks and states; each a list of actions with nested outputs.

Actions are compiled from the end: each knows what follows it. A menu, a task or a state that something jumps to is made
once; a task that is *called* becomes a flow of its own, since it comes back.
"""

from __future__ import annotations

import re
from typing import Any

from ..findings import Place, Text
from .archy_actions import convert
from .archy_menus import read_menu
from .archy_values import Values
from .graph import Graph, Node
from .naming import slug
from .reading import items, mapping, read_yaml_tree, refuse, word

FLOW_KINDS = (
    *("inboundCall", "inqueueCall", "outboundCall", "secureCall", "inboundEmail", "inboundShortMessage", "inboundChat"),
    *("commonModule", "workflow", "voicemail", "bot", "digitalBot", "surveyInvite", "workitem", "voiceSurvey"),
)
_PLACEHOLDER = re.compile(r"\{\{\s*([\w.-]{1,60})\s*\}\}")
MAX_ACTIONS = 20_000
_BRACKET = re.compile(r"\[([^\]]*)\]\s*$")


def read_archy(text: str, file: str, name: str) -> list[Graph]:
    """The flows of a file. Raises `UnreadableFile` where it holds none."""
    filled = _PLACEHOLDER.sub(r"__\1__", text)
    value = mapping(read_yaml_tree(filled, file))
    folded = {name.lower(): name for name in value}
    kind = next(
        (
            found
            for each in FLOW_KINDS
            if (found := folded.get(each.lower())) is not None and isinstance(value[found], dict)
        ),
        None,
    )
    if kind is None:
        refuse(
            Place(file),
            Text(
                f"This is no flow of Archy: none of {', '.join(FLOW_KINDS[:4])} … stands at its top.",
                f"这不是 Archy 流程：顶层没有 {'、'.join(FLOW_KINDS[:4])} 等。",
            ),
            Text(
                "Export the flow with `archy export`, or check the format's name.",
                "请用 `archy export` 导出，或检查格式名。",
            ),
        )
    flow = mapping(value[kind])
    reader = ArchyFlow(flow, file, word(flow.get("name")) or name, secure=kind.lower() == "securecall")
    if filled != text:
        reader.graph.lose(
            reader.graph.name, "placeholders", Text("hold names that were never filled in", "含有尚未替换的占位符")
        )
    reader.read()
    return [reader.graph, *reader.called.values()]


class ArchyFlow:
    """Reads one flow. ``graph`` is the one being filled; ``called`` are the tasks that became flows. In a ``secure``
    flow whatever is entered is to be kept secret."""

    def __init__(self, flow: dict[str, Any], file: str, title: str, *, secure: bool = False) -> None:
        self.flow = flow
        self.secure = secure
        self.graph = Graph(slug(title, "imported"), title, _language(flow))
        self.graph.remarks.append(f"Imported from Genesys Archy: {file}")
        if word(flow.get("description")):
            self.graph.remarks.append(word(flow.get("description")))
        self.values = Values(self.graph)
        self.called: dict[str, Graph] = {}
        self.parts: dict[tuple[str, str], dict[str, Any]] = {}
        self.made: dict[tuple[str, tuple[str, str]], str] = {}
        self.menus: list[str] = []
        self.loops: list[tuple[str, str | None]] = []
        self.task_end: str | None = None
        self.count = 0
        for place, inner in (("menus", "menu"), ("tasks", "task"), ("states", "state")):
            for number, entry in enumerate(_listed(flow.get(place))):
                self._part(inner, entry, number)

    def _part(self, kind: str, entry: Any, number: int) -> None:
        part = mapping(mapping(entry).get(kind)) or mapping(entry)
        key = word(part.get("refId")) or f"{word(part.get('name'))}_{number}"
        if part:
            self.parts[kind, key] = part
            if kind == "menu":
                self._nested(part)

    def _nested(self, menu: dict[str, Any], depth: int = 0) -> None:
        """Menus inside of menus can be jumped to as well."""
        for choice in items(menu.get("choices")):
            for name, inner in mapping(choice).items():
                below = mapping(mapping(inner).get("menu")) or (
                    mapping(inner) if name in ("menu", "menuSubMenu") else {}
                )
                if below and depth < 20:
                    key = word(below.get("refId")) or word(below.get("name"))
                    self.parts.setdefault(("menu", key), below)
                    self._nested(below, depth + 1)

    def read(self) -> None:
        """Fill the graph: the greeting, the start, and every part that nothing reaches."""
        start = self._start()
        greeting, file = self.values.audio(self.flow.get("initialGreeting"), "initialGreeting", "initialGreeting")
        if greeting or file:
            self.graph.sources += 1
            options = {"": greeting} if greeting else {"file": file}
            node = Node("greeting", "play", options, next=start, name="greeting", origin="initialGreeting")
            start = self.graph.add(node).key
        self.graph.start = start or ""
        for place, _ in list(self.parts.items()):
            self.reach(*place)

    def _start(self) -> str | None:
        for name in ("startUpTaskActions", "startUpActions", "actions"):
            actions = items(self.flow.get(name))
            if actions:
                return self.sequence(actions, None)
        found = self.find(word(self.flow.get("startUpRef")))
        if found is None:
            found = next(iter(self.parts), None)
        if found is None:
            actions = items(mapping(self.flow.get("startUpMenu")).get("choices"))
            return None if not actions else read_menu(self, mapping(self.flow["startUpMenu"]), "start")
        return self.reach(*found)

    def find(self, reference: str) -> tuple[str, str] | None:
        """The part that a reference such as ``/inboundCall/tasks/task[Name_12]`` names."""
        match = _BRACKET.search(reference)
        wanted = match.group(1) if match else reference.rsplit("/", 1)[-1]
        kind = reference[: match.start()].rsplit("/", 1)[-1] if match else ""
        if not wanted:
            return None
        for place in ((kind, wanted), *((each, wanted) for each in ("menu", "task", "state"))):
            if place in self.parts:
                return place
        return next((place for place, part in self.parts.items() if word(part.get("name")) == wanted), None)

    def reach(self, kind: str, key: str) -> str | None:
        """The node at which a part begins, made when first asked for."""
        place = (kind, key)
        known = self.made.get((self.graph.name, place))
        if known is not None:
            return known
        part = self.parts[place]
        entry = f"{kind} {key}"
        if kind == "menu":
            self.made[self.graph.name, place] = entry
            return read_menu(self, part, entry)
        # A node stands at the beginning, so that a jump back finds it while the part is being read.
        self.made[self.graph.name, place] = entry
        self.graph.sources += 1
        holder = self.graph.add(self._variables(part, entry, kind))
        holder.next = self.sequence(items(part.get("actions")), self.task_end)
        return entry

    def _variables(self, part: dict[str, Any], entry: str, kind: str) -> Node:
        """The beginning of a task: its variables get their initial values."""
        values: dict[str, str] = {}
        for declared in items(part.get("variables")):
            for inner in mapping(declared).values():
                details = mapping(inner)
                name = self.values.name(word(details.get("name")).split(".")) if word(details.get("name")) else ""
                initial = details.get("initialValue")
                if name.isidentifier() and mapping(initial).keys() & {"lit", "exp"}:
                    values[name] = self.values.template(initial, entry, name)
        name = word(part.get("name")) or kind
        origin = f"{kind} {name}"
        if values:
            return Node(entry, "set", {"": values}, name=name, origin=origin)
        return Node(entry, "notify", {"": slug(name, kind)}, name=name, origin=origin)

    def call_task(self, reference: str) -> str | None:
        """The name of the flow that a called task becomes; None for an unknown task."""
        place = self.find(reference)
        if place is None:
            return None
        known = self.called.get(place[1])
        if known is not None:
            return known.name
        part = self.parts[place]
        title = word(part.get("name")) or place[1]
        graph = Graph(slug(f"{self.graph.name}_{title}", "task"), title, self.graph.language)
        graph.remarks.append(f"A task of {self.graph.title} that is called and comes back")
        self.called[place[1]] = graph
        outer = (self.graph, self.values, self.task_end, self.loops, self.menus)
        self.graph, self.values, self.loops, self.menus = graph, Values(graph), [], []
        end = graph.add(Node("return", "return", {"": "ok"}, name="done"))
        self.task_end = end.key
        graph.start = self.reach(*place) or end.key
        self.graph, self.values, self.task_end, self.loops, self.menus = outer
        return graph.name

    def sequence(self, actions: list[Any], following: str | None) -> str | None:
        """The node at which a list of actions begins; ``following`` is where it leads."""
        for number in range(len(actions) - 1, -1, -1):
            for kind, inner in reversed(mapping(actions[number]).items()):
                self.count += 1
                if self.count > MAX_ACTIONS:
                    refuse(
                        Place(self.graph.name),
                        Text(f"The flow has more than {MAX_ACTIONS} actions.", f"流程的动作超过 {MAX_ACTIONS} 个。"),
                        Text("Split it.", "请拆分流程。"),
                        "too-large",
                    )
                following = convert(self, kind, mapping(inner), following)
        return following

    def outputs(self, action: dict[str, Any], following: str | None) -> dict[str, str | None]:
        """The nodes at which each output of an action begins."""
        found: dict[str, str | None] = {}
        for name, inner in mapping(action.get("outputs")).items():
            # Written by hand, the actions often stand there at once.
            listed = mapping(inner)
            actions = items(inner if isinstance(inner, list) else listed.get("actions", listed.get("outputActions")))
            found[name] = self.sequence(actions, following) if actions else following
        return found


def _listed(value: Any) -> list[Any]:
    """The parts of a flow: a list, or a mapping of name and part, as some write it."""
    if not isinstance(value, dict):
        return items(value)
    return [{"refId": name, **mapping(part)} for name, part in value.items()]


def _language(flow: dict[str, Any]) -> str:
    written = word(flow.get("defaultLanguage")).lower()
    return "zh-CN" if written.startswith("zh") else "en"
