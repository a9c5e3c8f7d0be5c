"""A bill as PDF: a heading, facts, the table of lines, remarks. The text can be selected; the same bill gives the same
bytes on a machine."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from .lettering import CHINESE, Rare, lettered, machine_fonts

_WIDTHS = (30 * mm, 102 * mm, 22 * mm, 26 * mm, 28 * mm, 26 * mm, 28 * mm)


@dataclass(frozen=True, slots=True)
class Statement:
    """What is drawn: ``facts`` name and value, ``columns`` the headings of ``rows`` (seven of them, the last five
    amounts), ``totals`` name and value, ``remarks`` sentences below."""

    title: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: Sequence[tuple[str, str]]
    remarks: Sequence[str]

    def texts(self) -> list[str]:
        """Everything that is written on it."""
        cells = [cell for row in self.rows for cell in row]
        pairs = [text for pair in (*self.facts, *self.totals) for text in pair]
        return [self.title, *pairs, *self.columns, *cells, *self.remarks]


def draw_statement(statement: Statement, fonts: Sequence[Path] | None = None) -> bytes:
    """The statement as PDF. ``fonts`` are the files that rare characters may come from, those of the machine where
    none are named."""
    rare = Rare(statement.texts(), machine_fonts() if fonts is None else fonts)
    cell = ParagraphStyle("cell", fontName=CHINESE, fontSize=9, leading=12, wordWrap="CJK")
    right = ParagraphStyle("right", parent=cell, alignment=TA_RIGHT)
    title = ParagraphStyle("title", parent=cell, fontSize=16, leading=24)
    small = ParagraphStyle("small", parent=cell, fontSize=8, leading=11, textColor=colors.grey)

    def said(text: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(lettered(text, rare), style)

    def row(cells: Sequence[str]) -> list[Paragraph]:
        return [said(text, right if index >= 2 else cell) for index, text in enumerate(cells)]

    grid = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
            ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.lightgrey),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    rows = [row(statement.columns), *(row(cells) for cells in statement.rows)]
    lines = Table(rows, _WIDTHS, style=grid, repeatRows=1)
    facts = Table([[said(n, cell), said(v, cell)] for n, v in statement.facts], [40 * mm, 120 * mm], hAlign="LEFT")
    totals = Table([[said(n, cell), said(v, right)] for n, v in statement.totals], [40 * mm, 36 * mm], hAlign="RIGHT")
    stream = io.BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=landscape(A4),
        leftMargin=17 * mm,
        rightMargin=17 * mm,
        topMargin=16 * mm,
        bottomMargin=14 * mm,
        title=statement.title,
        author="line400",
        invariant=1,
    )
    document.build(
        [
            said(statement.title, title),
            Spacer(1, 2 * mm),
            facts,
            Spacer(1, 4 * mm),
            lines,
            Spacer(1, 3 * mm),
            totals,
            Spacer(1, 4 * mm),
            *(said(text, small) for text in statement.remarks),
        ]
    )
    return stream.getvalue()
