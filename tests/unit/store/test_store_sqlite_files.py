"""What opening a SQLite store says of a file or folder that cannot be used, and that it leaves it as it was."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from router.store import Store, StoreError
from router.store.calls import row_of
from tests.stores import ROOT, over

pytestmark = pytest.mark.dateless


def url(path: Path) -> str:
    return f"sqlite:///{path}"


async def refusal(path: Path, **options: bool) -> StoreError:
    """What `Store.open` says of ``path``."""
    with pytest.raises(StoreError) as caught:
        await Store.open(url(path), **options)  # type: ignore[arg-type]
    error = caught.value
    assert error.message.en != error.message.zh
    assert error.cure.en != error.cure.zh
    assert str(path) in error.message.en or str(path.parent) in error.message.en
    assert str(path) in error.message.zh or str(path.parent) in error.message.zh
    return error


async def test_a_new_store_is_made_with_its_folder_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "line400.db"
    async with await Store.open(url(path)) as store:
        assert await store.count_calls() == 0
        assert {stat.S_IMODE(os.stat(path.parent / name).st_mode) for name in os.listdir(path.parent)} == {0o600}


async def test_the_file_is_in_wal_mode_and_references_are_enforced(tmp_path: Path) -> None:
    async with await Store.open(url(tmp_path / "s.db")) as store, store._database.write() as connection:
        found = {
            name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1, "busy_timeout": 5000}


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    error = await refusal(tmp_path / "a" / "b" / "s.db")
    assert error.code == "folder_missing"
    assert os.listdir(tmp_path) == []


async def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    assert (await refusal(tmp_path / "a" / "s.db")).code == "folder_missing"


async def test_a_store_that_is_not_there_is_not_made_unless_asked(tmp_path: Path) -> None:
    assert (await refusal(tmp_path / "s.db", create=False)).code == "store_missing"
    assert (await refusal(tmp_path / "s.db", read_only=True)).code == "store_missing"
    assert os.listdir(tmp_path) == []


async def test_an_empty_file_becomes_a_store_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.touch()
    assert (await refusal(path, create=False)).code == "store_missing"
    assert (await refusal(path, read_only=True)).code == "store_missing"
    await (await Store.open(url(path))).close()
    assert path.stat().st_size > 0


@pytest.mark.parametrize(
    "content", [b"hello, this is a text file and no database\n" * 50, b"SQLite format 3\x00" + b"\xff" * 4096]
)
async def test_a_file_that_is_no_database_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(content)
    error = await refusal(path)
    assert error.code == "corrupt"
    assert "restore" in error.cure.en
    assert path.read_bytes() == content


async def test_a_damaged_store_is_refused_when_it_is_checked_or_read(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with await Store.open(url(path)) as store:
        for number in range(200):
            await store.save(over(f"c{number}"))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'calls'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xaa" * size)
    async with await Store.open(url(path)) as store:
        for work in (store.check(), store.query_calls()):
            with pytest.raises(StoreError) as caught:
                await work
            assert caught.value.code == "corrupt"


async def test_a_directory_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.mkdir()
    assert (await refusal(path)).code == "corrupt"


async def test_the_database_of_another_program_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    before = path.read_bytes()
    error = await refusal(path)
    assert error.code == "foreign"
    assert "songs" in error.message.en
    assert path.read_bytes() == before


async def test_a_store_that_another_process_holds_is_said_to_be_locked(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    await (await Store.open(url(path))).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        async with await Store.open(url(path), busy_timeout=0.05) as store:
            assert await store.count_calls() == 0  # reading goes on
            with pytest.raises(StoreError) as caught:
                await store.save(over())
            assert caught.value.code == "locked"
            assert caught.value.transient
            holder.execute("ROLLBACK")
            await store.save(over())
            assert await store.count_calls() == 1
    finally:
        holder.close()


async def test_a_record_that_the_database_does_not_take_is_told_apart_from_a_broken_store(tmp_path: Path) -> None:
    async with await Store.open(url(tmp_path / "s.db")) as store:
        with pytest.raises(StoreError) as caught:
            await store.write_calls([], [row_of(over()) | {"caller_kind": None}])
        assert caught.value.code == "invalid_data"
        assert not caught.value.transient
        assert await store.count_calls() == 0


# Files and folders without the right to write. As root nothing is forbidden, so the store is opened by a process that
# has given its rights up.

OPEN_AS_NOBODY = """
import asyncio, os, sys, tempfile
from router.store import Store, StoreError
async def look(url, reading):
    try:
        async with await Store.open(url, read_only=reading) as store:
            return f"opened {await store.count_calls()}"
    except StoreError as error:
        return error.code
# Everything that is imported late is imported now: afterwards it might not be readable.
with tempfile.TemporaryDirectory() as folder:
    asyncio.run(look(f"sqlite:///{folder}/s.db", False))
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(asyncio.run(look(sys.argv[1], sys.argv[2] == "reading")))
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may look into."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.fixture
async def written(shared: Path) -> AsyncIterator[Path]:
    """A store with one call, in a folder of its own."""
    folder = shared / "var"
    folder.mkdir()
    path = folder / "s.db"
    async with await Store.open(url(path)) as store:
        await store.save(over())
    path.chmod(0o644)
    yield path
    folder.chmod(0o755)


def opened_without_rights(path: Path, how: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", OPEN_AS_NOBODY, url(path), how],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_a_file_that_may_not_be_written_is_read_only(written: Path) -> None:
    written.chmod(0o444)
    written.parent.chmod(0o777)
    assert opened_without_rights(written, "writing") == "read_only"
    assert opened_without_rights(written, "reading") == "opened 1"


def test_a_folder_that_may_not_be_written_makes_its_store_read_only(written: Path) -> None:
    written.chmod(0o666 if os.geteuid() == 0 else 0o644)
    written.parent.chmod(0o555)
    assert opened_without_rights(written, "writing") == "read_only"
    assert opened_without_rights(written, "reading") == "opened 1"


def test_a_file_that_may_not_be_read_is_refused(written: Path) -> None:
    written.chmod(0o000)
    assert opened_without_rights(written, "reading") == "read_only"


def test_a_folder_that_may_not_be_written_holds_no_new_store(shared: Path) -> None:
    folder = shared / "var"
    folder.mkdir()
    folder.chmod(0o555)
    assert opened_without_rights(folder / "s.db", "writing") == "folder_read_only"
    assert os.listdir(folder) == []
