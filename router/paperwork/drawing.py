"""Drawing the documents of an application as PDF: A4, text that can be selected and searched."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from router.life.materials import OWN_FIELDS, Paper

from .lettering import CHINESE, Rare, lettered, machine_fonts

_FIRST_CHINESE = "\u2e80"


def draw(paper: Paper, fonts: Sequence[Path] | None = None) -> bytes:
    """The document as PDF. The same paper gives the same bytes on a machine. ``fonts`` are the files that rare
    characters may come from, those of the machine where none are named."""
    rare = _rare(paper, fonts)
    body = ParagraphStyle("body", fontName=CHINESE, fontSize=11, leading=19, firstLineIndent=22, wordWrap="CJK")
    cell = ParagraphStyle("cell", parent=body, firstLineIndent=0, fontSize=10.5, leading=15)
    # What has no Chinese in it is broken between its words.
    latin = ParagraphStyle("latin", parent=cell, wordWrap=None, splitLongWords=1)
    title = ParagraphStyle("title", parent=body, fontSize=20, leading=32, alignment=TA_CENTER, firstLineIndent=0)
    small = ParagraphStyle("small", parent=cell, fontSize=8.5, leading=12, textColor=colors.grey)

    def said(text: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(lettered(text, rare), style)

    def fact(text: str) -> Paragraph:
        return said(text, cell if any(letter >= _FIRST_CHINESE for letter in text) else latin)

    grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    facts = Table([[fact(name), fact(value)] for name, value in paper.fields], [46 * mm, 120 * mm], style=grid)
    rule = TableStyle([("LINEBELOW", (1, 0), (1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "BOTTOM")])
    signed = Table(
        [[said(f"{name}：", cell), ""] for name in paper.signers],
        [46 * mm, 70 * mm],
        13 * mm,
        style=rule,
        hAlign="LEFT",
    )
    stream = io.BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=20 * mm,
        bottomMargin=18 * mm,
        title=paper.title,
        author="line400",
        invariant=1,
    )
    document.build(
        [
            said(paper.title, title),
            Spacer(1, 4 * mm),
            facts,
            Spacer(1, 5 * mm),
            *(said(text, body) for text in paper.paragraphs),
            Spacer(1, 8 * mm),
            KeepTogether([signed, Spacer(1, 6 * mm)]),
            said(f"编号：{paper.reference}　生成日期：{paper.day}", small),
            said(OWN_FIELDS, small),
        ]
    )
    return stream.getvalue()


def undrawable(paper: Paper, fonts: Sequence[Path] | None = None) -> tuple[str, ...]:
    """The characters of a document that no font has, so that they must be written by hand."""
    return _rare(paper, fonts).lacking


def _rare(paper: Paper, fonts: Sequence[Path] | None) -> Rare:
    texts = (paper.title, *(text for pair in paper.fields for text in pair), *paper.paragraphs, *paper.signers)
    return Rare(texts, machine_fonts() if fonts is None else fonts)
