"""A picture as SVG: readable by itself, in any viewer that has a Chinese font."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from html import escape

from ..findings import SEVERITY_WORDS, Language, Text
from .layout import Item, Layout, Link, Wire, lay_out
from .picture import Arrow, Box, Picture
from .words import Measure

FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
MARGIN = 28.0
HEADER = 66.0
TITLE = Measure(13.0)
BODY = Measure(12.0)
SMALL = Measure(10.5)
LABEL = Measure(11.0)
PADDING = 11.0
LEAST_WIDTH = 92.0
LABEL_ROOM = 10.0

COLOURS = {
    "speech": ("#e8f1fd", "#3b7dd8"),
    "input": ("#fff4dc", "#d08a00"),
    "logic": ("#f1ecfb", "#7d5bbe"),
    "human": ("#e3f6e8", "#2e9e55"),
    "record": ("#fdeaf1", "#c8487f"),
    "outside": ("#e2f5f6", "#148a94"),
    "end": ("#eceff1", "#607d8b"),
    "route": ("#fffbe6", "#a8892c"),
    "plain": ("#f7f7f7", "#8a8a8a"),
}
_NOT_TAKEN = ("#fafafa", "#b5b5b5")
_MARKS = {"error": "#d32f2f", "warning": "#e07b00", "info": "#3b7dd8"}
_INK = "#22303c"
_PALE = "#6b7a86"
_WIRE = "#8495a3"
_BACK = "#b07a4a"


def as_svg(picture: Picture, language: Language = "zh") -> str:
    """The SVG document of ``picture``."""
    sizes = {name: _size(box) for name, box in picture.boxes.items()}
    links = [
        Link(arrow.source, arrow.target, _label_size(picture, arrow), arrow.named or arrow.source == arrow.target)
        for arrow in picture.arrows
    ]
    layout = lay_out(sizes, links, picture.start)
    legend = _legend(picture, language)
    width = max(layout.width + 2 * MARGIN, TITLE.width(picture.title) * 1.5 + 2 * MARGIN, _legend_width(legend))
    height = layout.height + HEADER + 2 * MARGIN
    shift = (width - layout.width) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="{FONT}" font-size="12">',
        f"<title>{escape(picture.title)}</title>",
        "<defs>"
        + "".join(
            f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            f'<path d="M0,0.8 L7.5,4 L0,7.2 z" fill="{colour}"/></marker>'
            for name, colour in (("tip", _WIRE), ("back", _BACK), ("pale", _NOT_TAKEN[1]))
        )
        + "</defs>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        f'<text x="{MARGIN}" y="30" font-size="18" font-weight="700" fill="{_INK}">{escape(picture.title)}</text>',
        _drawn_legend(legend),
        f'<g transform="translate({shift:.1f},{HEADER + MARGIN - 8:.1f})">',
    ]
    ports = _ports(layout)
    parts += [_wire(picture.arrows[wire.index], wire, ports) for wire in layout.wires]
    parts += [_box(picture.boxes[name], item) for name, item in layout.boxes.items()]
    parts.append(_entry(layout.boxes[picture.start]))
    parts += [_label(picture, wire) for wire in layout.wires]
    parts += ["</g>", "</svg>"]
    return "\n".join(part for part in parts if part) + "\n"


# Boxes. ---------------------------------------------------------------------------------------------------------


def _size(box: Box) -> tuple[float, float]:
    head = TITLE.width(box.title) + SMALL.width(box.word) + 14.0
    widths = [head, *(BODY.width(line) for line in box.lines), *(SMALL.width(code) + 16 for _, code in box.marks[:3])]
    height = 2 * PADDING - 2 + 15.0 + 16.5 * len(box.lines) + 14.5 * min(len(box.marks), 3)
    return max(LEAST_WIDTH, max(widths) + 2 * PADDING), height


def _box(box: Box, item: Item) -> str:
    fill, stroke = COLOURS.get(box.kind, COLOURS["plain"])
    dashed = ""
    if box.taken is False:
        fill, stroke = _NOT_TAKEN
        dashed = ' stroke-dasharray="5 4"'
    worst = next((severity for severity in ("error", "warning") if any(mark[0] == severity for mark in box.marks)), "")
    thick = 2.4 if worst else 1.3
    left, top = item.x - item.width / 2, item.y - item.height / 2
    corner = item.height / 2 if box.kind == "end" and not box.lines else 9.0
    ink = _PALE if box.taken is False else _INK
    text_top = top + PADDING + 10.5
    parts = [
        f'<g><rect x="{left:.1f}" y="{top:.1f}" width="{item.width:.1f}" height="{item.height:.1f}" rx="{corner:.1f}" '
        f'fill="{fill}" stroke="{_MARKS.get(worst, stroke)}" stroke-width="{thick}"{dashed}/>',
        f'<text x="{left + PADDING:.1f}" y="{text_top:.1f}" font-size="13" font-weight="700" fill="{ink}">'
        f"{escape(box.title)}</text>",
        f'<text x="{left + item.width - PADDING:.1f}" y="{text_top:.1f}" font-size="10.5" text-anchor="end" '
        f'fill="{stroke}">{escape(box.word)}</text>',
    ]
    y = text_top
    for line in box.lines:
        y += 16.5
        parts.append(f'<text x="{left + PADDING:.1f}" y="{y:.1f}" fill="{ink}">{escape(line)}</text>')
    for severity, code in box.marks[:3]:
        y += 14.5
        parts.append(
            f'<circle cx="{left + PADDING + 4:.1f}" cy="{y - 3.6:.1f}" r="4" fill="{_MARKS.get(severity, _PALE)}"/>'
            f'<text x="{left + PADDING + 12:.1f}" y="{y:.1f}" font-size="10.5" fill="{_MARKS.get(severity, _PALE)}">'
            f"{escape(code)}</text>"
        )
    tip = box.tip or box.title
    return "".join(parts) + f"<title>{escape(tip)}</title></g>"


def _entry(item: Item) -> str:
    """Where calls come in, above the first box."""
    top = item.y - item.height / 2
    return (
        f'<circle cx="{item.x:.1f}" cy="{top - 17:.1f}" r="4.5" fill="{_INK}"/>'
        f'<path d="M{item.x:.1f},{top - 12.5:.1f} V{top - 1.5:.1f}" stroke="{_WIRE}" stroke-width="1.3" '
        'marker-end="url(#tip)"/>'
    )


# Arrows. --------------------------------------------------------------------------------------------------------


def _named(picture: Picture, arrow: Arrow) -> str:
    target = picture.boxes[arrow.target].title
    again = "↺" if arrow.source == arrow.target else "→ " + target
    return f"{arrow.label} {again}".strip()


def _label_size(picture: Picture, arrow: Arrow) -> tuple[float, float] | None:
    text = _named(picture, arrow) if arrow.named or arrow.source == arrow.target else arrow.label
    return (LABEL.width(text) + LABEL_ROOM, 17.0) if text else None


def _label(picture: Picture, wire: Wire) -> str:
    item = wire.label
    if item is None:
        return ""
    arrow = picture.arrows[wire.index]
    colour = _NOT_TAKEN[1] if arrow.taken is False else _BACK if wire.turned else _INK
    if not (arrow.named or arrow.source == arrow.target):
        return (
            f'<rect x="{item.x - item.width / 2:.1f}" y="{item.y - 8.5:.1f}" width="{item.width:.1f}" height="17" '
            f'fill="#ffffff" opacity="0.88"/><text x="{item.x:.1f}" y="{item.y + 4:.1f}" font-size="11" '
            f'text-anchor="middle" fill="{colour}">{escape(arrow.label)}</text>'
        )
    stroke = _NOT_TAKEN[1] if arrow.taken is False else _WIRE
    return (
        f'<rect x="{item.x - item.width / 2:.1f}" y="{item.y - 8.5:.1f}" width="{item.width:.1f}" height="17" rx="8.5" '
        f'fill="#f4f7f9" stroke="{stroke}" stroke-width="0.8"/><text x="{item.x:.1f}" y="{item.y + 4:.1f}" '
        f'font-size="11" text-anchor="middle" fill="{colour}">{escape(_named(picture, arrow))}</text>'
    )


Ports = dict[tuple[int, int], float]


def _ports(layout: Layout) -> Ports:
    """Where wires leave and enter boxes: side by side, in the order of where they go. (wire, 0 above, 1 below) → x."""
    upper: dict[str, list[tuple[float, int]]] = {}
    lower: dict[str, list[tuple[float, int]]] = {}
    for wire in layout.wires:
        upper.setdefault(wire.items[0].key, []).append((wire.items[1].x, wire.index))
        if wire.items[-1].key in layout.boxes:
            lower.setdefault(wire.items[-1].key, []).append((wire.items[-2].x, wire.index))
    ports: Ports = {}
    for side, found in ((0, upper), (1, lower)):
        for key, ends in found.items():
            box = layout.boxes[key]
            step = min(26.0, (box.width - 24.0) / max(1, len(ends)))
            for place, (_, index) in enumerate(sorted(ends)):
                ports[index, side] = box.x + (place - (len(ends) - 1) / 2) * step
    return ports


def _wire(arrow: Arrow, wire: Wire, ports: Ports) -> str:
    points: list[tuple[float, float]] = []
    last = len(wire.items) - 1
    for place, item in enumerate(wire.items):
        if place == 0:
            points.append((ports[wire.index, 0], item.y + item.height / 2))
        elif place == last:
            to_label = item is wire.label
            x = item.x if to_label else ports[wire.index, 1]
            points.append((x, item.y - item.height / 2 - (0.0 if to_label or wire.turned else 1.5)))
        elif item.width < 1.0:
            # Straight past the boxes of the row.
            points += [(item.x, item.y - item.height / 2), (item.x, item.y + item.height / 2)]
        else:
            points.append((item.x, item.y))
    path = f"M{points[0][0]:.1f},{points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        bend = (to_y - y) * 0.5
        path += f" C{x:.1f},{y + bend:.1f} {to_x:.1f},{to_y - bend:.1f} {to_x:.1f},{to_y:.1f}"
    colour, tip = (_BACK, "back") if wire.turned else (_WIRE, "tip")
    style = ""
    if arrow.taken is False:
        colour, tip, style = _NOT_TAKEN[1], "pale", ' stroke-dasharray="4 4"'
    end = "" if arrow.named or arrow.source == arrow.target else "marker-start" if wire.turned else "marker-end"
    if wire.turned:
        # The arrow points upwards: it is drawn from its beginning, so that its tip looks the right way.
        path = _reversed(points)
        end = "marker-end"
    marker = f' {end}="url(#{tip})"' if end else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.3"{style}{marker}/>'


def _reversed(points: list[tuple[float, float]]) -> str:
    backwards = points[::-1]
    path = f"M{backwards[0][0]:.1f},{backwards[0][1]:.1f}"
    for (x, y), (to_x, to_y) in itertools.pairwise(backwards):
        bend = (y - to_y) * 0.5
        path += f" C{x:.1f},{y - bend:.1f} {to_x:.1f},{to_y + bend:.1f} {to_x:.1f},{to_y:.1f}"
    return path


# Legend. --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sign:
    """An entry: a box of a colour, or with ``dot`` a dot."""

    colour: str
    words: str
    dashed: bool = False
    dot: bool = False


def _legend(picture: Picture, language: Language) -> list[_Sign]:
    words: dict[str, list[str]] = {}
    for box in picture.boxes.values():
        there = words.setdefault(box.kind, [])
        if box.word and box.word not in there:
            there.append(box.word)
    entries = [_Sign(COLOURS.get(kind, COLOURS["plain"])[1], " ".join(found)) for kind, found in words.items() if found]
    if any(box.taken is False for box in picture.boxes.values()) or any(a.taken is False for a in picture.arrows):
        entries.append(_Sign(_NOT_TAKEN[1], Text("no call takes it", "没有呼叫经过").to(language), dashed=True))
    marked = {severity for box in picture.boxes.values() for severity, _ in box.marks}
    entries += [
        _Sign(_MARKS[severity], word.to(language), dot=True)
        for severity, word in SEVERITY_WORDS.items()
        if severity in marked
    ]
    return entries


def _legend_width(legend: list[_Sign]) -> float:
    return 2 * MARGIN + sum(SMALL.width(sign.words) + 34.0 for sign in legend)


def _drawn_legend(legend: list[_Sign]) -> str:
    x = MARGIN
    parts: list[str] = []
    for sign in legend:
        dash = ' stroke-dasharray="3 2"' if sign.dashed else ""
        parts.append(
            f'<circle cx="{x + 7:.1f}" cy="47" r="4" fill="{sign.colour}"/>'
            if sign.dot
            else f'<rect x="{x:.1f}" y="42" width="14" height="10" rx="3" fill="#ffffff" stroke="{sign.colour}" '
            f'stroke-width="1.6"{dash}/>'
        )
        parts.append(f'<text x="{x + 19:.1f}" y="51" font-size="10.5" fill="{_PALE}">{escape(sign.words)}</text>')
        x += SMALL.width(sign.words) + 34.0
    return "".join(parts)
