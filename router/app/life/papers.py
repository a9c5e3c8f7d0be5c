"""Documents on their way between files, the store and the office: sealed going in, opened coming out."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

from ivr_flows.findings import Text
from router.life.materials import KINDS, HandlerDetails, check_kind, papers
from router.life.model import Life, LifeError
from router.life.qualification import Qualification, read_id_number
from router.paperwork.bundle import bundle
from router.paperwork.drawing import draw
from router.paperwork.uploads import Upload, read_upload
from router.store.qualifications import LifeFile

from ..problems import usage
from .desk import Desk


def sealed_file(desk: Desk, subject: str, kind: str, upload: Upload) -> LifeFile:
    """An upload as the store keeps it."""
    sealed = desk.sealer.seal(upload.content, f"{subject}:{kind}")
    return LifeFile(kind, upload.name, upload.media, upload.pages, len(upload.content), upload.digest, sealed)


def opened(desk: Desk, subject: str, file: LifeFile) -> Upload:
    """A document of the store in clear. Raises `SealingError`."""
    return Upload(file.name, file.media, file.pages, desk.sealer.open(file.sealed, f"{subject}:{file.kind}"))


def upload_materials(desk: Desk, life: Life, given: list[str]) -> list[str]:
    """Keep stamped documents, each given as ``KIND=FILE``; the kinds. All are checked before the first is kept."""
    checked: list[tuple[str, Upload]] = []
    for word in given:
        kind, equals, file = word.partition("=")
        if not equals:
            raise usage(
                "bad-file-option",
                Text(f"`{word[:60]}` is not KIND=FILE.", f"`{word[:60]}` 不是 种类=文件。"),
                Text("--file authorisation=stamped.pdf", "--file authorisation=盖章.pdf"),
            )
        check_kind(kind, KINDS)
        checked.append((kind, read_upload(Path(file))))
    for kind, upload in checked:
        _keep(desk, life, sealed_file(desk, life.application, kind, upload))
    return [kind for kind, _ in checked]


def _keep(desk: Desk, life: Life, file: LifeFile) -> None:
    desk.change(lambda store: store.keep_file(life.application, file, desk.at, desk.author, desk.now))


def _files(desk: Desk, subject: str) -> list[LifeFile]:
    return desk.read(lambda store: store.files(subject)) or []


def handler_of(
    desk: Desk, company: Qualification, name: str | None, id_number: str | None, mobile: str | None, email: str | None
) -> HandlerDetails | None:
    """The handler of an application. A name alone fills in what is known of that person; without a name it is the last
    one. What is given is kept. None: there is none yet. Raises `LifeError`."""
    known = desk.read(lambda store: store.handlers(company.id)) or []
    found = next((one for one in known if name in (None, one.name)), None)
    facts: dict[str, str] = {}
    if found is not None:
        facts = json.loads(desk.sealer.open(found.sealed, f"handler:{company.code}:{found.name}"))
        name = found.name
    if name is None:
        return None
    given = {"id_number": id_number, "mobile": mobile, "email": email}
    if found is not None and not any(given.values()):
        return HandlerDetails(name, **facts)
    facts |= {key: value for key, value in given.items() if value is not None}
    lacking = [key for key in given if not facts.get(key)]
    if lacking:
        options = ", ".join(f"--{key.replace('_', '-')}" for key in lacking)
        raise usage(
            "handler-incomplete",
            Text(f"Of the handler {name} there is still needed: {options}.", f"经办人 {name} 还缺：{options}。"),
            Text(
                "--handler 李四 --id-number … --mobile 13800138000 --email li@example.com",
                "--handler 李四 --id-number … --mobile 13800138000 --email li@example.com",
            ),
        )
    details = HandlerDetails(
        name,
        read_id_number(facts["id_number"], desk.today, Text("handler", "经办人")),
        _mobile(facts["mobile"]),
        _email(facts["email"]),
    )
    sealed = desk.sealer.seal(json.dumps(details.as_json()).encode(), f"handler:{company.code}:{name}")
    desk.change(lambda store: store.keep_handler(company.id, name, sealed, desk.at, desk.author, desk.now))
    return details


def generate(desk: Desk, life: Life, company: Qualification, handler: HandlerDetails, folder: Path) -> list[Path]:
    """Write the four documents of an application as PDF, readable by the user alone; the files."""
    stored = desk.read(lambda store: store.qualification(company.id))
    assert stored is not None
    legal_id = json.loads(desk.sealer.open(stored[1], f"qualification:{company.code}"))["legal_id"]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for paper in papers(life, company, legal_id, handler, desk.today):
        path = folder / f"{life.number}-{paper.kind}.pdf"
        write_private(path, draw(paper))
        written.append(path)
    return written


def bundled(desk: Desk, life: Life) -> bytes:
    """All documents of an application in one PDF."""
    files = {file.kind: file for file in _files(desk, life.application)}
    return bundle([(KINDS[kind].zh, opened(desk, life.application, files[kind])) for kind in KINDS if kind in files])


def export(desk: Desk, company: Qualification, target: Path) -> int:
    """Everything that is kept of a company and its persons, in clear, as a ZIP; how many files it holds."""
    stored = desk.read(lambda store: store.qualification(company.id))
    assert stored is not None
    subject = f"qualification:{company.code}"
    facts = {"company": company.company, "code": company.code, **company.as_json()}
    facts |= json.loads(desk.sealer.open(stored[1], subject))
    facts.pop("mark")
    people = []
    for one in desk.read(lambda store: store.handlers(company.id)) or []:
        details = json.loads(desk.sealer.open(one.sealed, f"handler:{company.code}:{one.name}"))
        people.append({"name": one.name, **details})
    content: dict[str, bytes] = {
        "company.json": json.dumps({**facts, "handlers": people}, ensure_ascii=False, indent=2).encode()
    }
    lives = [life for life in desk.read(lambda store: store.lives(desk.at)) or [] if life.owner == company.id]
    sources = [(f"qualification:{company.id}", subject), *((life.application,) * 2 for life in lives)]
    for kept, sealed_for in sources:
        for file in _files(desk, kept):
            upload = opened(desk, sealed_for, file)
            content[f"{kept.replace(':', '-')}/{file.kind}.{upload.media.rsplit('/', 1)[1]}"] = upload.content
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return len(content)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)


def _mobile(number: str) -> str:
    from router.callers import caller_facts, canonical_caller

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
