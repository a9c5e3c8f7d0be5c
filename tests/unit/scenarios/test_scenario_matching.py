"""What `hears` matches: after NFKC, a part of one later item, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.scenarios.matching import closest, contains

WORDS = st.text(st.sampled_from("欢迎致电请按业务１2３ＡＢab，。,！ "), min_size=0, max_size=12)
PARTS = st.text(st.sampled_from("欢迎致电请按业务１2３ＡＢab，。,！"), min_size=1, max_size=6)


@given(WORDS, PARTS, WORDS)
def test_any_part_of_a_text_is_found_in_it(before: str, part: str, after: str) -> None:
    assert contains(before + part + after, part)


def test_width_and_compatibility_forms_are_equal() -> None:
    assert contains("业务咨询请按１，人工服务请按０。", "请按1,人工")
    assert contains("press 1 for sales", "ｐｒｅｓｓ １")
    assert contains("①号线", "1号线")


def test_other_words_and_another_case_do_not_match() -> None:
    assert not contains("欢迎致电", "欢迎来电")
    assert not contains("Press 1", "press 1")


def test_the_closest_prompt_is_named_and_far_ones_are_not() -> None:
    heard = ["您好，欢迎致电示例科技。", "现在是非工作时间，请留言。", "tone:busy"]
    assert closest(heard, "现在是下班时间") == "现在是非工作时间，请留言。"
    assert closest(heard, "停电通知") is None
    assert closest(heard, "停电") is None
    assert closest([], "欢迎") is None
