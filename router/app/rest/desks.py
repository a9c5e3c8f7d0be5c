"""The desk at which a request asks for something in the life of a number; see `router.desk`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from ivr_flows.findings import Text
from router.api.operation import Call
from router.api.refusal import Refused
from router.desk import Desk
from router.paperwork.sealing import Sealer, sealer_of
from router.paperwork.uploads import MOST_BYTES

from ..moments import parse_time
from ..served import Served

MOST_FILES: Final = 12
MOST_FIELDS: Final = 40
LONGEST_FIELD: Final = 4096


def desk_of(call: Call[Any, Any, Any], served: Served, at: str | None = None, reason: str | None = None) -> Desk:
    """The desk of ``call``; ``at`` as if it were then. Raises `Problem` for what is no time."""

    def key() -> Sealer:
        life = served.settings.life
        return sealer_of(life.key_env, Path(life.key_file), os.environ)[0]

    return Desk(
        served.settings,
        served.folder,
        served.configuration,
        served.store,
        key,
        call.who.name,
        reason or "",
        call.now if at is None else parse_time(at, served.zone),
        call.now,
        role=call.who.role,
    )


@dataclass(frozen=True, slots=True)
class Form:
    """What a form held: ``fields`` by name, ``files`` (name as sent, content) by name."""

    fields: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes]]


async def read_form(request: web.Request) -> Form:
    """The form of a request, read part by part: no more of a file than may be kept is ever in memory. Raises
    `Refused`."""
    fields: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or not part.name:
                raise _broken()
            if part.name in fields or part.name in files:
                raise _too_much(Text(f"`{part.name[:40]}` comes twice.", f"`{part.name[:40]}` 出现两次。"))
            if part.filename is not None:
                files[part.name] = (part.filename[:200], await _bytes(part, MOST_BYTES))
            else:
                fields[part.name] = (await _bytes(part, LONGEST_FIELD)).decode("utf-8", "replace")
            if len(files) > MOST_FILES or len(fields) > MOST_FIELDS:
                raise _too_much(Text("The form has too many parts.", "表单项过多。"))
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        raise _broken() from error
    return Form(fields, files)


async def _bytes(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        content += chunk
        if len(content) > most:
            name = (part.name or "")[:40]
            raise Refused(
                413,
                "too-large",
                Text(f"`{name}` has more than {most // 1024} KiB.", f"`{name}` 超过 {most // 1024} KiB。"),
                Text("Send less.", "请减小文件。"),
            )
    return bytes(content)


def _broken() -> Refused:
    return Refused(
        400,
        "broken-form",
        Text("The form cannot be read.", "无法读取表单。"),
        Text("Send multipart/form-data with named parts.", "请发送各部分均有名称的 multipart/form-data。"),
    )


def _too_much(message: Text) -> Refused:
    return Refused(422, "bad-form", message, Text("Send each part once.", "每项只发送一次。"))
