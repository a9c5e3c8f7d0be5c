"""Writing configuration files so that a reader sees the old content or the new, never half."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from ivr_flows.findings import Text


class WriteError(Exception):
    """A file could not be written; nothing was changed."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


def write_atomic(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``: a temporary file beside it, flushed to disk, then renamed. A symbolic link stays
    a link and its target is replaced; the file keeps its permissions. Raises `WriteError`."""
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
