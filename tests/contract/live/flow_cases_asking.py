"""Cases of `menu` and `gather`, and of keys pressed into a `play` before them."""

from __future__ import annotations

from typing import Any

from simulator.script import HangUp, Press

from .flow_case import BYE, CALLER_LEFT, LONG, Case, completed

MENU_TAIL = "one: { play: 一, next: bye }\nnone: { play: 无, next: bye }\nwrong: { play: 错, next: bye }\n" + BYE
MENU = f"ask: {{ menu: 请选择, on: {{ 1: one, no_input: none, no_match: wrong }} }}\n{MENU_TAIL}"
PLAIN_MENU = f"""ask: {{ menu: 请选择, on: {{ 1: one, no_input: none }} }}
one: {{ play: 一, next: bye }}
none: {{ play: 无, next: bye }}
{BYE}"""


def menu(options: str, on: str = "1: one, no_input: none, no_match: wrong") -> str:
    tail = MENU_TAIL if "wrong" in on else MENU_TAIL.replace("wrong: { play: 错, next: bye }\n", "")
    return f"ask: {{ menu: {{ prompt: 请选择, {options} }}, on: {{ {on} }} }}\n{tail}"


def gather(options: str, on: str = "ok: say, no_input: none, no_match: wrong", name: str = "digits") -> str:
    prompt = "prompt: 请输入" + (", " + options if options else "")
    return f"""ask: {{ gather: {{ {prompt} }}, on: {{ {on} }} }}
say: {{ play: "收到{{{{ {name} }}}}", next: bye }}
none: {{ play: 无, next: bye }}
{"wrong: { play: 错, next: bye }" if "wrong" in on else ""}
{BYE}"""


def got(value: str, pressed: str | None = None, asked: int = 1, heard: list[str] | None = None) -> dict[str, Any]:
    before = heard if heard is not None else ["请输入"] * asked
    return completed(["ask", "say", "bye"], heard=[*before, f"收到{value}"], pressed=pressed or value)


def not_got(node: str, pressed: str, asked: int, heard: list[str] | None = None) -> dict[str, Any]:
    said = {"none": "无", "wrong": "错"}[node]
    before = heard if heard is not None else ["请输入"] * asked
    return completed(["ask", node, "bye"], heard=[*before, said], pressed=pressed)


def chose(node: str, pressed: str, heard: list[str]) -> dict[str, Any]:
    said = {"one": "一", "none": "无", "wrong": "错"}[node]
    return completed(["ask", node, "bye"], heard=[*heard, said], pressed=pressed)


ASKED = ["请选择"]
MENUS: dict[str, Case] = {
    "menu, a key": Case(MENU, chose("one", "1", ASKED), press="1"),
    "menu, silence throughout": Case(MENU, chose("none", ",,", ASKED * 3)),
    "menu, wrong keys throughout": Case(MENU, chose("wrong", "7,8,9", ASKED * 3), press="7,8,9"),
    "menu, one counter for both, the last was silence": Case(MENU, chose("none", "7,8,", ASKED * 3), press="7,8"),
    "menu, one counter for both, the last was a wrong key": Case(MENU, chose("wrong", ",,7", ASKED * 3), press=",,7"),
    "menu, right at the last attempt": Case(MENU, chose("one", "7,,1", ASKED * 3), press="7,,1"),
    "menu, more items than attempts": Case(MENU, chose("one", "1", ASKED), press="1,2,3,h"),
    "menu without no_match": Case(PLAIN_MENU, chose("none", "7,7,7", ASKED * 3), press="7,7,7"),
    "menu, retries 0, silence": Case(menu("retries: 0"), chose("none", "", ASKED)),
    "menu, retries 0, a wrong key": Case(menu("retries: 0"), chose("wrong", "9", ASKED), press="9"),
    "menu, retries 4": Case(menu("retries: 4"), chose("one", ",,,,1", ASKED * 5), press=",,,,1"),
    "menu, prompts of its failures": Case(
        menu("no_input_prompt: 没有听到, no_match_prompt: 按错了"),
        chose("none", "7,,", ["请选择", "按错了", "请选择", "没有听到", "请选择"]),
        press="7",
    ),
    "menu, a prompt for silence only": Case(
        menu("no_input_prompt: 没有听到"),
        chose("wrong", ",7,7", ["请选择", "没有听到", "请选择", "请选择"]),
        press=",7,7",
    ),
    "menu, star": Case(menu("retries: 0", '"*": one, no_input: none'), chose("one", "*", ASKED), press="*"),
    "menu, hash": Case(menu("retries: 0", '"#": one, no_input: none'), chose("one", "#", ASKED), press="#"),
    "menu, star and hash are wrong keys elsewhere": Case(MENU, chose("wrong", "*,#,*", ASKED * 3), press="*,#,*"),
    "menu, too many keys": Case(
        menu("retries: 0", "1: again, no_input: none") + "\nagain: { menu: 再选, on: { 2: one, no_input: none } }",
        completed(["ask", "again", "none", "bye"], heard=["请选择", *["再选"] * 3, "无"], pressed="1,,,"),
        press="1222",
    ),
    "menu, the first key ends it": Case(MENU, chose("one", "7,1", ASKED * 2), press="71,1"),
    "menu of longer keys, the longer one": Case(
        menu("retries: 0", "1: none, 12: one, no_input: none"), chose("one", "12", ASKED), press="12"
    ),
    "menu of longer keys, the shorter one after silence": Case(
        menu("retries: 0", "1: one, 12: none, no_input: none"), chose("one", "1", ASKED), press="1"
    ),
    "menu of longer keys, none of them": Case(
        menu("retries: 0", "1: one, 12: one, no_input: none, no_match: wrong"), chose("wrong", "13", ASKED), press="13"
    ),
    "menu of longer keys, only half of one": Case(
        menu("retries: 0", "12: one, no_input: none, no_match: wrong"), chose("wrong", "1", ASKED), press="1"
    ),
    "menu of longer keys, none is possible any more": Case(
        menu("retries: 0", "12: one, no_input: none, no_match: wrong"), chose("wrong", "2", ASKED), press="22"
    ),
    "menu of keys with zeros": Case(
        menu("retries: 0", '"00": none, "01": one, no_input: none'), chose("one", "01", ASKED), press="01"
    ),
    "menu, a key into its prompt": Case(
        f"ask: {{ menu: {LONG}, on: {{ 1: one, no_input: none, no_match: wrong }} }}\n{MENU_TAIL}",
        chose("one", "1", [LONG]),
        doing={"heard 1": [Press("1", 1.0)]},
    ),
    "menu, a key into a prompt that cannot be interrupted": Case(
        f"ask: {{ menu: {{ prompt: {LONG}, barge_in: false, retries: 0 }},"
        f" on: {{ 1: one, no_input: none, no_match: wrong }} }}\n{MENU_TAIL}",
        chose("none", "", [LONG]),
        doing={"heard 1": [Press("1", 1.0)]},
    ),
    "menu, a key into the words before the second prompt": Case(
        f"ask: {{ menu: {{ prompt: 请选择, no_input_prompt: {LONG} }}, on: {{ 1: one, no_input: none }} }}\n"
        + MENU_TAIL.replace("wrong: { play: 错, next: bye }\n", ""),
        chose("one", ",1", ["请选择", LONG]),
        doing={"heard 2": [Press("1", 1.0)]},
    ),
    "menu, hung up in the words before the second prompt": Case(
        f"ask: {{ menu: {{ prompt: 请选择, no_input_prompt: {LONG} }}, on: {{ 1: one, no_input: none }} }}\n"
        + MENU_TAIL.replace("wrong: { play: 错, next: bye }\n", ""),
        {
            **chose("one", ",h", []),
            "path": ["ask"],
            "heard": ["请选择", LONG],
            "outcome": "abandoned",
            "abandoned_in": "flow",
            "hangup": CALLER_LEFT,
        },
        doing={"heard 2": [HangUp(1.0)]},
    ),
    "menu, hung up": Case(
        MENU,
        {
            **chose("one", "7,h", []),
            "path": ["ask"],
            "heard": ASKED * 2,
            "outcome": "abandoned",
            "abandoned_in": "flow",
            "hangup": CALLER_LEFT,
        },
        press="7,h",
    ),
    "menu, what was pressed": Case(
        'ask: { menu: 请选择, on: { 1: say, 2: say, no_input: bye } }\nsay: { play: "您按了{{ last }}", next: bye }\n'
        + BYE,
        completed(["ask", "say", "bye"], heard=["请选择", "您按了2"], pressed="2"),
        press="2",
    ),
    "menu, back to itself counts anew": Case(
        menu("retries: 1", "9: ask, 1: one, no_input: none"),
        completed(["ask", "ask", "none", "bye"], heard=["请选择"] * 4 + ["无"], pressed=",9,,"),
        press=",9",
    ),
}

GATHERS: dict[str, Case] = {
    "gather, ended by the hash": Case(gather(""), got("0077", "0077#"), press="0077#"),
    "gather, ended by silence": Case(gather(""), got("123"), press="123"),
    "gather, ended by its length": Case(gather("max_digits: 4"), got("1234"), press="1234"),
    "gather, keys behind its length are dropped": Case(gather("max_digits: 4"), got("1234"), press="1234567#"),
    "gather, 20 digits at most": Case(gather(""), got("1" * 20), press="1" * 22),
    "gather, the star ends it": Case(gather('terminator: "*"'), got("12", "12*"), press="12*"),
    "gather, the star does not end it": Case(gather("retries: 0"), not_got("wrong", "1*2#", 1), press="1*2#"),
    "gather, the hash does not end it": Case(
        gather('terminator: "*", retries: 0'), not_got("wrong", "1#2*", 1), press="1#2*"
    ),
    "gather, nothing ends it": Case(gather('terminator: "", retries: 0'), got("12"), press="12"),
    "gather, nothing ends it, a hash": Case(
        gather('terminator: "", retries: 0'), not_got("wrong", "12#", 1), press="12#"
    ),
    "gather, the hash alone": Case(gather("retries: 0"), not_got("none", "#", 1), press="#"),
    "gather, silence": Case(gather(""), not_got("none", ",,", 3)),
    "gather, too short": Case(gather("min_digits: 3, retries: 0"), not_got("wrong", "12#", 1), press="12#"),
    "gather, too short, then right": Case(gather("min_digits: 3"), got("123", "12#,123#", 2), press="12#,123#"),
    "gather, just long enough": Case(gather("min_digits: 3"), got("123", "123#"), press="123#"),
    "gather, the pattern holds": Case(gather("pattern: '1[0-9]{2}', retries: 0"), got("123", "123#"), press="123#"),
    "gather, the pattern must match the whole": Case(
        gather("pattern: '1[0-9]{2}', retries: 0"), not_got("wrong", "1234#", 1), press="1234#"
    ),
    "gather without no_match": Case(
        gather("min_digits: 3, retries: 0", "ok: say, no_input: none"), not_got("none", "1#", 1), press="1#"
    ),
    "gather, retries 0": Case(gather("retries: 0"), not_got("none", "", 1)),
    "gather, retries 1": Case(gather("retries: 1"), got("5", ",5#", 2), press=",5#"),
    "gather, one counter": Case(gather("min_digits: 2"), not_got("wrong", ",,1#", 3), press=",,1#"),
    "gather into a name": Case(gather("into: order_no", name="order_no"), got("007", "007#"), press="007#"),
    "gather, last": Case(gather("", name="last"), got("42", "42#"), press="42#"),
    "gather, sensitive": Case(
        gather("sensitive: true").replace('"收到{{ digits }}"', "收到"),
        completed(["ask", "say", "bye"], heard=["请输入", "收到"], pressed="•"),
        press="4321#",
    ),
    "gather, sensitive, silence": Case(
        gather("sensitive: true").replace('"收到{{ digits }}"', "收到"),
        completed(["ask", "none", "bye"], heard=["请输入"] * 3 + ["无"], pressed=",,"),
    ),
    "gather, sensitive, a wrong one first": Case(
        gather("sensitive: true, min_digits: 3").replace('"收到{{ digits }}"', "收到"),
        completed(["ask", "say", "bye"], heard=["请输入"] * 2 + ["收到"], pressed="•,•"),
        press="1#,123#",
    ),
    "gather, keys into its prompt": Case(
        gather("retries: 0").replace("请输入", LONG),
        completed(["ask", "say", "bye"], heard=[LONG, "收到12"], pressed="12#"),
        doing={"heard 1": [Press("12#", 1.0)]},
    ),
    "gather, keys into a prompt that cannot be interrupted": Case(
        gather("retries: 0, barge_in: false").replace("请输入", LONG),
        completed(["ask", "none", "bye"], heard=[LONG, "无"], pressed=""),
        doing={"heard 1": [Press("12#", 1.0)]},
    ),
    "gather, prompts of its failures": Case(
        gather("min_digits: 2, no_input_prompt: 没有听到, no_match_prompt: 位数不对"),
        not_got("none", ",1#,", 0, ["请输入", "没有听到", "请输入", "位数不对", "请输入"]),
        press=",1#",
    ),
    "gather, hung up after two digits": Case(
        gather(""),
        {
            **completed(["ask"], heard=["请输入"], pressed="h"),
            "outcome": "abandoned",
            "abandoned_in": "flow",
            "hangup": CALLER_LEFT,
        },
        press="12",
        doing={"attempt 1": [HangUp(2.0)]},
    ),
}
