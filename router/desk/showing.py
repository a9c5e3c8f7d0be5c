"""Qualifications, lives and documents as JSON. What is personal is masked."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any

from ivr_flows.findings import Language
from router.life.grading import MINIMUMS
from router.life.machine import kept_until, next_step
from router.life.model import Life
from router.life.office import Offer
from router.life.qualification import next_step_of, state_at, warning
from router.life.reminding import life_reminders
from router.store.qualifications import LifeFile

from .desk import Desk
from .happening import Outcome
from .qualifying import Known


def moment_json(desk: Desk, at: float | None) -> str | None:
    """A moment as ISO 8601 with its offset."""
    if at is None or not isfinite(at):
        return None
    return datetime.fromtimestamp(at, desk.zone).isoformat(timespec="seconds")


def file_json(desk: Desk, file: LifeFile) -> dict[str, Any]:
    """A document, without its content."""
    return {
        "kind": file.kind,
        "name": file.name,
        "media": file.media,
        "pages": file.pages,
        "size": file.size,
        "added": moment_json(desk, file.added),
    }


def offer_json(offer: Offer) -> dict[str, Any]:
    """A number in stock."""
    return {
        "number": offer.number,
        "carrier": offer.carrier,
        "tier": offer.tier,
        "minimum": offer.minimum,
        "labels": list(offer.features.labels),
    }


def qualification_json(desk: Desk, shown: Known, language: Language) -> dict[str, Any]:
    """A qualification; the number of the legal person's paper masked unless it was revealed."""
    known = shown.qualification
    warned = warning(known, desk.at, desk.zone)
    number = None
    if shown.legal is not None:
        number = shown.legal.number if shown.revealed else shown.legal.masked
    return {
        "code": known.code,
        "company": known.company,
        "state": state_at(known, desk.at, desk.zone),
        "since": moment_json(desk, known.since),
        "submitted": known.submitted.isoformat(),
        "reference": known.reference,
        "expected": {
            "earliest": known.earliest.isoformat() if known.earliest else None,
            "latest": known.latest.isoformat() if known.latest else None,
            "assumed_years": list(known.assumed),
        },
        "licence_until": known.licence_until.isoformat(),
        "no_fixed_term": known.open_ended,
        "legal_name": known.legal_name,
        "legal_id_kind": shown.legal.kind if shown.legal is not None else None,
        "legal_id": number,
        "handlers": list(shown.handlers),
        "reasons": known.said,
        "warning": warned.to(language) if warned else None,
        "next": next_step_of(known, desk.at, desk.zone).to(language),
        "files": [file_json(desk, file) for file in shown.files],
    }


def life_json(desk: Desk, made: Outcome, language: Language) -> dict[str, Any]:
    """A life."""
    life = made.life
    ends = life.purchased is not None and not life.auto_renew and life.expires is not None
    return {
        "number": life.number,
        "state": life.state,
        "since": moment_json(desk, life.since) if life.since else None,
        "company": made.company.company if made.company else None,
        "code": made.company.code if made.company else None,
        "carrier": life.carrier,
        "tier": life.tier,
        "minimum": MINIMUMS[life.tier],
        "application": life.application or None,
        "deadline": moment_json(desk, life.deadline),
        "purchased": life.purchased.isoformat() if life.purchased else None,
        "expires": life.expires.isoformat() if life.expires else None,
        "auto_renew": life.auto_renew,
        "released_at": moment_json(desk, kept_until(life, desk.rules)) if ends else None,
        "on_offer_from": moment_json(desk, life.free_from),
        "ticket": _ticket_json(desk, life),
        "instance": life.instance,
        "flow": life.flow,
        "binding": binding_of(life),
        "transfer_to": made.target.company if made.target else None,
        "reason": life.said or None,
        "orphans": list(made.orphans),
        "written": list(made.written),
        "reminders": [said.text.to(language) for said in life_reminders(life, desk.at, desk.rules)],
        "next": next_step(life).to(language),
    }


def binding_of(life: Life) -> str | None:
    """Whether the binding is in force or waits for the route ticket; None without one."""
    return None if life.flow is None else "in force" if life.state == "bound" else "waiting"


def _ticket_json(desk: Desk, life: Life) -> dict[str, Any] | None:
    if life.ticket is None:
        return None
    return {
        "id": life.ticket.id,
        **life.ticket.plan.as_json(),
        "ordered": moment_json(desk, life.ticket.ordered),
        "done": moment_json(desk, life.ticket.done),
        "contact": desk.settings.life.contact or None,
    }
