"""Scans for tests: small pictures and PDFs, good ones and bad ones."""

from __future__ import annotations

import io

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def png(width: int = 60, height: int = 40, colour: str = "white") -> bytes:
    """A picture."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "PNG")
    return stream.getvalue()


def jpeg() -> bytes:
    """A picture."""
    stream = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(stream, "JPEG")
    return stream.getvalue()


def pdf(pages: int = 1) -> bytes:
    """A document of so many pages."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    for page in range(pages):
        canvas.drawString(72, 720, f"page {page}")
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def with_javascript(where: str = "open") -> bytes:
    """A document that runs a script: when it is ``open``ed, on its ``page``, by a ``name``, or behind a link
    (``annotation``), its name written with an escape."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    page = writer.pages[0]
    if where == "open":
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(script)
    elif where == "page":
        page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): script})
    elif where == "name":
        names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("x"), script])})
        writer._root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): names})
    else:
        link = DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): script})
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(link)])
    return _bytes(writer)


def encrypted(password: str = "geheim") -> bytes:
    """A document that asks for a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.encrypt(password, "owner")
    return _bytes(writer)


def with_attachment() -> bytes:
    """A document with another file in it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.add_attachment("a.exe", b"MZ")
    return _bytes(writer)


def _bytes(writer: PdfWriter) -> bytes:
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
