"""When an input attempt is complete."""

from __future__ import annotations

import pytest

from ivr_flows.commands import Gather
from ivr_flows.digits import Collector


def collect(pressed: str, **options: object) -> tuple[str, bool, bool]:
    """Press the keys; returns the digits, whether the attempt is complete, whether the terminator ended it."""
    gather = Gather((), **{"timeout": 5.0, "digit_timeout": 3.0, "max_digits": 20, **options})  # type: ignore[arg-type]
    collector = Collector(gather)
    for key in pressed:
        if collector.complete:
            break
        collector.press(key)
    return collector.digits, collector.complete, collector.terminated


@pytest.mark.parametrize(
    ("pressed", "options", "expected"),
    [
        ("1", {"keys": frozenset("10")}, ("1", True, False)),
        ("7", {"keys": frozenset("10")}, ("7", True, False)),
        ("1", {"keys": frozenset(["1", "12"])}, ("1", False, False)),
        ("12", {"keys": frozenset(["1", "12"])}, ("12", True, False)),
        ("19", {"keys": frozenset(["1", "12"])}, ("19", True, False)),
        ("3", {"keys": frozenset(["1", "12"])}, ("3", True, False)),
        ("*", {"keys": frozenset("*#")}, ("*", True, False)),
        ("12345678", {"max_digits": 8}, ("12345678", True, False)),
        ("77#", {"max_digits": 8, "terminator": "#"}, ("77", True, True)),
        ("#", {"max_digits": 8, "terminator": "#"}, ("", True, True)),
        ("7*", {"max_digits": 8, "terminator": "#"}, ("7*", False, False)),
        ("0012", {"max_digits": 4}, ("0012", True, False)),
    ],
)
def test_completion(pressed: str, options: dict[str, object], expected: tuple[str, bool, bool]) -> None:
    assert collect(pressed, **options) == expected


def test_typed_ahead_keys_are_the_first_keys() -> None:
    gather = Gather((), timeout=5.0, digit_timeout=3.0, keys=frozenset("12"), typed_ahead="1")
    assert Collector(gather).complete


def test_the_wait_is_longer_before_the_first_key() -> None:
    collector = Collector(Gather((), timeout=5.0, digit_timeout=3.0, max_digits=4))
    assert collector.wait == 5.0
    collector.press("1")
    assert collector.wait == 3.0
