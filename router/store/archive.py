"""The file of a backup: a ZIP with a manifest and one JSON-lines file per table, the same for every database.

``manifest.json`` says format, schema, moment and, for every table, rows and SHA-256. Bytes columns are base64. A file
is written beside its place and moved there when it is whole, readable by its owner alone.
"""

from __future__ import annotations

import base64
import binascii
import errno
import json
import os
import tempfile
import zipfile
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from sqlalchemy import LargeBinary, RowMapping, Table

from ivr_flows.findings import Text

from .database import dumps
from .errors import StoreError
from .tables import SCHEMA, metadata

FORMAT: Final = "line400-backup"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What a backup holds: the schema and moment it was taken at, and rows by table."""

    schema: str
    at: float
    rows: Mapping[str, int]


def invalid(path: Path, en: str, zh: str) -> StoreError:
    """The file is no backup that can be restored."""
    return StoreError(
        Text(f"{path} cannot be restored: {en}.", f"无法恢复 {path}：{zh}。"),
        Text(
            "Use a file that `line400 backup` wrote, unchanged, and the same version of line400.",
            "请使用由相同版本 `line400 backup` 写出且未被改动的文件。",
        ),
        "backup_invalid",
    )


def unwritable(path: Path, error: OSError) -> StoreError:
    """The backup could not be written."""
    detail = error.strerror or str(error)
    return StoreError(
        Text(f"The backup {path} cannot be written: {detail}.", f"无法写入备份 {path}：{detail}。"),
        Text("Name a file in a folder that you may write to.", "请指定一个有写权限目录中的文件。"),
        "backup_unwritable",
    )


def _encode(table: Table, row: Mapping[str, Any] | RowMapping) -> bytes:
    values: dict[str, Any] = {column.name: row[column.name] for column in table.columns}
    for column in table.columns:
        if isinstance(column.type, LargeBinary):
            values[column.name] = base64.b64encode(values[column.name]).decode("ascii")
    return dumps(values).encode() + b"\n"


def _decode(table: Table, line: bytes) -> dict[str, Any]:
    values = json.loads(line)
    if not isinstance(values, dict) or values.keys() != set(table.columns.keys()):
        raise ValueError("the columns are not those of the table")
    for column in table.columns:
        if isinstance(column.type, LargeBinary):
            values[column.name] = base64.b64decode(values[column.name], validate=True)
    return values


class BackupFile:
    """Writes one backup. Leaving the block by an exception leaves no file."""

    def __init__(self, path: Path, at: float) -> None:
        self._path = path
        self._at = at
        self._tables: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> BackupFile:
        try:
            self._target = self._path.resolve()  # a link stays; what it leads to is replaced
            if self._target.exists() and not self._target.is_file():
                raise OSError(errno.EINVAL, "it is no file")
            handle, self._temporary = tempfile.mkstemp(prefix=f".{self._target.name}.", dir=self._target.parent)
        except OSError as error:
            raise unwritable(self._path, error) from error
        self._file: IO[bytes] = os.fdopen(handle, "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        self._stream: IO[bytes] | None = None
        return self

    def begin(self, table: Table) -> None:
        """Begin the rows of ``table``."""
        self._end()
        self._stream = self._zip.open(zipfile.ZipInfo(f"{table.name}.jsonl"), "w", force_zip64=True)
        self._table, self._count, self._sum = table, 0, sha256()

    def add(self, rows: Sequence[Mapping[str, Any] | RowMapping]) -> None:
        """Add rows to the table begun last."""
        assert self._stream is not None
        data = b"".join(_encode(self._table, row) for row in rows)
        self._sum.update(data)
        self._count += len(rows)
        try:
            self._stream.write(data)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def finish(self) -> BackupSummary:
        """Write the manifest and move the file to its place."""
        self._end()
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "schema": SCHEMA,
            "at": self._at,
            "tables": self._tables,
        }
        try:
            self._zip.writestr(zipfile.ZipInfo(MANIFEST), dumps(manifest))
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._temporary, self._target)
        except OSError as error:
            raise unwritable(self._path, error) from error
        return BackupSummary(SCHEMA, self._at, {name: facts["rows"] for name, facts in self._tables.items()})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            return
        # A ZipFile that is closed by the collector would write to the file that is gone.
        if self._stream is not None:
            self._stream.close()
        self._zip.close()
        self._file.close()
        Path(self._temporary).unlink(missing_ok=True)

    def _end(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
            self._tables[self._table.name] = {"rows": self._count, "sha256": self._sum.hexdigest()}


class BackupReader:
    """Reads one backup. `verify` first: nothing of a file that does not pass is ever used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise invalid(path, "there is no such file", "没有这个文件") from None
        except (OSError, zipfile.BadZipFile) as error:
            raise invalid(path, f"it is no ZIP file ({error})", f"不是 ZIP 文件（{error}）") from error

    def __enter__(self) -> BackupReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def verify(self) -> BackupSummary:
        """Read everything once: format, schema, tables, checksums, row counts, every row. Raises `StoreError`."""
        try:
            manifest = json.loads(self._zip.read(MANIFEST))
            if manifest["format"] != FORMAT or manifest["version"] != VERSION:
                raise ValueError("another format")
            schema, at, listed = str(manifest["schema"]), float(manifest["at"]), dict(manifest["tables"])
        except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise invalid(self._path, "it has no manifest of a backup", "其中没有备份清单") from error
        if schema != SCHEMA:
            raise invalid(
                self._path,
                f"it has the schema {schema}, this line400 has {SCHEMA}",
                f"其结构版本为 {schema}，本 line400 为 {SCHEMA}",
            )
        if listed.keys() != metadata.tables.keys():
            raise invalid(self._path, "its tables are not those of a store", "其中的表与存储不符")
        return BackupSummary(schema, at, {name: self._verify_table(name, listed[name]) for name in listed})

    def _verify_table(self, name: str, facts: Any) -> int:
        count, total = 0, sha256()
        try:
            with self._zip.open(f"{name}.jsonl") as stream:
                for line in stream:
                    total.update(line)
                    _decode(metadata.tables[name], line)
                    count += 1
            whole = facts["rows"] == count and facts["sha256"] == total.hexdigest()
        except (KeyError, TypeError, ValueError, EOFError, OSError, binascii.Error, zipfile.BadZipFile) as error:
            raise invalid(
                self._path, f"the table {name} is damaged ({error})", f"表 {name} 已损坏（{error}）"
            ) from error
        if not whole:
            raise invalid(self._path, f"the checksum of {name} is wrong", f"表 {name} 的校验和不符")
        return count

    def batches(self, table: Table) -> Generator[list[dict[str, Any]], None, None]:
        """The rows of ``table``, some at a time."""
        with self._zip.open(f"{table.name}.jsonl") as stream:
            while lines := list(islice(stream, BATCH)):
                yield [_decode(table, line) for line in lines]
