"""What the store promises of numbers' lives, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from router.life.materials import REQUIRED
from router.life.model import Life, LifeError, Request, RoutePlan
from router.life.qualification import Qualification
from router.life.table import EventName
from router.store import Store, StoreError
from router.store.qualifications import LifeFile
from tests.stores import NOON, Opener, everything

NUMBER = "4000453456"
DAY = 86_400.0
CODES = ("91110000600037341L", "91110105MA01A2B3C4", "91110105MA01A2B3C5")


def company(code: str = CODES[0], mark: str = "m", **changed: object) -> Qualification:
    made = Qualification(
        *(0, code, f"公司{code[-4:]}", "review", NOON, date(2026, 9, 21), date(2036, 9, 21), True, "张三", mark)
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def scan(kind: str, digest: str = "d") -> LifeFile:
    return LifeFile(kind, f"{kind}.png", "image/png", 1, 10, digest, b"\x01sealed")


async def qualified(store: Store, code: str = CODES[0]) -> int:
    known, _ = await store.submit_qualification(company(code), b"sealed", [scan("licence")], "li", NOON, None)
    await store.decide_qualification(code, True, NOON + 1, "wang", NOON, "")
    return known.id


def asked(owner: int, **changed: object) -> Request:
    base = Request(owner=owner, offered=("金牌", "unicom"), handler="李四", plan=RoutePlan(("bj",)), flow="welcome")
    return replace(base, **changed)  # type: ignore[arg-type]


async def happen(store: Store, event: EventName, at: float, owner: int = 1, **changed: object) -> Life:
    return (await store.happen(NUMBER, event, asked(owner, **changed), at, "li", NOON)).life


async def reserved(store: Store, owner: int) -> Life:
    life = await happen(store, "apply", NOON + 10, owner)
    for kind in REQUIRED:
        await store.keep_file(life.application, scan(kind), NOON + 20, "li", NOON)
    return life


async def bound(store: Store, owner: int) -> Life:
    await reserved(store, owner)
    await happen(store, "materials", NOON + 30)
    for index, event in enumerate(("forward", "approve", "order_route", "route_done", "bind")):
        life = await happen(store, event, NOON + 40 + index)  # type: ignore[arg-type]
    return life


async def test_of_many_applicants_at_once_one_has_the_number(open_store: Opener) -> None:
    stores = [await open_store() for _ in range(6)]
    owners = [await qualified(stores[0], code) for code in CODES]

    async def apply(store: Store, owner: int) -> int | str | None:
        try:
            return (await store.happen(NUMBER, "apply", asked(owner), NOON + 10, "li", NOON)).life.owner
        except LifeError as error:
            return error.code

    results = await asyncio.gather(
        *(apply(store, owners[index % 3]) for index, store in enumerate(stores)), return_exceptions=True
    )
    assert not [result for result in results if isinstance(result, BaseException)]
    life = await stores[0].life(NUMBER, NOON + 11)
    assert life is not None
    assert set(results) == {life.owner, "life-reserved"}
    assert len(await stores[0].audit_entries(action="life_apply")) == 1


async def test_a_life_goes_from_stock_to_service_and_each_step_is_audited(store: Store) -> None:
    owner = await qualified(store)
    life = await bound(store, owner)
    assert (life.state, life.owner, life.flow) == ("bound", owner, "welcome")
    state = await store.number_state(NUMBER)
    assert state is not None
    assert (state.state, state.by) == ("bound", "li")
    entries = list(reversed(await store.audit_entries(subject=NUMBER)))
    assert [entry.action for entry in entries] == [
        f"life_{event}" for event in ("apply", "materials", "forward", "approve", "order_route", "route_done", "bind")
    ]
    assert all(entry.actor == "li" and entry.at == NOON for entry in entries)
    assert [entry.after["state"] for entry in entries] == [
        *("reserved", "submitted", "review", "opened", "opened", "routed", "bound")
    ]
    assert "李四" not in str([(entry.before, entry.after) for entry in entries])


async def test_a_deadline_holds_when_nothing_ran_and_frees_the_number_once(store: Store) -> None:
    owner, other = await qualified(store), await qualified(store, CODES[1])
    life = await reserved(store, owner)
    assert life.deadline is not None
    assert (await store.overlay(NOON)).coming == {NUMBER: ((life.deadline, "released"),)}
    late = await store.life(NUMBER, life.deadline)
    assert late is not None
    assert late.state == "released"
    # The materials come late: they are refused, and the release stays written.
    with pytest.raises(LifeError) as caught:
        await happen(store, "materials", life.deadline)
    assert caught.value.code == "life-released"
    state = await store.number_state(NUMBER)
    assert state is not None
    assert (state.state, state.since, state.by) == ("released", life.deadline, "time")
    assert await store.files(life.application) == []
    assert await store.settle_lives(life.deadline + 100 * DAY, NOON) == []
    assert len(await store.audit_entries(action="life_lapse")) == 1
    taken = await happen(store, "apply", life.deadline + DAY, other)
    assert taken.owner == other


async def test_settling_lets_every_due_deadline_take_effect(store: Store) -> None:
    owner = await qualified(store)
    await reserved(store, owner)
    (step,) = await store.settle_lives(NOON + 30 * DAY, NOON)
    assert (step.event, step.after.state) == ("lapse", "released")


async def test_what_was_done_already_is_not_done_twice(store: Store) -> None:
    owner = await qualified(store)
    first = await reserved(store, owner)
    again = await store.happen(NUMBER, "apply", asked(owner), NOON + 25, "li", NOON)
    assert (again.life, again.steps) == (first, ())
    await happen(store, "materials", NOON + 30)
    repeated = await store.happen(NUMBER, "materials", asked(owner), NOON + 31, "li", NOON)
    assert repeated.steps == ()
    assert len(await store.audit_entries(action="life_materials")) == 1


async def test_every_step_that_is_asked_for_twice_happens_once(store: Store) -> None:
    owner, other = await qualified(store), await qualified(store, CODES[1])
    life = await bound(store, owner)
    steps: tuple[tuple[EventName, int], ...] = (
        *(("order_route", owner), ("route_done", owner), ("bind", owner), ("unbind", owner), ("bind", owner)),
        *(("suspend", owner), ("resume", owner), ("transfer", other), ("transfer_done", other), ("release", other)),
    )
    for index, (event, who) in enumerate(steps):
        at = NOON + 100 + 10 * index
        request = asked(who, plan=RoutePlan(("sh",)), flow="sales" if index == 4 else "welcome", reason="缘由")
        first = await store.happen(NUMBER, event, request, at, "li", NOON)
        counted = len(await store.audit_entries(subject=NUMBER))
        if event == "resume":
            continue  # what is in service is not suspended: asking again is a mistake
        again = await store.happen(NUMBER, event, request, at + 1, "li", NOON)
        assert (again.life, again.steps) == (first.life, ()), event
        assert len(await store.audit_entries(subject=NUMBER)) == counted, event
    # Another ticket, or another company, is no repetition.
    assert life.application
    fresh = await store.happen(NUMBER, "apply", asked(owner), NOON + 200 * DAY, "li", NOON)
    assert fresh.life.owner == owner


async def test_another_ticket_while_one_waits_is_another_ticket(store: Store) -> None:
    owner = await qualified(store)
    await bound(store, owner)
    for index, line in enumerate(("sh", "bj")):
        request = asked(owner, plan=RoutePlan((line,)))
        life = (await store.happen(NUMBER, "order_route", request, NOON + 100 + index, "li", NOON)).life
        assert life.ticket is not None
        assert life.ticket.id == f"R{NUMBER}-{index + 2}"


async def test_routing_hears_of_which_numbers_the_store_knows_the_end(store: Store) -> None:
    owner = await qualified(store)
    await reserved(store, owner)
    assert (await store.overlay(NOON)).paid == frozenset()
    await happen(store, "materials", NOON + 30)
    await happen(store, "forward", NOON + 31)
    await happen(store, "approve", NOON + 32)
    assert (await store.overlay(NOON)).paid == {NUMBER}
    await happen(store, "release", NOON + 40)
    assert (await store.overlay(NOON)).paid == frozenset()


async def test_papers_are_kept_for_a_while_after_the_last_number_left(store: Store) -> None:
    owner = await qualified(store)
    await store.keep_handler(owner, "李四", b"one", NOON + 1, "li", NOON)
    await bound(store, owner)
    assert await store.idle_qualifications(NOON + 400 * DAY) == []
    assert await store.idle_handlers(NOON + 400 * DAY) == []
    await happen(store, "release", NOON + 300 * DAY)
    assert await store.idle_qualifications(NOON + 300 * DAY) == []
    assert [one.id for one in await store.idle_qualifications(NOON + 300 * DAY + 1)] == [owner]
    assert await store.idle_handlers(NOON + 400 * DAY) == [(owner, "李四")]
    # Submitting the papers again does not forget when the number left.
    await store.submit_qualification(company(mark="new", since=NOON + 301 * DAY), b"s", [], "li", NOON, None)
    (known,) = await store.qualifications()
    assert known.left == NOON + 300 * DAY


async def test_materials_are_complete_by_what_the_store_holds(store: Store) -> None:
    owner = await qualified(store)
    life = await happen(store, "apply", NOON + 10, owner)
    await store.keep_file(life.application, scan(REQUIRED[0]), NOON + 20, "li", NOON)
    with pytest.raises(LifeError) as caught:
        await happen(store, "materials", NOON + 30)
    assert caught.value.code == "materials-missing"
    assert REQUIRED[1] in caught.value.message.en
    assert REQUIRED[0] not in caught.value.message.en


async def test_a_process_that_dies_between_two_writes_leaves_nothing_half(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await qualified(store)
    await reserved(store, owner)
    before = await everything(store)

    async def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_audit", killed)
        with pytest.raises(KeyboardInterrupt):
            await happen(store, "materials", NOON + 30)
        with pytest.raises(KeyboardInterrupt):
            await store.submit_qualification(company(CODES[1]), b"s", [scan("licence")], "li", NOON, None)
    assert await everything(store) == before
    assert (await happen(store, "materials", NOON + 30)).state == "submitted"


async def test_only_a_company_with_an_approved_and_valid_qualification_applies(store: Store) -> None:
    for owner, at in ((77, NOON), (await _in_review(store), NOON + 10)):
        with pytest.raises(LifeError) as caught:
            await happen(store, "apply", at, owner)
        assert caught.value.code in ("no-qualification", "not-qualified")
    approved = await qualified(store, CODES[1])
    with pytest.raises(LifeError) as caught:
        await happen(store, "apply", NOON + 11 * 366 * DAY, approved)
    assert caught.value.code == "not-qualified"


async def _in_review(store: Store) -> int:
    known, _ = await store.submit_qualification(company(), b"s", [], "li", NOON, None)
    return known.id


async def test_a_submission_is_taken_once_and_replaced_when_it_differs(store: Store) -> None:
    first, changed = await store.submit_qualification(company(), b"one", [scan("licence")], "li", NOON, None)
    assert changed
    again, changed = await store.submit_qualification(company(since=NOON + 5), b"x", [], "li", NOON, None)
    assert (again, changed) == (first, False)
    other, changed = await store.submit_qualification(
        company(mark="other", since=NOON + 5), b"two", [scan("licence", "e")], "li", NOON, None
    )
    assert (other.id, changed) == (first.id, True)
    found = await store.qualification(first.id)
    assert found is not None
    assert found[1] == b"two"
    assert [file.digest for file in await store.files(f"qualification:{first.id}")] == ["e"]
    with pytest.raises(LifeError) as caught:
        await store.submit_qualification(company(mark="third"), b"s", [], "li", NOON, None)
    assert caught.value.code == "clock-back"


async def test_scans_that_a_new_submission_does_not_have_are_deleted(store: Store) -> None:
    first, _ = await store.submit_qualification(company(), b"s", [scan("licence"), scan("id-back")], "li", NOON, None)
    await store.submit_qualification(company(mark="m2", since=NOON + 1), b"s", [scan("licence")], "li", NOON, None)
    assert [file.kind for file in await store.files(f"qualification:{first.id}")] == ["licence"]


async def test_a_decision_is_made_of_what_is_under_review(store: Store) -> None:
    with pytest.raises(LifeError) as caught:
        await store.decide_qualification(CODES[0], True, NOON, "wang", NOON, "")
    assert caught.value.code == "no-qualification"
    await store.submit_qualification(company(), b"s", [], "li", NOON, None)
    rejected = await store.decide_qualification(CODES[0], False, NOON + 1, "wang", NOON, "照片不清晰")
    assert (rejected.state, rejected.said) == ("rejected", "照片不清晰")
    assert await store.decide_qualification(CODES[0], False, NOON + 2, "wang", NOON, "x") == rejected
    with pytest.raises(LifeError) as caught:
        await store.decide_qualification(CODES[0], True, NOON + 2, "wang", NOON, "")
    assert caught.value.code == "not-under-review"
    resubmitted, changed = await store.submit_qualification(company(since=NOON + 3), b"s", [], "li", NOON, None)
    assert (resubmitted.state, resubmitted.said, changed) == ("review", "", True)


async def test_handlers_are_offered_again_the_last_one_first(store: Store) -> None:
    owner = await qualified(store)
    await store.keep_handler(owner, "李四", b"one", NOON + 1, "li", NOON)
    await store.keep_handler(owner, "王五", b"two", NOON + 2, "li", NOON)
    await store.keep_handler(owner, "李四", b"three", NOON + 3, "li", NOON)
    assert [(one.name, one.sealed) for one in await store.handlers(owner)] == [("李四", b"three"), ("王五", b"two")]


async def test_a_transferred_number_changes_hands_and_old_documents_go(store: Store) -> None:
    owner, other = await qualified(store), await qualified(store, CODES[1])
    life = await bound(store, owner)
    await happen(store, "transfer", NOON + 60, other)
    with pytest.raises(LifeError):
        await store.delete_qualification(CODES[0], "li", NOON, None)
    moved = await happen(store, "transfer_done", NOON + 70)
    assert (moved.owner, moved.state) == (other, "bound")
    assert await store.files(life.application) == []


async def test_personal_data_are_deleted_on_request_but_not_while_they_are_needed(store: Store) -> None:
    owner = await qualified(store)
    await store.keep_handler(owner, "李四", b"one", NOON + 1, "li", NOON)
    await reserved(store, owner)
    with pytest.raises(LifeError) as caught:
        await store.delete_qualification(CODES[0], "li", NOON, None)
    assert caught.value.code == "has-numbers"
    assert await store.idle_qualifications(NOON + DAY) == []
    await happen(store, "withdraw", NOON + 60)
    assert [one.id for one in await store.idle_qualifications(NOON + DAY)] == [owner]
    assert await store.delete_qualification(CODES[0], "li", NOON, "本人要求") == 1
    rows = await everything(store)
    assert not rows["qualifications"]
    assert not rows["handlers"]
    assert not rows["life_files"]


async def test_a_number_of_the_files_begins_where_they_say(store: Store) -> None:
    seed = Life(NUMBER, "bound", flow="welcome")
    life = (await store.happen(NUMBER, "suspend", Request(reason="欠费"), NOON, "li", NOON, seed=seed)).life
    assert (life.state, life.resume, life.said) == ("suspended", "bound", "欠费")
    assert (await store.states())[NUMBER] == "suspended"
    # From here on the store decides, whatever the files say.
    again = await store.happen(NUMBER, "resume", Request(), NOON + 1, "li", NOON, seed=Life(NUMBER, "opened"))
    assert again.life.state == "bound"


async def test_a_backup_holds_lives_and_their_sealed_documents(
    store: Store, open_store: Opener, another_url: str, tmp_path: Path
) -> None:
    owner = await qualified(store)
    await bound(store, owner)
    await store.backup(tmp_path / "b.zip", NOON)
    other = await open_store(another_url)
    await other.restore(tmp_path / "b.zip", NOON, "li")
    rows = await everything(store)
    for name in ("qualifications", "lives", "life_files", "handlers"):
        assert (await everything(other))[name] == rows[name]
    # What is added afterwards goes on counting.
    await qualified(other, CODES[2])
    with pytest.raises(StoreError):
        await other.restore(tmp_path / "b.zip", NOON, "li")


async def test_receivers_of_webhooks_are_told_of_each_state_once(store: Store) -> None:
    owner = await qualified(store)
    await bound(store, owner)
    await store.spread({"crm": frozenset({"number.state_changed"})}, NOON)
    told = [row.happening.data["state"] for row in reversed(await store.deliveries(limit=100))]
    assert told == ["reserved", "submitted", "review", "opened", "routed", "bound"]
