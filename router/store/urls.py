"""Where a store is: the URL of ``line400.yaml``, checked and turned into what SQLAlchemy opens."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ivr_flows.findings import Text

from .errors import StoreError, corrupt, read_only

Backend = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class Target:
    """One store. ``path`` is the file of a SQLite store; ``display`` is what messages may show: no password."""

    backend: Backend
    url: URL
    path: Path | None
    display: str


def _bad_url(en: str, zh: str) -> StoreError:
    return StoreError(
        Text(f"The store's URL {en}.", f"存储的 URL {zh}。"),
        Text(
            "Write `store: sqlite:///var/line400.db` or `store: postgresql://USER:PASSWORD@HOST/DATABASE`.",
            "请写成 `store: sqlite:///var/line400.db` 或 `store: postgresql://用户:密码@主机/数据库`。",
        ),
        "bad_url",
    )


def parse_url(text: str) -> Target:
    """The store that ``text`` names: ``sqlite:///PATH`` (three slashes relative, four absolute) or ``postgresql://…``.

    ``sslmode`` is accepted as PostgreSQL's own tools spell it. Raises `StoreError` ``bad_url``.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise _bad_url("cannot be read", "无法识别") from None
    name = url.get_backend_name()
    if name == "sqlite":
        if not url.database or url.database == ":memory:":
            raise _bad_url("names no file", "没有写明文件")
        path = Path(url.database)
        return Target("sqlite", URL.create("sqlite+aiosqlite", database=str(path)), path, str(path))
    if name in {"postgresql", "postgres"}:
        if not url.database:
            raise _bad_url("names no database", "没有写明数据库")
        query = dict(url.query)
        if "sslmode" in query:
            query["ssl"] = query.pop("sslmode")
        place = url.host or str(query.get("host", "localhost"))
        port = f":{url.port}" if url.port else ""
        opened = url.set(drivername="postgresql+asyncpg", query=query)
        return Target("postgresql", opened, None, f"postgresql://{place}{port}/{url.database}")
    raise _bad_url(f"begins with `{name}`, which is not supported", f"以 `{name}` 开头，不受支持")


def check_file(path: Path, *, create: bool, reading: bool) -> None:
    """See that the file of a SQLite store can be used, and make it when it is not there and ``create``.

    The folder is made too if the folder above it exists. The new file is readable by its owner alone, as it will
    hold callers' numbers. Raises `StoreError`.
    """
    shown = str(path)
    if path.is_dir():
        raise corrupt(shown, "it is a folder")
    if path.exists():
        if not os.access(path, os.R_OK):
            raise StoreError(
                Text(f"The store {shown} cannot be read: permission denied.", f"存储 {shown} 无法读取：没有权限。"),
                Text("Give the user who runs line400 the right to read it.", "请让运行 line400 的用户有权读取它。"),
                "read_only",
            )
        if not reading and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise read_only(shown)
        return
    if not create or reading:
        raise StoreError(
            Text(f"There is no store at {shown}.", f"{shown} 处没有存储。"),
            Text(
                "Start `line400 serve` once, or correct `store` in line400.yaml.",
                "请先运行一次 `line400 serve`，或更正 line400.yaml 中的 `store`。",
            ),
            "store_missing",
        )
    folder = path.parent
    try:
        folder.mkdir(exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except FileNotFoundError:
        raise _folder_missing(folder) from None
    except (FileExistsError, NotADirectoryError):
        raise _folder_missing(folder) from None
    except OSError as error:
        raise StoreError(
            Text(
                f"The store {shown} cannot be created: {error.strerror}.",
                f"无法创建存储 {shown}：{error.strerror}。",
            ),
            Text(
                "Give the user who runs line400 the right to write in that folder, or change `store` in line400.yaml.",
                "请让运行 line400 的用户有权写入该目录，或修改 line400.yaml 中的 `store`。",
            ),
            "folder_read_only",
        ) from None


def _folder_missing(folder: Path) -> StoreError:
    return StoreError(
        Text(f"The folder {folder} for the store is not there.", f"存储所在的目录 {folder} 不存在。"),
        Text("Make the folder, or change `store` in line400.yaml.", "请创建该目录，或修改 line400.yaml 中的 `store`。"),
        "folder_missing",
    )
