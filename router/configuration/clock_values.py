"""Times of day as conditions: ``after``, ``before`` and ``between``, as minutes of the day."""

from __future__ import annotations

from .values import kind, read_interval


def _after(value: object) -> tuple[int, int]:
    return read_interval(f"{value}-24:00")


def _before(value: object) -> tuple[int, int]:
    return read_interval(f"00:00-{value}")


_CLOCK = r"^\d{1,2}:\d{2}$"
After = kind(_after, tuple[int, int], type="string", pattern=_CLOCK)
Before = kind(_before, tuple[int, int], type="string", pattern=_CLOCK)
Between = kind(read_interval, tuple[int, int], type="string", pattern=r"^\d{1,2}:\d{2}-\d{1,2}:\d{2}$")
