"""`serve --watch`: what was saved is shown, applied only when somebody says so; a broken file changes nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from router.app.invocation import Invocation
from router.app.revisions import watching
from router.app.revisions.watching import FolderWatch
from router.configuration import read_folder
from tests.end_to_end.conftest import COMPANY

CHANGED = COMPANY["routes.yaml"].replace("    flow: welcome\n", "    flow: service\n")


class Terminal:
    """A watch of the small company's folder, with what it says; each save is looked at when the test says so."""

    def __init__(self, cli) -> None:
        self.cli = cli
        files, _ = read_folder(cli.folder)
        self.watch = FolderWatch(Invocation(config=cli.folder, language="en"), files)

    async def look(self) -> str:
        self.cli.capsys.readouterr()
        await self.watch.look()
        out, err = self.cli.capsys.readouterr()
        return out + err

    async def type(self, line: str) -> str:
        self.cli.capsys.readouterr()
        await self.watch.obey(line)
        return self.cli.capsys.readouterr().err

    def history(self) -> list[str]:
        return [row["revision"] for row in self.cli("history", "--json").json]


@pytest.fixture
def terminal(cli) -> Terminal:
    cli("apply")
    return Terminal(cli)


def run(work: Callable[[], object]) -> object:
    return asyncio.run(work())  # type: ignore[arg-type]


def test_what_was_saved_is_shown_and_applied_by_the_word_alone(terminal: Terminal) -> None:
    async def work() -> None:
        assert await terminal.look() == ""
        terminal.cli.write("routes.yaml", CHANGED)
        shown = await terminal.look()
        assert "+    flow: service" in shown
        assert "have calls that go another way" in shown or "has calls that go another way" in shown
        assert "Type `apply`" in await terminal.type("yes")
        assert "r2 is in force" in await terminal.type("apply 周末方案")
        assert "nothing to apply" in await terminal.type("apply")

    run(work)
    assert terminal.history() == ["r2", "r1"]
    assert terminal.cli("history", "--json").json[0]["reason"] == "周末方案"


def test_a_broken_file_is_shown_with_its_findings_and_changes_nothing(terminal: Terminal) -> None:
    async def work() -> None:
        terminal.cli.write("routes.yaml", CHANGED)
        await terminal.look()
        terminal.cli.write("routes.yaml", "routes: [\n")
        said = await terminal.look()
        assert "routes.yaml:" in said
        assert "error" in said
        assert "nothing to apply" in await terminal.type("apply")

    run(work)
    assert terminal.history() == ["r1"]


def test_a_gate_refuses_here_too(terminal: Terminal) -> None:
    async def work() -> None:
        wrong = (
            "scenario: 错\ncall: { to: 400-600-5678, at: 2026-10-12T10:00:00+08:00 }\nexpect: { outcome: answered }\n"
        )
        terminal.cli.write("scenarios/w.scenario.yaml", wrong)
        terminal.cli.write("routes.yaml", CHANGED)
        await terminal.look()
        assert "scenarios fail" in await terminal.type("apply")

    run(work)
    assert terminal.history() == ["r1"]


def test_another_apply_meanwhile_wins(terminal: Terminal) -> None:
    async def work() -> None:
        terminal.cli.write("routes.yaml", CHANGED)
        await terminal.look()
        await asyncio.to_thread(terminal.cli, "apply")
        assert "somebody changed it" in await terminal.type("apply")

    run(work)
    assert terminal.history() == ["r2", "r1"]


def test_saving_back_what_runs_is_no_change(terminal: Terminal) -> None:
    async def work() -> None:
        terminal.cli.write("routes.yaml", CHANGED)
        await terminal.look()
        terminal.cli.write("routes.yaml", COMPANY["routes.yaml"])
        assert "no change" in await terminal.look()
        assert "nothing to apply" in await terminal.type("apply")

    run(work)


def test_the_word_is_read_from_the_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(watching, "WATCH_SECONDS", 0.02)
    monkeypatch.setattr(Invocation, "interactive", property(lambda _: True))

    async def work() -> None:
        with os.fdopen(reading) as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            following = asyncio.create_task(terminal.watch.follow())
            terminal.cli.write("routes.yaml", CHANGED)
            async with asyncio.timeout(60):
                while terminal.watch.shown is None:  # noqa: ASYNC110 - whatever it is doing meanwhile
                    await asyncio.sleep(0.01)
                os.write(writing, b"apply now\n")
                while terminal.watch.shown is not None:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                while len(await asyncio.to_thread(terminal.history)) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    run(work)
    os.close(writing)
    assert terminal.history() == ["r2", "r1"]
