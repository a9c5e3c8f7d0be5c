"""The configuration over HTTP: files edited without losing anybody's change, planned, applied, returned from."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.store.tables import revisions
from tests.api import CONFIG, Asked, asking

HELLO = (
    "flow: hello\ntitle: 问候\nstart: greet\nnodes:\n  greet: { play: 您好。, next: bye }\n  bye: { hangup: normal }\n"
)


@asynccontextmanager
async def serving(tmp_path: Path) -> AsyncIterator[Asked]:
    """The API over a copy of the example configuration, whose store is the one that is served."""
    folder = tmp_path / "company"
    shutil.copytree(CONFIG, folder)
    settings = folder / "line400.yaml"
    lines = [
        f"store: sqlite:///{tmp_path / 'store.db'}" if line.startswith("store:") else line
        for line in settings.read_text("utf-8").splitlines()
    ]
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    async with asking(tmp_path, config=folder) as api:
        yield api


async def ended(api: Asked, path: str, body: Any, role: Any = "engineer") -> Any:
    """Begin long work and wait for its end."""
    answer = await api.ask("POST", path, json=body, role=role)
    assert answer.status == 202, await answer.text()
    place = answer.headers["Location"].removeprefix("/api/v1")
    async with asyncio.timeout(60):
        while (row := await api.get(place, role=role))["state"] == "running":  # noqa: ASYNC110 - as a client would
            await asyncio.sleep(0.05)
    return row


async def test_a_file_is_read_changed_and_planned_and_applied(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        made = await api.ask(
            "POST", "/configuration/files", role="support", json={"name": "flows/hello.flow.yaml", "text": HELLO}
        )
        assert made.status == 201, await made.text()
        assert (await made.json())["applied"] is False
        planned = await ended(api, "/plan", {}, "support")
        assert planned["state"] == "done", planned
        assert [change["file"] for change in planned["result"]["changes"]] == ["flows/hello.flow.yaml"]
        assert planned["done"] == planned["total"] or planned["done"] is not None
        forbidden = await api.ask("POST", "/apply", role="support", json={})
        assert forbidden.status == 403
        applied = await ended(api, "/apply", {"base": "r1", "reason": "a greeting"})
        assert (applied["state"], applied["result"]["revision"]) == ("done", "r2"), applied
        listed = (await api.get("/revisions", role="viewer"))["items"]
        assert [(one["revision"], one["current"]) for one in listed] == [("r2", True), ("r1", False)]
        diff = await api.get("/revisions/r2/diff")
        assert [change["file"] for change in diff["changes"]] == ["flows/hello.flow.yaml"]
        back = await api.ask("POST", "/revisions/r1/rollback", role="engineer", json={"reason": "wrong menu"})
        assert await back.json() == {"revision": "r1", "rolled_back": True}
        again = await api.ask("POST", "/revisions/r1/rollback", role="engineer", json={})
        assert await again.json() == {"revision": "r1", "rolled_back": False}
    assert revisions.name


async def test_a_plan_that_is_not_of_the_current_revision_is_not_applied(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        await api.ask("POST", "/configuration/files", json={"name": "flows/hello.flow.yaml", "text": HELLO})
        refused = await ended(api, "/apply", {"base": "r7"})
        assert refused["state"] == "failed"
        assert refused["error"]["status"] == 409
        assert len((await api.get("/revisions"))["items"]) == 1


async def test_a_file_with_an_error_is_refused_with_its_place_and_nothing_is_written(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        answer = await api.ask("GET", "/configuration/files/routes.yaml")
        before = await answer.json()
        broken = before["text"].replace("flow: welcome", "flow: welcom", 1)
        assert broken != before["text"]
        headers = {"If-Match": answer.headers["ETag"]}
        refused = await api.ask("PUT", "/configuration/files/routes.yaml", json={"text": broken}, headers=headers)
        problem = await refused.json()
        assert refused.status == 422
        (finding, *_) = problem["findings"]
        assert (finding["file"].rpartition("/")[2], finding["line"] > 0, "welcome" in finding["cure"]) == (
            "routes.yaml",
            True,
            True,
        )
        assert (await api.get("/configuration/files/routes.yaml"))["text"] == before["text"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../secret.yaml", "not-a-file-of-the-configuration"),
        ("/etc/passwd", "not-a-file-of-the-configuration"),
        ("flows/../../x.flow.yaml", "not-a-file-of-the-configuration"),
        ("flows/a/../../../x.flow.yaml", "not-a-file-of-the-configuration"),
        ("prompts/x.wav", "not-a-file-of-the-configuration"),
        ("line400.yaml", "settings-of-the-machine"),
    ],
)
async def test_nothing_is_written_outside_and_the_settings_of_the_machine_stay(
    tmp_path: Path, name: str, code: str
) -> None:
    async with serving(tmp_path) as api:
        refused = await api.ask("POST", "/configuration/files", json={"name": name, "text": "x: 1\n"})
        assert (await refused.json())["code"] == code
        assert refused.status in (409, 422)


async def test_a_change_without_the_version_that_was_seen_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        path = "/configuration/files/lines.yaml"
        text = (await api.get(path))["text"]
        assert (await api.ask("PUT", path, json={"text": text})).status == 428
        stale = await api.ask("PUT", path, json={"text": text}, headers={"If-Match": '"0123"'})
        assert stale.status == 412
        twice = await api.ask("POST", "/configuration/files", json={"name": "lines.yaml", "text": text})
        assert twice.status == 409


async def test_of_fifty_who_edit_one_file_at_once_nobody_loses_a_change(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        path = "/configuration/files/scenarios%2Fmany.scenario.yaml"
        start = {"name": "scenarios/many.scenario.yaml", "text": "# who\n"}
        assert (await api.ask("POST", "/configuration/files", json=start)).status == 201

        async def edit(place: int) -> None:
            while True:
                answer = await api.ask("GET", path)
                text = (await answer.json())["text"] + f"# {place}\n"
                headers = {"If-Match": answer.headers["ETag"]}
                done = await api.ask("PUT", path, json={"text": text}, headers=headers)
                if done.status == 200:
                    return
                assert done.status in (412, 429, 503), await done.text()

        await asyncio.gather(*(edit(place) for place in range(50)))
        lines = (await api.get(path))["text"].splitlines()
        assert sorted(lines[1:]) == sorted(f"# {place}" for place in range(50))


async def test_a_number_is_bound_in_the_files_as_by_the_command(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        path = "/configuration/routes/400-800-1234"
        before = await api.ask("GET", path)
        assert (await before.json())["route"]["flow"] == "welcome"
        headers = {"If-Match": before.headers["ETag"]}
        flows = [one["name"] for one in (await api.get("/flows"))["items"]]
        other = next(name for name in flows if name != "welcome")
        bound = await api.ask("PUT", f"{path}/binding", json={"flow": other}, headers=headers, role="support")
        assert bound.status == 200, await bound.text()
        assert (await bound.json())["route"]["flow"] == other
        stale = await api.ask("PUT", f"{path}/binding", json={"flow": "welcome"}, headers=headers)
        assert stale.status == 412
        text = (await api.get("/configuration/files/routes.yaml"))["text"]
        assert "#" in text  # comments stay
        nobody = await api.ask(
            "PUT", f"{path}/binding", json={"flow": "welcom"}, headers={"If-Match": bound.headers["ETag"]}
        )
        assert nobody.status == 422
        assert (await api.get("/routes/4008001234"))["flow"] == "welcome"  # in force is what was applied


async def test_parts_of_the_running_revision_are_read(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        for many in ("lines", "trunks", "calendars", "routes", "flows"):
            items = (await api.get(f"/{many}", role="viewer"))["items"]
            if items:
                one = await api.get(f"/{many}/{items[0]['name']}", role="viewer")
                assert one["name"] == items[0]["name"]
            await api.get(f"/{many}/none", status=404)
        line = (await api.get("/lines"))["items"][0]
        assert line["base_number"].startswith("0")
