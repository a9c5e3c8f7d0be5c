"""Documents on their way between files, the store and the office: sealed going in, opened coming out."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ivr_flows.findings import Text
from router.callers import caller_facts, canonical_caller
from router.life.identity import read_identity
from router.life.materials import KINDS, HandlerDetails, check_kind, papers
from router.life.model import Life, LifeError
from router.life.qualification import Qualification, read_name
from router.paperwork.bundle import bundle
from router.paperwork.drawing import draw, undrawable
from router.paperwork.uploads import Upload, check_upload, read_upload
from router.store.qualifications import LifeFile

from .desk import Desk, Unclear

HANDLER = Text("handler", "经办人")
_ENDS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class HandlerGiven:
    """What was said of a handler; what is None is as it was kept."""

    name: str | None = None
    id_number: str | None = None
    id_kind: str | None = None
    born: date | None = None
    mobile: str | None = None
    email: str | None = None

    @property
    def anything(self) -> bool:
        """Whether more than a name was said."""
        return any((self.id_number, self.id_kind, self.born, self.mobile, self.email))


def sealed_file(desk: Desk, subject: str, kind: str, upload: Upload) -> LifeFile:
    """An upload as the store keeps it. Its own name is dropped: people write names and numbers into it."""
    sealed = desk.sealer.seal(upload.content, f"{subject}:{kind}")
    name = f"{kind}.{_ENDS[upload.media]}"
    return LifeFile(kind, name, upload.media, upload.pages, len(upload.content), upload.digest, sealed)


def taken(given: Path | tuple[str, bytes]) -> Upload:
    """A file, or the name and bytes of an upload, checked. Raises `UploadError`."""
    return read_upload(given) if isinstance(given, Path) else check_upload(*given)


def opened(desk: Desk, subject: str, file: LifeFile) -> Upload:
    """A document of the store in clear. Raises `SealingError`."""
    return Upload(file.name, file.media, file.pages, desk.sealer.open(file.sealed, f"{subject}:{file.kind}"))


async def upload_materials(desk: Desk, life: Life, given: Mapping[str, Path | tuple[str, bytes]]) -> None:
    """Keep documents by kind. All are checked before the first is kept. Raises `LifeError`, `UploadError`."""
    checked: list[tuple[str, Upload]] = []
    for kind, source in given.items():
        check_kind(kind, KINDS)
        checked.append((kind, await asyncio.to_thread(taken, source)))
    for kind, upload in checked:
        file = sealed_file(desk, life.application, kind, upload)
        await desk.open_store.keep_file(life.application, file, desk.at, desk.author, desk.now)


async def handler_of(desk: Desk, company: Qualification, given: HandlerGiven) -> HandlerDetails | None:
    """The handler of an application. A name alone fills in what is known of that person; without a name it is the last
    one. What is given is kept. None: there is none yet. Raises `LifeError`."""
    known = await desk.open_store.handlers(company.id)
    name = None if given.name is None else read_name(given.name, "handler", Text("handler's name", "经办人姓名"))
    found = next((one for one in known if name in (None, one.name)), None)
    details = None
    if found is not None:
        name = found.name
        kept = json.loads(desk.sealer.open(found.sealed, handler_subject(company, found.name)))
        details = HandlerDetails.of(name, kept)
    if name is None or (details is not None and not given.anything):
        return details
    number = given.id_number or (details.paper.number if details else None)
    mobile = given.mobile or (details.mobile if details else None)
    email = given.email or (details.email if details else None)
    lacking = [
        option
        for option, value in (("--id-number", number), ("--mobile", mobile), ("--email", email))
        if value is None
    ]  # fmt: skip
    if lacking:
        options = ", ".join(lacking)
        raise Unclear(
            "handler-incomplete",
            Text(f"Of the handler {name} there is still needed: {options}.", f"经办人 {name} 还缺：{options}。"),
            HANDLER_EXAMPLE,
        )
    assert number is not None
    assert mobile is not None
    assert email is not None
    kind = given.id_kind or (details.paper.kind if details and given.id_number is None else "resident")
    born = given.born or (details.paper.born if details and given.id_number is None else None)
    made = HandlerDetails(
        name, read_identity(kind, number, born, desk.today, HANDLER), _mobile(mobile), _email(email)
    )  # fmt: skip
    await keep_handler(desk, company, made)
    return made


async def keep_handler(desk: Desk, company: Qualification, handler: HandlerDetails) -> None:
    """Keep a handler's details, and that they were used."""
    subject = handler_subject(company, handler.name)
    sealed = desk.sealer.seal(json.dumps(handler.as_json()).encode(), subject)
    await desk.open_store.keep_handler(company.id, handler.name, sealed, desk.at, desk.author, desk.now)


HANDLER_EXAMPLE = Text(
    "--handler 李四 --id-number … --mobile 13800138000 --email li@example.com",
    "--handler 李四 --id-number … --mobile 13800138000 --email li@example.com",
)


def handler_subject(company: Qualification, name: str) -> str:
    """What the details of a handler are sealed for."""
    return f"handler:{company.code}:{name}"


async def generate(
    desk: Desk, life: Life, company: Qualification, handler: HandlerDetails, fonts: Sequence[Path] | None = None
) -> dict[str, bytes]:
    """The four documents of an application as PDF, by kind; that they were written is audited, since they hold the
    numbers of the persons' papers. Raises `SealingError`."""
    from .qualifying import legal_of

    stored = await desk.open_store.qualification(company.id)
    assert stored is not None
    made = papers(life, company, legal_of(desk, company, stored[1]), handler, desk.today)
    lacking = undrawable(made[0], fonts)
    if lacking:
        desk.warn(
            Text(
                f"No font of this machine has {' '.join(lacking)}; 〓 stands for them, write them by hand. Fonts such "
                "as fonts-noto-cjk have them.",
                f"本机字体没有这些字：{' '.join(lacking)}，文件中以〓代替，请手写；可安装 fonts-noto-cjk 等字体。",
            )
        )
    await desk.open_store.audit(desk.author, "life_papers", life.application, desk.now, desk.reason or None)
    return {paper.kind: await asyncio.to_thread(draw, paper, fonts) for paper in made}


async def bundled(desk: Desk, life: Life) -> bytes:
    """All documents of an application in one PDF."""
    files = {file.kind: file for file in await desk.open_store.files(life.application)}
    parts = [(KINDS[kind].zh, opened(desk, life.application, files[kind])) for kind in KINDS if kind in files]
    return await asyncio.to_thread(bundle, parts)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, also where one of that name was there."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(content)


def _mobile(number: str) -> str:
    canonical = canonical_caller(number) or ""
    if caller_facts(canonical).kind != "mobile":
        raise LifeError(
            "bad-mobile",
            Text("The handler's mobile number is not right.", "经办人手机号不正确。"),
            Text("Write a mobile number of China, such as 13800138000.", "请写中国大陆手机号，如 13800138000。"),
        )
    return canonical


def _email(address: str) -> str:
    name, at, host = address.strip().partition("@")
    if not (name and at and "." in host) or len(address) > 254 or any(letter.isspace() for letter in address.strip()):
        raise LifeError(
            "bad-email",
            Text("The handler's mail address is not right.", "经办人邮箱不正确。"),
            Text("Write an address such as li@example.com.", "请写邮箱地址，如 li@example.com。"),
        )
    return address.strip()
