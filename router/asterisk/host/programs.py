"""Where Asterisk and SIPp are: of the distribution, or in a file tree of our own.

A tree is used without chroot and without root: its programs are started by its own dynamic loader, which is told where
its libraries lie.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OLDEST = 20
"""The oldest major version of Asterisk that the generated files are for."""
_VERSION = re.compile(r"Asterisk (?:certified/)?(\d+)(?:\.(\d+))?")
_DISTRIBUTION_MODULES = ("/usr/lib/*/asterisk/modules", "/usr/lib64/asterisk/modules", "/usr/lib/asterisk/modules")


@dataclass(frozen=True, slots=True)
class Programs:
    """``asterisk`` and ``sipp`` are the beginnings of command lines (``sipp`` empty: there is none). ``modules`` and
    ``data`` are folders of Asterisk, ``version`` as it says it."""

    asterisk: tuple[str, ...]
    sipp: tuple[str, ...]
    modules: Path
    data: Path
    version: str
    source: Literal["distribution", "tree"]

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.partition(".")[0])


def find_programs(tree: Path) -> Programs | None:
    """The distribution's Asterisk where it is new enough, else that of ``tree``; None where neither is there."""
    return _of_distribution() or programs_of_tree(tree)


def programs_of_tree(tree: Path) -> Programs | None:
    """The programs of a file tree made by `router.asterisk.host.provision`, None where it is not whole."""
    tree = tree.absolute()
    loaders = [*tree.glob("usr/lib/*/ld-linux-*.so.*"), *tree.glob("usr/lib64/ld-linux-*.so.*")]
    asterisk, sipp = tree / "usr/sbin/asterisk", tree / "usr/bin/sipp"
    if not loaders or not asterisk.exists():
        return None
    loader = loaders[0]
    start = (str(loader), "--library-path", str(loader.parent))
    modules = next(iter(tree.glob("usr/lib/*/asterisk/modules")), None)
    version = _version((*start, str(asterisk)))
    if modules is None or version is None:
        return None
    return Programs(
        (*start, str(asterisk)),
        (*start, str(sipp)) if sipp.exists() else (),
        modules,
        tree / "usr/share/asterisk",
        version,
        "tree",
    )


def _of_distribution() -> Programs | None:
    asterisk = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if asterisk is None:
        return None
    version = _version((asterisk,))
    modules = next((path for pattern in _DISTRIBUTION_MODULES for path in Path("/").glob(pattern[1:])), None)
    if version is None or modules is None or int(version.partition(".")[0]) < OLDEST:
        return None
    sipp = shutil.which("sipp")
    data = next(path for path in (Path("/usr/share/asterisk"), Path("/var/lib/asterisk")) if path.exists())
    return Programs((asterisk,), (sipp,) if sipp else (), modules, data, version, "distribution")


def _version(command: tuple[str, ...]) -> str | None:
    try:
        said = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(said)
    return None if found is None else f"{found[1]}.{found[2] or 0}"
