"""A picture as Mermaid text, for Markdown pages and merge requests."""

from __future__ import annotations

import json

from .picture import TEXT_LINES, TEXT_WIDTH, Box, Picture
from .svg import COLOURS
from .words import Measure

_SHAPES = {"logic": ("{{", "}}"), "end": ("([", "])"), "input": ("(", ")"), "route": (">", "]")}


def as_mermaid(picture: Picture) -> str:
    """The flowchart of ``picture``; every arrow is drawn, Mermaid lays them out."""
    ids = {name: f"n{index}" for index, name in enumerate(picture.boxes)}
    # The title is YAML and shown as it stands; no entities there.
    title = json.dumps(picture.title.translate({60: "‹", 62: "›"}), ensure_ascii=False)
    lines = ["---", f"title: {title}", "---", "flowchart TD"]
    for name, box in picture.boxes.items():
        opening, closing = _SHAPES.get(box.kind, ("[", "]"))
        lines.append(f"  {ids[name]}{opening}{_quoted(_text(box))}{closing}:::{_class(box.kind, box.taken)}")
    for arrow in picture.arrows:
        line = "-.->" if arrow.taken is False else "-->"
        label = f"|{_quoted(arrow.label)}|" if arrow.label else ""
        lines.append(f"  {ids[arrow.source]} {line}{label} {ids[arrow.target]}")
    for kind, (fill, stroke) in COLOURS.items():
        lines.append(f"  classDef {_class(kind)} fill:{fill},stroke:{stroke},color:#22303c")
        lines.append(f"  classDef {_class(kind, False)} fill:#fafafa,stroke:#b5b5b5,stroke-dasharray:5 4,color:#6b7a86")
    return "\n".join(lines) + "\n"


def _class(kind: str, taken: bool | None = None) -> str:
    # A class that is called `end` or `default` would be a word of Mermaid's grammar.
    return f"is_{kind}_untaken" if taken is False else f"is_{kind}"


def _text(box: Box) -> str:
    head = f"<b>{_escaped(box.title)}</b> {_escaped(box.word)}".strip()
    marks = [f"⚠ {_escaped(code)}" for _, code in box.marks[:3]]
    # Mermaid breaks lines by itself; lines that belong together stay one.
    whole = " ".join(box.tip.split())
    said = [Measure(12.0).shortened(whole, TEXT_WIDTH * TEXT_LINES)] if whole else box.lines
    return "<br/>".join([head, *(_escaped(line) for line in said), *marks])


def _escaped(text: str) -> str:
    # A backslash and an n would be a line break, however it is escaped.
    text = text.replace("\\", "＼")
    return "".join(f"#{ord(character)};" if character in '<>&"#`|[]{}' else character for character in text)


def _quoted(text: str) -> str:
    plain = text.replace("\n", " ")
    return '"' + (plain if "<b>" in plain else _escaped(plain)) + '"'
