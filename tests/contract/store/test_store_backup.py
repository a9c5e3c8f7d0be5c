"""What the store promises of backup and restore, on every database."""

from __future__ import annotations

import asyncio
import json
import os
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Table

from router.store import Store, StoreError
from router.store.archive import BackupFile
from router.store.tables import metadata
from tests.stores import FILES, NOON, Opener, Tables, everything, over, up


async def fill(store: Store) -> None:
    await store.save(over("done"))
    await store.journal(up("open"), "router-1")
    await store.register_router("router-1", NOON)
    await store.apply_revision(FILES, "li", "开业", NOON)
    await store.apply_revision({"b": b"\x00\xff"}, "li", None, NOON)
    await store.activate("r1", "li", None, NOON, "rollback")
    await store.announce("all", "系统维护中。", NOON + 60, "li", NOON)
    await store.block("1*", "li", NOON)
    await store.seed_states({"4008001234": "bound"}, NOON)
    await store.set_actor("li", "admin", NOON, "root")


def without_the_restore(tables: Tables) -> Tables:
    return {
        name: [row for row in rows if name != "audit" or row["action"] != "restore"]
        for name, rows in tables.items()
        if name != "changes"
    }


async def test_a_backup_brings_everything_back_into_an_empty_store(
    store: Store, open_store: Opener, another_url: str, tmp_path: Path
) -> None:
    await fill(store)
    written = await store.backup(tmp_path / "b.zip", NOON + 100)
    assert written.rows["calls"] == 2
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    other = await open_store(another_url)
    assert await other.restore(tmp_path / "b.zip", NOON + 200, "li", "迁移") == written
    assert without_the_restore(await everything(other)) == without_the_restore(await everything(store))
    assert (await other.get_revision("current")).files == FILES
    assert (await other.change_counter()) > (await store.change_counter())
    # What is added afterwards goes on counting.
    await other.announce("all", "x", NOON + 300, "li", NOON + 250)
    assert (await other.apply_revision({}, "li", None, NOON + 300)).revision == "r3"
    entry = (await other.audit_entries(action="restore"))[0]
    assert (entry.actor, entry.reason, entry.after["rows"]["calls"]) == ("li", "迁移", 2)


async def test_a_backup_shows_one_moment_while_others_write(
    open_store: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = await open_store(), await open_store()
    loop, begin, tables = asyncio.get_running_loop(), BackupFile.begin, 0

    def begin_while_others_write(file: BackupFile, table: Table) -> None:
        nonlocal tables
        tables += 1
        if tables == 2:  # the first table has been read
            asyncio.run_coroutine_threadsafe(fill(other), loop).result()
        begin(file, table)

    monkeypatch.setattr(BackupFile, "begin", begin_while_others_write)
    written = await store.backup(tmp_path / "b.zip", NOON)
    assert tables == len(metadata.tables)
    assert {name: rows for name, rows in written.rows.items() if rows} == {
        "changes": 1,
        "current_revision": 1,
        "instance": 1,
        "roles": 6,
    }
    assert await store.count_calls() == 2


async def test_a_store_in_use_is_not_overwritten_unless_forced(store: Store, tmp_path: Path) -> None:
    await store.save(over("old"))
    await store.backup(tmp_path / "b.zip", NOON)
    await store.save(over("new"))
    before = await everything(store)
    with pytest.raises(StoreError) as caught:
        await store.restore(tmp_path / "b.zip", NOON, "li")
    assert caught.value.code == "not_empty"
    assert await everything(store) == before
    await store.restore(tmp_path / "b.zip", NOON, "li", force=True)
    assert [record.call_id for record in await store.query_calls()] == ["old"]


def rewrite(path: Path, **changed: bytes | None) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            new = changed.get(name.split(".")[0], data)
            if new is not None:
                archive.writestr(name, new)


def damage(path: Path, how: str) -> None:
    with zipfile.ZipFile(path) as archive:
        calls, manifest = archive.read("calls.jsonl"), json.loads(archive.read("manifest.json"))

    def consistent(data: bytes) -> None:
        manifest["tables"]["calls"] = {"rows": data.count(b"\n"), "sha256": sha256(data).hexdigest()}
        rewrite(path, calls=data, manifest=json.dumps(manifest).encode())

    match how:
        case "no file":
            path.unlink()
        case "folder":
            path.unlink()
            path.mkdir()
        case "no zip":
            path.write_bytes(b"hello")
        case "cut short":
            path.write_bytes(path.read_bytes()[:-200])
        case "flipped bit":
            data = bytearray(path.read_bytes())
            data[data.index(b"activations.jsonl") + 60] ^= 1
            path.write_bytes(bytes(data))
        case "no manifest":
            rewrite(path, manifest=None)
        case "manifest of something else":
            rewrite(path, manifest=b'{"format": "x"}')
        case "another schema":
            rewrite(path, manifest=json.dumps(manifest | {"schema": "9999"}).encode())
        case "missing table":
            rewrite(path, calls=None)
        case "changed row":
            rewrite(path, calls=calls.replace(b"queued", b"voided"))
        case "lost row":
            rewrite(path, calls=calls.split(b"\n", 1)[1])
        case "unknown column":
            consistent(calls.replace(b'"caller"', b'"colour"'))
        case "no object":
            consistent(b"[1]\n")


DAMAGES = [
    "no file",
    "folder",
    "no zip",
    "cut short",
    "flipped bit",
    "no manifest",
    "manifest of something else",
    "another schema",
    "missing table",
    "changed row",
    "lost row",
    "unknown column",
    "no object",
]


@pytest.mark.parametrize("how", DAMAGES)
async def test_a_damaged_backup_is_refused_before_anything_is_touched(store: Store, tmp_path: Path, how: str) -> None:
    await fill(store)
    path = tmp_path / "b.zip"
    await store.backup(path, NOON)
    damage(path, how)
    before = await everything(store)
    with pytest.raises(StoreError) as caught:
        await store.restore(path, NOON, "li", force=True)
    assert caught.value.code == "backup_invalid"
    assert await everything(store) == before


async def test_a_restore_that_fails_in_the_middle_changes_nothing(store: Store, tmp_path: Path) -> None:
    await fill(store)
    path = tmp_path / "b.zip"
    await store.backup(path, NOON)
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        rows = archive.read("activations.jsonl").replace(b'"number":1', b'"number":77')
    manifest["tables"]["activations"]["sha256"] = sha256(rows).hexdigest()
    rewrite(path, activations=rows, manifest=json.dumps(manifest).encode())
    before = await everything(store)
    with pytest.raises(StoreError) as caught:
        await store.restore(path, NOON, "li", force=True)
    assert caught.value.code == "invalid_data"
    assert await everything(store) == before


async def test_a_backup_that_cannot_be_written_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        await store.backup(tmp_path / "nowhere" / "b.zip", NOON)
    assert caught.value.code == "backup_unwritable"
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError):
        await store.backup(tmp_path / "folder", NOON)
    assert [name for name in sorted(os.listdir(tmp_path)) if not name.startswith("store.db")] == ["folder"]
