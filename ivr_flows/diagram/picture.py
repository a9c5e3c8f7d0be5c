"""What is drawn: boxes and arrows, made of a flow; findings and coverage lie over them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..commands import ALL_KEYS
from ..definition import FlowDefinition, NodeDefinition
from ..findings import Finding, Language, Text
from ..texts import variant
from .words import Measure, kind_of

TEXT_WIDTH = 210.0
TEXT_LINES = 3
HUB = 5
"""A box with more arrows to it than this is named where they begin, in pictures of many boxes."""
_TEXT = re.compile(r"\{\{-?\s*texts\.(\w+)\s*-?\}\}")
_TAG = re.compile(r"<[^>]*>")
MANY = 18
"""Boxes from which on arrows back and arrows to hubs are written as names."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box. ``lines`` are its text, already broken; ``marks`` the findings on it as (severity, code); ``taken``
    whether a call gets there (None: not asked)."""

    id: str
    title: str
    word: str
    kind: str
    lines: tuple[str, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    taken: bool | None = None
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from box to box, with the names of the branches that take it. ``named``: written as a name at its
    beginning instead of drawn."""

    source: str
    target: str
    label: str = ""
    taken: bool | None = None
    named: bool = False


@dataclass(slots=True)
class Picture:
    """Boxes and arrows in the order in which they were written, ``start`` the first box."""

    title: str
    start: str
    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)

    def settle(self) -> Picture:
        """The picture with arrows that would clutter it written as names."""
        if len(self.boxes) < MANY:
            return self
        depth = _depths(self)
        incoming: dict[str, int] = {}
        for arrow in self.arrows:
            incoming[arrow.target] = incoming.get(arrow.target, 0) + 1
        drawn: set[str] = set()
        nearest = sorted(range(len(self.arrows)), key=lambda index: depth.get(self.arrows[index].source, 0))
        named: set[int] = set()
        for index in nearest:
            arrow = self.arrows[index]
            back = depth.get(arrow.target, 0) <= depth.get(arrow.source, 0)
            hub = incoming[arrow.target] > HUB and arrow.target in drawn
            far = depth.get(arrow.target, 0) - depth.get(arrow.source, 0) > 3 and arrow.target in drawn
            if (back and arrow.target in drawn | {self.start}) or hub or far:
                named.add(index)
            else:
                drawn.add(arrow.target)
        self.arrows = [
            replace(arrow, named=True) if index in named else arrow for index, arrow in enumerate(self.arrows)
        ]
        return self


def _depths(picture: Picture) -> dict[str, int]:
    """Steps from the start, by the shortest way."""
    following: dict[str, list[str]] = {}
    for arrow in picture.arrows:
        following.setdefault(arrow.source, []).append(arrow.target)
    depth = {picture.start: 0}
    waiting = [picture.start]
    for name in waiting:
        for target in following.get(name, ()):
            if target not in depth:
                depth[target] = depth[name] + 1
                waiting.append(target)
    return depth


@dataclass(frozen=True, slots=True)
class Overlay:
    """What lies over a picture: ``findings``, and the ``steps`` (node, next node) that calls take (None: not asked)."""

    findings: tuple[Finding, ...] = ()
    steps: Collection[tuple[str, str]] | None = None


def picture_of(
    flow: FlowDefinition,
    overlay: Overlay = Overlay(),
    language: Language = "zh",
    prefix: str = "",
) -> Picture:
    """The picture of ``flow``. ``prefix`` stands before the ids of its boxes, where several flows share a picture."""
    picture = Picture(flow.title or flow.name, prefix + flow.start.name)
    add_flow(picture, flow, overlay, language, prefix)
    return picture.settle()


def add_flow(picture: Picture, flow: FlowDefinition, overlay: Overlay, language: Language, prefix: str) -> None:
    """Add the boxes and arrows of ``flow``."""
    marks = _marks(flow, overlay.findings)
    taken = None if overlay.steps is None else {target for _, target in overlay.steps}
    for name, node in flow.nodes.items():
        kind = kind_of(node.type.name)
        heard = _in_words(_said(node), flow)
        measure = Measure(12.0)
        picture.boxes[prefix + name] = Box(
            prefix + name,
            name,
            kind.word.to(language),
            kind.colour,
            tuple(measure.broken(heard, TEXT_WIDTH, TEXT_LINES)) if heard else (),
            marks.get(name, ()),
            None if taken is None else name in taken,
            heard,
        )
    for name, node in flow.nodes.items():
        grouped: dict[str, list[str]] = {}
        for branch, reference in node.exits():
            if reference.name in flow.nodes:
                grouped.setdefault(reference.name, []).append(_branch(node, branch))
        for target, branches in grouped.items():
            label = " ".join(branch for branch in branches if branch)
            step = None if overlay.steps is None else (name, target) in overlay.steps
            picture.arrows.append(Arrow(prefix + name, prefix + target, label, step))


def _branch(node: NodeDefinition, branch: str) -> str:
    if branch == "next":
        return ""
    if branch.startswith("case ") and node.type.branches.ways == "inside":
        cases = getattr(node.options, "cases", None)
        index = int(branch[5:]) - 1 if branch[5:].isdigit() else -1
        if cases and 0 <= index < len(cases):
            condition = str(cases[index].when).replace("{{", "").replace("}}", "").strip()
            return Measure(11.0).shortened(condition, 170.0)
    targets = getattr(node.options, "targets", None)
    if isinstance(targets, Mapping) and branch in targets:
        return f"{targets[branch]:g}%"
    return f"[{branch}]" if set(branch) <= ALL_KEYS else branch


def _marks(flow: FlowDefinition, findings: Iterable[Finding]) -> dict[str, tuple[tuple[str, str], ...]]:
    """The findings of each node: those whose place lies in its lines of the file."""
    begins = sorted((node.place.line, name) for name, node in flow.nodes.items() if node.place.file == flow.file)
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for finding in findings:
        if finding.place.file != flow.file:
            continue
        owner = next((name for line, name in reversed(begins) if line <= finding.place.line), None)
        if owner is not None:
            found[owner] = tuple(dict.fromkeys([*found.get(owner, ()), (finding.severity, finding.code)]))
    return found


def _in_words(text: str, flow: FlowDefinition) -> str:
    """``text`` with the flow's own texts in its language, and without the marks of SSML."""

    def words(match: re.Match[str]) -> str:
        variants = flow.texts.get(match[1])
        return variants[variant(variants, flow.language, flow.language)] if variants else match[0]

    text = _TEXT.sub(words, text)
    return _TAG.sub(" ", text).strip() if text.lstrip().startswith("<speak") else text


def _said(node: NodeDefinition) -> str:
    """What a node says or is about, in one text."""
    options: Any = node.options
    main = node.type.main
    values = [
        getattr(options, name, None)
        for name in dict.fromkeys((main, "text", "prompt", "to", "line", "name"))
        if name is not None and not node.type.main_is_mapping
    ]
    for value in values:
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"Q.850 {value:g}" if node.type.branches.ways == "none" else f"{value:g}"
    if node.type.main_is_mapping and main:
        mapping = getattr(options, main, None)
        if isinstance(mapping, Mapping) and node.type.branches.ways != "inside":
            return ", ".join(f"{name} = {value}" for name, value in mapping.items())
    return ""


__all__ = ["Arrow", "Box", "Overlay", "Picture", "Text", "add_flow", "picture_of"]
