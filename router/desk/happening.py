"""One event in a number's life: the life read, the event, what the configuration still names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ivr_flows.findings import Text
from router.life.machine import settle
from router.life.model import Life, LifeError, Request
from router.life.qualification import Qualification
from router.life.seeding import seeded_life
from router.life.table import EventName
from router.store.lives import Happened

from .desk import Desk


@dataclass(frozen=True, slots=True)
class Outcome:
    """A life after what was asked, with its company and the one it is transferred to. ``written`` are the files that
    were changed, ``diff`` how; ``orphans`` where the configuration names a number that is released; ``changed`` whether
    anything happened."""

    life: Life
    company: Qualification | None = None
    target: Qualification | None = None
    orphans: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    diff: str = ""
    changed: bool = True
    more: dict[str, object] = field(default_factory=dict)


def seed_of(desk: Desk, number: str) -> Life | None:
    """The life of a number that the configuration knows and the store does not run yet; None where neither does. It is
    paid as the files say: until ``expires``, or three months from the purchase on."""
    if desk.configuration is None:
        return None
    facts = next((one for one in desk.configuration.numbers if one.number == number), None)
    if facts is None:
        return None
    return seeded_life(facts, desk.configuration.routes.get(number))


async def life_of(desk: Desk, number: str) -> Life:
    """The life of ``number`` at the moment of the desk. Raises `LifeError` where neither store nor files know it."""
    life = await desk.life(number)
    if life is None:
        life = seed_of(desk, number)
        known = await desk.number_state(number)
        if life is not None and known is not None:
            life = replace(life, state=known.state, since=known.since)
        if life is not None:
            passed = settle(life, desk.at, desk.rules)
            life = passed[-1].after if passed else life
    if life is None:
        raise LifeError(
            "unknown-number",
            Text(f"{number} was never applied for and is not configured.", f"{number} 未申请过，也不在配置中。"),
            Text(f"line400 numbers apply {number} --company C", f"line400 numbers apply {number} --company 公司"),
        )
    return life


async def happen(
    desk: Desk,
    number: str,
    event: EventName,
    request: Request | None = None,
    before: tuple[EventName, ...] = (),
    reason: str | None = None,
) -> Happened:
    """Let an event happen, deadlines that are over having taken effect; with the ``reason`` of the desk where none is
    given. Raises `LifeError`."""
    await desk.settle()
    wanted = replace(request or Request(), reason=desk.reason if reason is None else reason)
    seed = seed_of(desk, number)
    return await desk.open_store.happen(
        number, event, wanted, desk.at, desk.author, desk.now, seed=seed, before=before
    )  # fmt: skip


async def outcome(
    desk: Desk, life: Life, *, written: tuple[list[str], str] = ([], ""), changed: bool = True, **more: object
) -> Outcome:
    """A life with what belongs to it."""
    companies = await desk.companies()
    return Outcome(
        life,
        companies.get(life.owner) if life.owner is not None else None,
        companies.get(life.target) if life.target is not None else None,
        tuple(orphans_of(desk, life)),
        tuple(written[0]),
        written[1],
        changed,
        more,
    )


def orphans_of(desk: Desk, life: Life) -> list[str]:
    """Where the configuration still names a number that is released: ``routes.yaml:12``."""
    if life.state != "released" or desk.configuration is None:
        return []
    found = [facts.place for facts in desk.configuration.numbers if facts.number == life.number]
    route = desk.configuration.routes.get(life.number)
    found += [route.place] if route is not None else []
    return [f"{place.file}:{place.line}" for place in found]
