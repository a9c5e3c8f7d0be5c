"""Which keys a prompt offers, read from its words."""

from __future__ import annotations

import pytest

from ivr_flows.lint.spoken_keys import ending_keys, offered_keys

OFFERED = [
    ("业务咨询请按1，人工服务请按0。", "1 0"),
    ("請按1", "1"),
    ("请按一，或按二", "1 2"),
    ("重听请按九", "9"),
    ("按十", "10"),
    ("按井号键返回，按星号键重听", "# *"),
    ("请按＃号键", "#"),
    ("请按*键返回", "*"),
    ("按米字键", "*"),
    ("请按“1”键", "1"),
    ("请按数字键1", "1"),
    ("按1号键", "1"),
    ("按１或２", "1 2"),
    ("按1、2、3", "1 2 3"),
    ("请按1到5评分", "1 2 3 4 5"),
    ("按下9", "9"),
    ("拨0转人工，服务选2，选择3", "0 2 3"),
    ("销售请按1，总机请按12。", "1 12"),
    ("press one for sales, press 2 for support", "1 2"),
    ("Press 1 or 2", "1 2"),
    ("press 1 through 4", "1 2 3 4"),
    ("press the pound key", "#"),
    ("Press star, or dial zero.", "* 0"),
    ("To repeat this menu, press nine.", "9"),
    ("press 10", "10"),
    ("返回请按星", "*"),
    ("按1个人业务，按2年费查询", "1 2"),
    ("选择：1", "1"),
    ("Press or say one.", "1"),
    ("Press 1 for sales, or 2 for support, or three to wait.", "1 2 3"),
    ("press button 4", "4"),
    ("Press 1 for sales. Tables for two, or 3 for more.", "1"),
    ("按星期收费", ""),
    ("按一年计费", ""),
    ("按十分钟计费", ""),
    ("按一个小时计费", ""),
    ("按2小时收费", ""),
    ("请按任意键", ""),
    ("请按时", ""),
    ("按照规定", ""),
    ("请按一次", ""),
    ("按30秒计费", ""),
    ("拨打12345", ""),
    ("10月1日", ""),
    ("请输入8位维修单号", ""),
    ("press any key", ""),
    ("press release 2", ""),
    ("press 4001234567", ""),
]
ENDING = [
    ("请输入订单号，以井号键结束。", "#"),
    ("请输入密码，按#号键结束。", "#"),
    ("输入完毕请按星号键确认", "*"),
    ("enter your PIN followed by the pound key", "#"),
    ("press star to finish", "*"),
    ("按1确认", "1"),
    ("请按井号键返回", ""),
]


@pytest.mark.parametrize(("text", "keys"), OFFERED, ids=[text for text, _ in OFFERED])
def test_keys_are_read_from_the_words_of_a_prompt(text: str, keys: str) -> None:
    assert [offered.key for offered in offered_keys(text)] == keys.split()


@pytest.mark.parametrize(("text", "keys"), ENDING, ids=[text for text, _ in ENDING])
def test_the_key_that_ends_an_entry_is_read_too(text: str, keys: str) -> None:
    assert [offered.key for offered in ending_keys(text)] == keys.split()


def test_where_a_key_is_offered_says_how_much_must_be_heard() -> None:
    text = "查询请按1，人工请按0，重听请按9。"
    assert text[: offered_keys(text)[1].end] == "查询请按1，人工请按0"
