"""Qualifications and lives as JSON and as rows for people. What is personal is masked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ivr_flows.findings import Text
from router.configuration.consistency import grouped
from router.life.grading import MINIMUMS
from router.life.machine import kept_until, next_step
from router.life.model import Life
from router.life.qualification import STATE_TEXTS as QUALIFICATION_TEXTS
from router.life.qualification import Qualification, state_at, warning
from router.life.table import STATE_TEXTS
from router.store.qualifications import LifeFile

from ..moments import iso_time, show_time
from ..presentation import show_rows
from .desk import Desk

REMIND_DAYS = 3
"""How many days before its deadline an application is reminded of."""


def file_json(desk: Desk, file: LifeFile) -> dict[str, Any]:
    """A document, without its content."""
    return {
        "kind": file.kind,
        "name": file.name,
        "media": file.media,
        "pages": file.pages,
        "size": file.size,
        "added": iso_time(file.added, desk.zone),
    }


def qualification_json(desk: Desk, known: Qualification, legal_id: str | None, files: list[LifeFile]) -> dict[str, Any]:
    """A qualification; ``legal_id`` as it may be shown."""
    warned = warning(known, desk.at, desk.zone)
    return {
        "code": known.code,
        "company": known.company,
        "state": state_at(known, desk.at, desk.zone),
        "since": iso_time(known.since, desk.zone),
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
        "legal_id": legal_id,
        "reasons": known.said,
        "warning": desk.invocation.say(warned) if warned else None,
        "files": [file_json(desk, file) for file in files],
    }


def show_qualification(desk: Desk, known: Qualification, legal_id: str | None, files: list[LifeFile]) -> None:
    """A qualification for people."""
    state = QUALIFICATION_TEXTS[state_at(known, desk.at, desk.zone)]
    term = Text("no fixed term: ten years from the submission", "无固定期限：按提交日起 10 年填写")
    until = f"{known.licence_until}" + (f" ({desk.invocation.say(term)})" if known.open_ended else "")
    expected = f"{known.earliest} – {known.latest}" if known.state == "review" else ""
    warned = warning(known, desk.at, desk.zone)
    show_rows(
        desk.invocation,
        (
            (Text("company", "公司"), known.company),
            (Text("credit code", "统一社会信用代码"), known.code),
            (Text("state", "状态"), desk.invocation.say(state)),
            (Text("reasons", "原因"), known.said),
            (Text("submitted", "提交日期"), f"{known.submitted}  {known.reference}"),
            (Text("decision expected", "预计审核完成"), expected),
            (Text("licence until", "执照有效期至"), until),
            (Text("legal person", "法人"), f"{known.legal_name}  {legal_id or ''}"),
            (Text("scans", "附件"), ", ".join(file.kind for file in files)),
            (Text("warning", "提醒"), desk.invocation.say(warned) if warned else ""),
        ),
    )


def life_json(desk: Desk, life: Life, companies: dict[int, Qualification], orphans: list[str]) -> dict[str, Any]:
    """A life."""
    company = companies.get(life.owner) if life.owner is not None else None
    target = companies.get(life.target) if life.target is not None else None
    ticket = life.ticket
    binding = None if life.flow is None else "in force" if life.state == "bound" else "waiting"
    ends = life.purchased is not None and not life.auto_renew and life.expires is not None
    return {
        "number": life.number,
        "state": life.state,
        "since": iso_time(life.since, desk.zone) if life.since else None,
        "company": company.company if company else None,
        "code": company.code if company else None,
        "carrier": life.carrier,
        "tier": life.tier,
        "minimum": MINIMUMS[life.tier],
        "application": life.application or None,
        "deadline": iso_time(life.deadline, desk.zone) if life.deadline is not None else None,
        "purchased": life.purchased.isoformat() if life.purchased else None,
        "expires": life.expires.isoformat() if life.expires else None,
        "auto_renew": life.auto_renew,
        "released_at": iso_time(kept_until(life, desk.rules), desk.zone) if ends else None,
        "ticket": None
        if ticket is None
        else {
            "id": ticket.id,
            **ticket.plan.as_json(),
            "ordered": iso_time(ticket.ordered, desk.zone),
            "done": iso_time(ticket.done, desk.zone) if ticket.done is not None else None,
            "contact": desk.settings.life.contact or None,
        },
        "instance": life.instance,
        "flow": life.flow,
        "binding": binding,
        "transfer_to": target.company if target else None,
        "reason": life.said or None,
        "orphans": orphans,
        "reminders": [desk.invocation.say(said) for said in reminders(desk, life)],
        "next": desk.invocation.say(next_step(life)),
    }


def show_life(desk: Desk, life: Life, companies: dict[int, Qualification], orphans: list[str]) -> None:
    """A life for people."""
    facts = life_json(desk, life, companies, orphans)
    say = desk.invocation.say
    ticket = ""
    if life.ticket is not None:
        done = Text("done", "已完成") if life.ticket.done is not None else Text("not done yet", "未完成")
        ticket = f"{life.ticket.id}: {', '.join(life.ticket.plan.lines)} ({say(done)})"
    waiting = Text("in force when the route ticket is done", "路由工单完成后生效")
    flow = life.flow or ""
    if facts["binding"] == "waiting":
        flow = f"{flow} ({say(waiting)})"
    renewal = (
        Text("renews by itself", "自动续费") if life.auto_renew else Text("does not renew by itself", "不自动续费")
    )
    show_rows(
        desk.invocation,
        (
            (Text("number", "号码"), grouped(life.number)),
            (Text("state", "状态"), f"{life.state}: {say(STATE_TEXTS[life.state])}"),
            (Text("since", "自"), show_time(life.since, desk.zone) if life.since else ""),
            (Text("company", "使用公司"), facts["company"] or ""),
            (Text("carrier", "运营商"), life.carrier or ""),
            (Text("tier", "档位"), say(Text(f"{life.tier}, at least {facts['minimum']:,} yuan a month", f"{life.tier}，月最低消费 {facts['minimum']:,} 元"))),  # noqa: E501
            (Text("materials until", "材料截止"), show_time(life.deadline, desk.zone) if life.deadline else ""),
            (Text("paid until", "到期日"), f"{life.expires} ({say(renewal)})" if life.expires else ""),
            (Text("released at", "释放时间"), facts["released_at"] or ""),
            (Text("route ticket", "路由工单"), ticket),
            (Text("instance", "实例"), life.instance or ""),
            (Text("flow", "流程"), flow),
            (Text("transferred to", "过户至"), facts["transfer_to"] or ""),
            (Text("reason", "原因"), life.said),
            (Text("routes without a number", "残留路由"), "; ".join(orphans)),
            (Text("next", "下一步"), facts["next"]),
        ),
    )  # fmt: skip


def reminders(desk: Desk, life: Life) -> list[Text]:
    """What is to be said ahead of a deadline of ``life``."""
    number = grouped(life.number)
    said: list[Text] = []
    if life.deadline is not None and life.deadline - desk.at <= timedelta(days=REMIND_DAYS).total_seconds():
        at = show_time(life.deadline, desk.zone)
        said.append(
            Text(
                f"{number}: the handler's materials are due at {at}, or the number is released.",
                f"{number}：经办人材料须在 {at} 前提交，否则号码将被释放。",
            )
        )
    if life.expires is not None and not life.auto_renew and life.owned:
        left = (life.expires - desk.today).days
        if left <= desk.rules.keep_days:
            at = show_time(kept_until(life, desk.rules), desk.zone)
            said.append(
                Text(
                    f"{number}: paid until {life.expires}; without renewal it is released at {at}.",
                    f"{number}：到期日 {life.expires}，不续费将于 {at} 释放。",
                )
            )
    return said


def orphans_of(desk: Desk, life: Life) -> list[str]:
    """Where the configuration still names a number that is released: ``routes.yaml:12``."""
    if life.state != "released" or desk.configuration is None:
        return []
    found = [facts.place for facts in desk.configuration.numbers if facts.number == life.number]
    route = desk.configuration.routes.get(life.number)
    found += [route.place] if route is not None else []
    return [f"{place.file}:{place.line}" for place in found]
