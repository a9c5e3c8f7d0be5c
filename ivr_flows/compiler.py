"""From a checked definition to a flow that runs: every node becomes a closure that returns prebuilt commands.

A subflow is compiled into the flow that runs it, its nodes named ``node/inner``; a flow that the call goes on in once,
its nodes named ``flow//inner``. A call never looks a flow up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .commands import Prompt
from .definition import FlowDefinition, NodeDefinition, Reference
from .environment import Context, Environment
from .expressions import Evaluate, compile_text
from .session import Session, Step
from .ssml import compile_ssml, is_ssml
from .subflows import DEEPEST_SUBFLOW, callees
from .texts import Wording

CACHED_TEXTS = 256
"""How many different texts of one dynamic prompt keep their prebuilt command."""
MOST_NODES = 20_000
"""Most nodes of one compiled flow, those of its subflows included."""


class Flow:
    """A compiled flow. Immutable and shared by all its sessions. ``nodes`` are the definitions behind the ids of a
    path, those of other flows included; ``wording`` is the flow's own, ``wordings`` those of other flows by node.
    ``hooked``: whether a node may run after a caller hung up, in this flow or in one that the call goes on in."""

    __slots__ = (
        "definition",
        "environment",
        "first",
        "hooked",
        "language",
        "name",
        "nodes",
        "on_hangup",
        "steps",
        "wording",
        "wordings",
    )

    environment: Environment

    def __init__(
        self,
        definition: FlowDefinition,
        environment: Environment,
        steps: dict[str, Step],
        nodes: Mapping[str, NodeDefinition] | None = None,
        wordings: Mapping[str, Wording] | None = None,
        hooked: bool = False,
    ) -> None:
        self.definition = definition
        self.name = definition.name
        self.language = definition.language
        self.environment = environment
        self.steps = steps
        self.nodes = definition.nodes if nodes is None else nodes
        self.wording = Wording(definition.language, definition.texts)
        self.wordings = wordings or {}
        self.first = steps[definition.start.name]
        hook = definition.on_hangup
        self.on_hangup = None if hook is None else steps[hook.name]
        self.hooked = hooked or hook is not None

    def session(self, context: Context) -> Session:
        """A new call in this flow; `Session.start` gives its first command."""
        return Session(self, context)


class Wiring:
    """What a node's ``compile`` is given: the flow's nodes as steps, the environment, prompts.

    ``prefix`` stands before the ids of another flow's nodes. In a subflow ``ending`` is the step behind a node without
    a way on, and ``way_out`` gives the step behind what a ``return`` names; elsewhere both are None. ``entered`` are
    the flows that the call may go on in, the first one included, by name.
    """

    def __init__(self, definition: FlowDefinition, environment: Environment, caller: Wiring | None = None) -> None:
        self.flow = definition
        self.environment = environment
        self.language = definition.language
        self.prefix = ""
        self.ending: Step | None = None
        self.way_out: Callable[[str], Step | None] | None = None
        self.callers: tuple[str, ...] = (definition.name,)
        self.nodes: dict[str, NodeDefinition] = {} if caller is None else caller.nodes
        self.all_steps: dict[str, Step] = {} if caller is None else caller.all_steps
        self.wordings: dict[str, Wording] = {} if caller is None else caller.wordings
        self.switches_language: bool = (
            _switches_language(definition, environment) if caller is None else caller.switches_language
        )
        self.steps: dict[str, Step] = {}
        self.entered: dict[str, Wiring] = {definition.name: self} if caller is None else caller.entered

    def declare(self) -> None:
        """Make the steps of every node, which do nothing yet."""
        wording = Wording(self.flow.language, self.flow.texts) if self.prefix else None
        for name, node in self.flow.nodes.items():
            path_id = self.prefix + name
            self.steps[name] = self.all_steps[path_id] = Step(path_id, node.type.needs_caller)
            self.nodes[path_id] = node
            if wording is not None:
                self.wordings[path_id] = wording

    def compile(self) -> None:
        """Make the enter functions of every node. The steps must be there."""
        for name, node in self.flow.nodes.items():
            self.steps[name].enter = node.type.compile(node, self)

    def callee(self, name: str) -> FlowDefinition | None:
        """The flow that a subflow node of this flow runs; None where it must not: there is none of that name, it is
        under way already, or it would be too deep or too large."""
        found = self.environment.flow_definition(name)
        if found is None or name in self.callers or len(self.callers) > DEEPEST_SUBFLOW:
            return None
        return None if len(self.nodes) + len(found.nodes) > MOST_NODES else found

    def inline(
        self, node: NodeDefinition, callee: FlowDefinition, ending: Step, way_out: Callable[[str], Step | None]
    ) -> Step:
        """Compile ``callee`` below ``node``; its first step."""
        inner = Wiring(callee, self.environment, self)
        inner.prefix = f"{self.prefix}{node.id}/"
        inner.callers = (*self.callers, callee.name)
        inner.ending, inner.way_out = ending, way_out
        inner.declare()
        inner.compile()
        return inner.steps[callee.start.name]

    def entrance(self, name: str) -> tuple[Step, Step | None] | None:
        """The first step of flow ``name`` and its hang-up hook, for a call that goes on in it; None where there is no
        such flow, or it would be too large. It is compiled once, however many nodes lead to it (`compile_flow`)."""
        inner = self.entered.get(name)
        if inner is None:
            found = self.environment.flow_definition(name)
            if found is None or len(self.nodes) + len(found.nodes) > MOST_NODES:
                return None
            inner = self.entered[name] = Wiring(found, self.environment, self)
            inner.prefix = f"{name}//"
            inner.declare()
        hook = inner.flow.on_hangup
        return inner.steps[inner.flow.start.name], None if hook is None else inner.steps[hook.name]

    def step(self, reference: Reference | None) -> Step | None:
        """The step that ``reference``, a node's only way on, names. For none the end: None in a main flow, which ends
        the call, the way back in a subflow."""
        return self.ending if reference is None else self.steps[reference.name]

    def branch(self, node: NodeDefinition, name: str) -> Step | None:
        """The step of branch ``name``, following the type's falls; None where neither is written."""
        seen: str | None = name
        while seen is not None:
            if seen in node.on:
                return self.steps[node.on[seen].name]
            seen = node.type.branches.falls.get(seen)
        return None

    def prompt(self, text: str | None, file: str | None = None) -> Prompt | Evaluate | None:
        """A prompt, a function that renders one, or None for no text and no file. A text may be SSML."""
        if text is None and file is None:
            return None
        if text is not None and is_ssml(text):
            return self.marked(text)
        compiled = "" if text is None else compile_text(text)
        own = self.language
        if self.switches_language:

            def render_in_language(session: Session, at: float) -> Prompt:
                words = compiled if isinstance(compiled, str) else compiled(session, at)
                return Prompt(words, file, session.language or own, session.voice)

            return render_in_language
        if isinstance(compiled, str):
            return Prompt(compiled, file, own)
        rendered = compiled

        def render(session: Session, at: float) -> Prompt:
            return Prompt(rendered(session, at), file, own)

        return render

    def marked(self, text: str) -> Prompt | Evaluate:
        """The prompt of SSML, or a function that renders one. Its root may be missing."""
        compiled, own = compile_ssml(text), self.language
        if not callable(compiled) and not self.switches_language:
            words, markup, pause = compiled
            return Prompt(words, None, own, ssml=markup, pause=pause)

        def render(session: Session, at: float) -> Prompt:
            words, markup, pause = compiled(session, at) if callable(compiled) else compiled
            return Prompt(words, None, session.language or own, session.voice, markup, pause)

        return render

    def text(self, text: str | None) -> str | Evaluate | None:
        """A constant text, a function that renders one, or None."""
        return None if text is None else compile_text(text)

    def command(self, parts: tuple[Any, ...], build: Callable[..., Any]) -> Any:
        """``build(*parts)`` made once where all parts are constant, else a function of session and moment that
        keeps what it built for the texts it has seen."""
        if not any(callable(part) for part in parts):
            return build(*parts)
        cache: dict[tuple[Any, ...], Any] = {}

        def make(session: Session, at: float) -> Any:
            values = tuple([part(session, at) if callable(part) else part for part in parts])
            command = cache.get(values)
            if command is None:
                if len(cache) >= CACHED_TEXTS:
                    cache.clear()
                command = cache[values] = build(*values)
            return command

        return make


def _switches_language(definition: FlowDefinition, environment: Environment) -> bool:
    """Whether a node of the flow or of its subflows changes the language in which prompts are spoken."""
    flows = (definition, *callees(definition, environment).values())
    return any(node.type.name == "language" for flow in flows for node in flow.nodes.values())


def compile_flow(definition: FlowDefinition, environment: Environment) -> Flow:
    """Compile ``definition``, which must be free of error findings."""
    wiring = Wiring(definition, environment)
    wiring.declare()
    done = 0
    while done < len(wiring.entered):  # compiling one may lead to more
        for each in list(wiring.entered.values())[done:]:
            each.compile()
            done += 1
    hooked = any(each.flow.on_hangup is not None for each in wiring.entered.values())
    return Flow(definition, environment, wiring.all_steps, wiring.nodes, wiring.wordings, hooked)
