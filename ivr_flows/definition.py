"""A flow as its author wrote it: nodes with their options, branches and places. Not yet checked, not yet run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .findings import Place
from .yaml_source import Document

if TYPE_CHECKING:
    from .nodes.kind import NodeType


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of a node, where it was written."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class NodeDefinition:
    """One node. ``options`` is the validated pydantic model of its type; ``next`` its one way on, ``on`` its
    branches by name, ``otherwise`` a branch node's ``else``. ``source`` keeps the places of the options."""

    id: str
    type: NodeType
    options: Any
    place: Place
    source: Document
    next: Reference | None = None
    on: Mapping[str, Reference] = field(default_factory=dict)
    otherwise: Reference | None = None

    def exits(self) -> Iterator[tuple[str, Reference]]:
        """Every way out that is written, with its name, in order."""
        if self.next:
            yield "next", self.next
        yield from self.on.items()
        yield from self.type.inner_exits(self)
        if self.otherwise:
            yield "else", self.otherwise

    def option_place(self, *path: str | int) -> Place:
        """Where the option at ``path`` stands."""
        found = self.source.place(*path)
        return found if found.line else self.place


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """One flow file. ``start`` is the first node entered, ``on_hangup`` the one entered after a caller hung up,
    ``texts`` its texts by name and language."""

    name: str
    title: str
    language: str
    start: Reference
    nodes: Mapping[str, NodeDefinition]
    file: str
    place: Place
    on_hangup: Reference | None = None
    text: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
