"""Loading a configuration for a command: from the folder, from changed files, from an applied revision.

Every command but ``check`` ends with status 2 and the findings where one of them is an error; warnings never stop it
(CONTRACT, *Command line*).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ivr_flows.findings import Finding, Text, has_errors

from .invocation import Invocation
from .problems import USAGE, Problem

if TYPE_CHECKING:
    from router.configuration import Loaded
    from router.model import Configuration, Settings


def load_folder(invocation: Invocation, folder: Path | None = None) -> Configuration:
    """The configuration in ``folder`` (default: ``--config``). Raises `Problem` with its errors."""
    from router.configuration import load

    return usable(invocation, load(folder or invocation.config))


def load_settings(invocation: Invocation) -> tuple[Settings, ZoneInfo]:
    """Only ``line400.yaml``: where the store is, and the time zone. Other files may be broken meanwhile, so that an
    emergency announcement does not wait for somebody's half-written route. Raises `Problem` with its errors and
    `ConfigurationMissing`."""
    from ivr_flows.yaml_source import read_file
    from router.configuration.folder import SETTINGS, ConfigurationMissing
    from router.configuration.loader import absolute_path, absolute_store
    from router.configuration.parts import Parts, read_settings

    folder = invocation.config
    if not folder.is_dir():
        raise ConfigurationMissing(
            Text(f"There is no configuration folder {folder}.", f"找不到配置目录 {folder}。"),
            Text(
                f"Name it with --config DIR, or make a new one: line400 init {folder}",
                f"请用 --config 指定目录，或新建：line400 init {folder}",
            ),
        )
    document = read_file(folder / SETTINGS)
    parts = Parts(documents={SETTINGS: document}, findings=list(document.findings))
    read_settings(parts, SETTINGS, lambda url: absolute_store(url, folder), lambda path: absolute_path(path, folder))
    if has_errors(parts.findings):
        raise refuse(parts.findings)
    return parts.settings, ZoneInfo(parts.settings.timezone)


def load_content(invocation: Invocation, files: Mapping[str, bytes]) -> Configuration:
    """The configuration that a revision holds; relative paths in it mean the same place as in the folder."""
    from router.configuration import load_files

    return usable(invocation, load_files(files, invocation.config, lint=False))


def usable(invocation: Invocation, loaded: Loaded) -> Configuration:
    """What was loaded, unless an error forbids it."""
    if loaded.configuration is None or has_errors(loaded.findings):
        raise refuse(loaded.findings)
    return loaded.configuration


def refuse(findings: Sequence[Finding], status: int = USAGE) -> Problem:
    """The problem of a configuration with errors: they are printed, then how many."""
    errors = [finding for finding in findings if finding.severity == "error"]
    count = len(errors)
    plural = "" if count == 1 else "s"
    return Problem(
        status,
        "configuration-has-errors",
        Text(f"The configuration has {count} error{plural}.", f"配置有 {count} 个错误。"),
        Text("Correct them; `line400 check` shows them again.", "请更正；可用 `line400 check` 再次查看。"),
        errors,
    )


def content_label(files: Mapping[str, bytes]) -> str:
    """How a call record names files that were never applied: ``files:`` and a digest of their content."""
    digest = sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return f"files:{digest.hexdigest()[:8]}"


def load_changed(invocation: Invocation, name: str, text: bytes) -> Configuration:
    """The configuration as it would be with the file ``name`` (relative to the folder) changed to ``text``."""
    from router.configuration import load_files, read_folder

    files, _ = read_folder(invocation.config)
    return usable(invocation, load_files({**files, name: text}, invocation.config))
