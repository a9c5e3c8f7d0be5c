"""What a running router does for lives: deadlines, reminders, retention."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from router.clock import Clock
from router.desk import Desk, owning
from router.desk.keeping import REMINDER, SETTLED, LifeKeeper
from router.life.model import SHANGHAI
from router.life.office import SimulatedOffice
from router.life.workdays import Workdays
from router.model import LifeSettings, Retention
from router.outside.events import Told
from router.store import Store
from tests.unit.desk.desks import CODE, Office
from tests.unit.life.lives import moment


class Still(Clock):
    """A clock that stands where it is put."""

    def __init__(self, at: str) -> None:
        super().__init__(0.0)
        self.at = moment(at)

    def now(self) -> float:
        return self.at


def keeper(
    office: Office, at: str, told: list[Told] | None = None, settings: object = None
) -> tuple[LifeKeeper, Still]:
    clock = Still(at)
    wanted = settings or office.settings
    tell = None if told is None else told.append
    return LifeKeeper(office.store, lambda: wanted, clock, "router-1", tell), clock  # type: ignore[arg-type, return-value]


async def test_a_deadline_that_passes_takes_effect_at_its_own_moment(office: Office) -> None:
    await office.qualified()
    number = await office.bring("reserved")
    told: list[Told] = []
    keeping, clock = keeper(office, "2026-10-23T09:59:59", told)
    assert await keeping.settle() == 0
    clock.at = moment("2026-10-23T10:00:11")
    assert await keeping.settle() == 1
    assert await keeping.settle() == 0
    (entry,) = await office.store.audit_entries(action="life_lapse")
    assert (entry.actor, entry.at, entry.after["at"]) == ("time", clock.at, moment("2026-10-23T10:00:00"))
    state = await office.store.number_state(number)
    assert state is not None
    assert (state.state, state.since) == ("released", moment("2026-10-23T10:00:00"))
    (event,) = told
    assert (event.event, event.number, event.at) == (SETTLED, number, moment("2026-10-23T10:00:00"))
    assert event.data == {"move": "lapse", "state": "released", "before": "reserved"}


async def test_periods_of_the_settings_are_kept_while_it_runs(office: Office) -> None:
    await office.qualified()
    number = await office.bring("bound")
    yearly = replace(office.settings, life=LifeSettings(renewal_months=12))
    keeping, _ = keeper(office, "2027-01-21T00:00:05", settings=yearly)
    assert await keeping.settle() == 1
    life = await office.store.life(number, moment("2027-01-21T00:00:05"))
    assert life is not None
    assert life.expires is not None
    assert life.expires.isoformat() == "2028-01-20"


async def test_reminders_are_told_once_each_and_again_when_a_licence_comes_nearer(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.qualified()
    number = await office.bring("reserved")
    told: list[Told] = []
    keeping, clock = keeper(office, "2026-10-19T10:00", told)
    assert await keeping.remind() == []
    clock.at = moment("2026-10-20T11:00")
    with caplog.at_level(logging.WARNING, "line400.life"):
        assert [one.code for one in await keeping.remind()] == ["materials-due"]
    assert "2026-10-23 10:00:00" in caplog.text
    assert await keeping.remind() == []
    assert [(one.event, one.number, one.data["code"]) for one in told] == [(REMINDER, number, "materials-due")]
    # The licence, entered for ten years, ends on 12 October 2036.
    for at, expected in (
        ("2036-08-01T10:00", []),
        ("2036-08-14T10:00", ["licence-ends"]),
        ("2036-08-15T10:00", []),
        ("2036-09-13T10:00", ["licence-ends"]),
        ("2036-10-06T10:00", ["licence-ends"]),
        ("2036-10-13T00:00", ["licence-ends"]),
        ("2036-10-14T00:00", []),
    ):
        clock.at = moment(at)
        assert [one.code for one in await keeping.remind()] == expected, at
    assert told[-1].number == ""
    assert told[-1].data["subject"] == CODE


async def test_a_number_that_does_not_renew_itself_is_reminded_of(office: Office) -> None:
    await office.qualified()
    number = await office.bring("bound")
    await owning.renew(office.desk("2026-10-22"), number, auto=False)
    keeping, clock = keeper(office, "2027-01-12T10:00")
    assert await keeping.remind() == []
    clock.at = moment("2027-01-13T10:00")
    assert [(one.code, one.due) for one in await keeping.remind()] == [
        ("number-expires", moment("2027-01-28T00:00"))
    ]  # fmt: skip


async def test_what_was_kept_for_its_time_is_deleted_while_it_runs(office: Office) -> None:
    await office.qualified()
    number = await office.bring("bound")
    month = replace(office.settings, retention=Retention(qualifications=30, handlers=30))
    keeping, clock = keeper(office, "2027-10-01T10:00", settings=month)
    await keeping.purge()
    assert len(await office.store.qualifications()) == 1  # the number stands on it
    await owning.release(office.desk("2027-10-01T11:00"), number)
    clock.at = moment("2027-10-31T10:59")
    await keeping.purge()
    assert len(await office.store.qualifications()) == 1
    clock.at = moment("2027-10-31T11:01")
    await keeping.purge()
    assert await office.store.qualifications() == []
    (entry,) = await office.store.audit_entries(action="qualification_delete")
    assert (entry.actor, entry.reason, entry.subject) == ("router-1", "retention", CODE)


class Vendor(SimulatedOffice):
    """An office of its own: what it decides, nobody decides in its place."""


async def test_what_a_vendor_of_its_own_decides_is_taken_in(office: Office) -> None:
    await office.qualified()
    number = await office.bring("submitted")
    vendor = Vendor(Workdays(SHANGHAI))

    def at_vendor(at: float) -> Desk:
        return replace(office.desk("2026-10-20T10:00", author="vendor"), office=vendor)

    keeping = LifeKeeper(office.store, lambda: office.settings, Still("2026-10-20T10:00"), "router-1", None, at_vendor)
    assert await keeping.ask_vendor() == 0
    for kind in ("forward", "approve"):
        vendor.decide(number, kind)  # type: ignore[arg-type]
    assert await keeping.ask_vendor() == 2
    assert "2026-10-20" in (office.folder / "numbers.yaml").read_text("utf-8")
    vendor.decide(number, "transfer_done")
    assert await keeping.ask_vendor() == 0
    (entry,) = await office.store.audit_entries(action="life_approve")
    assert (entry.actor, entry.after["state"]) == ("vendor", "opened")


async def test_it_goes_on_when_the_store_is_away_for_a_while(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from ivr_flows.findings import Text
    from router.store import StoreError

    await office.qualified()
    await office.bring("reserved")
    keeping, _ = keeper(office, "2026-10-30T10:00")
    settle, calls, settled = Store.settle_lives, 0, asyncio.Event()

    async def flaky(store: Store, at: float, now: float) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise StoreError(Text("away", "不可用"), Text("", ""), "unavailable")
        steps = await settle(store, at, now)
        settled.set()
        return steps

    monkeypatch.setattr(Store, "settle_lives", flaky)
    task = asyncio.create_task(keeping.follow(every=0.001))
    await settled.wait()
    assert len(await office.store.audit_entries(action="life_lapse")) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
