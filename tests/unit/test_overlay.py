"""Announcements, blocks and life states beside the revision, and the pattern sets they are looked up in."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from router.overlay import EMPTY, Announcement, Block, Overlay
from router.patterns import PatternSet

NUMBER = "4008001234"


def test_an_announcement_ends_by_itself() -> None:
    overlay = Overlay([Announcement(NUMBER, "系统升级", until=100.0)])
    assert overlay.announcement(NUMBER, 99.9) == Announcement(NUMBER, "系统升级", 100.0)
    assert overlay.announcement(NUMBER, 100.0) is None
    assert overlay.announcement("4008005678", 50.0) is None


def test_a_numbers_own_announcement_goes_before_that_for_all_and_the_last_before_the_first() -> None:
    overlay = Overlay(
        [
            Announcement("all", "全部", until=100.0),
            Announcement(NUMBER, "旧", until=50.0),
            Announcement(NUMBER, "新", until=30.0),
        ]
    )
    texts = [
        found.text if (found := overlay.announcement(NUMBER, moment)) else None for moment in (0.0, 30.0, 50.0, 100.0)
    ]
    assert texts == ["新", "旧", "全部", None]
    other = overlay.announcement(None, 0.0)
    assert other is not None
    assert other.text == "全部"


def test_a_block_names_a_caller_or_a_beginning_and_may_end() -> None:
    overlay = Overlay(blocks=[Block("13900000000", until=10.0), Block("0085*", author="qa")])
    assert overlay.block("13900000000", 9.0) == Block("13900000000", 10.0)
    assert overlay.block("13900000000", 10.0) is None
    assert overlay.block("0085223456789", 1e12) == Block("0085*", None, "qa")
    assert overlay.block("13900000001", 0.0) is None
    assert overlay.block(None, 0.0) is None


def test_an_ended_block_does_not_hide_a_wider_one() -> None:
    overlay = Overlay(blocks=[Block("13900000000", until=10.0), Block("139*")])
    assert overlay.block("13900000000", 10.0) == Block("139*")


def test_life_states_are_copied() -> None:
    states = {NUMBER: "suspended"}
    overlay = Overlay(states=states)  # type: ignore[arg-type]
    states.clear()
    assert overlay.state(NUMBER) == "suspended"
    assert overlay.state("4008005678") is None


def test_it_tells_of_which_numbers_the_store_knows_the_end() -> None:
    overlay = Overlay(paid=[NUMBER])
    assert overlay.knows_end_of(NUMBER)
    assert not overlay.knows_end_of("4008005678")
    assert not overlay.quiet


def test_an_empty_overlay_is_quiet() -> None:
    assert EMPTY.quiet
    assert not Overlay(blocks=[Block("139*")]).quiet
    assert not Overlay(announcements=[Announcement("all", "x", 1.0)]).quiet
    assert not Overlay(states={NUMBER: "bound"}).quiet


def test_the_narrowest_block_speaks_first() -> None:
    overlay = Overlay(blocks=[Block("*", author="a"), Block("139*", author="b"), Block("13900*", author="c")])
    for caller, author in (("13900000000", "c"), ("13911111111", "b"), ("13800138000", "a")):
        found = overlay.block(caller, 0.0)
        assert found is not None
        assert found.author == author


digits = st.text("0123", min_size=1, max_size=5)
patterns = st.lists(st.one_of(digits, digits.map(lambda text: text + "*"), st.just("*")), max_size=6)


@settings(deadline=None)
@given(patterns=patterns, caller=digits)
def test_a_pattern_set_agrees_with_asking_each_pattern(patterns: list[str], caller: str) -> None:
    def meets(pattern: str) -> bool:
        return caller.startswith(pattern[:-1]) if pattern.endswith("*") else caller == pattern

    found = PatternSet(patterns)
    assert (caller in found) == any(meets(pattern) for pattern in patterns)
    assert set(found.matching(caller)) == {pattern for pattern in patterns if meets(pattern)}


@settings(deadline=None)
@given(patterns=patterns, caller=digits)
def test_prefixes_need_no_star(patterns: list[str], caller: str) -> None:
    expected = any(caller.startswith(pattern.rstrip("*")) for pattern in patterns)
    assert (caller in PatternSet(patterns, prefixes=True)) == expected
