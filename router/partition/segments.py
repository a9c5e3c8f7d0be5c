"""Segments of mobile numbers (their first seven digits): for every place some that belong to it.

What a segment's place is, `router.regions` alone decides; here is only where to look. The records of `phone` name
nearly all segments in use, those of one record and carrier nearly always belong to the same place.
"""

from __future__ import annotations

import struct
from functools import lru_cache

from .. import regions
from ..numbering import ELEVEN_DIGITS

_RECORD = struct.Struct("<iiB")
_OF_EACH = 6


@lru_cache(maxsize=4096)
def mobile_segments(beginning: str) -> tuple[str, ...]:
    """Segments that begin with ``beginning`` (at most seven digits), of every place several."""
    if len(beginning) >= 7:
        return (beginning[:7],)
    if len(beginning) >= 4:
        rest = 7 - len(beginning)
        return _different([f"{beginning}{number:0{rest}d}" for number in range(10**rest)])
    by_record: dict[tuple[int, int], list[str]] = {}
    free: list[str] = []
    for head in ELEVEN_DIGITS:
        if head.startswith(beginning):
            used, records = _in_use(head)
            free.extend(segment for segment in _scattered(head) if segment not in used)
            for record, segments in records.items():
                by_record.setdefault(record, []).extend(segments)
    found = set(free)
    for segments in by_record.values():
        step = max(1, len(segments) // _OF_EACH)
        found.update(segments[::step])
    return _different(sorted(found))


def _different(segments: list[str]) -> tuple[str, ...]:
    kept: dict[regions.CallerPlace, list[str]] = {}
    for segment in segments:
        there = kept.setdefault(regions.mobile_place(segment), [])
        if len(there) < _OF_EACH:
            there.append(segment)
    return tuple(sorted(segment for there in kept.values() for segment in there))


def _scattered(head: str) -> list[str]:
    return [f"{head}{rest:04d}" for rest in range(0, 10_000, 997)]


def _in_use(head: str) -> tuple[frozenset[str], dict[tuple[int, int], list[str]]]:
    return _records()[head]


@lru_cache(maxsize=1)
def _records() -> dict[str, tuple[frozenset[str], dict[tuple[int, int], list[str]]]]:
    """By the first three digits: the segments that `phone` knows, and those of each of its records and carriers."""
    from phone import Phone

    source = Phone()
    first = source.first_phone_record_offset
    used: dict[str, list[str]] = {head: [] for head in ELEVEN_DIGITS}
    records: dict[str, dict[tuple[int, int], list[str]]] = {head: {} for head in ELEVEN_DIGITS}
    last = first + source.phone_record_count * _RECORD.size
    for number, offset, carrier in _RECORD.iter_unpack(source.buf[first:last]):
        segment = str(number)
        head = segment[:3]
        if head in used:
            used[head].append(segment)
            records[head].setdefault((offset, carrier), []).append(segment)
    return {head: (frozenset(used[head]), records[head]) for head in used}
