"""A private PostgreSQL for tests: started from the system's programs on a free port, in a folder of its own.

PostgreSQL refuses to run as root; as root it is started as the user ``postgres`` or ``nobody``. Each worker of
pytest-xdist has its own server for its whole session; no two tests use one database at the same time.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from router.store import Store
from router.store.tables import SCHEMA, VERSION_TABLE, metadata

PACKAGES = "postgresql"
MISSING = (
    f"PostgreSQL is not installed, and the tests of the store need it: apt-get install {PACKAGES} "
    "(any version from 13 on; initdb and postgres are looked for with pg_config and in /usr/lib/postgresql/*/bin)"
)
USER = "line400"
START_SECONDS = 60
KEPT = {"roles", "changes", "current_revision", "instance"}
EMPTY = "; ".join(
    [
        f"UPDATE {VERSION_TABLE} SET version_num = '{SCHEMA}'",
        "UPDATE changes SET counter = 0",
        "UPDATE current_revision SET number = NULL, since = NULL",
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables) if table.name not in KEPT),
    ]
)


def find_programs() -> Path | None:
    """The folder that holds ``initdb`` and ``postgres``, the newest first; None: there is none."""
    folders: list[Path] = []
    if shutil.which("pg_config"):
        asked = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            folders.append(Path(asked.stdout.strip()))
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    folders += sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if os.access(folder / "initdb", os.X_OK) and os.access(folder / "postgres", os.X_OK):
            return folder
    return None


def must_be_there() -> bool:
    """Whether a missing PostgreSQL is a failure: in CI, and as root, who can install it."""
    return os.environ.get("CI") == "true" or os.geteuid() == 0


def backends(config: pytest.Config) -> list[str]:
    """The databases that the contract suite runs on. PostgreSQL is left out, with a notice, only where it is neither
    there nor required."""
    if find_programs() is not None or must_be_there():
        return ["sqlite", "postgresql"]
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:
        terminal.write_line(f"NOTICE: the store is tested on SQLite only. {MISSING}")
    else:
        print(f"NOTICE: the store is tested on SQLite only. {MISSING}", file=sys.__stderr__)
    return ["sqlite"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PostgresServer:
    """A running server. `database` makes an empty database, `store` lends one that holds an empty store."""

    def __init__(self, programs: Path) -> None:
        self.password = secrets.token_hex(16)
        self.port = 0
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="line400-postgres-", dir="/tmp"))
        self._as: dict[str, Any] = {}
        self._names = count(1)
        self._stores: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            account = _unprivileged()
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            os.chown(self._folder, account.pw_uid, account.pw_gid)

    def start(self) -> None:
        """Make the cluster and start it; another port is tried when somebody else was faster."""
        secret = self._folder / "password"
        secret.write_text(self.password)
        if self._as:
            os.chown(secret, self._as["user"], self._as["group"])
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "scram-sha-256", "--pwfile", str(secret),
                  "-E", "UTF8", "--no-locale", "--no-sync")  # fmt: skip
        for _ in range(3):
            self.port = _free_port()
            if self._started():
                return
        raise RuntimeError(f"PostgreSQL does not start:\n{self._log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop the server without regard for its data, and remove its files."""
        self.halt(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def halt(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server; every connection is lost. `resume` starts it again on the same port."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
            self._process = None

    def resume(self) -> None:
        """Start again after `halt`."""
        if not self._started():
            raise RuntimeError(f"PostgreSQL does not start again:\n{self._log.read_text()[-2000:]}")

    def url(self, database: str, password: str | None = None) -> str:
        """The URL of a database as line400.yaml writes it."""
        return f"postgresql://{USER}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    async def database(self) -> str:
        """Make a database; its URL."""
        name = f"t{next(self._names)}"
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        finally:
            await connection.close()
        return self.url(name)

    async def store(self) -> str:
        """Lend a database that holds an empty store; its URL. `give_back` lets another test have it."""
        if not self._stores:
            url = await self.database()
            await (await Store.open(url)).close()
            return url
        url = self._stores.pop()
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(EMPTY)
        finally:
            await connection.close()
        return url

    def give_back(self, url: str) -> None:
        """Take back what `store` lent. Its connections must be closed."""
        self._stores.append(url)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            capture_output=True,
            text=True,
            check=False,
            **self._as,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _started(self) -> bool:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "16MB",
            "max_connections": "100",
            "timezone": "UTC",
        }
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._as,
            )
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit and self._process.poll() is None:
            if self._is_ready():
                return True
            time.sleep(0.05)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process = None
        return False

    def _is_ready(self) -> bool:
        """The last line of the server's own note says when it takes connections."""
        try:
            return (self._data / "postmaster.pid").read_text().split()[-1] == "ready"
        except (FileNotFoundError, IndexError):
            return False


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("there is neither a user postgres nor a user nobody to run PostgreSQL as")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server of this test process."""
    programs = find_programs()
    if programs is None:
        pytest.fail(MISSING)
    server = PostgresServer(programs)
    try:
        server.start()
        yield server
    finally:
        server.stop()
