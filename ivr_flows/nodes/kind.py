"""What every node type declares: its options, its branches, how it compiles.

A node type is one module of this folder. ``compile`` returns the node's *enter* function: given the session and the
moment it returns the next command, or the node to go on with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..findings import Finding
from ..schema import Strict

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition, Reference
    from ..environment import Environment
    from ..results import HungUp, Result
    from ..session import Session, Step

Enter: TypeAlias = "Callable[[Session, float], Command | Step]"
Resume: TypeAlias = "Callable[[Session, Result], Command | Step]"
Gone: TypeAlias = "Callable[[Session, HungUp], Step | None]"


@dataclass(frozen=True, slots=True)
class Branches:
    """The branches of a node type.

    ``ways``: ``next`` for one way on, ``on`` for several, ``inside`` where they stand in the main option, ``none``.
    ``required`` must be written; ``falls`` says which branch serves for a missing one; ``keys`` allows digits,
    ``*`` and ``#`` as branch names, ``any_name`` every name.
    """

    ways: Literal["next", "on", "inside", "none"] = "next"
    known: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    falls: dict[str, str] = field(default_factory=dict)
    keys: bool = False
    any_name: bool = False


def no_exits(node: NodeDefinition) -> Iterator[tuple[str, Reference]]:
    """For types whose exits all stand in ``next`` and ``on``."""
    return iter(())


def no_texts(options: Any) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """For types without templates."""
    return ()


def no_findings(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    """For types whose options need no check against the outside."""
    return ()


@dataclass(frozen=True, slots=True)
class NodeType:
    """One node type of the flow language.

    ``main`` is the option that a bare value stands for. ``texts`` lists the option paths that are templates;
    ``defines`` the variables that the node sets; ``check`` what the linter asks of the outside.
    """

    name: str
    options: type[Strict]
    compile: Callable[[NodeDefinition, Wiring], Enter]
    branches: Branches = Branches()
    main: str | None = None
    main_is_mapping: bool = False
    needs_caller: bool = True
    inner_exits: Callable[[NodeDefinition], Iterator[tuple[str, Reference]]] = no_exits
    texts: Callable[[Any], Iterable[tuple[tuple[str | int, ...], str]]] = no_texts
    defines: Callable[[Any], Iterable[str]] = lambda options: ()
    check: Callable[[NodeDefinition, Environment], Iterable[Finding]] = no_findings
