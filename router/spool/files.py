"""Finding what a switch recorded, by the name that it gave: in the folders that line400.yaml lists, and nowhere else.

A name comes from the switch or the store and is taken for hostile: no part of it may lead out of its folder, by ``..``,
by an absolute path or by a link; and only plain files are ever read or deleted.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

SOUNDS: Final = (".wav", ".WAV", ".gsm", ".ulaw", ".alaw", ".sln", ".mp3")
"""Kinds of sound files, the best first; the names of recordings are without."""
_BELOW: Final = ("", "monitor", "sounds")
"""Where below a folder a relative name is looked for: itself, and where Asterisk puts recordings of calls and of the
application RECORD FILE below its own folders."""
_COMPANIONS: Final = (*SOUNDS, ".txt")
"""What lies beside a message: the same sound in other formats, and its description."""
_LONGEST = 1000


class Spool:
    """The folders that a switch records into."""

    def __init__(self, folders: Iterable[str | Path]) -> None:
        self._folders = [Path(folder) for folder in folders]

    @property
    def folders(self) -> Sequence[Path]:
        """The folders, as configured."""
        return self._folders

    def find(self, name: str) -> Path | None:
        """The sound file of the recording ``name`` (with or without extension), None where there is none that may be
        read."""
        return next((path for base in self._bases(name) for path in _files(base, ("", *SOUNDS)) if _sound(path)), None)

    def read(self, name: str, most: int) -> bytes | None:
        """The content of the sound file of ``name``; None where there is none or it has more than ``most`` bytes.
        Raises `OSError`."""
        path = self.find(name)
        if path is None:
            return None
        # The last step of the path is not followed, should it have become a link since it was found.
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            content = file.read(most + 1)
        return content if len(content) <= most else None

    def copy(self, name: str, target: Path) -> Path | None:
        """Copy the sound file of ``name`` to ``target``; what was copied, None where there is none. Raises
        `OSError`."""
        path = self.find(name)
        if path is None:
            return None
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
        return path

    def delete(self, name: str) -> int:
        """Delete the recording ``name`` with everything that lies beside it; how many files there were. Raises
        `OSError`."""
        found = {path for base in self._bases(name) for path in _files(base, ("", *_COMPANIONS))}
        gone = 0
        for path in found:
            if path.suffix in _COMPANIONS:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _bases(self, name: str) -> Iterator[Path]:
        """The paths, without extension, that ``name`` may mean; each lies in a folder of ours."""
        if not name or len(name) > _LONGEST or not name.isprintable():
            return
        pure = PurePosixPath(name)
        if ".." in pure.parts:
            return
        for folder in self._folders:
            try:
                root = folder.resolve(strict=True)
            except OSError:
                continue
            candidates = [root / below / pure for below in _BELOW] if not pure.is_absolute() else [Path(pure)]
            for candidate in candidates:
                try:
                    parent = candidate.parent.resolve(strict=True)
                except OSError:
                    continue
                if candidate.name and parent.is_relative_to(root):
                    yield parent / candidate.name


def _files(base: Path, extensions: Sequence[str]) -> Iterator[Path]:
    """The plain files ``base`` with one of ``extensions``; links are none."""
    for extension in extensions:
        path = base.with_name(base.name + extension)
        if path.is_file() and not path.is_symlink():
            yield path


def _sound(path: Path) -> bool:
    return path.suffix in SOUNDS
