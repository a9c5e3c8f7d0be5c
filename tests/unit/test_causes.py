"""What a caller hears who is refused before answer (CONTRACT: ``hangup``)."""

from __future__ import annotations

import pytest

from router.causes import REJECT_CAUSES, tone_of


@pytest.mark.parametrize(
    ("reject", "cause", "tone"),
    [("busy", 17, "tone:busy"), ("blocked", 21, "tone:reorder"), ("unallocated", 1, "tone:unallocated")],
)
def test_each_rejection_has_the_cause_and_the_tone_of_the_contract(reject: str, cause: int, tone: str) -> None:
    assert (REJECT_CAUSES[reject], tone_of(cause)) == (cause, tone)


@pytest.mark.parametrize("cause", [16, 34, 38, 127])
def test_a_cause_without_a_tone_of_its_own_is_reorder(cause: int) -> None:
    assert tone_of(cause) == "tone:reorder"
