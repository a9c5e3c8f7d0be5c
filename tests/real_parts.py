"""Say which real parts the tests need are here, and install those that the distribution has, where that is allowed.

As root the missing ones are installed from the distribution. Without root they are named, with the command; with
CI=true a missing part is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.postgres import PACKAGES, find_programs

PARTS = {
    # what: (is it here, Debian packages)
    "PostgreSQL": (lambda: find_programs() is not None, PACKAGES.split()),
}


def install(packages: list[str]) -> None:
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(["apt-get", "-qq", "update"], check=False, env=environment)
    subprocess.run(
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages],
        check=False,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def main() -> int:
    missing = [name for name, (here, _) in PARTS.items() if not here()]
    packages = [package for name in missing for package in PARTS[name][1]]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {', '.join(missing)} ({' '.join(packages)}) …", flush=True)
        install(packages)
        missing = [name for name in missing if not PARTS[name][0]()]
    for name in missing:
        print(f"{name} is missing: apt-get install {' '.join(PARTS[name][1])}", file=sys.stderr)
    return 1 if missing and (os.environ.get("CI") == "true" or os.geteuid() == 0) else 0


if __name__ == "__main__":
    raise SystemExit(main())
