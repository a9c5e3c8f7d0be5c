"""The desk at which a request asks for something in the life of a number; see `router.desk`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ivr_flows.findings import Text
from router.api.operation import Call
from router.api.reading import too_large
from router.api.refusal import Refused
from router.api.uploads import parts_of
from router.desk import Desk
from router.paperwork.sealing import Sealer, sealer_of
from router.paperwork.uploads import MOST_BYTES

from ..moments import parse_time
from ..served import Served

MOST_FORM: Final = 8 * MOST_BYTES
"""Bytes of a whole form."""
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


async def read_form(call: Call[Any, Any, Any]) -> Form:
    """The form that ``call`` sends: no file is longer than may be kept. Raises `Refused`."""
    fields: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    async with parts_of(call) as parts:
        for part in parts:
            if part.name in fields or part.name in files:
                message = Text(f"`{part.name[:40]}` comes twice.", f"`{part.name[:40]}` 出现两次。")
                raise Refused(422, "bad-form", message, Text("Send each part once.", "每项只发送一次。"))
            most = LONGEST_FIELD if part.filename is None else MOST_BYTES
            if part.size > most:
                raise too_large(most)
            if part.filename is None:
                fields[part.name] = part.text()
            else:
                files[part.name] = (part.filename, part.file.read())
    return Form(fields, files)
