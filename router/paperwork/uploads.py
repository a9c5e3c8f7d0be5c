"""Checking a document that comes from outside: its kind by its content, size, pages, and nothing in it that acts.

A file is hostile until it has passed: names and extensions are not believed, and no more of it is read than is allowed.
"""

from __future__ import annotations

import io
import logging
import os
import stat
import warnings
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from ivr_flows.findings import Text

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PAGES: Final = 20
MOST_PIXELS: Final = 50_000_000
MOST_OBJECTS: Final = 200_000
"""Objects of a PDF that are looked at; one with more is refused."""
_ACTIVE: Final = frozenset(
    {
        *("/JS", "/JavaScript", "/AA", "/OpenAction", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia"),
        *("/XFA", "/SubmitForm", "/ImportData", "/Movie", "/Sound", "/Rendition", "/GoToE", "/GoToR"),
    }
)
_TELLING: Final = ("/JavaScript", "/EmbeddedFile", "/RichMedia")
"""Names too long to stand in compressed bytes by chance: looked for in the bytes too, since readers differ in which of
several versions of an object they take."""
_EXTENSIONS: Final = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
_CURE: Final = Text(
    f"Upload a scan as PDF, PNG or JPEG, at most {MOST_BYTES // 1024 // 1024} MB and {MOST_PAGES} pages.",
    f"请上传 PDF、PNG 或 JPEG 扫描件，不超过 {MOST_BYTES // 1024 // 1024} MB、{MOST_PAGES} 页。",
)


class UploadError(Exception):
    """A file that is not taken; ``code`` says why: ``empty``, ``too-large``, ``unknown-type``, ``other-type``,
    ``damaged``, ``encrypted``, ``active-content``, ``too-many-pages``, ``no-file``."""

    def __init__(self, code: str, message: Text, cure: Text = _CURE) -> None:
        super().__init__(message.en)
        self.code = f"file-{code}"
        self.message = message
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has passed. ``media`` is what it is, whatever its name says."""

    name: str
    media: str
    pages: int
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return sha256(self.content).hexdigest()


def read_upload(path: Path) -> Upload:
    """Read and check a file. No more than the limit is ever read of it. Raises `UploadError`."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UploadError("no-file", Text(f"{path} is not a plain file.", f"{path} 不是普通文件。"))
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UploadError(
            "no-file", Text(f"{path} cannot be read: {reason}.", f"无法读取 {path}：{reason}。")
        ) from error
    return check_upload(path.name, content)


def check_upload(name: str, content: bytes) -> Upload:
    """Check the ``content`` of a file that is called ``name``. Raises `UploadError`."""
    shown = name[:80]
    if not content:
        raise UploadError("empty", Text(f"{shown} is empty.", f"{shown} 是空文件。"))
    if len(content) > MOST_BYTES:
        raise UploadError(
            "too-large",
            Text(
                f"{shown} is larger than {MOST_BYTES // 1024 // 1024} MB.",
                f"{shown} 超过 {MOST_BYTES // 1024 // 1024} MB。",
            ),
        )
    media = _media(content)
    if media is None:
        raise UploadError(
            "unknown-type",
            Text(f"{shown} is no PDF, PNG or JPEG, whatever its name says.", f"{shown} 的内容不是 PDF、PNG 或 JPEG。"),
        )
    claimed = _EXTENSIONS.get(name.rsplit(".", 1)[-1].lower())
    if claimed not in (None, media):
        raise UploadError(
            "other-type",
            Text(
                f"{shown} is not what its name says: its content is {media}.", f"{shown} 与文件名不符：内容为 {media}。"
            ),
        )
    pages = _pdf_pages(shown, content) if media == "application/pdf" else _image(shown, content)
    return Upload(name, media, pages, content)


def _media(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/jpeg" if content.startswith(b"\xff\xd8\xff") else None


def _image(shown: str, content: bytes) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise UploadError(
                        "too-large",
                        Text(
                            f"{shown} has more than {MOST_PIXELS // 1_000_000} million pixels.",
                            f"{shown} 超过 {MOST_PIXELS // 10_000} 万像素。",
                        ),
                    )
                image.load()
    except UploadError:
        raise
    except Exception as error:  # what a decoder raises for hostile bytes is not a closed list
        raise _damaged(shown) from error
    return 1


def _pdf_pages(shown: str, content: bytes) -> int:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise UploadError("encrypted", Text(f"{shown} is encrypted.", f"{shown} 已加密。"))
        pages = len(reader.pages)
        active = next((name for name in _TELLING if name.encode() in content), None) or _active_name(reader)
    except UploadError:
        raise
    except Exception as error:  # what a parser raises for hostile bytes is not a closed list
        raise _damaged(shown) from error
    if active is not None:
        raise UploadError(
            "active-content",
            Text(f"{shown} has active content ({active}).", f"{shown} 含有活动内容（{active}）。"),
        )
    if not 1 <= pages <= MOST_PAGES:
        raise UploadError(
            "too-many-pages",
            Text(
                f"{shown} has {pages} pages; 1 to {MOST_PAGES} are taken.",
                f"{shown} 有 {pages} 页；可接受 1 至 {MOST_PAGES} 页。",
            ),
        )
    return pages


def _active_name(reader: PdfReader) -> str | None:
    """A name of something in the document that would act when it is opened; None where there is none. Everything that
    the trailer leads to is looked at, and every object besides."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer]
    for generation, numbers in reader.xref.items():
        if generation != 65_535:  # the free ones
            waiting += [IndirectObject(number, generation, reader) for number in numbers]
    waiting += [IndirectObject(number, 0, reader) for number in reader.xref_objStm]
    looked = 0
    while waiting:
        value = waiting.pop()
        looked += 1
        if looked > MOST_OBJECTS:
            return "too many objects"
        if isinstance(value, IndirectObject):
            key = (value.idnum, value.generation)
            if key in seen:
                continue
            seen.add(key)
            value = value.get_object()
        if isinstance(value, DictionaryObject):
            for name, inner in value.items():
                if name in _ACTIVE and not _harmless(str(name), inner):
                    return str(name)
                if name in ("/S", "/Subtype", "/Type") and isinstance(inner, str) and inner in _ACTIVE:
                    return str(inner)
                waiting.append(inner)
        elif isinstance(value, ArrayObject):
            waiting.extend(value)
    return None


def _harmless(name: str, value: Any) -> bool:
    """A destination to open at is no action; an empty entry does nothing."""
    found = value.get_object() if isinstance(value, IndirectObject) else value
    return (name == "/OpenAction" and isinstance(found, ArrayObject)) or found in (None, {}, [])


def _damaged(shown: str) -> UploadError:
    return UploadError("damaged", Text(f"{shown} is damaged and cannot be read.", f"{shown} 已损坏，无法读取。"))
