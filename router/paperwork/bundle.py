"""All documents of an application in one PDF, as the carrier's review takes them."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from .uploads import Upload

_MARGIN = 36.0


def bundle(uploads: Sequence[tuple[str, Upload]]) -> bytes:
    """One PDF of all ``uploads``, each with a bookmark of the title given beside it. Images stand on pages of A4, drawn
    anew: nothing of their files but the picture is passed on."""
    writer = PdfWriter()
    for title, upload in uploads:
        content = upload.content if upload.media == "application/pdf" else _page_of(upload.content)
        first = len(writer.pages)
        for page in PdfReader(io.BytesIO(content)).pages:
            writer.add_page(page)
        writer.add_outline_item(title=title, page_number=first)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _page_of(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    width, height = A4[0] - 2 * _MARGIN, A4[1] - 2 * _MARGIN
    scale = min(width / picture.width, height / picture.height)
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    size = (picture.width * scale, picture.height * scale)
    canvas.drawImage(ImageReader(picture), (A4[0] - size[0]) / 2, (A4[1] - size[1]) / 2, *size)
    canvas.save()
    return stream.getvalue()
