"""A picture as Mermaid text, for Markdown pages and merge requests."""

from __future__ import annotations

from .picture import Box, Picture
from .svg import COLOURS

_SHAPES = {"logic": ("{{", "}}"), "end": ("([", "])"), "input": ("[/", "/]"), "route": (">", "]")}


def as_mermaid(picture: Picture) -> str:
    """The flowchart of ``picture``; every arrow is drawn, Mermaid lays them out."""
    ids = {name: f"n{index}" for index, name in enumerate(picture.boxes)}
    lines = ["---", f"title: {_quoted(picture.title)}", "---", "flowchart TD"]
    for name, box in picture.boxes.items():
        opening, closing = _SHAPES.get(box.kind, ("[", "]"))
        lines.append(f"  {ids[name]}{opening}{_quoted(_text(box))}{closing}:::{box.kind}{_state(box)}")
    for arrow in picture.arrows:
        line = "-.->" if arrow.taken is False else "-->"
        label = f"|{_quoted(arrow.label)}|" if arrow.label else ""
        lines.append(f"  {ids[arrow.source]} {line}{label} {ids[arrow.target]}")
    for kind, (fill, stroke) in COLOURS.items():
        lines.append(f"  classDef {kind} fill:{fill},stroke:{stroke},color:#22303c")
        lines.append(f"  classDef {kind}Untaken fill:#fafafa,stroke:#b5b5b5,stroke-dasharray:5 4,color:#6b7a86")
    return "\n".join(lines) + "\n"


def _state(box: Box) -> str:
    return "Untaken" if box.taken is False else ""


def _text(box: Box) -> str:
    head = f"<b>{_escaped(box.title)}</b> {_escaped(box.word)}".strip()
    marks = [f"⚠ {_escaped(code)}" for _, code in box.marks[:3]]
    return "<br/>".join([head, *(_escaped(line) for line in box.lines), *marks])


def _escaped(text: str) -> str:
    return "".join(f"#{ord(character)};" if character in '<>&"#`|[]{}' else character for character in text)


def _quoted(text: str) -> str:
    plain = text.replace("\n", " ")
    return '"' + (plain if "<b>" in plain else _escaped(plain)) + '"'
