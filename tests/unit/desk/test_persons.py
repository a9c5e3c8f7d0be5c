"""Personal data: sealed at rest, shown to those who review, handed out and deleted on request."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from router.desk import NotAllowed, buying, owning, persons, qualifying, reviewing
from router.desk.buying import Materials
from router.desk.desk import Desk
from router.desk.qualifying import Submitting
from router.life.model import LifeError
from tests import scans
from tests.unit.desk.desks import CODE, FILES, HANDLER, ID, OTHER_CODE, SCANS, Office

PASSPORT = replace(HANDLER, name="王五", id_number="E12345678", id_kind="passport", email="wang@example.com")
SECRETS = (ID, "13800138000", "li@example.com", "E12345678", "wang@example.com", "张三-110105.png")


def stored(folder: Path) -> bytes:
    """Every byte that the store has on disk."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("store.db*")))


async def test_nothing_personal_stands_in_the_store_in_clear(office: Office, tmp_path: Path) -> None:
    named_scans = {kind: ("张三-110105.png", scans.png()) for kind in SCANS}
    wanted = Submitting(CODE, "示例科技有限公司", None, "张三", ID, named_scans)
    await qualifying.submit(office.desk("2026-10-12T10:00"), wanted)
    await reviewing.review_company(office.desk("2026-10-15T10:00"), CODE, approve=True)
    number = await office.bring("submitted")
    await buying.withdraw(office.desk("2026-10-18"), number)
    again = (await buying.search(office.desk("2026-10-19"), buying.Wanted(tier="优选")))[0].number
    await buying.apply(office.desk("2026-10-19"), again)
    handler = replace(PASSPORT, born=None)
    with pytest.raises(LifeError) as caught:
        await buying.materials(office.desk("2026-10-19"), again, Materials(handler))
    assert caught.value.code == "born-missing"
    born = replace(PASSPORT, born=date(1980, 5, 6))
    handed = await buying.materials(
        office.desk("2026-10-19"), again, Materials(born, FILES, generate=True, submit=True)
    )
    assert handed.handler is not None
    assert handed.handler.masked() == {
        "name": "王五",
        "id_kind": "passport",
        "id_number": "E*******8",
        "mobile": "138****8000",
    }
    content = stored(tmp_path)
    assert CODE.encode() in content
    for secret in SECRETS:
        assert secret.encode() not in content, secret
    assert scans.png() not in content
    assert scans.pdf() not in content


async def test_who_looks_needs_the_role_and_is_written_down(office: Office) -> None:
    await office.qualified()
    (masked,) = await qualifying.show(office.desk("2026-10-16"), None)
    assert (masked.revealed, masked.legal.masked) == (False, "110***********002X")  # type: ignore[union-attr]
    for asking in (
        lambda desk: qualifying.show(desk, None, reveal=True),
        export,
        bundle,
    ):
        with pytest.raises(NotAllowed) as caught:
            await asking(office.desk("2026-10-16", author="wang"))
        assert caught.value.code == "not-a-reviewer"
    assert await office.store.audit_entries(action="qualification_reveal") == []
    await qualifying.make_reviewer(office.desk("2026-10-16"), "wang")
    (shown,) = await qualifying.show(office.desk("2026-10-16", "wang", "核对"), None, reveal=True)
    assert (shown.revealed, shown.legal.number) == (True, ID)  # type: ignore[union-attr]
    (entry,) = await office.store.audit_entries(action="qualification_reveal")
    assert (entry.actor, entry.subject, entry.reason) == ("wang", CODE, "核对")
    # Whoever has signed in has a role without being an actor of the store.
    signed_in = replace(office.desk("2026-10-16", author="zhao"), role="reviewer")
    assert (await qualifying.show(signed_in, None, reveal=True))[0].revealed


async def export(desk: Desk) -> bytes:
    return await persons.export(desk, await desk.company(CODE))


async def bundle(desk: Desk) -> object:
    number = (await buying.search(desk, buying.Wanted(tier="普通")))[0].number
    await buying.apply(desk, number)
    return await buying.materials(desk, number, Materials(bundle=True))


async def test_where_there_is_an_administrator_only_one_gives_the_role(office: Office) -> None:
    await office.store.set_actor("chef", "admin", 0.0, "li")
    with pytest.raises(NotAllowed) as caught:
        await qualifying.make_reviewer(office.desk("2026-10-16", author="wang"), "wang")
    assert "chef" in caught.value.cure.en
    await qualifying.make_reviewer(office.desk("2026-10-16", author="chef"), "wang")
    assert {one.name: one.role for one in await office.store.actors()} == {"chef": "admin", "wang": "reviewer"}


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_a_person_gets_what_is_kept_of_them_and_nothing_of_others(office: Office) -> None:
    await office.qualified()
    number = await office.bring("submitted")
    await office.store.set_actor("wang", "reviewer", 0.0, "li")
    desk = office.desk("2026-10-18", author="wang")
    company = await desk.company(CODE)
    handler = unpacked(await persons.export(desk, company, "李四"))
    facts = json.loads(handler["person.json"])
    assert facts["handler"]["paper"] == {"kind": "resident", "number": ID, "born": "1949-12-31"}
    assert facts["handler"]["mobile"] == "13800138000"
    assert facts["applications"] == [number]
    assert "legal_person" not in facts
    assert len(handler) == 1 + len(FILES)
    legal = unpacked(await persons.export(desk, company, " 张三 "))
    assert json.loads(legal["person.json"])["legal_person"]["number"] == ID
    assert {name.rsplit("/")[-1] for name in legal} == {
        *("person.json", "licence.png", "id-front.png", "id-back.png"),
    }
    everything = unpacked(await persons.export(desk, company))
    assert len(everything) == 1 + 3 + len(FILES)
    assert "mark" not in json.loads(everything["company.json"])
    with pytest.raises(LifeError) as caught:
        await persons.export(desk, company, "赵六")
    assert caught.value.code == "no-person"


async def test_a_handler_is_deleted_on_request_but_not_while_a_number_stands_on_them(
    office: Office, tmp_path: Path
) -> None:
    await office.qualified()
    number = await office.bring("bound")
    company = await office.desk("2026-10-22").company(CODE)
    sealed = (await office.store.handlers(company.id))[0].sealed
    for person, code in (("李四", "handler-needed"), ("张三", "legal-person"), ("赵六", "no-handler")):
        with pytest.raises(LifeError) as caught:
            await persons.delete_person(office.desk("2026-10-22"), company, person)
        assert caught.value.code == code
        assert caught.value.cure.en
    await owning.release(office.desk("2026-10-23"), number)
    await persons.delete_person(office.desk("2026-10-24", reason="本人要求"), company, "李四")
    assert await office.store.handlers(company.id) == []
    (entry,) = await office.store.audit_entries(action="handler_delete")
    assert (entry.actor, entry.reason, entry.subject) == ("li", "本人要求", f"qualification:{company.id}")
    assert "李四" not in str(await office.store.audit_entries())
    # Overwritten, not only left out; what is sealed is gone from file and log.
    assert sealed not in stored(tmp_path)
    assert "李四".encode() not in stored(tmp_path)


async def test_a_company_is_deleted_with_every_scan_and_the_audit_holds_nothing_personal(
    office: Office, tmp_path: Path
) -> None:
    await office.qualified()
    await office.qualified(OTHER_CODE, "第二公司")
    number = await office.bring("bound", CODE)
    desk = office.desk("2026-10-22")
    company = await desk.company(CODE)
    with pytest.raises(LifeError) as caught:
        await persons.delete_company(desk, company)
    assert caught.value.code == "has-numbers"
    await owning.release(office.desk("2026-10-23"), number)
    sealed = [file.sealed for file in await office.store.files(f"qualification:{company.id}")]
    assert await persons.delete_company(office.desk("2026-10-24", reason="公司注销"), company) == 3
    content = stored(tmp_path)
    assert not [one for one in sealed if one in content]
    audit = str(await office.store.audit_entries())
    for personal in (*SECRETS, "张三", "李四"):
        assert personal not in audit
    assert CODE in audit
    assert [one.code for one in await office.desk("2026-10-24").qualifications()] == [OTHER_CODE]
    connection = sqlite3.connect(tmp_path / "store.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_a_number_that_was_in_use_is_not_sold_again_at_once(office: Office) -> None:
    await office.qualified()
    await office.qualified(OTHER_CODE, "第二公司")
    number = await office.bring("bound", CODE)
    await owning.release(office.desk("2026-11-01T10:00"), number)
    for name in ("numbers.yaml", "routes.yaml"):
        (office.folder / name).write_text(f"{name[:-5]}: {'[]' if name[0] == 'n' else '{}'}\n", "utf-8")

    async def found(at: str, **settings: object) -> bool:
        offers = await buying.search(office.desk(at, **settings), buying.Wanted())
        return number in {offer.number for offer in offers}

    assert not await found("2027-01-30T09:59:59")
    with pytest.raises(LifeError) as caught:
        await buying.apply(office.desk("2027-01-30T09:59:59"), number, OTHER_CODE)
    assert caught.value.code == "in-quarantine"
    assert "2027-01-30 10:00:00" in caught.value.message.zh
    assert (await office.store.life(number, 0.0)).state == "released"  # type: ignore[union-attr]
    assert await found("2027-01-30T10:00:00")
    assert (await buying.apply(office.desk("2027-01-30T10:00:00"), number, OTHER_CODE)).life.state == "reserved"
    # One that was only applied for never had callers.
    await buying.withdraw(office.desk("2027-01-31"), number)
    assert await found("2027-01-31T00:00:01")


async def test_a_number_is_never_sold_again_where_the_settings_say_so(office: Office) -> None:
    await office.qualified()
    number = await office.bring("bound")
    office.settings = replace(office.settings, life=replace(office.settings.life, quarantine=None))
    await owning.release(office.desk("2026-11-01T10:00"), number)
    with pytest.raises(LifeError) as caught:
        await buying.apply(office.desk("2036-10-01"), number)
    assert caught.value.code == "in-quarantine"
    life = await office.store.life(number, 1e12)
    assert life is not None
    assert not life.on_offer(1e12)
