"""Cases of the nodes that neither ask nor wait: answer, play, set, branch, hours, voicemail, hangup."""

from __future__ import annotations

from typing import Any

from simulator.script import HangUp, Press

from .flow_case import BYE, CALLER_LEFT, LONG, LUNCH, NATIONAL_DAY, Case, completed, ended
from .flow_cases_asking import MENU, gather, menu

BASIC: dict[str, Case] = {
    "answer goes on": Case(
        "pick_up: { answer: , next: say }\nsay: { play: 你好 }", completed(["pick_up", "say"], heard=["你好"])
    ),
    "answer twice": Case(
        "a: { answer: , next: b }\nb: { answer: , next: say }\nsay: { play: 你好 }",
        completed(["a", "b", "say"], heard=["你好"]),
    ),
    "answer without a way on": Case("pick_up: { answer: }", completed(["pick_up"], heard=[])),
    "play without a way on": Case("say: { play: 你好 }", completed(["say"], heard=["你好"])),
    "play of a recording": Case("say: { play: { file: hello } }", completed(["say"], heard=["file:hello"])),
    "play of a recording with its words": Case(
        "say: { play: { file: greeting, text: 您好 } }", completed(["say"], heard=["您好"])
    ),
    "play of a text that is made": Case(
        'say: { play: "{{ company }}{{ called }}{{ line }}{{ caller.number }}{{ caller.kind }}" }',
        completed(["say"], heard=["示例科技{called}bj13800138000mobile"]),
    ),
    "play drops keys": Case(
        f"say: {{ play: {LONG}, next: ask }}\n{MENU}",
        completed(["say", "ask", "none", "bye"], heard=[LONG, *["请选择"] * 3, "无"], pressed=",,"),
        doing={"heard 1": [Press("1", 1.0)]},
    ),
    "play that may be interrupted": Case(
        f"say: {{ play: {{ text: {LONG}, barge_in: true }}, next: ask }}\n{MENU}",
        completed(["say", "ask", "one", "bye"], heard=[LONG, "一"], pressed="1"),
        doing={"heard 1": [Press("1", 1.0)]},
    ),
    "the key of an interrupted play is for the next input, whatever stands between": Case(
        f"say: {{ play: {{ text: {LONG}, barge_in: true }}, next: more }}\nmore: {{ play: 还有, next: ask }}\n{MENU}",
        completed(["say", "more", "ask", "one", "bye"], heard=[LONG, "还有", "一"], pressed="1"),
        doing={"heard 1": [Press("1", 1.0)]},
    ),
    "an interrupted play before a number": Case(
        f"greet: {{ play: {{ text: {LONG}, barge_in: true }}, next: ask }}\n{gather('')}",
        completed(["greet", "ask", "say", "bye"], heard=[LONG, "收到123"], pressed="123#"),
        press="23#",
        doing={"heard 1": [Press("1", 1.0)]},
    ),
    "an interrupted play before a prompt that cannot be": Case(
        f"say: {{ play: {{ text: {LONG}, barge_in: true }}, next: ask }}\n{menu('barge_in: false')}",
        completed(["say", "ask", "one", "bye"], heard=[LONG, "请选择", "一"], pressed="1"),
        doing={"heard 1": [Press("1", 1.0)]},
    ),
    "nobody presses keys in a play by --press": Case(
        f"say: {{ play: {{ text: {LONG}, barge_in: true }}, next: ask }}\n{MENU}",
        completed(["say", "ask", "one", "bye"], heard=[LONG, "请选择", "一"], pressed="1"),
        press="1",
    ),
}


def decide(cases: str, otherwise: str = "  else: low\n") -> str:
    return (
        "ask: { gather: { prompt: 请输入, into: level, retries: 0 }, on: { ok: note, no_input: low } }\n"
        'note: { set: { vip: "{{ level | int >= 3 }}", words: "级{{ level }}", same: "{{ level }}" }, next: decide }\n'
        f"decide:\n  branch:\n{cases}{otherwise}"
        'high: { play: "高{{ words }}{{ same }}", next: bye }\n'
        "low: { play: 低, next: bye }\n" + BYE
    )


VIP = '    - { when: "{{ vip }}", next: high }\n'
PURE: dict[str, Case] = {
    "branch, the first that holds": Case(
        decide(VIP),
        completed(["ask", "note", "decide", "high", "bye"], heard=["请输入", "高级0505"], pressed="05#"),
        press="05#",
    ),
    "branch, else": Case(
        decide(VIP),
        completed(["ask", "note", "decide", "low", "bye"], heard=["请输入", "低"], pressed="2#"),
        press="2#",
    ),
    "branch, none holds and no else": Case(
        decide(VIP, ""),
        completed(["ask", "note", "decide"], heard=["请输入"], pressed="2#"),
        press="2#",
    ),
    "branch on a text": Case(
        decide("    - { when: \"{{ level == '07' }}\", next: high }\n"),
        completed(["ask", "note", "decide", "high", "bye"], heard=["请输入", "高级0707"], pressed="07#"),
        press="07#",
    ),
    "branch on the caller": Case(
        decide("    - { when: \"{{ caller.province == '上海' and caller.kind == 'landline' }}\", next: high }\n"),
        completed(["ask", "note", "decide", "high", "bye"], heard=["请输入", "高级11"], pressed="1#"),
        press="1#",
        caller="02161234567",
    ),
    "set without a way on": Case("note: { set: { x: 1 } }", completed(["note"], heard=[], answered=False)),
    "pure nodes before the answer leave the call unanswered": Case(
        "note: { set: { x: 1 }, next: no }\nno: { hangup: busy }",
        completed(["note", "no"], heard=[], answered=False, hangup=ended("flow", 17)),
    ),
    "a flow that runs in circles": Case(
        "a: { set: { x: 1 }, next: b }\nb: { set: { x: 2 }, next: a }",
        {"outcome": "failed", "fault": {"code": "node_limit", "by": "configuration"}, "answered": False},
    ),
    "a flow that runs in circles behind a talk keeps its outcome": Case(
        "talk: { queue: default, on: { answered: a, timeout: a } }\n"
        "a: { set: { x: 1 }, next: b }\nb: { set: { x: 2 }, next: a }",
        {"outcome": "answered", "fault": {"code": "node_limit", "by": "configuration"}, "hangup": ended("line400", 41)},
        agents="answer:2:2",
    ),
    "a flow that runs in circles, with words": Case(
        "say: { play: 好, next: a }\na: { set: { x: 1 }, next: b }\nb: { set: { x: 2 }, next: a }",
        {
            "outcome": "failed",
            "fault": {"code": "node_limit", "by": "configuration"},
            "answered": True,
            "heard": ["好"],
        },
    ),
}
HOURS = "hours: { hours: office, on: { open: open, closed: closed, holiday: holiday } }\nopen: { play: 开 }\n"
HOURS += "closed: { play: 关 }\nholiday: { play: 假 }"
TWO_HOURS = "hours: { hours: office, on: { open: open, closed: closed } }\nopen: { play: 开 }\nclosed: { play: 关 }"
PURE |= {
    "hours, open": Case(HOURS, completed(["hours", "open"], heard=["开"])),
    "hours, closed": Case(HOURS, completed(["hours", "closed"], heard=["关"]), at=LUNCH),
    "hours, holiday": Case(HOURS, completed(["hours", "holiday"], heard=["假"]), at=NATIONAL_DAY),
    "hours, a holiday without a branch of its own": Case(
        TWO_HOURS, completed(["hours", "closed"], heard=["关"]), at=NATIONAL_DAY
    ),
    "hours, open without a holiday branch": Case(TWO_HOURS, completed(["hours", "open"], heard=["开"])),
}

VOICEMAIL: dict[str, Case] = {
    "voicemail": Case(
        "box: { voicemail: general, next: bye }\n" + BYE, completed(["box", "bye"], outcome="voicemail", heard=[])
    ),
    "voicemail without a way on": Case(
        "box: { voicemail: { box: general, prompt: 请留言, max: 5s } }",
        completed(["box"], outcome="voicemail", heard=["请留言"]),
    ),
    "voicemail, ended by the hash": Case(
        "box: { voicemail: { prompt: 请留言 }, next: say }\nsay: { play: 收到 }",
        completed(["box", "say"], outcome="voicemail", heard=["请留言", "收到"]),
        doing={"recording": [Press("#", 3.0)]},
    ),
    "voicemail, ended by hanging up": Case(
        "box: { voicemail: { prompt: 请留言 }, next: say }\nsay: { play: 收到 }",
        completed(["box"], outcome="voicemail", heard=["请留言"], hangup=CALLER_LEFT),
        doing={"recording": [HangUp(3.0)]},
    ),
    "voicemail, hung up as it began": Case(
        "box: { voicemail: { prompt: 请留言 }, next: say }\nsay: { play: 收到 }",
        completed(["box"], outcome="abandoned", abandoned_in="flow", heard=["请留言"], hangup=CALLER_LEFT),
        doing={"recording": [HangUp()]},
    ),
    "voicemail, hung up in the prompt": Case(
        f"box: {{ voicemail: {{ prompt: {LONG} }}, next: say }}\nsay: {{ play: 收到 }}",
        completed(["box"], outcome="abandoned", abandoned_in="flow", heard=[LONG], hangup=CALLER_LEFT),
        doing={"heard 1": [HangUp(2.0)]},
    ),
    "voicemail, then the caller leaves": Case(
        f"box: {{ voicemail: general, next: say }}\nsay: {{ play: {LONG} }}",
        completed(["box", "say"], outcome="voicemail", heard=[LONG], hangup=CALLER_LEFT),
        doing={"heard 1": [HangUp(2.0)]},
    ),
}


def hung(cause: int, answered: bool = False, path: tuple[str, ...] = ("no",), heard: tuple[str, ...] = ()) -> Any:
    return completed(list(path), answered=answered, hangup=ended("flow", cause), heard=list(heard))


HANGUPS: dict[str, Case] = {
    f"hangup {cause} before the answer": Case(f"no: {{ hangup: {cause} }}", hung(number))
    for cause, number in (("normal", 16), ("busy", 17), ("rejected", 21), ("1", 1), ("19", 19), ("34", 34), ("38", 38))
}
HANGUPS |= {
    f"hangup {cause} after the answer": Case(
        f"say: {{ play: 再见, next: no }}\nno: {{ hangup: {cause} }}", hung(number, True, ("say", "no"), ("再见",))
    )
    for cause, number in (("normal", 16), ("busy", 17), ("rejected", 21), ("41", 41), ("127", 127))
}
HANGUPS |= {
    "hangup, the caller left before": Case(
        "no: { hangup: busy }",
        completed(["no"], outcome="abandoned", abandoned_in="flow", hangup=CALLER_LEFT, answered=False, heard=[]),
        doing={"connected": [HangUp()]},
        race="The caller's CANCEL may reach the switch before the router has the call.",
    ),
    "hangup without a value": Case("no: { hangup: }", hung(16)),
    "hangup with words answers first": Case("no: { hangup: busy, text: 线路忙 }", hung(17, True, heard=("线路忙",))),
    "hangup with words inside": Case("no: { hangup: { cause: 21, text: 再见 } }", hung(21, True, heard=("再见",))),
    "hangup, the caller leaves in its words": Case(
        f"no: {{ hangup: busy, text: {LONG} }}",
        completed(["no"], heard=[LONG], outcome="abandoned", abandoned_in="flow", hangup=CALLER_LEFT),
        doing={"heard 1": [HangUp(2.0)]},
    ),
}
