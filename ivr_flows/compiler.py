"""From a checked definition to a flow that runs: every node becomes a closure that returns prebuilt commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .commands import Prompt
from .definition import FlowDefinition, NodeDefinition, Reference
from .environment import Context, Environment
from .expressions import Evaluate, compile_text
from .session import Session, Step

if TYPE_CHECKING:
    from collections.abc import Callable

CACHED_TEXTS = 256
"""How many different texts of one dynamic prompt keep their prebuilt command."""


class Flow:
    """A compiled flow. Immutable and shared by all its sessions."""

    __slots__ = ("definition", "environment", "first", "language", "name", "steps")

    environment: Environment

    def __init__(self, definition: FlowDefinition, environment: Environment, steps: dict[str, Step]) -> None:
        self.definition = definition
        self.name = definition.name
        self.language = definition.language
        self.environment = environment
        self.steps = steps
        self.first = steps[definition.start.name]

    def session(self, context: Context) -> Session:
        """A new call in this flow; `Session.start` gives its first command."""
        return Session(self, context)


class Wiring:
    """What a node's ``compile`` is given: the flow's nodes as steps, the environment, prompts."""

    def __init__(self, definition: FlowDefinition, environment: Environment) -> None:
        self.flow = definition
        self.environment = environment
        self.language = definition.language
        self.steps = {name: Step(name, node.type.needs_caller) for name, node in definition.nodes.items()}

    def step(self, reference: Reference | None) -> Step | None:
        """The step that ``reference`` names; None for no reference."""
        return None if reference is None else self.steps[reference.name]

    def branch(self, node: NodeDefinition, name: str) -> Step | None:
        """The step of branch ``name``, following the type's falls; None where neither is written."""
        seen: str | None = name
        while seen is not None:
            if seen in node.on:
                return self.steps[node.on[seen].name]
            seen = node.type.branches.falls.get(seen)
        return None

    def prompt(self, text: str | None, file: str | None = None) -> Prompt | Evaluate | None:
        """A prompt, a function that renders one, or None for no text and no file."""
        if text is None and file is None:
            return None
        if text is None:
            return Prompt("", file, self.language)
        compiled = compile_text(text)
        if isinstance(compiled, str):
            return Prompt(compiled, file, self.language)
        language = self.language

        def render(session: Session, at: float) -> Prompt:
            return Prompt(compiled(session, at), file, language)

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


def compile_flow(definition: FlowDefinition, environment: Environment) -> Flow:
    """Compile ``definition``, which must be free of error findings."""
    wiring = Wiring(definition, environment)
    for name, node in definition.nodes.items():
        wiring.steps[name].enter = node.type.compile(node, wiring)
    return Flow(definition, environment, wiring.steps)
