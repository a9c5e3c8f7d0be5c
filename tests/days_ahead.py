"""Run pytest with the date set so many days ahead: no test may depend on today.

Usage: python tests/days_ahead.py DAYS [pytest arguments]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    days, *arguments = sys.argv[1:]
    import libfaketime

    library = next(Path(libfaketime.__file__).parent.rglob("libfaketime.so.1"))
    environment = dict(
        os.environ,
        LD_PRELOAD=str(library),
        FAKETIME=f"+{int(days)}d",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        NO_FAKE_STAT="1",
    )
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *arguments], environment)


if __name__ == "__main__":
    main()
