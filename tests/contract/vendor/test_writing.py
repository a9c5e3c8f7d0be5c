"""Changes of the vendor's API happen whole or not at all: files, revision and life, whatever fails in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ivr_flows.findings import Text
from router.app.invocation import Invocation
from router.app.served import Served
from router.app.vendor.refusals import translate
from router.app.vendor.writing import Writer
from router.configuration import load_files
from router.configuration.company_edit import CompanyEdit
from router.configuration.folder import read_folder
from router.desk import Desk
from router.life.model import LifeError
from router.store import Conflict, Store
from router.vendor import Call, VendorError
from router.vendor.keys import Key
from router.vendor.table import find

from .company import COMPANY, SETTINGS

NOW = 1_790_000_000.0
CALL = Call(find("2020-07-01", "ModifyPhoneNumber"), Key("testkey", "s", "engineer"), NOW, True)


class Running:
    """Of a router what a writer needs: it runs whatever is current."""

    def __init__(self, store: Store, settings: Any) -> None:
        self.settings = settings
        self.book = SimpleNamespace(revision="r1")
        self.clock = SimpleNamespace(now=lambda: NOW)


@pytest.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    folder = tmp_path / "config"
    for name, text in {"line400.yaml": SETTINGS % 1, **COMPANY}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    files = read_folder(folder)[0]
    configuration = load_files(files, folder).configuration
    assert configuration is not None
    async with await Store.open(configuration.settings.store) as store:
        await store.apply_revision(configuration.files, "someone", None, NOW)
        router = Running(store, configuration.settings)
        invocation = Invocation(config=folder, json=True, quiet=True)
        yield Served(invocation, cast(Any, router), store, cast(Any, {"r1": configuration}))


@pytest.fixture
def writer(served: Served, monkeypatch: pytest.MonkeyPatch) -> Writer:
    async def at_once(self: Writer, revision: str) -> bool:
        return True

    monkeypatch.setattr(Writer, "_in_force", at_once)
    return Writer(served)


def bind(change: CompanyEdit) -> None:
    change.set_flow("4008001234", "welcome")
    change.enter_queue("vip")


def contents(served: Served) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in served.folder.rglob("*") if file.is_file()}


async def current(served: Served) -> str:
    found = await served.store.current()
    assert found is not None
    return found.digest


async def test_a_change_is_in_files_and_revision_alike(served: Served, writer: Writer):
    assert await writer.apply(CALL, bind) == "r2"
    content = await served.store.get_revision("current")
    assert dict(content.files) == dict(read_folder(served.folder)[0])
    assert b"vip:" in content.files["queues.yaml"]
    assert await writer.apply(CALL, bind) is None  # it is there already


async def test_a_life_that_refuses_at_last_takes_everything_back(served: Served, writer: Writer):
    before, digest = contents(served), await current(served)

    async def refuse(desk: Desk) -> None:
        raise LifeError("suspended", Text("it was suspended meanwhile", "期间已停机"), Text("", ""))

    with pytest.raises(LifeError):
        await writer.apply(CALL, bind, then=refuse)
    assert (contents(served), await current(served)) == (before, digest)
    kinds = [activation.kind for activation in await served.store.activations()]
    assert kinds == ["rollback", "apply", "apply"]


async def test_a_revision_that_somebody_else_applied_meanwhile_wins(served: Served, writer: Writer):
    before = contents(served)

    async def meanwhile(desk: Desk) -> None:
        files = (await served.store.get_revision("current")).files
        await served.store.apply_revision({**files, "queues.yaml": b"queues: {}\n"}, "other", None, NOW)

    with pytest.raises(Conflict) as raised:
        await writer.apply(CALL, bind, first=meanwhile)
    assert contents(served) == before
    translated = translate(raised.value)
    assert translated is not None
    assert (translated.code, translated.status) == ("Conflict.Revision", 409)


@pytest.mark.parametrize("wrong", ["unknown flow", "not right", "judged", "linted"])
async def test_what_is_refused_before_it_is_written_leaves_no_trace(served: Served, writer: Writer, wrong: str):
    before, digest = contents(served), await current(served)

    async def refuse(desk: Desk) -> None:
        raise LifeError("suspended", Text("it is suspended", "已停机"), Text("", ""))

    def edit(change: CompanyEdit) -> None:
        bind(change)
        if wrong == "unknown flow":
            change.set_flow("4006005678", "nothing")
        if wrong == "linted":
            change.put_file("flows/lost.flow.yaml", b"flow: lost\nnodes:\n  a: { play: x, next: nowhere }\n")

    with pytest.raises(Exception) as raised:
        await writer.apply(
            CALL,
            edit,
            right=lambda configuration: wrong != "not right",
            first=refuse if wrong == "judged" else None,
        )
    assert (contents(served), await current(served)) == (before, digest)
    told = raised.value if isinstance(raised.value, VendorError) else translate(cast(Exception, raised.value))
    assert told is not None
    assert (told.status, told.code.partition(".")[0]) == (409, "Conflict")


async def test_a_file_that_somebody_saves_meanwhile_is_not_overwritten(served: Served, writer: Writer):
    queues = served.folder / "queues.yaml"

    async def save(desk: Desk) -> None:
        queues.write_text(queues.read_text("utf-8") + "# 我的\n", "utf-8")

    digest = await current(served)
    with pytest.raises(Exception, match="changed meanwhile"):
        await writer.apply(CALL, bind, first=save)
    assert queues.read_text("utf-8").endswith("# 我的\n")
    assert await current(served) == digest


async def test_a_key_that_asks_for_the_scenarios_is_stopped_by_them(served: Served, writer: Writer):
    from .company import SCENARIO

    file = served.folder / "scenarios" / "welcome.scenario.yaml"
    file.parent.mkdir()
    file.write_text(SCENARIO, "utf-8")
    careful = replace(CALL, key=replace(CALL.key, preflight=True))

    def edit(change: CompanyEdit) -> None:
        change.set_flow("4006005678", "service")

    with pytest.raises(Exception, match="scenario"):
        await writer.apply(careful, edit)
    assert await writer.apply(CALL, edit) == "r2"
