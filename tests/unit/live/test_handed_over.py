"""What the dialplan hands over, read back from the arguments of the request."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from router.asterisk.handed_over import HandedOver

NAMES = ("base", "call", "trunk", "to", "diversion")


@given(st.lists(st.text(max_size=40), min_size=len(NAMES), max_size=len(NAMES)), st.integers(1, len(NAMES)))
def test_whatever_values_hold_they_stay_apart_however_they_share_arguments(values: list[str], together: int) -> None:
    values = [value.encode("utf-8", "replace").decode() for value in values]
    pairs = [f"{name}={quote(value, safe='')}" for name, value in zip(NAMES, values, strict=True)]
    arguments = ["&".join(pairs[place : place + together]) for place in range(0, len(pairs), together)]
    environment = {"agi_arg_1": "bj"} | {f"agi_arg_{place}": text for place, text in enumerate(arguments, 2)}
    handed = HandedOver(environment)
    assert handed
    assert handed.line == "bj"
    assert [handed.get(name) for name in NAMES] == values


def test_a_request_with_a_line_alone_hands_nothing_over() -> None:
    assert not HandedOver({"agi_arg_1": "bj"})
