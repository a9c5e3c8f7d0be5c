"""Asterisk's ``extensions.conf``: contexts that jump to each other are one flow, subroutines are flows of their own.

A flow begins at the extension that a call would reach: ``s``, the only one, or a branch on the number dialled. The
extensions of a context are the keys of its ``WaitExten``; ``t`` and ``i`` are its ``no_input`` and ``no_match``; ``h``
runs after a hang-up.
"""

from __future__ import annotations

import re

from ..findings import Text
from .asterisk_flow import PlanFlow
from .asterisk_source import (
    Context,
    Dialplan,
    Step,
    read_dialplan,
)
from .graph import Graph
from .naming import slug

_JUMPS = frozenset({"goto", "gotoif", "gotoiftime", "execif", "execiftime"})
_CALLS = frozenset({"gosub", "gosubif", "macro", "macroif", "macroexclusive"})


def read_asterisk(text: str, file: str, name: str) -> list[Graph]:
    """The flows of a dialplan. Raises `UnreadableFile` where it holds no extension."""
    plan = read_dialplan(text, file)
    reader = AsteriskPlan(plan, text, file)
    for group in reader.groups():
        reader.flow(group, name)
    graphs = list(reader.graphs.values())
    for line, written in plan.unread:
        if not written.lower().startswith(("[", "static", "writeprotect", "clearglobalvars")):
            graphs[0].lose(f"line {line}", written[:60], Text("is no step of a dialplan", "不是拨号方案的步骤"))
    return graphs


class AsteriskPlan:
    """Builds the graphs of a dialplan. ``graphs`` by flow name; ``subroutines`` by where they begin."""

    def __init__(self, plan: Dialplan, text: str, file: str) -> None:
        self.plan = plan
        self.file = file
        self.graphs: dict[str, Graph] = {}
        self.subroutines: dict[tuple[str, str, str], str] = {}
        self.read: set[tuple[str, str, int]] = set()
        self.uses_dial_status = "DIALSTATUS" in text
        self.uses_read_status = "READSTATUS" in text
        self.called = self._called()

    def _called(self) -> set[str]:
        """Contexts that are only called and come back."""
        found: set[str] = set()
        for context in self.plan.contexts.values():
            if context.name.startswith("macro-"):
                found.add(context.name)
            for extension in context.extensions.values():
                for step in extension.steps.values():
                    if step.application.lower() in _CALLS:
                        found.update(self._named(step, context.name))
        return found - self._jumped()

    def _jumped(self) -> set[str]:
        found: set[str] = set()
        for context in self.plan.contexts.values():
            for extension in context.extensions.values():
                for step in extension.steps.values():
                    if step.application.lower() in _JUMPS:
                        found.update(each for each in self._named(step, context.name) if each != context.name)
        return found

    def _named(self, step: Step, own: str) -> set[str]:
        """Contexts that the arguments of a jump or a call name."""
        words = {each.strip() for each in re.split(r"[,?:()]", step.arguments)}
        named = {each for each in words if each in self.plan.contexts and each != own}
        if step.application.lower().startswith("macro"):
            named |= {f"macro-{each}" for each in words if f"macro-{each}" in self.plan.contexts}
        return named

    def groups(self) -> list[list[Context]]:
        """Contexts that reach each other by jumps and includes, in the order of the file; subroutines left out where
        something else is there."""
        parent = {name: name for name in self.plan.contexts}

        def root(name: str) -> str:
            while parent[name] != name:
                parent[name] = parent[parent[name]]
                name = parent[name]
            return name

        for context in self.plan.contexts.values():
            if context.name in self.called:
                continue
            linked = set(context.includes)
            for extension in context.extensions.values():
                for step in extension.steps.values():
                    if step.application.lower() in _JUMPS:
                        linked |= self._named(step, context.name)
            for name in linked:
                if name in parent and name not in self.called:
                    parent[root(name)] = root(context.name)
        found: dict[str, list[Context]] = {}
        for context in self.plan.contexts.values():
            if context.name not in self.called:
                found.setdefault(root(context.name), []).append(context)
        groups = [group for group in found.values() if any(each.extensions for each in group)]
        alone = [
            [self.plan.contexts[name]]
            for name in self.plan.contexts
            if name in self.called and self.plan.contexts[name].extensions
        ]
        return groups + alone

    def flow(self, group: list[Context], file_name: str) -> None:
        """The flow of a group of contexts; one that subroutines covered wholly makes none."""
        steps = {
            (context.name, extension.name, step.priority)
            for context in group
            for extension in context.extensions.values()
            for step in extension.steps.values()
        }
        if steps <= self.read or not steps:
            return
        roots = self._roots(group)
        title = roots[0].name if len(roots) == 1 else f"{file_name}_{roots[0].name}" if roots else file_name
        graph = self.graph(slug(title, "dialplan"), title)
        flow = PlanFlow(self, graph, subroutine=group[0].name in self.called)
        graph.start = flow.entry(roots or group)
        for context in group:
            for extension in context.extensions.values():
                flow.whole(context.name, extension)
        flow.hang_up(group)
        flow.finish()

    def _roots(self, group: list[Context]) -> list[Context]:
        """Contexts of the group that no other one jumps to or includes: where calls arrive."""
        reached: set[str] = set()
        for context in group:
            reached.update(name for name in context.includes if name != context.name)
            for extension in context.extensions.values():
                for step in extension.steps.values():
                    if step.application.lower() in _JUMPS | _CALLS:
                        reached |= self._named(step, context.name)
        roots = [context for context in group if context.name not in reached]
        return [each for each in roots if self.plan.visible(each.name)] or [each for each in group if each.extensions]

    def graph(self, name: str, title: str) -> Graph:
        """A new graph under a free name."""
        number, free = 1, name
        while free in self.graphs:
            number += 1
            free = f"{name}_{number}"
        graph = Graph(free, title, "en")
        graph.remarks.append(f"Imported from Asterisk: {self.file}")
        self.graphs[free] = graph
        return graph

    def subroutine(self, context: str, exten: str, where: str) -> str | None:
        """The flow of a subroutine that begins at ``context,exten,where``; None where the file does not hold it."""
        key = (context, exten, where)
        if key in self.subroutines:
            return self.subroutines[key]
        found = self.plan.find(context, exten) or self.plan.find(context, "s")
        if found is None:
            return None
        graph = self.graph(slug(f"{context}_{where}" if not where.isdigit() else context, "subroutine"), context)
        self.subroutines[key] = graph.name
        flow = PlanFlow(self, graph, subroutine=True)
        graph.start = flow.at(found[0], found[1], where)
        flow.finish()
        return graph.name
