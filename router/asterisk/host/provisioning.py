"""Providing Asterisk and SIPp where the distribution has none that is new enough: a file tree of Debian's packages.

`mmdebstrap` downloads the packages of a Debian suite, checks their signatures and unpacks them; nothing of them is
installed, no script of theirs is run. As root it writes the tree at once; as another user, inside a user namespace, it
writes an archive, which is then unpacked. The tree is made beside its place and moved there when it is whole.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from ivr_flows.findings import Text

from .programs import OLDEST, Programs, programs_of_tree

SUITE = "forky"
"""A suite of Debian that has Asterisk 22 (the stable ones have none); override by ``LINE400_DEBIAN_SUITE``."""
PACKAGES = ("asterisk", "sip-tester")
LONGEST = 900.0


class ProvisionError(Exception):
    """Asterisk cannot be provided here. ``message`` says what is in the way, ``cure`` what to do."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


def missing_tools() -> list[str]:
    """The Debian packages that `provision` needs and this machine lacks."""
    wanted = {"mmdebstrap": "mmdebstrap"}
    if os.geteuid() != 0:
        wanted["newuidmap"] = "uidmap"
    return [package for program, package in wanted.items() if shutil.which(program) is None]


def provision(tree: Path, say: Callable[[Text], None] = lambda text: None) -> Programs:
    """Make ``tree`` unless it is there, and return its programs. ``say`` is told of what takes long.

    Raises `ProvisionError`; a tree that failed leaves nothing behind.
    """
    there = programs_of_tree(tree)
    if there is not None:
        return there
    missing = missing_tools()
    if missing:
        raise ProvisionError(
            Text(
                f"To provide Asterisk, {' and '.join(missing)} is needed.", f"提供 Asterisk 需要 {'、'.join(missing)}。"
            ),
            Text(f"apt install {' '.join(missing)}", f"apt install {' '.join(missing)}"),
        )
    suite = os.environ.get("LINE400_DEBIAN_SUITE", SUITE)
    say(
        Text(
            f"Downloading Asterisk and SIPp of Debian {suite} into {tree} (about 300 MB) …",
            f"正在把 Debian {suite} 的 Asterisk 与 SIPp 下载到 {tree}（约 300 MB）……",
        )
    )
    tree.parent.mkdir(parents=True, exist_ok=True)
    # Not a with statement: what mmdebstrap leaves in a namespace may not be ours to delete file by file.
    beside = Path(tempfile.mkdtemp(prefix=".tree-", dir=tree.parent))
    try:
        made = _unpack(beside, suite)
        programs = programs_of_tree(made)
        if programs is None or programs.major < OLDEST:
            raise ProvisionError(
                Text(
                    f"Debian {suite} has no Asterisk of version {OLDEST} or later that runs here.",
                    f"Debian {suite} 中没有可在本机运行的 Asterisk {OLDEST} 或更高版本。",
                ),
                Text(
                    "Name a suite that has one in the environment variable LINE400_DEBIAN_SUITE, or install Asterisk.",
                    "请在环境变量 LINE400_DEBIAN_SUITE 中指定含有它的套件，或自行安装 Asterisk。",
                ),
            )
        _put(made, tree)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    found = programs_of_tree(tree)
    assert found is not None
    return found


def _unpack(beside: Path, suite: str) -> Path:
    made = beside / "tree"
    archive = beside / "tree.tar"
    root = os.geteuid() == 0
    command = [
        "mmdebstrap",
        f"--mode={'root' if root else 'unshare'}",
        "--variant=extract",
        # A testing suite is frozen for days at times; its signature is checked all the same.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        f"--include={','.join(PACKAGES)}",
        suite,
        str(made if root else archive),
    ]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
            env={**os.environ, "TMPDIR": str(beside)},
        )
    except subprocess.TimeoutExpired:
        raise _failed(suite, "it took too long") from None
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("E:")] or done.stderr.splitlines()[-1:]
        raise _failed(suite, " ".join(said) or f"status {done.returncode}")
    if not root:
        made.mkdir()
        with tarfile.open(archive) as packed:
            packed.extractall(made, members=[item for item in packed if not item.isdev()], filter="tar")
        archive.unlink()
    return made


def _put(made: Path, tree: Path) -> None:
    """Move the whole tree to its place; one that somebody else made meanwhile stays."""
    if tree.exists() and programs_of_tree(tree) is None:
        shutil.rmtree(tree)
    try:
        made.rename(tree)
    except OSError:
        if programs_of_tree(tree) is None:
            raise


def _failed(suite: str, why: str) -> ProvisionError:
    return ProvisionError(
        Text(f"mmdebstrap could not fetch Debian {suite}: {why}", f"mmdebstrap 无法获取 Debian {suite}：{why}"),
        Text(
            "See whether the mirror named in /etc/apt can be reached; LINE400_DEBIAN_SUITE names another suite.",
            "请检查 /etc/apt 中的镜像是否可达；可用 LINE400_DEBIAN_SUITE 指定其他套件。",
        ),
    )
