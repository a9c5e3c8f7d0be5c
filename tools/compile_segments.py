"""Make ``router/mobile_segments.xz``: the place of every mobile segment, of the data of `phone` and `phonenumbers`.

Usage: python -m tools.compile_segments

The file is an xz stream: one line of JSON (the versions of the libraries, the first segment, the places), then the
index of its place for every segment, two bytes each, little-endian. It takes about half a minute. Run it when one of
the libraries has newer data, and commit the file.
"""

from __future__ import annotations

import json
import lzma
import sys
from array import array
from importlib.metadata import version
from pathlib import Path

from router.regions import SEGMENTS_FILE

from .segment_sources import together

FIRST, BEHIND = 1_300_000, 2_000_000
FILE = Path(__file__).resolve().parents[1] / "router" / SEGMENTS_FILE


def compile_segments() -> bytes:
    """The content of the file."""
    places: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
    ids = array("H")
    for segment in range(FIRST, BEHIND):
        place, unsure = together(str(segment))
        ids.append(places.setdefault((tuple(place), unsure), len(places)))
    if sys.byteorder == "big":
        ids.byteswap()
    head = {
        "made_of": {name: version(name) for name in ("phone", "phonenumbers")},
        "first": FIRST,
        "places": [[list(place), list(unsure)] for place, unsure in places],
    }
    written = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" + ids.tobytes()
    return lzma.compress(written, preset=9 | lzma.PRESET_EXTREME)


if __name__ == "__main__":
    FILE.write_bytes(compile_segments())
    print(f"{FILE}: {FILE.stat().st_size:,} bytes")
