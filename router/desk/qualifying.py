"""A company's qualification: submitted and looked at, and who may review."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ivr_flows.findings import Text
from router.life.identity import Identity, read_identity
from router.life.qualification import LEGAL_PERSON, SCANS, Qualification, read_submission, scans_of
from router.paperwork.sealing import SealingError
from router.store.qualifications import LifeFile, subject_of

from .desk import Desk, NotAllowed, Unclear
from .papers import sealed_file, taken


@dataclass(frozen=True, slots=True)
class Submitting:
    """What a company hands in, as it was written; ``scans`` by kind (`router.life.qualification.SCANS`): a file, or the
    name and bytes of an upload."""

    code: str
    company: str
    licence_until: date | None
    legal_name: str
    id_number: str
    scans: Mapping[str, Path | tuple[str, bytes]]
    id_kind: str = "resident"
    born: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A qualification as it may be shown: ``legal`` is the legal person's paper, None where the key is another one;
    ``revealed``: its number may be shown whole. ``handlers`` are names."""

    qualification: Qualification
    legal: Identity | None
    files: tuple[LifeFile, ...]
    handlers: tuple[str, ...] = ()
    revealed: bool = False
    changed: bool = True


async def submit(desk: Desk, wanted: Submitting) -> Known:
    """Hand a qualification in. The same again changes nothing. Raises `LifeError`, `UploadError`, `SealingError`."""
    legal = read_identity(wanted.id_kind, wanted.id_number, wanted.born, desk.today, LEGAL_PERSON)
    submission = read_submission(
        wanted.code, wanted.company, wanted.licence_until, wanted.legal_name, legal, desk.today
    )  # fmt: skip
    lacking = [kind for kind in scans_of(legal.kind) if kind not in wanted.scans]
    if lacking:
        raise Unclear(
            "scan-missing",
            Text(f"Scans are missing: {', '.join(lacking)}.", f"缺少扫描件：{'、'.join(lacking)}。"),
            Text("Add " + ", ".join(f"--{kind} FILE" for kind in lacking) + ".", "请补充扫描件文件。"),
        )
    uploads = {kind: await asyncio.to_thread(taken, wanted.scans[kind]) for kind in SCANS if kind in wanted.scans}
    receipt = desk.office.take_qualification(submission.code, desk.today)
    digests = "".join(upload.digest for upload in uploads.values())
    term = "never" if submission.open_ended else submission.licence_until.isoformat()
    parts = (submission.company, term, submission.legal_name, json.dumps(legal.as_json()), digests)
    entry = Qualification(
        0,
        submission.code,
        submission.company,
        "review",
        desk.at,
        desk.today,
        submission.licence_until,
        submission.open_ended,
        submission.legal_name,
        desk.sealer.mark("\x1f".join(parts)),
        receipt.reference,
        receipt.earliest.day if receipt.earliest else None,
        receipt.latest.day if receipt.latest else None,
        receipt.latest.assumed if receipt.latest else (),
    )
    subject = seal_subject(submission.code)
    sealed = desk.sealer.seal(json.dumps({"legal": legal.as_json()}).encode(), subject)
    files = [sealed_file(desk, subject, kind, upload) for kind, upload in uploads.items()]
    await desk.settle()
    known, changed = await desk.open_store.submit_qualification(
        entry, sealed, files, desk.author, desk.now, desk.reason or None
    )
    _tell_of_submission(desk, known, changed)
    return await known_as(desk, known, changed=changed)


def _tell_of_submission(desk: Desk, known: Qualification, changed: bool) -> None:
    if known.open_ended:
        desk.note(
            Text(
                f"The licence has no fixed term; {known.licence_until}, ten years from the submission, is entered.",
                f"执照无固定期限，已按提交日起 10 年填写：{known.licence_until}。",
            )
        )
    for year in known.assumed:
        desk.warn(
            Text(
                f"There are no holiday data for {year}; the date expected follows weekdays alone. "
                f"Add calendars/{year}.yaml.",
                f"没有 {year} 年的节假日数据，预计日期仅按周末推算。请添加 calendars/{year}.yaml。",
            )
        )
    if not changed:
        desk.note(Text("The same was submitted already; nothing is changed.", "相同资料已提交，未作更改。"))


async def show(desk: Desk, named: str | None, *, reveal: bool = False) -> list[Known]:
    """One qualification, or all. ``reveal`` takes a role that reviews and is written down. Raises `LifeError`."""
    chosen = [await desk.company(named)] if named is not None else await desk.qualifications()
    if reveal:
        await desk.see_reviewer("qualification_reveal", [one.code for one in chosen])
    return [await known_as(desk, one, revealed=reveal) for one in chosen]


async def known_as(desk: Desk, known: Qualification, *, revealed: bool = False, changed: bool = True) -> Known:
    """A qualification with what is sealed of it. Where the key is another one, there is a warning and no paper."""
    assert desk.store is not None
    found = await desk.store.qualification(known.id)
    files = tuple(await desk.store.files(subject_of(known.id)))
    people = tuple(one.name for one in await desk.store.handlers(known.id))
    legal = None
    if found is not None:
        try:
            legal = legal_of(desk, known, found[1])
        except SealingError as error:
            desk.warn(error.message)
    return Known(known, legal, files, people, revealed, changed)


def legal_of(desk: Desk, known: Qualification, sealed: bytes) -> Identity:
    """The legal person's paper. Raises `SealingError`."""
    return Identity.of(json.loads(desk.sealer.open(sealed, seal_subject(known.code)))["legal"])


def seal_subject(code: str) -> str:
    """What the papers of a company are sealed for."""
    return f"qualification:{code}"


async def make_reviewer(desk: Desk, name: str) -> None:
    """Give ``name`` the role that reviews. Where somebody is an administrator, only an administrator may. Raises
    `NotAllowed`."""
    people = await desk.open_store.actors()
    roles = {one.name: one.role for one in people}
    role = desk.role or roles.get(desk.author)
    admins = sorted(one for one, held in roles.items() if held == "admin")
    if admins and role != "admin":
        raise NotAllowed(
            "not-an-admin",
            Text(
                f"{desk.author} may not give roles; an administrator does.",
                f"{desk.author} 无权授予角色，请由管理员办理。",
            ),
            Text(f"Ask: {', '.join(admins)}.", f"管理员：{'、'.join(admins)}。"),
        )
    await desk.open_store.set_actor(name, "reviewer", desk.now, desk.author, desk.reason or None)
