"""What the store knows of numbers and companies that somebody should know on a day, as findings: licences and numbers
that end, materials that are due, and where the files say something else than the store.

All of it is info, as what only depends on the day is in ``check``; where something is about to run it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from ivr_flows.findings import Finding, Place, Text
from router.configuration.consistency import grouped
from router.configuration.day_checks import EXPIRY_HORIZON
from router.configuration.folder import NUMBERS
from router.life.model import Life
from router.life.qualification import Qualification
from router.life.reminding import licence_reminders, life_reminders
from router.model import NumberFacts

from .desk import Desk

SUPERSEDED = frozenset({"expires-soon", "expired"})
"""Codes of findings in files that the store knows better where it tells until when a number is paid."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``findings`` of the store; ``paid`` are the places of numbers of which it knows until when they are paid."""

    findings: tuple[Finding, ...] = ()
    paid: frozenset[Place] = frozenset()

    def joined(self, findings: Iterable[Finding], *, warning: bool = False) -> list[Finding]:
        """``findings`` of the files without what the store knows better, and those of the store; with ``warning`` as
        warnings."""
        ours = self.findings
        if warning:
            ours = tuple(replace(finding, severity="warning") for finding in ours)
        kept = [one for one in findings if one.code not in SUPERSEDED or one.place not in self.paid]
        return [*kept, *ours]


async def standing(desk: Desk) -> Standing:
    """What is to be known at the moment of the desk."""
    lives = [life for life in await desk.lives() if life.owned or life.state == "released"]
    companies = await desk.companies()
    facts = {} if desk.configuration is None else {one.number: one for one in desk.configuration.numbers}
    elsewhere = Place(str(desk.folder / NUMBERS))
    findings: list[Finding] = []
    for life in lives:
        known = facts.get(life.number)
        place = elsewhere if known is None else known.place
        findings += _of_life(desk, life, place)
        findings += [
            Finding("info", "life-drift", place, said, cure) for said, cure in _drift(desk, life, known, companies)
        ]
    for reminder in licence_reminders(companies.values(), desk.at, desk.rules):
        cure = Text("Submit the new licence: line400 qualify submit.", "请提交新执照：line400 qualify submit。")
        findings.append(Finding("info", reminder.code, elsewhere, reminder.text, cure))
    paid = frozenset(facts[life.number].place for life in lives if life.expires and life.number in facts)
    return Standing(tuple(findings), paid)


def _of_life(desk: Desk, life: Life, place: Place) -> list[Finding]:
    number = grouped(life.number)
    found = [
        Finding(
            "info",
            reminder.code,
            place,
            reminder.text,
            Text(
                f"Hand them in: line400 numbers materials {life.number} --submit.",
                f"请提交：line400 numbers materials {life.number} --submit。",
            ),
        )
        for reminder in life_reminders(life, desk.at, desk.rules)
        if reminder.code == "materials-due"
    ]
    renews = life.auto_renew and life.state in ("opened", "routed", "bound")
    if not life.owned or life.expires is None or renews or life.expires > desk.today + EXPIRY_HORIZON:
        return found
    past = life.expires < desk.today
    found.append(
        Finding(
            "info",
            "expired" if past else "expires-soon",
            place,
            Text(
                f"{number} {'expired' if past else 'expires'} on {life.expires} and does not renew itself.",
                f"{number} {'已于' if past else '将于'} {life.expires} 到期，且不会自动续费。",
            ),
            Text(
                f"Renew it: line400 numbers renew {life.number} --months 3, or --auto.",
                f"请续费：line400 numbers renew {life.number} --months 3，或 --auto。",
            ),
        )
    )
    return found


def _drift(
    desk: Desk, life: Life, known: NumberFacts | None, companies: dict[int, Qualification]
) -> list[tuple[Text, Text]]:
    """Where the files say something else than the store, each with its cure."""
    number = grouped(life.number)
    if life.state == "released":
        if known is None and (desk.configuration is None or life.number not in desk.configuration.routes):
            return []
        return [
            (
                Text(
                    f"{number} is released and still stands in the files.", f"{number} 已释放，但配置文件中仍有该号码。"
                ),
                Text("Delete it, or apply for it anew.", "请删除，或重新申请。"),
            )
        ]
    if desk.configuration is None or life.state in ("reserved", "submitted", "review"):
        return []
    if known is None:
        return [
            (
                Text(f"{number} is {life.state} and does not stand in the numbers.", f"{number} 未写入号码文件。"),
                Text("Give the last command on it once more; it writes the files.", "请重复上一条命令，由其写入文件。"),
            )
        ]
    owner = companies.get(life.owner) if life.owner is not None else None
    pairs: list[tuple[str, object, object]] = []
    if owner is not None:
        pairs.append(("company", known.company, owner.company))
    if life.application:
        pairs += [("carrier", known.carrier, life.carrier), ("tier", known.tier, life.tier)]
    if life.expires is not None:
        written = known.expires
        pairs.append(("expires", written or life.expires, life.expires))
        if not known.auto_renew or written is not None:
            pairs.append(("auto_renew", known.auto_renew, life.auto_renew))
    return [_differs(number, key, said, true) for key, said, true in pairs if said != true]


def _differs(number: str, key: str, said: object, true: object) -> tuple[Text, Text]:
    written, real = (_word(value) for value in (said, true))
    return (
        Text(
            f"{number}: the files say `{key}: {written}`, the store {real}; the store decides.",
            f"{number}：文件中 `{key}: {written}`，库中为 {real}；以库为准。",
        ),
        Text(f"Write `{key}: {real}`, or leave it out.", f"请写 `{key}: {real}`，或删去该项。"),
    )


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value or "")
