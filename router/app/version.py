"""Which line400 this is."""

from __future__ import annotations


def line400_version() -> str:
    """The version of the installed distribution; of a folder of sources that was never installed ``0+sources``."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("line400")
    except PackageNotFoundError:
        return "0+sources"
