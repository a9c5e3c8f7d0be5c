"""Drawing the documents of an application as PDF. The text is Chinese, can be selected and searched, and is written in
Adobe's CID font STSong-Light, which every reader of PDF brings or replaces; nothing has to be embedded."""

from __future__ import annotations

import io
from typing import Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from router.life.materials import OWN_FIELDS, Paper

FONT: Final = "STSong-Light"


def draw(paper: Paper) -> bytes:
    """The document as PDF. The same paper gives the same bytes."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    body = ParagraphStyle("body", fontName=FONT, fontSize=11, leading=19, firstLineIndent=22, wordWrap="CJK")
    cell = ParagraphStyle("cell", parent=body, firstLineIndent=0, fontSize=10.5, leading=15)
    title = ParagraphStyle("title", parent=body, fontSize=20, leading=32, alignment=TA_CENTER, firstLineIndent=0)
    small = ParagraphStyle("small", parent=cell, fontSize=8.5, leading=12, textColor=colors.grey)

    def said(text: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(text), style)

    grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    facts = Table(
        [[said(name, cell), said(value, cell)] for name, value in paper.fields], [46 * mm, 120 * mm], style=grid
    )
    signed = Table([[said(f"{name}：", cell), ""] for name in paper.signers], [46 * mm, 120 * mm], 13 * mm)
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
            signed,
            Spacer(1, 6 * mm),
            said(f"编号：{paper.reference}　生成日期：{paper.day}", small),
            said(OWN_FIELDS, small),
        ]
    )
    return stream.getvalue()
