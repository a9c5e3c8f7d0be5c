"""What the store knows is told beside what stands in the files."""

from __future__ import annotations

from datetime import date

import pytest

from router.configuration import load
from router.desk import owning, reviewing
from router.desk.standing import standing
from router.life.model import LifeError
from tests.unit.desk.desks import OTHER_CODE, Office
from tests.unit.life.lives import moment


async def codes(office: Office, at: str) -> list[str]:
    return sorted(finding.code for finding in (await standing(office.desk(at))).findings)


async def test_a_number_that_ends_and_a_licence_that_ends_are_told_ahead(office: Office) -> None:
    await office.qualified()
    number = await office.bring("bound")
    assert await codes(office, "2026-12-30") == []  # it renews itself
    await owning.renew(office.desk("2026-10-22"), number, auto=False)
    assert await codes(office, "2026-11-20") == []
    assert await codes(office, "2026-11-21") == ["expires-soon"]
    assert await codes(office, "2027-01-21") == ["expired"]
    (finding,) = (await standing(office.desk("2026-12-01"))).findings
    assert finding.severity == "info"
    assert finding.place.file.endswith("numbers.yaml")
    assert finding.place.line > 1
    assert number in finding.cure.en
    assert await codes(office, "2036-08-20") == ["licence-ends", "life-drift"]  # released long ago, still in the files


async def test_due_materials_are_told(office: Office) -> None:
    await office.qualified()
    await office.bring("reserved")
    assert await codes(office, "2026-10-19T10:00") == []
    assert await codes(office, "2026-10-21T10:00") == ["materials-due"]


async def test_files_that_say_something_else_are_told_with_what_to_write(office: Office) -> None:
    await office.qualified()
    number = await office.bring("bound")
    file = office.folder / "numbers.yaml"
    file.write_text(file.read_text("utf-8").replace("示例科技有限公司", "别家公司").replace("普通", "金牌"), "utf-8")
    found = (await standing(office.desk("2026-10-22"))).findings
    assert {finding.code for finding in found} == {"life-drift"}
    told = " ".join(finding.message.zh + finding.cure.zh for finding in found)
    assert "示例科技有限公司" in told
    assert "tier: 普通" in told
    file.write_text("numbers: []\n", "utf-8")
    (office.folder / "routes.yaml").write_text("routes: {}\n", "utf-8")
    (gone,) = (await standing(office.desk("2026-10-22"))).findings
    assert number[-4:] in gone.message.en
    assert "command" in gone.cure.en


async def test_a_number_of_the_files_goes_on_as_they_say_and_then_as_the_store_does(office: Office) -> None:
    (office.folder / "numbers.yaml").write_text(
        "numbers:\n  - { number: 400-800-1234, purchased: 2026-09-01, expires: 2026-12-01, auto_renew: false }\n",
        "utf-8",
    )
    (office.folder / "routes.yaml").write_text("routes:\n  400-800-1234: { line: bj, flow: welcome }\n", "utf-8")
    before = await owning.show(office.desk("2026-11-01"), "4008001234")
    assert (before.life.state, before.life.expires) == ("bound", date.fromisoformat("2026-12-01"))
    made = await owning.renew(office.desk("2026-11-02"), "4008001234", months=3)
    assert made.life.expires == date.fromisoformat("2027-03-01")
    known = await standing(office.desk("2026-11-20"))
    assert [finding.code for finding in known.findings] == ["life-drift"]
    assert "expires: 2027-03-01" in known.findings[0].cure.en
    files = load(office.folder, at=date.fromisoformat("2026-11-20")).findings
    assert "expires-soon" in {finding.code for finding in files}
    assert "expires-soon" not in {finding.code for finding in known.joined(files)}
    assert {finding.severity for finding in known.joined([], warning=True)} == {"warning"}
    overlay = await office.store.overlay(moment("2026-11-20"))
    assert overlay.paid == {"4008001234"}


async def test_a_number_whose_kept_days_are_over_is_not_released_by_a_refused_command(office: Office) -> None:
    (office.folder / "numbers.yaml").write_text(
        "numbers:\n  - { number: 400-800-1234, expires: 2026-09-01, auto_renew: false }\n", "utf-8"
    )
    (office.folder / "routes.yaml").write_text("routes:\n  400-800-1234: { line: bj, flow: welcome }\n", "utf-8")
    shown = await owning.show(office.desk("2026-11-01"), "4008001234")
    assert shown.life.state == "released"
    with pytest.raises(LifeError) as caught:
        await owning.renew(office.desk("2026-11-01"), "4008001234")
    assert caught.value.code == "life-released"
    assert await office.store.number_state("4008001234") is None


async def test_nothing_is_told_without_a_store(office: Office) -> None:
    desk = office.desk("2026-11-01")
    desk.store = None
    assert (await standing(desk)).findings == ()


async def test_a_transfer_brings_the_files_in_step(office: Office) -> None:
    await office.qualified()
    await office.qualified(OTHER_CODE, "第二公司")
    number = await office.bring("bound", "示例科技有限公司")
    numbers = office.folder / "numbers.yaml"
    (office.folder / "numbers.csv").write_text(
        f"number,company,tier,purchased,instance\n{number},示例科技有限公司,普通,2026-10-20,hotline\n", "utf-8"
    )
    numbers.unlink()
    await owning.transfer(office.desk("2026-11-01"), number, "第二公司")
    done = await reviewing.decide_transfer(office.desk("2026-11-03"), number, done=True)
    assert done.written == (str(office.folder / "numbers.csv"),)
    assert "第二公司" in (office.folder / "numbers.csv").read_text("utf-8")
    assert await codes(office, "2026-11-04") == []
