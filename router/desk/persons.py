"""Personal data on request: exported, deleted, deleted when the time that they are kept is over."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr_flows.findings import Text
from router.life.materials import HandlerDetails
from router.life.model import LifeError
from router.life.qualification import Qualification
from router.store.qualifications import subject_of

from .desk import Desk
from .papers import handler_subject, opened
from .qualifying import legal_of, seal_subject

WHY = "retention"
"""The reason that the audit shows for what is deleted since its time is over."""
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Over:
    """What was kept for its time: companies without numbers, and handlers as (company, name)."""

    companies: tuple[Qualification, ...]
    handlers: tuple[tuple[Qualification, str], ...]


async def export(desk: Desk, company: Qualification, person: str | None = None) -> bytes:
    """Everything that is kept of a company and its persons, or of one ``person`` of it (the legal person's or a
    handler's name), in clear, as a ZIP. Takes a role that reviews and is written down. Raises `LifeError`,
    `SealingError`."""
    await desk.see_reviewer("qualification_export", [company.code])
    content = await (_of_company(desk, company) if person is None else _of_person(desk, company, person))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return stream.getvalue()


async def _of_company(desk: Desk, company: Qualification) -> dict[str, bytes]:
    facts = await _company_facts(desk, company)
    people = [await _handler(desk, company, name) for name in await _handler_names(desk, company)]
    content = {"company.json": _json({**facts, "handlers": people})}
    content |= await _files(desk, subject_of(company.id), seal_subject(company.code))
    for life in await desk.lives():
        if life.owner == company.id:
            content |= await _files(desk, life.application, life.application)
    return content


async def _of_person(desk: Desk, company: Qualification, person: str) -> dict[str, bytes]:
    known = " ".join(person.split())
    content: dict[str, bytes] = {}
    facts: dict[str, Any] = {"name": known, "company": company.company}
    if known == company.legal_name:
        facts["legal_person"] = (await _company_facts(desk, company))["legal"]
        content |= await _files(desk, subject_of(company.id), seal_subject(company.code))
    if known in await _handler_names(desk, company):
        facts["handler"] = await _handler(desk, company, known)
        numbers = [life for life in await desk.lives() if life.owner == company.id and life.handler == known]
        facts["applications"] = [life.number for life in numbers]
        for life in numbers:
            content |= await _files(desk, life.application, life.application)
    if len(facts) == 2:
        raise LifeError(
            "no-person",
            Text(f"Nothing is kept of that person at {company.company}.", f"{company.company} 没有该人员的信息。"),
            Text("`line400 qualify show` names the persons.", "用 `line400 qualify show` 查看人员姓名。"),
        )
    return {"person.json": _json(facts), **content}


async def _company_facts(desk: Desk, company: Qualification) -> dict[str, Any]:
    stored = await desk.open_store.qualification(company.id)
    assert stored is not None
    facts = {"company": company.company, "code": company.code, **company.as_json()}
    facts.pop("mark")
    return facts | {"legal": legal_of(desk, company, stored[1]).as_json()}


async def _handler_names(desk: Desk, company: Qualification) -> list[str]:
    return [one.name for one in await desk.open_store.handlers(company.id)]


async def _handler(desk: Desk, company: Qualification, name: str) -> dict[str, Any]:
    kept = next(one for one in await desk.open_store.handlers(company.id) if one.name == name)
    value = json.loads(desk.sealer.open(kept.sealed, handler_subject(company, name)))
    return {"name": name, **HandlerDetails.of(name, value).as_json()}


async def _files(desk: Desk, kept: str, sealed_for: str) -> dict[str, bytes]:
    return {
        f"{kept.replace(':', '-')}/{file.name}": opened(desk, sealed_for, file).content
        for file in await desk.open_store.files(kept)
    }


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


async def delete_company(desk: Desk, company: Qualification) -> int:
    """Delete a company's papers and persons; how many scans went. Raises `LifeError` while it has a number."""
    await desk.settle()
    return await desk.open_store.delete_qualification(company.code, desk.author, desk.now, desk.reason or None)


async def delete_person(desk: Desk, company: Qualification, person: str) -> None:
    """Delete a handler's data. Raises `LifeError` while a number is registered on them, and for the legal person, whose
    data are part of the company's qualification."""
    known = " ".join(person.split())
    await desk.settle()
    if known == company.legal_name and known not in await _handler_names(desk, company):
        raise LifeError(
            "legal-person",
            Text(
                "The legal person's data are part of the company's qualification and are deleted with it.",
                "法人信息是公司资质的一部分，随资质一并删除。",
            ),
            Text(
                "Delete the company: line400 qualify delete COMPANY.", "请删除公司资质：line400 qualify delete 公司。"
            ),
        )
    await desk.open_store.delete_handler(company.id, known, desk.author, desk.now, desk.reason or None)


async def over(desk: Desk) -> Over:
    """What was kept for as long as the settings say."""
    kept = desk.settings.retention
    companies: tuple[Qualification, ...] = ()
    people: tuple[tuple[Qualification, str], ...] = ()
    if desk.store is None:
        return Over(companies, people)
    if kept.qualifications is not None:
        companies = tuple(await desk.store.idle_qualifications(desk.at - kept.qualifications * DAY))
    if kept.handlers is not None:
        known = await desk.companies()
        gone = {one.id for one in companies}
        found = await desk.store.idle_handlers(desk.at - kept.handlers * DAY)
        people = tuple((known[id], name) for id, name in found if id not in gone)
    return Over(companies, people)


async def purge(desk: Desk) -> Over:
    """Delete what is over; what was deleted. What a number came to need meanwhile stays."""
    await desk.settle()
    found = await over(desk)
    companies = [one for one in found.companies if await _gone(_drop_company(desk, one))]
    people = [(one, name) for one, name in found.handlers if await _gone(_drop_person(desk, one, name))]
    return Over(tuple(companies), tuple(people))


async def _drop_company(desk: Desk, one: Qualification) -> None:
    await desk.open_store.delete_qualification(one.code, desk.author, desk.now, WHY)


async def _drop_person(desk: Desk, one: Qualification, name: str) -> None:
    await desk.open_store.delete_handler(one.id, name, desk.author, desk.now, WHY)


async def _gone(deleting: Awaitable[None]) -> bool:
    try:
        await deleting
    except LifeError:  # it is needed again, or another router was quicker
        return False
    return True
