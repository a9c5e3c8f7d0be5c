"""Uploads: the parts of a multipart form, bounded in number, size and time, kept on disk when they are large.

What a file says of itself (name, media type) is the client's word: a name is a label and never a path.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final
from urllib.parse import unquote

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal

from .fields import one_line
from .operation import Call
from .reading import broken, too_large, too_slow
from .refusal import Refused, bad_value

MOST_PARTS: Final = 50
IN_MEMORY: Final = 512 * 1024
LONGEST_NAME: Final = 200
_BLOCK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form: the field's ``name``, the ``filename`` where it is a file, and its content from the
    beginning."""

    name: str
    filename: str | None
    media: str
    size: int
    file: IO[bytes]

    def text(self) -> str:
        """The content as text. Raises `Refused` (422) where it is not UTF-8."""
        self.file.seek(0)
        try:
            return self.file.read().decode("utf-8")
        except UnicodeDecodeError:
            raise bad_value(
                f"body.{self.name}",
                "not-text",
                Text(f"`{self.name}` is not text in UTF-8.", f"`{self.name}` 不是 UTF-8 文本。"),
                Text("Send it as UTF-8.", "请以 UTF-8 编码发送。"),
            ) from None


@asynccontextmanager
async def parts_of(call: Call[Any, Any, Any], seconds: float = 120.0) -> AsyncIterator[list[Part]]:
    """The parts of the form that ``call`` sends, until the block is left; all of them together at most the operation's
    ``body_limit`` bytes, within ``seconds``. Raises `Refused`: 413, 408, 400 for what is no form, 422 for names that
    are none."""
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(seconds):
                found = await _read(call, stack)
        except TimeoutError:
            raise too_slow(seconds) from None
        except (web.RequestPayloadError, HttpProcessingError, ValueError, AssertionError, RuntimeError, KeyError):
            # the reader of forms says each fault of a form in another way
            call.request.content.feed_eof()
            raise broken() from None
        yield found


async def _read(call: Call[Any, Any, Any], stack: AsyncExitStack) -> list[Part]:
    limit, size = call.operation.body_limit, 0
    found: list[Part] = []
    reader = await call.request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or len(found) >= MOST_PARTS:
            raise broken()
        file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the block
        stack.callback(file.close)
        begin = size
        while block := await part.read_chunk(_BLOCK):
            size += len(block)
            if size > limit:
                raise too_large(limit)
            await asyncio.to_thread(file.write, block) if size > IN_MEMORY else file.write(block)
        file.seek(0)
        media = part.headers.get("Content-Type", "application/octet-stream")[:LONGEST_NAME]
        found.append(Part(_named(part.name or ""), _label(part.filename), media, size - begin, file))
    return found


def _named(name: str) -> str:
    return _checked(name, "body")


def _label(filename: str | None) -> str | None:
    if filename is None:
        return None
    plain = unquote(filename)  # some clients write what is not ASCII with percent signs
    return _checked(plain.replace("\\", "/").rpartition("/")[2], "body.filename")


def _checked(text: str, place: str) -> str:
    try:
        checked = one_line(text)
    except Refusal as refusal:
        raise bad_value(place, refusal.code, refusal.message, refusal.cure) from None
    if len(checked) > LONGEST_NAME:
        raise bad_value(
            place,
            "too-long",
            Text("A name of the form is too long.", "表单中的名称过长。"),
            Text(f"Use at most {LONGEST_NAME} characters.", f"请勿超过 {LONGEST_NAME} 个字符。"),
        )
    return checked


__all__ = ["Part", "Refused", "parts_of"]
