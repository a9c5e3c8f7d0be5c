"""Writing configuration files so that a reader sees the old content or the new, never half."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ivr_flows.findings import Text


class WriteError(Exception):
    """A file could not be written; nothing was changed."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


def write_atomic(path: Path, data: bytes, *, expected: bytes | None = None) -> None:
    """Replace ``path`` by ``data``: a temporary file beside it, flushed to disk, then renamed. A symbolic link stays
    a link and its target is replaced; the file keeps its permissions. With ``expected`` only a file that holds exactly
    that (``b""``: or is not there) is replaced, looked at in the last moment. Raises `WriteError`."""
    target = Path(os.path.realpath(path))
    temporary: str | None = None
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        if expected is not None and (target.read_bytes() if target.exists() else b"") != expected:
            os.unlink(temporary)
            raise WriteError(
                Text(f"{path} was changed meanwhile.", f"{path} 已被他人修改。"),
                Text("Run the command again.", "请重新执行命令。"),
            )
        os.replace(temporary, target)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
        reason = error.strerror or type(error).__name__
        raise WriteError(
            Text(f"{path} cannot be written: {reason}.", f"无法写入 {path}：{reason}。"),
            Text("Check the folder's permissions and the free space.", "请检查目录权限和磁盘空间。"),
        ) from error


def write_together(files: Sequence[tuple[Path, bytes | None, bytes | None]]) -> None:
    """Replace several files (path, content it must still have or None for no file, content to be or None for none) or
    none of them.

    All contents are on disk beside their targets before the first is renamed; should a later rename fail, the earlier
    ones are taken back. Each file is whole at any moment. Raises `WriteError`.
    """
    ready: list[tuple[Path, Path | None, bytes | None]] = []
    done: list[tuple[Path, bytes | None]] = []
    path = Path()
    try:
        for path, before, after in files:
            target = Path(os.path.realpath(path))
            if (target.read_bytes() if target.exists() else None) != before:
                raise WriteError(
                    Text(f"{path} was changed meanwhile.", f"{path} 已被他人修改。"),
                    Text("Run the command again.", "请重新执行命令。"),
                )
            if after is None:
                ready.append((target, None, before))
                continue
            mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
            ready.append((target, Path(name), before))
            with os.fdopen(handle, "wb") as file:
                file.write(after)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, mode)
        for target, temporary, before in ready:
            path = target
            if temporary is None:
                target.unlink(missing_ok=True)
            else:
                os.replace(temporary, target)
            done.append((target, before))
    except OSError as error:
        for target, before in reversed(done):
            if before is None:
                target.unlink()
            else:
                write_atomic(target, before)
        reason = error.strerror or type(error).__name__
        raise WriteError(
            Text(
                f"{path} cannot be written: {reason}; nothing was changed.",
                f"无法写入 {path}：{reason}；未作任何更改。",
            ),
            Text("Check the folder's permissions and the free space.", "请检查目录权限和磁盘空间。"),
        ) from error
    finally:
        for _, temporary, _ in ready:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
