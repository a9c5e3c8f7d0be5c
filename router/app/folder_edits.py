"""Editing the files of the configuration folder for a program: one edit after the other, each looked at whole before it
is written, and none on top of what its author has not seen.

The file that says what this machine runs and reaches (`line400.yaml`) is not edited this way: it names programs,
addresses and secrets.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from ivr_flows.findings import Text
from router.configuration import load_files, read_folder
from router.configuration.files_on_disk import write_together
from router.configuration.folder import KNOWN, SETTINGS

from .invocation import Invocation
from .loading import load_changed, usable
from .problems import NOT_RIGHT, Problem, usage
from .revisions.candidate import read_scenarios

LONGEST: Final = 1024 * 1024
_NAME: Final = r"[A-Za-z0-9_.\-\u3400-\u9fff]{1,64}"
_OWN: Final = re.compile(rf"(flows/(?:{_NAME}/)?{_NAME}\.flow\.yaml|scenarios/(?:{_NAME}/)?{_NAME}\.scenario\.yaml)")
_YEAR: Final = re.compile(r"calendars/(19|20|21)[0-9]{2}\.yaml")
SCENARIO: Final = ".scenario.yaml"

Expect = Callable[[str], None]
"""Given the version there is; raises where that is not what the author saw."""


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file of the folder: its name below it, its content, and the version that an edit must name."""

    name: str
    content: bytes

    @property
    def version(self) -> str:
        """Another one after each change."""
        return version_of(self.content)


def version_of(content: bytes) -> str:
    """The version of a content."""
    return sha256(content).hexdigest()[:32]


class FolderEdits:
    """The edits of one process. ``lock`` is held by whoever edits."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self.lock = asyncio.Lock()

    @property
    def folder(self) -> Path:
        """The configuration folder."""
        return self._invocation.config

    async def files(self) -> dict[str, FolderFile]:
        """The files of the configuration and its scenarios, by name. Raises `ConfigurationMissing`."""
        return await asyncio.to_thread(self._files)

    def _files(self) -> dict[str, FolderFile]:
        content, _ = read_folder(self.folder)
        content.update(read_scenarios(self._invocation))
        return {name: FolderFile(name, data) for name, data in sorted(content.items())}

    async def put(self, name: str, text: str, expect: Expect | None) -> FolderFile:
        """Set the content of ``name``; without ``expect`` it must be new. Raises `Problem`, `WriteError`."""
        check_name(name)
        after = text.encode()
        if len(after) > LONGEST:
            raise usage(
                "file-too-long",
                Text(f"The file has more than {LONGEST // 1024} KiB.", f"文件超过 {LONGEST // 1024} KiB。"),
                Text("Divide it, or change it in the folder.", "请拆分，或在目录中修改。"),
            )
        async with self.lock:
            before = (await self.files()).get(name)
            if expect is not None and before is None:
                raise _missing(name)
            if expect is None and before is not None:
                raise Problem(
                    NOT_RIGHT,
                    "file-exists",
                    Text(f"There is a file {name} already.", f"文件 {name} 已存在。"),
                    Text("Change it, with its ETag in If-Match.", "请在 If-Match 中给出 ETag 后修改。"),
                )
            if expect is not None and before is not None:
                expect(before.version)
            await asyncio.to_thread(self._write, name, None if before is None else before.content, after)
        return FolderFile(name, after)

    async def remove(self, name: str, expect: Expect) -> None:
        """Let a file go. Raises `Problem`, `WriteError`."""
        check_name(name)
        async with self.lock:
            before = (await self.files()).get(name)
            if before is None:
                raise _missing(name)
            expect(before.version)
            await asyncio.to_thread(self._write, name, before.content, None)

    async def change(self, work: Callable[[], tuple[str, bytes | None, bytes]]) -> FolderFile:
        """Let ``work`` say what becomes of one file (its name, what it holds, what it will hold), under the lock that
        all edits share, and write that. Raises what ``work`` raises, `Problem`, `WriteError`."""
        async with self.lock:
            name, before, after = await asyncio.to_thread(work)
            if before != after:
                await asyncio.to_thread(self._write, name, before, after)
        return FolderFile(name, after)

    def _write(self, name: str, before: bytes | None, after: bytes | None) -> None:
        if not name.endswith(SCENARIO):
            self._check(name, after)
        write_together([(self.folder / name, before, after)])

    def _check(self, name: str, after: bytes | None) -> None:
        """See that the configuration is right with the change. Raises `Problem` with its findings."""
        if after is not None:
            load_changed(self._invocation, name, after)
            return
        files, _ = read_folder(self.folder)
        files.pop(name, None)
        usable(self._invocation, load_files(files, self.folder))


def check_name(name: str) -> None:
    """See that ``name`` is a file that may be edited. Raises `Problem`."""
    if name == SETTINGS:
        raise Problem(
            NOT_RIGHT,
            "settings-of-the-machine",
            Text(
                f"{SETTINGS} is of the machine (addresses, programs, secrets) and is edited there.",
                f"{SETTINGS} 属于本机设置（地址、程序、密钥），请在本机修改。",
            ),
            Text("Edit it in the configuration folder.", "请在配置目录中修改。"),
        )
    if name in KNOWN or _OWN.fullmatch(name) or _YEAR.fullmatch(name):
        return
    raise usage(
        "not-a-file-of-the-configuration",
        Text(f"`{name[:80]}` is no file of a configuration.", f"`{name[:80]}` 不是配置文件。"),
        Text(
            "Write routes.yaml, flows/NAME.flow.yaml, scenarios/NAME.scenario.yaml …",
            "可写 routes.yaml、flows/NAME.flow.yaml、scenarios/NAME.scenario.yaml 等。",
        ),
    )


def _missing(name: str) -> Problem:
    return usage(
        "no-such-file",
        Text(f"There is no file {name} in the configuration folder.", f"配置目录中没有文件 {name}。"),
        Text("The list shows which there are.", "请在列表中查看。"),
    )
