"""The table of a life as a picture: Mermaid, for docs/life.md. `tools/life_diagram.py` writes it there."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Stage
from .qualification import MOVES as QUALIFICATION_MOVES
from .table import EVENTS, MOVES, EventName


def life_diagram() -> str:
    """The states of a number; moves of one pair of states share an arrow. What time does is marked with ⏱."""
    arrows: dict[tuple[Stage, Stage], list[str]] = {}
    for move in MOVES:
        name = f"⏱ {move.event}" if EVENTS[move.event].by == "time" else move.event
        arrows.setdefault((move.state, move.to), []).append(f"{name} ({move.when.en})" if move.when else name)
    lines = [f"    {state} --> {to}: {', '.join(dict.fromkeys(names))}" for (state, to), names in arrows.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> stock", *lines])


def qualification_diagram() -> str:
    """The states of a qualification."""
    lines = [f"    {state or '[*]'} --> {to}: {event}" for state, event, to in QUALIFICATION_MOVES]
    return "\n".join(["stateDiagram-v2", *lines])


def event_rows() -> str:
    """The events as rows of a table: name, by whom, what, in which states."""
    states: dict[EventName, list[str]] = {}
    for move in MOVES:
        states.setdefault(move.event, []).append(move.state)
    rows = [
        f"| `{name}` | {event.by} | {event.text.en} / {event.text.zh} | {' '.join(dict.fromkeys(states[name]))} |"
        for name, event in EVENTS.items()
    ]
    return "\n".join(["| event | by | what / 含义 | in the states |", "|---|---|---|---|", *rows])


def with_diagrams(document: str) -> str:
    """The document with its generated parts made anew. Raises `ValueError` where one of their marks is missing."""
    parts: Mapping[str, str] = {
        "life": f"```mermaid\n{life_diagram()}\n```",
        "qualification": f"```mermaid\n{qualification_diagram()}\n```",
        "events": event_rows(),
    }
    for name, text in parts.items():
        begin, end = f"<!-- {name}: made from the table -->\n", f"<!-- {name}: end -->"
        head, mark, rest = document.partition(begin)
        _, closing, tail = rest.partition(end)
        if not mark or not closing:
            raise ValueError(f"the marks of the part {name} are missing")
        document = f"{head}{begin}{text}\n{end}{tail}"
    return document
