"""Segments of mobile numbers (their first seven digits) with a given beginning, place by place."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from .. import regions

_OF_EACH = 6


@lru_cache(maxsize=4096)
def some_segments(beginning: str) -> tuple[str, ...]:
    """Segments that begin with ``beginning`` (at most seven digits): of every place that has any a few, far apart."""
    found: list[str] = []
    for place in regions.segments_by_place():
        segments, low, high = _range(place, beginning)
        step = max(1, (high - low) // _OF_EACH)
        found.extend(str(segments[index]) for index in range(low, high, step))
    return tuple(sorted(found))


def segments_at(place: regions.CallerPlace, beginning: str) -> Iterator[str]:
    """Every segment of ``place`` that begins with ``beginning``."""
    if place in regions.segments_by_place():
        segments, low, high = _range(place, beginning)
        for index in range(low, high):
            yield str(segments[index])


def _range(place: regions.CallerPlace, beginning: str) -> tuple[array[int], int, int]:
    segments = regions.segments_by_place()[place]
    low = int(beginning.ljust(7, "0")) if beginning else 0
    high = low + 10 ** (7 - len(beginning))
    return segments, bisect_left(segments, low), bisect_left(segments, high)
