"""What a node does, read from what its type declares: branches, options, whether it needs the caller.

No rule asks for the name of a type; a type that is added declares itself and is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..definition import NodeDefinition, Reference
from ..ssml import SPOKEN_OPTIONS, words_of

HEARD = ("prompt", "text", "ssml", "announcement", "no_input_prompt", "no_match_prompt")
"""Options whose text the caller hears."""
HEARD_LISTS = ("no_input_prompts", "no_match_prompts", "hold")
FAILURES = frozenset(
    {"no_input", "no_match", "error", "failed", "busy", "no_answer", "timeout", "full", "no_agents", "abandoned"}
)
"""Branches that are taken when what the node was for did not come about."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text of a node, with the path of its option."""

    path: tuple[str | int, ...]
    text: str


def texts(node: NodeDefinition) -> list[Words]:
    """Every text of a node that may hold a template; of SSML its words."""
    return [Words(tuple(path), _words(path, text)) for path, text in node.type.texts(node.options) if text]


def _words(path: tuple[str | int, ...], text: str) -> str:
    return words_of(text, marked=path[0] == "ssml") if path[0] in SPOKEN_OPTIONS else text


def heard(node: NodeDefinition) -> list[Words]:
    """The texts that the caller hears in this node."""
    kind = node.type
    if not kind.needs_caller and kind.branches.ways != "none":
        return []
    return [words for words in texts(node) if words.path and words.path[0] in (*HEARD, *HEARD_LISTS)]


def asks(node: NodeDefinition) -> bool:
    """Whether the node waits for what the caller enters or says."""
    return "no_input" in node.type.branches.known


def person(node: NodeDefinition) -> bool:
    """Whether a person may speak with the caller in this node."""
    return "answered" in node.type.branches.known


def records(node: NodeDefinition) -> bool:
    """Whether the node records what the caller says: it bounds the recording by ``max``."""
    return node.type.needs_caller and not asks(node) and option(node, "max") is not None


def speaks(node: NodeDefinition) -> bool:
    """Whether the caller hears something in this node, a recorded file or a subflow included."""
    return bool(heard(node)) or (node.type.needs_caller and bool(option(node, "file"))) or runs(node) is not None


def runs(node: NodeDefinition) -> str | None:
    """The flow that the node runs as a subflow or goes on in, whatever that does."""
    found = option(node, "flow")
    return found if isinstance(found, str) else None


def language(node: NodeDefinition) -> str | None:
    """The language that the node switches to."""
    found = option(node, node.type.main or "") if node.type.name == "language" else None
    return found if isinstance(found, str) else None


def logged(node: NodeDefinition) -> bool | None:
    """Whether the record shows what nodes behind this one say; None where it changes nothing."""
    found = option(node, node.type.main or "") if node.type.name == "logging" else None
    return found if isinstance(found, bool) else None


def outside(node: NodeDefinition) -> bool:
    """Whether the node asks something outside, which may fail."""
    return "error" in node.type.branches.known


def pause(node: NodeDefinition) -> float:
    """Seconds that the node waits by itself: its main value is a time."""
    main = node.type.main
    value = option(node, main) if main else None
    return value if isinstance(value, float) else 0.0


def option(node: NodeDefinition, name: str) -> Any:
    """The option ``name``; None where the type has none of that name."""
    # Not getattr: pydantic looks for a missing attribute in many places.
    return vars(node.options).get(name)


def written(node: NodeDefinition, name: str) -> bool:
    """Whether the author wrote the option ``name``."""
    return name in getattr(node.options, "model_fields_set", ())


def branch(node: NodeDefinition, name: str) -> Reference | None:
    """Where branch ``name`` leads, a missing one as its type lets it fall; None where it ends the call."""
    seen: str | None = name
    while seen is not None:
        if seen in node.on:
            return node.on[seen]
        seen = node.type.branches.falls.get(seen)
    return None


def keys(node: NodeDefinition) -> list[str]:
    """The telephone keys that are branches of the node."""
    if not node.type.branches.keys:
        return []
    return [key for key in node.on if key and all(character in "0123456789*#" for character in key)]


def shown(node: NodeDefinition) -> str:
    """The node as messages call it."""
    return f"`{node.id}` ({node.type.name})"


def ends(node: NodeDefinition) -> Iterator[str]:
    """The ways in which the call may end at this node: ``next`` for a missing way on, ``else`` for a choice without
    one, the type's name where it always ends there."""
    ways = node.type.branches.ways
    if ways == "next" and node.next is None:
        yield "next"
    elif ways == "none":
        yield node.type.name
