"""From the stock to the carrier's review: search, apply, hand the materials in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

from ivr_flows.findings import Text
from router.configuration.number_values import read_carrier
from router.life.grading import Wanted
from router.life.machine import refusal
from router.life.materials import REQUIRED, HandlerDetails, required_of
from router.life.model import Life, LifeError, Request
from router.life.office import Offer
from router.life.qualification import Qualification
from router.model import Carrier, Tier
from router.store.qualifications import LifeFile

from .desk import Desk, Unclear, number_of
from .happening import Outcome, happen, life_of, outcome
from .papers import HANDLER_EXAMPLE, HandlerGiven, bundled, generate, handler_of, keep_handler, upload_materials


@dataclass(frozen=True, slots=True)
class Materials:
    """What is done with the materials of an application: documents to be ``generate``d, ``files`` uploaded by kind
    (`router.life.materials.KINDS`), all handed in with ``submit``; ``bundle`` asks for them as one PDF."""

    handler: HandlerGiven = field(default_factory=HandlerGiven)
    files: Mapping[str, Path | tuple[str, bytes]] = field(default_factory=dict)
    generate: bool = False
    submit: bool = False
    bundle: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """The materials of an application as they are: ``missing`` are kinds that still lack, ``documents`` what was
    generated, by kind, ``bundle`` all of them as one PDF."""

    outcome: Outcome
    handler: HandlerDetails | None
    files: tuple[LifeFile, ...]
    missing: tuple[str, ...]
    documents: Mapping[str, bytes]
    bundle: bytes | None


def carrier_of(given: str | None) -> Carrier | None:
    """The carrier that somebody named. Raises `Unclear`."""
    if given is None or read_carrier(given) in get_args(Carrier):
        return None if given is None else cast(Carrier, read_carrier(given))
    raise Unclear(
        "unknown-carrier",
        Text(f"There is no carrier `{given[:20]}`.", f"没有运营商 `{given[:20]}`。"),
        Text("One of: unicom, mobile, telecom.", "可选：unicom（联通）、mobile（移动）、telecom（电信）。"),
    )


def tier_of(given: str | None) -> Tier | None:
    """The tier that somebody named. Raises `Unclear`."""
    if given is None or given in get_args(Tier):
        return cast("Tier | None", given)
    raise Unclear(
        "unknown-tier",
        Text(f"There is no tier `{given[:20]}`.", f"没有档位 `{given[:20]}`。"),
        Text(f"One of: {', '.join(get_args(Tier))}.", f"可选：{'、'.join(get_args(Tier))}。"),
    )


async def search(desk: Desk, wanted: Wanted) -> list[Offer]:
    """What is on offer and belongs to nobody, the cheapest first. Raises `Unclear`."""
    if wanted.ending is not None and not (wanted.ending.isascii() and wanted.ending.isdecimal()):
        raise Unclear(
            "bad-ending",
            Text("--ending takes digits.", "--ending 应为数字。"),
            Text("--ending 888", "--ending 888"),
        )
    taken = {life.number for life in await desk.lives() if not life.on_offer(desk.at)}
    if desk.configuration is not None:
        taken |= {facts.number for facts in desk.configuration.numbers}
    found = [offer for offer in desk.office.offers(wanted) if offer.number not in taken]
    return sorted(found, key=lambda offer: (offer.minimum, offer.number))


async def apply(
    desk: Desk, number: str, company: str | None = None, carrier: str | None = None, tier: str | None = None
) -> Outcome:
    """Reserve a number for a company: at once, for nobody else. ``more`` of the outcome offers the last handler.
    Raises `LifeError`."""
    digits = number_of(number)
    known = await desk.company(company)
    offer = desk.office.offer(digits)
    request = Request(
        owner=known.id,
        carrier=carrier_of(carrier),
        tier=tier_of(tier),
        offered=None if offer is None else (offer.tier, offer.carrier),
    )
    happened = await happen(desk, digits, "apply", request)
    people = await desk.open_store.handlers(known.id)
    last = people[0].name if people else None
    if last is not None:
        desk.note(Text(f"The last handler is offered again: {last}.", f"可沿用上次的经办人：{last}。"))
    return await outcome(desk, happened.life, changed=bool(happened.steps), handler=last)


async def materials(desk: Desk, number: str, asked: Materials) -> Handed:
    """The handler, the four documents, what is stamped and uploaded; handing them in. A bundle of what is kept takes a
    role that reviews. Raises `LifeError`, `UploadError`, `SealingError`."""
    digits = number_of(number)
    if desk.store is not None:
        await desk.settle()
    life = await life_of(desk, digits)
    repeated = asked.submit and life.state in ("submitted", "review")
    changes = asked.generate or asked.files or asked.submit or asked.handler.name is not None
    if changes and life.state != "reserved" and not repeated:
        raise refusal(life, "materials", desk.rules)
    company = await _owner(desk, life)
    if asked.bundle:
        await desk.see_reviewer("life_bundle", [life.application])
    handler = await handler_of(desk, company, asked.handler) if life.state == "reserved" else None
    required = REQUIRED if handler is None else required_of(handler.paper.kind)
    documents: dict[str, bytes] = {}
    if asked.generate:
        if handler is None:
            raise Unclear(
                "no-handler", Text("The documents name the handler.", "文件中需填写经办人。"), HANDLER_EXAMPLE
            )
        documents = await generate(desk, life, company, handler)
    if not repeated:
        await upload_materials(desk, life, asked.files)
    if asked.submit and not repeated:
        request = Request(handler=handler.name if handler else None, required=required)
        life = (await happen(desk, digits, "materials", request)).life
        if handler is not None:
            await keep_handler(desk, company, handler)
        desk.office.take_materials(digits, life.application, await bundled(desk, life))
    files = tuple(await desk.open_store.files(life.application))
    there = {file.kind for file in files}
    missing = tuple(kind for kind in required if kind not in there and life.state == "reserved")
    made = await bundled(desk, life) if asked.bundle else None
    return Handed(await outcome(desk, life), handler, files, missing, documents, made)


async def _owner(desk: Desk, life: Life) -> Qualification:
    found = (await desk.companies()).get(life.owner) if life.owner is not None else None
    if found is None or not life.application:
        raise LifeError(
            "not-applied-for",
            Text(f"{life.number} was not applied for here.", f"{life.number} 不是在此申请的号码。"),
            Text("Materials belong to an application: line400 numbers apply.", "材料属于申请：line400 numbers apply。"),
        )
    return found


async def withdraw(desk: Desk, number: str) -> Outcome:
    """Give up an application before it is decided. Raises `LifeError`."""
    return await outcome(desk, (await happen(desk, number_of(number), "withdraw")).life)
