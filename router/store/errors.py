"""What the store says when it cannot do its work: one clear message and a cure, never a driver's own error.

Every error of SQLAlchemy, sqlite3, asyncpg and the operating system is turned into a `StoreError` here. The messages
name the file, or the server without user name and password.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ivr_flows.findings import Text


class StoreError(Exception):
    """The store cannot do what was asked.

    ``code`` is stable: ``bad_url``, ``folder_missing``, ``folder_read_only``, ``store_missing``, ``read_only``,
    ``corrupt``, ``foreign``, ``locked``, ``schema_newer``, ``schema_older``, ``unreachable``, ``full``,
    ``invalid_data``, ``unknown_revision``, ``unknown_schedule``, ``unknown_entry``, ``conflict``, ``backup_invalid``,
    ``backup_unwritable``, ``not_empty``, ``closed``, ``failed``.
    ``transient`` says that the same work may succeed when tried again later.
    """

    def __init__(self, message: Text, cure: Text, code: str = "failed", *, transient: bool = False) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure
        self.code = code
        self.transient = transient


class Conflict(StoreError):
    """The world moved between reading and changing: somebody else activated another revision meanwhile."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message, cure, "conflict")


_LOCKED: Final = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"})
_DAMAGED: Final = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"})
_TRANSIENT_STATES: Final = frozenset({"40001", "40P01", "55P03", "57014"})
_READ_ONLY_STATES: Final = frozenset({"25006", "42501"})
_INVALID: Final = frozenset({"SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG", "SQLITE_RANGE"})


def read_only(where: str) -> StoreError:
    """The store may not be written."""
    return StoreError(
        Text(f"The store {where} cannot be written: it is read-only.", f"存储 {where} 无法写入：它是只读的。"),
        Text(
            "Give the user who runs line400 the right to write the store's file and its folder, or set `store` in "
            "line400.yaml to another place.",
            "请让运行 line400 的用户有权写入存储文件及其所在目录，或在 line400.yaml 的 `store` 中改用其他位置。",
        ),
        "read_only",
    )


def corrupt(where: str, detail: str) -> StoreError:
    """The file is no database, or a damaged one."""
    return StoreError(
        Text(
            f"The store {where} is not a database or is damaged ({detail}).",
            f"存储 {where} 不是数据库文件，或已损坏（{detail}）。",
        ),
        Text(
            "Move the file aside and bring back the last backup with `line400 restore FILE`.",
            "请将该文件移走，并用 `line400 restore FILE` 恢复最近的备份。",
        ),
        "corrupt",
    )


def locked(where: str) -> StoreError:
    """Somebody else held the store for too long."""
    return StoreError(
        Text(f"The store {where} is locked by another process.", f"存储 {where} 被其他进程锁定。"),
        Text(
            "Try again; if it stays locked, end the process that holds a transaction open on it.",
            "请重试；若仍被锁定，请结束占用该存储事务的进程。",
        ),
        "locked",
        transient=True,
    )


def unreachable(where: str, detail: str) -> StoreError:
    """PostgreSQL does not answer, or does not let us in."""
    return StoreError(
        Text(f"The store {where} cannot be reached: {detail}.", f"无法连接存储 {where}：{detail}。"),
        Text(
            "Check that PostgreSQL runs there, that the database exists, and the user and password in `store`.",
            "请确认该处的 PostgreSQL 正在运行、数据库已存在，且 `store` 中的用户名和密码正确。",
        ),
        "unreachable",
        transient=True,
    )


def full(where: str) -> StoreError:
    """There is no room left to write."""
    return StoreError(
        Text(f"The store {where} cannot be written: the disk is full.", f"存储 {where} 无法写入：磁盘已满。"),
        Text("Free space on the disk that holds the store.", "请为存储所在磁盘腾出空间。"),
        "full",
        transient=True,
    )


def closed(where: str) -> StoreError:
    """The store was used after it was closed."""
    return StoreError(
        Text(f"The store {where} is closed.", f"存储 {where} 已关闭。"),
        Text("Open it again before using it.", "请重新打开后再使用。"),
        "closed",
    )


def _failed(where: str, detail: str, *, transient: bool = False) -> StoreError:
    return StoreError(
        Text(f"The store {where} failed: {detail}.", f"存储 {where} 出错：{detail}。"),
        Text("See the message of the database; try again.", "请查看数据库给出的信息后重试。"),
        "failed",
        transient=transient,
    )


def _invalid(where: str, detail: str) -> StoreError:
    return StoreError(
        Text(f"The store {where} does not take this data: {detail}.", f"存储 {where} 不接受该数据：{detail}。"),
        Text("Correct the data and try again.", "请更正数据后重试。"),
        "invalid_data",
    )


def _first_line(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")


def _from_sqlite(where: str, name: str, error: BaseException) -> StoreError:
    detail = _first_line(error)
    primary = "_".join(name.split("_")[:2])
    if primary in _LOCKED:
        return locked(where)
    if primary in _DAMAGED:
        return corrupt(where, detail)
    if primary in {"SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH"}:
        return read_only(where)
    if primary == "SQLITE_FULL":
        return full(where)
    if primary in _INVALID:
        return _invalid(where, detail)
    return _failed(where, detail, transient=primary in {"SQLITE_IOERR", "SQLITE_CANTOPEN"})


def _from_postgres(where: str, state: str, error: BaseException) -> StoreError:
    detail = _first_line(error).split(">: ", 1)[-1]
    if state in _TRANSIENT_STATES:
        return locked(where)
    if state in _READ_ONLY_STATES:
        return read_only(where)
    if state.startswith("53"):
        return full(where) if state == "53100" else unreachable(where, detail)
    if state[:2] in {"08", "28", "3D", "57"}:
        return unreachable(where, detail)
    if state[:2] in {"22", "23", "54"}:
        return _invalid(where, detail)
    if state[:2] == "XX":
        return corrupt(where, detail)
    return _failed(where, detail)


def translated(error: BaseException, where: str) -> StoreError | None:
    """The `StoreError` that says what a driver's or system's ``error`` means; None: it is not one of theirs."""
    if isinstance(error, PoolTimeout):
        return locked(where)
    if isinstance(error, DBAPIError):
        original: BaseException = error.orig or error
        if (name := getattr(original, "sqlite_errorname", None)) is not None:
            return _from_sqlite(where, str(name), original)
        if state := getattr(original, "sqlstate", None):
            return _from_postgres(where, str(state), original)
        if error.connection_invalidated or type(original).__name__ == "InterfaceError":
            if where.startswith("postgresql"):
                detail = _first_line(original).split(">: ", 1)[-1]
                # A value that asyncpg cannot encode is an InterfaceError too; the connection is still good.
                if not error.connection_invalidated and "DataError" in str(original):
                    return _invalid(where, detail)
                return unreachable(where, detail)
            return _failed(where, _first_line(original), transient=True)
        return _failed(where, _first_line(original).split(">: ", 1)[-1])
    if isinstance(error, SQLAlchemyError):
        return _failed(where, _first_line(error))
    if (name := getattr(error, "sqlite_errorname", None)) is not None:
        return _from_sqlite(where, str(name), error)
    if type(error).__module__.startswith("asyncpg"):
        state = getattr(error, "sqlstate", None)
        return _from_postgres(where, str(state), error) if state else unreachable(where, _first_line(error))
    if isinstance(error, TimeoutError):
        return unreachable(where, "no answer in time")
    if isinstance(error, OSError):
        detail = error.strerror or _first_line(error)
        return unreachable(where, detail) if where.startswith("postgresql") else _failed(where, detail)
    return None
