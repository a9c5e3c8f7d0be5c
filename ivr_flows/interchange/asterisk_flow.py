"""One flow out of a dialplan: where jumps lead, what a context lets one dial, where calls arrive."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ..findings import Text
from .asterisk_apps import convert
from .asterisk_source import Context, Extension, Step, is_dialable, pattern_classes, split_arguments
from .asterisk_values import Variables, pattern_condition
from .graph import Graph, Node
from .naming import quoted, slug

if TYPE_CHECKING:
    from .asterisk import AsteriskPlan

SPECIAL = frozenset({"t", "i", "h", "e", "T", "o", "a", "failed", "fax", "talk"})


MAX_KEYS = 60
JUMPS_FOLLOWED = 3


class PlanFlow:
    """Builds one graph; nodes are made from a worklist, so that no dialplan is too deep."""

    def __init__(self, reader: AsteriskPlan, graph: Graph, subroutine: bool) -> None:
        self.reader = reader
        self.plan = reader.plan
        self.graph = graph
        self.subroutine = subroutine
        self.waiting: deque[tuple[str, Extension, int]] = deque()
        self.asked: set[str] = set()

    # Where things lead. --------------------------------------------------------------------------------------

    def at(self, context: str, extension: Extension, where: str) -> str:
        """The key of the node at a priority or label of an extension; behind the last one the call (or the subroutine)
        ends."""
        priority = extension.find(where)
        if priority is None and where in ("1", ""):
            priority = min(extension.steps, default=None)
        if priority is None:
            return self.end()
        key = f"{context} {extension.name} {priority}"
        if key not in self.asked:
            self.asked.add(key)
            self.waiting.append((context, extension, priority))
        return key

    def end(self) -> str:
        """Behind the last step: the end of the call, of a subroutine its return."""
        if not self.subroutine:
            return self.graph.end()
        if "return" not in self.graph.nodes:
            self.graph.nodes["return"] = Node("return", "return", {"": "ok"}, name="done")
        return "return"

    def jump(self, context: str, exten: str, where: str, origin: str) -> str:
        """The node that ``Goto(context,exten,where)`` leads to; ``exten`` without variables."""
        found = self.plan.find(context, exten) or self.plan.find(context, "i")
        if context not in self.plan.contexts:
            return self._elsewhere(context, origin)
        if found is None:
            self.graph.lose(
                origin,
                f"{context},{exten}",
                Text("is not in the file; the call ends there", "文件中没有，改为结束通话"),
            )
            return self.end()
        key = self.at(found[0], found[1], where)
        if not found[1].is_pattern or exten.startswith("_"):
            return key
        name = f"dial {context} {exten} {where}"
        if name not in self.graph.nodes:
            self.graph.nodes[name] = Node(name, "set", {"": {"exten": exten}}, next=key, name=f"exten_{exten}")
        return name

    def _elsewhere(self, context: str, origin: str) -> str:
        """A context that another file holds: a flow of that name, which the call goes on in."""
        key = f"elsewhere {context}"
        if key not in self.graph.nodes:
            self.graph.nodes[key] = Node(key, "goto_flow", {"flow": slug(context, "context")}, name=context)
            self.graph.lose(origin, context, Text("is a context of another file", "是另一个文件里的 context"))
        return key

    def goto(self, target: str, context: str, extension: Extension, origin: str, variables: Variables) -> str:
        """The node for a Goto's ``[[context,]extension,]priority``."""
        parts = [each.strip() for each in split_arguments(target) if each.strip()] or ["1"]
        where = parts[-1]
        exten = parts[-2] if len(parts) > 1 else extension.name
        wanted = parts[-3] if len(parts) > 2 else context
        if len(parts) == 1 and extension.find(where) is not None:
            return self.at(context, extension, where)
        if len(parts) == 1:
            found = self.plan.find(context, where)
            return self.jump(context, where, "1", origin) if found else self._lost(target, origin)
        if "${" in wanted or "$[" in wanted:
            self.graph.lose(origin, target, Text("the context is chosen while calling", "context 在通话中选定"))
            return self.end()
        if "${" in where:
            where = "1"
        if "${" not in exten and "$[" not in exten:
            return self.jump(wanted, exten, where, origin)
        return self.dynamic(wanted, exten, where, origin, variables)

    def _lost(self, target: str, origin: str) -> str:
        self.graph.lose(origin, target, Text("is not in the file; the call ends there", "文件中没有，改为结束通话"))
        return self.end()

    def dynamic(self, context: str, exten: str, where: str, origin: str, variables: Variables) -> str:
        """A jump to an extension that is computed: a branch over the extensions that it can be."""
        made = variables.expression(exten)
        key = f"jump {context} {made} {where}"
        if key in self.graph.nodes:
            return key
        node = self.graph.nodes[key] = Node(key, "branch", name=f"to_{context}", origin="")
        prefix = exten.split("${")[0]
        patterns: list[tuple[str, str]] = []
        for name, (owner, extension) in self.plan.visible(context).items():
            if name in SPECIAL or (not name.startswith("_") and not name.startswith(prefix)):
                continue
            target = self.at(owner, extension, where)
            if name.startswith("_"):
                patterns.append((pattern_condition(name, made), self._keep(made, target, key, name)))
            else:
                node.cases.append((f"{made} == {quoted(name)}", target))
        node.cases = (node.cases + patterns)[:MAX_KEYS] or [("false", self.end())]
        node.otherwise = self.special(context, "i") or self.end()
        return key

    def _keep(self, made: str, target: str, key: str, name: str) -> str:
        if made == "exten":
            return target
        holder = f"{key} {name}"
        self.graph.nodes[holder] = Node(holder, "set", {"": {"exten": "{{ " + made + " }}"}}, next=target, name="exten")
        return holder

    def special(self, context: str, name: str) -> str | None:
        """The node at which the special extension ``name`` of a context begins."""
        found = self.plan.visible(context).get(name)
        return self.at(found[0], found[1], "1") if found else None

    # Making nodes. -------------------------------------------------------------------------------------------

    def whole(self, context: str, extension: Extension) -> None:
        """Every step of an extension, also those that nothing reaches."""
        for priority in extension.steps:
            if (context, extension.name, priority) not in self.reader.read:
                self.at(context, extension, str(priority))

    def finish(self) -> None:
        """Make the nodes that were asked for."""
        while self.waiting:
            context, extension, priority = self.waiting.popleft()
            self._make(context, extension, extension.steps[priority], f"{context} {extension.name} {priority}")
            if (context, extension.name, 0) not in self.reader.read:
                self.reader.read.add((context, extension.name, 0))
                for number, step in enumerate(extension.extra):
                    key = f"{context} {extension.name} {step.priority} again {number}"
                    self._make(context, extension, step, key)
                    self.graph.lose(
                        self.graph.nodes[key].origin,
                        "priority",
                        Text("is taken; Asterisk ignores this step", "优先级重复，Asterisk 会忽略此步"),
                    )

    def _make(self, context: str, extension: Extension, step: Step, key: str) -> None:
        following = extension.steps.get(step.priority + 1)
        behind = self.at(context, extension, str(step.priority + 1)) if following else self.end()
        place = (context, extension.name, step.priority)
        if place not in self.reader.read or " again " in key:
            self.reader.read.add(place)
            self.graph.sources += 1
        else:
            self.graph.copies.add(key)
        origin = f"{step.application}({step.arguments[:60]}) line {step.line}"
        exten = "exten" if extension.is_pattern else quoted(extension.name)
        if extension.is_pattern:
            self.graph.outside.setdefault("exten", "called")
        variables = Variables(self.graph, origin, exten)
        node = convert(self, context, extension, step, key, behind, following is not None, variables, origin)
        node.key, node.origin = key, origin
        node.name = node.name or _name(context, extension, step)
        self.graph.nodes[key] = node

    # Beginnings and ends. ------------------------------------------------------------------------------------

    def entry(self, roots: list[Context]) -> str:
        """The node at which calls arrive."""
        doors: list[tuple[str, str, Extension]] = []
        seen: set[tuple[str, str]] = set()
        for root in roots:
            for name, (owner, extension) in self.plan.visible(root.name).items():
                if name not in SPECIAL and extension.steps and (owner, name) not in seen:
                    seen.add((owner, name))
                    doors.append((name, owner, extension))
        if not doors:
            first = next(each for root in roots for each in root.extensions.values() if each.steps)
            return self.at(roots[0].name, first, "1")
        best = min(range(len(doors)), key=lambda place: (self._welcome(*doors[place][1:]), place))
        preferred = self.at(doors[best][1], doors[best][2], "1")
        others = [each for place, each in enumerate(doors) if place != best and _is_entry(each[0], doors[best][0])]
        if not others:
            return preferred
        node = self.graph.nodes["dialled"] = Node("dialled", "branch", name="dialled", otherwise=preferred)
        node.remarks.append("which extension is dialled; calls to other numbers take the last way")
        for name, owner, extension in others[:MAX_KEYS]:
            when = pattern_condition(name, "called") if name.startswith("_") else f"called == {quoted(name)}"
            node.cases.append((when, self.at(owner, extension, "1")))
        return node.key

    def _welcome(self, context: str, extension: Extension, depth: int = 0) -> int:
        """How much an extension looks like the place where callers are greeted: less is better."""
        if extension.name == "s" and depth == 0:
            return 0
        applications = {step.application.lower() for step in extension.steps.values()}
        if applications & {"background", "waitexten", "read"}:
            return 1
        jumps = [step.arguments for step in extension.steps.values() if step.application.lower() == "goto"]
        for parts in (split_arguments(each) for each in jumps):
            found = self.plan.find(parts[-3] if len(parts) > 2 else context, parts[-2]) if len(parts) > 1 else None
            if found is not None and depth < JUMPS_FOLLOWED and self._welcome(*found, depth + 1) <= 1:
                return 1
        if applications & {"answer", "playback", "queue", "agi"}:
            return 2
        return 4 if extension.is_pattern else 3

    def hang_up(self, group: list[Context]) -> None:
        """The ``h`` extension runs after a hang-up; a flow has one."""
        found = [context for context in group if "h" in context.extensions and context.extensions["h"].steps]
        if found:
            self.graph.on_hangup = self.at(found[0].name, found[0].extensions["h"], "1")
        for other in found[1:]:
            self.graph.lose(f"{other.name} h", "", Text("a flow has one hang-up hook", "一个流程只有一个挂机处理"))

    # Input. --------------------------------------------------------------------------------------------------

    def keys(self, context: str) -> tuple[dict[str, str], list[tuple[str, str, Extension]]]:
        """What can be dialled in a context: nodes by key, and the patterns that are too wide to list."""
        keys: dict[str, str] = {}
        wide: list[tuple[str, str, Extension]] = []
        for name, (owner, extension) in self.plan.visible(context).items():
            if name in SPECIAL:
                continue
            if is_dialable(name):
                keys.setdefault(name, self.at(owner, extension, "1"))
            elif name.startswith("_"):
                classes, more = pattern_classes(name)
                if len(classes) == 1 and not more:
                    for key in classes[0]:
                        if key in "0123456789*#" and key not in self.plan.visible(context):
                            keys.setdefault(key, self._pressed(owner, extension, key))
                elif all(set(each) & set("0123456789*#") for each in classes):
                    wide.append((name, owner, extension))
        return keys, wide

    def _pressed(self, owner: str, extension: Extension, key: str) -> str:
        name = f"dial {owner} {extension.name} {key}"
        target = self.at(owner, extension, "1")
        if name not in self.graph.nodes:
            self.graph.nodes[name] = Node(name, "set", {"": {"exten": key}}, next=target, name=f"exten_{key}")
        return name


def _name(context: str, extension: Extension, step: Step) -> str:
    if step.label:
        return step.label
    exten = extension.name.lstrip("_")
    where = context if exten == "s" else f"{context}_{exten}"
    return f"{where}_{step.application}"


def _is_entry(name: str, preferred: str) -> bool:
    """Whether an extension is a number that one dials from outside, not a choice in the greeting's menu."""
    inner = name == "s" or name.lstrip("_").startswith("s-")
    return not inner and not (preferred == "s" and is_dialable(name) and len(name) == 1)
