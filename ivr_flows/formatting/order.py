"""The canonical order of keys: of a flow by its node types, of other files by their models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from pydantic import BaseModel

from ..nodes import NODE_TYPES
from ..schema import _models_in

Order: TypeAlias = "Callable[[tuple[str, ...], list[str]], list[str]]"
"""Given the path of a mapping (keys, ``*`` for an item of a list) and its keys as written, the keys in their order."""

FLOW_KEYS = ("flow", "title", "description", "language", "start", "on_hangup", "texts", "nodes")
LAST = ("next", "on", "else")
CASE = ("when", "next")


def as_written(path: tuple[str, ...], keys: list[str]) -> list[str]:
    """No order but the author's."""
    return keys


def flow_order(path: tuple[str, ...], keys: list[str]) -> list[str]:
    """Of a node: its type, its options as the type lists them, then ``next``, ``on``, ``else``. The order of nodes,
    branches, cases and variables is the author's."""
    if path == ():
        return _sorted(keys, FLOW_KEYS)
    if path[0] != "nodes" or len(path) < 2:
        return keys
    if len(path) == 2:
        name = _type_key(keys)
        return keys if name is None else _sorted(keys, (name, *_options(name)), LAST)
    kind = NODE_TYPES.get(path[2])
    if kind is None:
        return keys
    if len(path) == 3 and not kind.main_is_mapping:
        return _sorted(keys, _options(kind.name))
    if kind.name == "branch" and path[-1] == "*":
        return _sorted(keys, CASE)
    return keys


def by_model(root: type[BaseModel], *others: type[BaseModel]) -> Order:
    """Keys in the order in which the models of a file list their fields."""

    @lru_cache(maxsize=4096)
    def fields(path: tuple[str, ...]) -> tuple[str, ...]:
        models: list[type[BaseModel]] = [root, *others]
        for step in path:
            deeper = [
                inner
                for model in models
                for name, field in model.model_fields.items()
                if step in (name, field.alias)
                for inner in _models_in(field.annotation)
            ]
            if deeper:
                models = deeper
            elif any(step in model.model_fields for model in models):
                return ()  # a plain mapping: its order is the author's
        return tuple(field.alias or name for model in models for name, field in model.model_fields.items())

    def order(path: tuple[str, ...], keys: list[str]) -> list[str]:
        known = fields(path)
        # A mapping of names to things is no thing itself: none, or few, of its keys are fields.
        return _sorted(keys, known) if all(key in known for key in keys) else keys

    return order


def _type_key(keys: Sequence[str]) -> str | None:
    """The key that names the node's type, found as the loader finds it."""
    found = [key for key in keys if key in NODE_TYPES]
    if len(found) == 1:
        return found[0]
    return keys[0] if found and keys[0] in NODE_TYPES else None


@lru_cache(maxsize=256)
def _options(name: str) -> tuple[str, ...]:
    kind = NODE_TYPES[name]
    fields = [field.alias or option for option, field in kind.options.model_fields.items()]
    return tuple(dict.fromkeys(([kind.main] if kind.main else []) + fields))


def _sorted(keys: list[str], first: Sequence[str], last: Sequence[str] = ()) -> list[str]:
    """``keys`` with ``first`` in front and ``last`` behind, both in their order; the others as written between."""
    places = {key: index for index, key in enumerate(first)}
    ends = {key: index for index, key in enumerate(last)}
    middle = len(places)
    return sorted(keys, key=lambda key: (key in ends, ends.get(key, places.get(key, middle))))


SCENARIO_KEYS = (
    "scenario",
    "description",
    "tags",
    "call",
    "data",
    "agents",
    "targets",
    "lines",
    "occupied",
    "month_calls",
    "steps",
    "expect",
)
CALL_KEYS = ("to", "from", "at")


def scenario_order(path: tuple[str, ...], keys: list[str]) -> list[str]:
    """Of a scenario: what it is called, the call, who answers, the steps, what is expected."""
    if path in ((), ("scenarios", "*")):
        return _sorted(keys, SCENARIO_KEYS)
    return _sorted(keys, CALL_KEYS) if path[-1] == "call" else keys


__all__ = ["Order", "as_written", "by_model", "flow_order", "scenario_order"]
