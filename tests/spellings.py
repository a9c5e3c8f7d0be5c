"""Spellings on which every layer must agree: what presents a 400 number as the caller, and what does not.

`presents_400`, the flow linter, the AMI guard, the API and the generated dialplan are tested against these same lists.
"""

from __future__ import annotations

NUMBER = "4008001234"

SPELLINGS_400 = [
    # groupings and separators
    "4008001234",
    "400-800-1234",
    "4008-001-234",
    "400-8001-234",
    "400 800 1234",
    "400.800.1234",
    "400/800/1234",
    "400_800_1234",
    "400·800·1234",
    "400・800・1234",
    "400–800—1234",
    "(400)800-1234",
    "4 0 0 8 0 0 1 2 3 4",
    "  400-800-1234\t",
    # digits and characters that look the same or have no width
    "４００８００１２３４",
    "４００－８００－１２３４",
    "400　800　1234",
    "٤٠٠٨٠٠١٢٣٤",
    "４00٨００1२3④",
    "\u200b400\u200e800\u20601234\ufeff",
    "\u202d4008001234\u202c",
    # prefixes
    "+864008001234",
    "+86 400 800 1234",
    "+86-400-800-1234",
    "00864008001234",
    "0086-400-800-1234",
    "864008001234",
    "(86)400-800-1234",
    "(+86) 400 800 1234",
    "04008001234",
    "+86-0-400-800-1234",
    "94008001234",
    "9,4008001234",
    "904008001234",
    "179114008001234",
    "17911 400 800 1234",
    "1259304008001234",
    "9179114008001234",
    "900864008001234",
    # URIs and headers
    "tel:4008001234",
    "tel:+86-400-800-1234",
    "tel:4008001234;phone-context=+86",
    "TEL:400-800-1234;isub=1",
    "sip:4008001234@127.0.0.1",
    "sip:+864008001234@example.com:5060;user=phone",
    "sips:4008001234@example.com;transport=tls?Subject=x",
    "sip:4008001234:secret@example.com",
    "sip:%34008001234@example.com",
    "sip:4008001234;phone-context=+86@example.com;user=phone",
    "4008001234@example.com",
    "sip:4008001234",
    "<sip:4008001234@example.com>",
    "<4008001234>",
    '"客服" <sip:4008001234@example.com;user=phone>',
    '"客服" <4008001234>',
    '"a \\"b\\" <c>, d" <sip:4008001234@example.com>;tag=1',
    "Alice <tel:+864008001234>",
]
"""Spellings of `NUMBER` that `Number400.parse` reads, without an extension."""

EXTENDED_400 = [
    ("4008001234转12", "12"),
    ("400-800-1234 转 12", "12"),
    ("400-800-1234（转12）", "12"),
    ("4008001234分机8", "8"),
    ("4008001234转分机8", "8"),
    ("4008001234 ext 12", "12"),
    ("4008001234 ext. 12", "12"),
    ("4008001234EXT12", "12"),
    ("4008001234 extension 12", "12"),
    ("4008001234x12", "12"),
    ("4008001234#12", "12"),
    ("4008001234＃8", "8"),
    ("4008001234,12", "12"),
    ("4008001234,,8", "8"),
    ("4008001234;ext=12", "12"),
    ("tel:+864008001234;ext=0012", "0012"),
    ("sip:4008001234;ext=12@example.com", "12"),
]
"""Spellings of `NUMBER` with the extension that is kept apart."""

DISGUISED_400 = [
    # 400 and 6 to 9 digits
    "400800123",
    "40080012345",
    "400800123456",
    "+4008001234",
    "+400800123",
    "004008001234",
    "400-800-1234-12",
    # the digits end in 400 and seven more
    "0104008001234",
    "010-400-800-1234",
    "+86104008001234",
    "14008001234",
    "+14008001234",
    "954008001234",
    "955884008001234",
    "电话：4008001234",
    "4008001234（客服）",
    "call 400-800-1234 now",
    "%34%30%30%38%30%30%31%32%33%34",
    # an extension that is none, another number's extension that is one
    "4008001234转客服",
    "0104008001234转12",
    "01088880001,4008001234",
    # headers
    "sip:%2534008001234@example.com",
    '"4008001234" <sip:01088880001@example.com>',
    '"400-800-1234" <sip:anonymous@anonymous.invalid>',
    '"客服 400 800 1234 转1" <sip:01088880001@example.com>',
    "<sip:01088880001@example.com>, <sip:4008001234@example.com>",
    "4008001234\r\nX-Header: 1",
    # the display turns the digits round
    "\u202e4321008004",
    # what only looks like an address or an escape
    "+86%4008001234",
    "x@4008001234",
    ";a=4008001234",
]
"""Texts that present a 400 number and are refused by `Number400.parse` or read as one with something around it."""

PRESENTS_400 = [*SPELLINGS_400, *(text for text, _ in EXTENDED_400), *DISGUISED_400]
"""Everything that may never be shown as the caller."""

INNOCENT = [
    "13800138000",
    "+8613800138000",
    "sip:13800138000@example.com",
    "01088880001",
    "010-88880001",
    "+86 10 8888 0001",
    "01040080012",
    "01040080012转34",
    "02140080012转34",
    "075540080012",
    "tel:+86-755-40080012",
    "13400800123",
    "95588",
    "95400",
    "10086",
    "110",
    "12345",
    "8008001234",
    "+85223456789",
    "0085223456789",
    "+14155550100",
    "+494008001234",
    '"4" <sip:01088880001@example.com>',
    '"400" <sip:01088880001@example.com>',
    "sip:01088880001@14.0.0.123:4567",
    "sip:alice@14.0.0.123:4567",
    "alice@14.0.0.123:4567",
    "13800138000@14.0.0.123:4567",
    "1001",
    "400",
    "40080012",
    "40080012345678",
    "400-CALL-NOW",
    "4OO8001234",
    "四零零八零零一二三四",
    "anonymous",
    "",
    "   ",
    "客服",
]
"""Texts that present no 400 number."""
