"""Provide the real parts that the tests need, where that is allowed: `python -m tests.real_parts`.

As root the distribution's packages are installed and Asterisk, where the distribution has none that is new enough, is
provided below ``var/``. Without root what is missing is named, with the command that cures it; Asterisk is provided
all the same where `mmdebstrap` and user namespaces are there. As root and with CI=true a missing part is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from router.asterisk.host import ProvisionError, provision
from router.asterisk.host.provisioning import missing_tools
from tests import asterisk, browser, postgres


@dataclass(frozen=True, slots=True)
class Part:
    """``here`` tells whether it is there; ``packages`` are those of Debian that give it or that ``make`` needs."""

    name: str
    here: Callable[[], bool]
    packages: Callable[[], list[str]]
    make: Callable[[], None] = field(default=lambda: None)


def make_asterisk() -> None:
    """Provide the tree of Asterisk; says why it cannot."""
    try:
        provision(asterisk.TREE, lambda text: print(text.en, flush=True))
    except ProvisionError as error:
        print(f"{error.message.en} {error.cure.en}", file=sys.stderr)


PARTS = [
    Part("PostgreSQL", lambda: postgres.find_programs() is not None, postgres.PACKAGES.split),
    Part("Chromium", lambda: browser.find() is not None, browser.PACKAGES.split),
    Part("Asterisk", lambda: asterisk.find() is not None, missing_tools, make_asterisk),
]


def install(packages: list[str]) -> None:
    """Install ``packages`` of the distribution; whether that worked shows in what is there afterwards."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(["apt-get", "-qq", "update"], check=False, env=environment)
    subprocess.run(
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages],
        check=False,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def main() -> int:
    """0, or 1 where a part is missing that must be there."""
    root = os.geteuid() == 0
    missing = [part for part in PARTS if not part.here()]
    packages = [package for part in missing for package in part.packages()]
    if packages and root and shutil.which("apt-get"):
        print(f"installing {' '.join(packages)} for {', '.join(part.name for part in missing)} …", flush=True)
        install(packages)
    for part in missing:
        part.make()
    missing = [part for part in missing if not part.here()]
    for part in missing:
        needs = part.packages()
        cure = f": apt-get install {' '.join(needs)}, then again" if needs else ""
        print(f"{part.name} is missing{cure}", file=sys.stderr)
    return 1 if missing and (os.environ.get("CI") == "true" or root) else 0


if __name__ == "__main__":
    raise SystemExit(main())
