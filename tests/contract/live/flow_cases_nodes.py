"""Cases of the nodes that steer a call without asking: subflow, return, goto_flow, loop, language, wait, notify,
recording, logging, opaque, and what runs after a caller hung up. `SUBFLOWS` are the flows that the cases run."""

from __future__ import annotations

from simulator.script import HangUp, Press

from .flow_case import BYE, CALLER_LEFT, LONG, Case, completed, ended
from .flow_cases_asking import MENU

SUBFLOWS: dict[str, str] = {
    "tell": 'say: { play: "{{ words }}" }',
    "identify": """ask: { gather: { prompt: 请输入卡号, max_digits: 2, retries: 0 }, on: { ok: rank, no_input: none } }
rank: { branch: [ { when: "{{ digits == '88' }}", next: vip } ] }
vip: { return: vip, values: { level: "{{ limit }}", card: "{{ digits }}" } }
none: { return: unknown }""",
    "breaks": 'say: { play: "{{ 1 / (digits | int) }}" }',
    "outer": """go: { subflow: { flow: tell, with: { words: "里{{ words }}" } }, on: { ok: again } }
again: { play: "{{ words }}", next: out }
out: { return: done }""",
    "waits": """queue: { queue: support, on: { timeout: late, answered: late, abandoned: note } }
note: { set: { left: "yes" } }
late: { play: 里 }""",
    "elsewhere": 'say: { play: "{{ words }}" }',
    "and-back": """ask: { menu: { prompt: 返回按1, retries: 0 }, on: { 1: home, no_input: out } }
home: { goto_flow: ping }
out: { return: vip }""",
    "ping": "say: { play: 好, next: go }\ngo: { goto_flow: and-back }",
    "leaves": "go: { goto_flow: elsewhere }",
}
TELL = "go: { subflow: { flow: tell, with: { words: 你好 } }, on: { ok: bye } }\n" + BYE
IDENTIFY = (
    """go: { subflow: { flow: identify, with: { limit: 3 } }, on: { ok: plain, failed: plain, vip: vip, unknown: no } }
plain: { play: "普通{{ digits }}", next: bye }
vip: { play: "贵宾{{ level }}{{ card }}", next: bye }
no: { play: 未知, next: bye }
"""
    + BYE
)

NODES: dict[str, Case] = {
    "subflow, its end": Case(TELL, completed(["go", "go/say", "bye"], heard=["你好"])),
    "subflow, its end without a way on behind it": Case(
        "go: { subflow: { flow: tell, with: { words: 好 } }, on: { ok: on } }\non: { set: { x: 1 } }",
        completed(["go", "go/say", "on"], heard=["好"]),
    ),
    "subflow, what it returns": Case(
        IDENTIFY,
        completed(["go", "go/ask", "go/rank", "go/vip", "vip", "bye"], heard=["请输入卡号", "贵宾388"], pressed="88"),
        press="88",
    ),
    "subflow, what it set stays": Case(
        IDENTIFY,
        completed(["go", "go/ask", "go/rank", "plain", "bye"], heard=["请输入卡号", "普通12"], pressed="12"),
        press="12",
    ),
    "subflow, another branch": Case(
        IDENTIFY, completed(["go", "go/ask", "go/none", "no", "bye"], heard=["请输入卡号", "未知"], pressed="")
    ),
    "subflow, the caller hangs up in it": Case(
        IDENTIFY,
        completed(
            ["go", "go/ask"],
            heard=["请输入卡号"],
            pressed="h",
            outcome="abandoned",
            abandoned_in="flow",
            hangup=CALLER_LEFT,
        ),
        press="h",
    ),
    "subflow in a subflow, arguments are its own": Case(
        "note: { set: { words: 外 }, next: go }\n"
        "go: { subflow: { flow: outer, with: { words: 中 } }, on: { ok: say, done: say } }\n"
        'say: { play: "{{ words }}" }',
        completed(["note", "go", "go/go", "go/go/say", "go/again", "go/out", "say"], heard=["里中", "中", "外"]),
    ),
    "subflow, an expression fails in it": Case(
        "note: { set: { digits: 0 }, next: go }\n"
        "go: { subflow: breaks, on: { ok: bye, failed: say } }\nsay: { play: 抱歉, next: bye }\n" + BYE,
        completed(
            ["note", "go", "go/say", "say", "bye"],
            heard=["抱歉"],
            fault={"code": "expression_failed", "by": "configuration"},
        ),
    ),
    "subflow, an expression fails in it and no branch is for it": Case(
        "note: { set: { digits: 0 }, next: go }\ngo: { subflow: breaks, on: { ok: bye } }\n" + BYE,
        {"outcome": "failed", "fault": {"code": "expression_failed", "by": "configuration"}},
    ),
    "subflow, the caller leaves its queue": Case(
        "go: { subflow: waits, on: { ok: say } }\nsay: { set: { x: 1 } }",
        completed(
            ["go", "go/queue", "go/note"],
            heard=[],
            answered=False,
            queue="support",
            outcome="abandoned",
            abandoned_in="queue",
            hangup=CALLER_LEFT,
        ),
        agents="never",
        doing={"queued": [HangUp(5.0)]},
    ),
    "subflow, twice in one flow": Case(
        "a: { subflow: { flow: tell, with: { words: 一 } }, on: { ok: b } }\n"
        "b: { subflow: { flow: tell, with: { words: 二 } }, on: { ok: bye } }\n" + BYE,
        completed(["a", "a/say", "b", "b/say", "bye"], heard=["一", "二"]),
    ),
    "goto_flow": Case(
        "go: { goto_flow: elsewhere, with: { words: 那里 } }", completed(["go", "elsewhere//say"], heard=["那里"])
    ),
    "goto_flow, there and back": Case(
        "go: { goto_flow: ping }",
        completed(
            [
                *("go", "ping//say", "ping//go", "and-back//ask", "and-back//home"),
                *("ping//say", "ping//go", "and-back//ask", "and-back//out"),
            ],
            heard=["好", "返回按1", "好", "返回按1"],
            pressed="1,",
        ),
        press="1,",
    ),
    "goto_flow out of a subflow": Case(
        "note: { set: { words: 外 }, next: go }\n"
        "go: { subflow: { flow: leaves, with: { words: 里 } }, on: { ok: say } }\nsay: { play: 不会到这里 }",
        completed(["note", "go", "go/go", "elsewhere//say"], heard=["外"]),
    ),
    "return in a main flow": Case(
        "say: { play: 好, next: out }\nout: { return: vip }", completed(["say", "out"], heard=["好"])
    ),
    "loop": Case(
        "thrice: { loop: 2, on: { again: say, done: bye } }\nsay: { play: 好, next: thrice }\n" + BYE,
        completed(["thrice", "say", "thrice", "say", "thrice", "bye"], heard=["好", "好"]),
    ),
    "loop, its count begins anew": Case(
        "outer: { loop: 2, on: { again: inner, done: bye } }\n"
        "inner: { loop: 1, on: { again: say, done: outer } }\nsay: { play: 好, next: inner }\n" + BYE,
        completed(
            ["outer", "inner", "say", "inner", "outer", "inner", "say", "inner", "outer", "bye"], heard=["好", "好"]
        ),
    ),
    "language": Case(
        "greet: { play: 你好, next: english }\nenglish: { language: en, voice: alice, next: say }\n"
        'say: { play: "Welcome {{ caller.number }}", next: bye }\n' + BYE,
        completed(["greet", "english", "say", "bye"], heard=["你好", "Welcome 13800138000"]),
    ),
    "wait": Case(
        "say: { play: 好, next: pause }\npause: { wait: 2s, next: more }\nmore: { play: 再见 }",
        completed(["say", "pause", "more"], heard=["好", "再见"]),
    ),
    "wait before the answer": Case(
        "pause: { wait: 1s, next: no }\nno: { hangup: busy }",
        completed(["pause", "no"], heard=[], answered=False, hangup=ended("flow", 17)),
    ),
    "wait drops keys": Case(
        f"say: {{ play: {LONG}, next: pause }}\npause: {{ wait: 20s, next: ask }}\n{MENU}",
        completed(["say", "pause", "ask", "none", "bye"], heard=[LONG, *["请选择"] * 3, "无"], pressed=",,"),
        doing={"heard 1": [Press("1", 12.0)]},
    ),
    "wait, the caller leaves": Case(
        f"say: {{ play: {LONG}, next: pause }}\npause: {{ wait: 30s, next: more }}\nmore: {{ play: 再见 }}",
        completed(
            ["say", "pause"], heard=[LONG], outcome="abandoned", abandoned_in="flow", hangup=CALLER_LEFT, pressed=""
        ),
        doing={"heard 1": [HangUp(15.0)]},
    ),
    "notify": Case(
        'tell: { notify: asked, data: { who: "{{ caller.number }}", n: 1 }, next: say }\nsay: { play: 好 }',
        completed(["tell", "say"], heard=["好"]),
    ),
    "notify alone": Case("tell: { notify: asked }", completed(["tell"], heard=[], answered=False)),
    "notify behind a caller who left": Case(
        "ask: { queue: support, on: { timeout: bye, abandoned: tell } }\n"
        'tell: { notify: left, data: { how: "{{ caller.kind }}" }, next: note }\nnote: { set: { x: 1 }, next: say }\n'
        "say: { notify: twice }\n" + BYE,
        completed(
            ["ask", "tell", "note", "say"],
            heard=[],
            answered=False,
            queue="support",
            outcome="abandoned",
            abandoned_in="queue",
            hangup=CALLER_LEFT,
        ),
        agents="never",
        doing={"queued": [HangUp(5.0)]},
    ),
    "set for later calls": Case(
        "note: { set: { vip: \"{{ caller.kind == 'mobile' }}\" }, scope: caller, next: say }\n"
        'say: { play: "{{ vip }}" }',
        completed(["note", "say"], heard=["True"]),
    ),
    "recording": Case(
        "on_: { recording: on, next: say }\nsay: { play: 好, next: off_ }\noff_: { recording: off, next: bye }\n" + BYE,
        completed(["on_", "say", "off_", "bye"], heard=["好"]),
    ),
    "logging": Case(
        "say: { play: 好, next: quiet }\nquiet: { logging: off, next: ask }\n"
        "ask: { gather: { prompt: 请输入卡号, max_digits: 4, retries: 1 }, on: { ok: more, no_input: more } }\n"
        'more: { play: "卡号{{ digits }}", next: again }\nagain: { logging: on, next: last_ }\nlast_: { play: 再见 }',
        completed(
            ["say", "quiet", "ask", "more", "again", "last_"],
            heard=["好", "•", "•", "•", "再见"],
            pressed=",•",
        ),
        press=",1234",
    ),
    "opaque": Case(
        'what: { opaque: "aws:ShowView", parameters: { Id: 7 }, on: { error: no, next: say } }\n'
        "no: { hangup: busy }\nsay: { play: 好 }",
        completed(["what", "say"], heard=["好"]),
    ),
    "opaque without next": Case(
        'what: { opaque: "x:Y", on: { success: say, error: no } }\nno: { hangup: busy }\nsay: { play: 好 }',
        completed(["what", "say"], heard=["好"]),
    ),
}
HOOK = """say: { play: LONG, next: bye }
note: { set: { x: 1 }, next: tell }
tell: { notify: left }
bye: { hangup: normal }""".replace("LONG", LONG)
NODES |= {
    "on_hangup, the caller hangs up": Case(
        HOOK,
        completed(["say", "note", "tell"], heard=[LONG], outcome="abandoned", abandoned_in="flow", hangup=CALLER_LEFT),
        header="on_hangup: note\n",
        doing={"heard 1": [HangUp(2.0)]},
    ),
    "on_hangup, the flow hangs up": Case(HOOK, completed(["say", "bye"], heard=[LONG]), header="on_hangup: note\n"),
    "on_hangup, the caller hangs up in a talk": Case(
        "talk: { queue: support, on: { timeout: bye } }\nnote: { set: { x: 1 } }\n" + BYE,
        completed(["talk", "note"], heard=[], outcome="answered", queue="support", hangup=CALLER_LEFT),
        agents="answer:2:30",
        header="on_hangup: note\n",
        doing={"talking": [HangUp(5.0)]},
    ),
    "on_hangup, the script ends in a queue": Case(
        "talk: { queue: support, on: { timeout: bye } }\nnote: { set: { x: 1 } }\n" + BYE,
        completed(["talk"], heard=[], answered=False, outcome="queued", queue="support", hangup=CALLER_LEFT),
        header="on_hangup: note\n",
    ),
}
