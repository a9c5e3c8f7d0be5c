"""One event in a number's life, as the commands let it happen: the life read, the event, the answer."""

from __future__ import annotations

from dataclasses import replace

from ivr_flows.findings import Text
from router.life.model import Life, LifeError, Request
from router.life.qualification import Qualification
from router.life.table import EventName
from router.lifecycle import seeded_state
from router.number400 import Number400
from router.store.lives import Happened

from ..problems import usage
from .desk import Desk
from .views import life_json, orphans_of, reminders, show_life


def number_of(given: str | None) -> str:
    """The canonical number of an argument. Raises `Problem` and `NumberError`."""
    if given is None:
        raise usage(
            "missing-number",
            Text("Say which number.", "请给出号码。"),
            Text("`line400 numbers show` lists those that there are.", "用 `line400 numbers show` 查看已有号码。"),
        )
    return Number400.parse(given).digits


def seed_of(desk: Desk, number: str) -> Life | None:
    """The life of a number that the configuration knows and the store does not run yet; None where neither does.

    Its periods are those of the files: the store takes over its state with the first event, and nothing else."""
    if desk.configuration is None:
        return None
    facts = next((one for one in desk.configuration.numbers if one.number == number), None)
    if facts is None:
        return None
    route = desk.configuration.routes.get(number)
    return Life(
        number,
        seeded_state(facts, route),
        carrier=facts.carrier,
        tier=facts.tier,
        instance=facts.instance,
        flow=route.flow if route else None,
    )


def life_of(desk: Desk, number: str) -> Life:
    """The life of ``number`` at the moment of the desk. Raises `LifeError` where neither store nor files know it."""
    life = desk.read(lambda store: store.life(number, desk.at))
    if life is None:
        life = seed_of(desk, number)
        known = desk.read(lambda store: store.number_state(number))
        if life is not None and known is not None:
            life = replace(life, state=known.state, since=known.since)
    if life is None:
        raise LifeError(
            "unknown-number",
            Text(f"{number} was never applied for and is not configured.", f"{number} 未申请过，也不在配置中。"),
            Text(f"line400 numbers apply {number} --company C", f"line400 numbers apply {number} --company 公司"),
        )
    return life


def happen(
    desk: Desk, number: str, event: EventName, request: Request | None = None, before: tuple[EventName, ...] = ()
) -> Happened:
    """Let an event happen. Raises `LifeError`."""
    wanted = replace(request or Request(), reason=desk.reason)
    seed = seed_of(desk, number)
    return desk.change(
        lambda store: store.happen(number, event, wanted, desk.at, desk.author, desk.now, seed=seed, before=before)
    )


def companies_of(desk: Desk) -> dict[int, Qualification]:
    """Every qualification by id."""
    return {one.id: one for one in desk.read(lambda store: store.qualifications()) or []}


def answer(desk: Desk, life: Life, **more: object) -> int:
    """Show a life and what else is told."""
    companies = companies_of(desk)
    orphans = orphans_of(desk, life)
    if desk.invocation.json:
        desk.invocation.document({**life_json(desk, life, companies, orphans), **more})
        return 0
    show_life(desk, life, companies, orphans)
    for said in reminders(desk, life):
        desk.invocation.warn(said)
    return 0
