"""The configuration folder as bytes: which files belong to it, and what stands in the way of reading one.

A *content* is a mapping from a file's path relative to the folder (``flows/service.flow.yaml``) to its bytes: what a
revision holds, and what `router.configuration.load_files` reads.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import nearest
from ivr_flows.yaml_source import MAX_BYTES

SETTINGS, NUMBERS, LINES = "line400.yaml", "numbers.yaml", "lines.yaml"
TRUNKS, QUEUES, ROUTES, CALENDARS = "trunks.yaml", "queues.yaml", "routes.yaml", "calendars.yaml"
INVARIANTS = "invariants.yaml"
PRICES = "prices.yaml"
NUMBERS_CSV, ROUTES_CSV = "numbers.csv", "routes.csv"
FLOWS = "flows"
YEARS = "calendars"
"""Folder of the year files."""
KNOWN = (SETTINGS, NUMBERS, NUMBERS_CSV, LINES, TRUNKS, QUEUES, ROUTES, ROUTES_CSV, CALENDARS, INVARIANTS, PRICES)
_SUFFIXES = (".yaml", ".yml", ".csv")
_MISSAVED = {".txt": "", ".xlsx": ".csv", ".xls": ".csv", ".et": ".csv", ".ods": ".csv"}
"""Endings that editors and spreadsheets leave on a file that was meant for the configuration → the proper one."""
_OTHER_FOLDERS = frozenset({"scenarios", "prompts", "node_modules"})
MAX_CSV_BYTES = 512 * 1024 * 1024
MAX_FILES = 5_000
_MAX_LEVELS = 4


class ConfigurationMissing(Exception):
    """The configuration folder is not there or cannot be opened: nothing that a finding could point into."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


def read_folder(folder: Path) -> tuple[dict[str, bytes], list[Finding]]:
    """The content of ``folder``, and findings for what is there and cannot be read.

    All ``*.yaml``, ``*.yml`` and ``*.csv`` files belong to it, except those under ``scenarios/``, ``prompts/`` and
    hidden folders. Raises `ConfigurationMissing`.
    """
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise ConfigurationMissing(
            Text(
                f"The configuration folder {folder} cannot be opened: {_reason(error).en}.",
                f"无法打开配置目录 {folder}：{_reason(error).zh}。",
            ),
            Text(
                f"Name it with --config DIR, or make a new one: line400 init {folder}",
                f"请用 --config 指定目录，或新建：line400 init {folder}",
            ),
        ) from error
    content: dict[str, bytes] = {}
    findings: list[Finding] = []
    for name, path in _entries(folder, "", findings, set()):
        data = _read(path, name, str(folder / name), findings)
        if data is not None:
            content[name] = data
        if len(content) > MAX_FILES:
            findings.append(
                Finding(
                    "error",
                    "too-many-files",
                    Place(str(folder)),
                    Text(
                        f"The folder has more than {MAX_FILES:,} configuration files.",
                        f"目录中的配置文件超过 {MAX_FILES:,} 个。",
                    ),
                    Text("Point --config at the configuration folder itself.", "请把 --config 指向配置目录本身。"),
                )
            )
            break
    return content, findings


def _entries(
    folder: Path, prefix: str, findings: list[Finding], seen: set[tuple[int, int]]
) -> Iterator[tuple[str, Path]]:
    """Files that belong to the configuration, sorted by name. A folder reached twice by links is entered once."""
    try:
        status = folder.stat()
        names = sorted(os.listdir(folder))
    except OSError as error:
        findings.append(_unreadable(str(folder), error))
        return
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    for name in names:
        path = folder / name
        if name.startswith(".") or not name.isprintable():
            continue
        if name.endswith(_SUFFIXES):
            yield prefix + name, path
        elif path.is_dir() and name not in _OTHER_FOLDERS and prefix.count("/") < _MAX_LEVELS:
            yield from _entries(path, f"{prefix}{name}/", findings, seen)
        elif proper := _missaved(prefix + name):
            findings.append(
                Finding(
                    "warning",
                    "unknown-file",
                    Place(str(path)),
                    Text(f"Nothing reads the file `{prefix}{name}`.", f"文件 `{prefix}{name}` 不会被读取。"),
                    Text(f"Save it as `{proper}`.", f"请另存为 `{proper}`。"),
                )
            )
        elif name == FLOWS and not prefix and not path.is_dir():
            findings.append(
                Finding(
                    "error",
                    "not-a-folder",
                    Place(str(path)),
                    Text(
                        "`flows` is a file; a folder with flows is expected here.",
                        "`flows` 是文件，这里应为存放流程的目录。",
                    ),
                    Text(
                        "Make it a folder and put flows into it as NAME.flow.yaml.",
                        "请改为目录，流程文件命名为 名称.flow.yaml。",
                    ),
                )
            )


def _missaved(name: str) -> str | None:
    """The name that the file at relative path ``name`` was meant to have, where its ending shows that it was."""
    path = PurePosixPath(name)
    if path.suffix not in _MISSAVED:
        return None
    proper = str(path.with_suffix(_MISSAVED[path.suffix]))
    return proper if proper in KNOWN or is_flow_file(proper) else None


def _read(path: Path, name: str, shown: str, findings: list[Finding]) -> bytes | None:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            findings.append(
                Finding(
                    "error",
                    "not-a-file",
                    Place(shown),
                    Text(f"{shown} is a directory; a file is expected here.", f"{shown} 是目录，这里应为文件。"),
                    Text("Move the directory away and put the file in its place.", "移走该目录，放入文件。"),
                )
            )
            return None
        if not stat.S_ISREG(status.st_mode):
            findings.append(
                Finding(
                    "error",
                    "not-a-file",
                    Place(shown),
                    Text(
                        f"{shown} is a device, socket or pipe, not a file.", f"{shown} 是设备、套接字或管道，不是文件。"
                    ),
                    Text("Put a plain file in its place.", "请换成普通文件。"),
                )
            )
            return None
        too_large = size_finding(name, shown, status.st_size)
        if too_large:
            findings.append(too_large)
            return None
        return path.read_bytes()
    except OSError as error:
        findings.append(_unreadable(shown, error))
        return None


def size_finding(name: str, shown: str, size: int) -> Finding | None:
    """The finding for a file of ``size`` bytes that is too large to be read, or None."""
    limit = MAX_CSV_BYTES if name.endswith(".csv") else MAX_BYTES
    if size <= limit:
        return None
    cure = Text("Split it.", "请拆分文件。")
    if name in (NUMBERS, ROUTES):
        csv_name = name.replace(".yaml", ".csv")
        cure = Text(f"Many numbers belong in {csv_name}.", f"大量号码请放入 {csv_name}。")
    return Finding(
        "error",
        "file-too-large",
        Place(shown),
        Text(
            f"The file has {size:,} bytes; at most {limit:,} are read.",
            f"文件有 {size:,} 字节，上限为 {limit:,} 字节。",
        ),
        cure,
    )


_REASONS = {
    errno.ENOENT: Text("it does not exist", "不存在"),
    errno.ENOTDIR: Text("it is not a directory", "不是目录"),
    errno.EACCES: Text("permission denied", "没有权限"),
    errno.ELOOP: Text("its symbolic links form a loop", "符号链接形成循环"),
}


def _reason(error: OSError) -> Text:
    words = error.strerror or type(error).__name__
    return _REASONS.get(error.errno or 0, Text(words, words))


def _unreadable(shown: str, error: OSError) -> Finding:
    reason = _reason(error)
    return Finding(
        "error",
        "unreadable-file",
        Place(shown),
        Text(f"The file cannot be read: {reason.en}.", f"文件无法读取：{reason.zh}。"),
        Text("Check that it exists, its links and its permissions.", "请检查文件是否存在、链接及权限。"),
    )


def is_flow_file(name: str) -> bool:
    """Whether the file at relative path ``name`` holds a flow: ``flows/*.yaml``."""
    path = PurePosixPath(name)
    return len(path.parts) == 2 and path.parts[0] == FLOWS and path.suffix == ".yaml"


def year_of(name: str) -> int | None:
    """The year whose holidays the file at relative path ``name`` lists (``calendars/2027.yaml``); None for another."""
    found = re.fullmatch(rf"{YEARS}/([12]\d{{3}})\.yaml", name)
    return int(found[1]) if found else None


def flow_stem(name: str) -> str:
    """The flow name that a flow file's name promises: ``flows/service.flow.yaml`` → ``service``."""
    return PurePosixPath(name).name.removesuffix(".yaml").removesuffix(".flow")


def unknown_files(content: Iterable[str], shown: Mapping[str, str]) -> Iterator[Finding]:
    """Warnings for files that nothing reads. ``shown`` is each file's name as findings call it."""
    for name in sorted(content):
        if name in KNOWN or is_flow_file(name) or year_of(name) is not None:
            continue
        path = PurePosixPath(name)
        cure = Text("Rename it, or move it out of the configuration folder.", "请改名，或移出配置目录。")
        if path.suffix == ".yml":
            proper = str(path.with_suffix(".yaml"))
            cure = Text(f"Rename it to `{proper}`.", f"请改名为 `{proper}`。")
        elif len(path.parts) > 1 and path.parts[0] == FLOWS and path.suffix == ".yaml":
            cure = Text(
                "Move it into flows/ itself; folders below are not read.", "请直接放在 flows/ 下；不读取其子目录。"
            )
        elif path.parts[0] == YEARS:
            cure = Text("Name it by the year: calendars/2027.yaml.", "请以年份命名：calendars/2027.yaml。")
        elif len(path.parts) > 1:
            folder = nearest(path.parts[0], [FLOWS, YEARS, "scenarios", "prompts"])
            if folder:
                cure = Text(f"Did you mean the folder `{folder}/`?", f"目录是否应为 `{folder}/`？")
        elif name.endswith(".flow.yaml"):
            cure = Text("Move it into the folder `flows/`.", "请移入 `flows/` 目录。")
        else:
            close = nearest(name, KNOWN)
            if close:
                cure = Text(f"Did you mean `{close}`?", f"是否应为 `{close}`？")
        yield Finding(
            "warning",
            "unknown-file",
            Place(shown[name]),
            Text(f"Nothing reads the file `{name}`.", f"文件 `{name}` 不会被读取。"),
            cure,
        )
