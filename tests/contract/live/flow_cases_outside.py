"""Cases of the nodes that turn to the outside or leave something there: fetch, staffing, record, survey, callback."""

from __future__ import annotations

from typing import Any

from simulator.script import HangUp, Press

from .flow_case import BYE, CALLER_LEFT, LONG, Case, completed

FETCH = (
    """ask: { gather: { prompt: 请输入订单号, max_digits: 3, retries: 0 }, on: { ok: look, no_input: bye } }
look: { fetch: { url: "https://erp.example/orders/{{ digits }}", into: order }, on: { ok: decide, error: sorry } }
decide: { branch: [ { when: "{{ order.status == 'paid' }}", next: paid } ], else: unpaid }
paid: { play: "已付{{ order.sum }}", next: bye }
unpaid: { play: 未付, next: bye }
sorry: { play: 查询失败, next: bye }
"""
    + BYE
)
PAID = {"fetch": {"look": {"status": "paid", "sum": 3}}}
FAILED = {"code": "fetch_failed", "by": "configuration"}


def looked(way: str, words: str, **more: Any) -> dict[str, Any]:
    path = ["ask", "look", *(["decide"] if way != "sorry" else []), way, "bye"]
    return completed(path, heard=["请输入订单号", words], pressed="123", **more)


def score(value: int) -> dict[str, Any]:
    return {"kind": "survey", "node": "rate", "score": value, "scale": "1-10", "file": None}


def message(name: str) -> dict[str, Any]:
    return {"kind": "voicemail", "node": "say", "box": "general", "file": f"line400-recordings/{name}"}


def recorded(node: str, file: str) -> dict[str, Any]:
    return {"kind": "recording", "node": node, "file": file}


OUTSIDE: dict[str, Case] = {
    "fetch, by its node": Case(FETCH, looked("paid", "已付3"), press="123", data=PAID),
    "fetch, by its URL": Case(
        FETCH,
        looked("unpaid", "未付"),
        press="123",
        data={"fetch": {"https://erp.example/orders/123": {"status": "open"}}},
    ),
    "fetch, an error": Case(
        FETCH, looked("sorry", "查询失败", fault=FAILED), press="123", data={"fetch": {"look": {"error": "status 503"}}}
    ),
    "fetch, nothing to answer it": Case(FETCH, looked("sorry", "查询失败", fault=FAILED), press="123"),
    "fetch, an answer that is no object": Case(
        FETCH, looked("unpaid", "未付"), press="123", data={"fetch": {"look": ["paid"]}}
    ),
    "fetch into last, before the answer": Case(
        'look: { fetch: "https://erp.example/x", on: { ok: say, error: no } }\nsay: { play: "{{ last }}" }\n'
        "no: { hangup: busy }",
        completed(["look", "say"], heard=["7"]),
        data={"fetch": {"look": 7}},
    ),
    "fetch in a subflow": Case(
        'go: { subflow: asks, on: { ok: say, failed: no } }\nsay: { play: "{{ found }}" }\nno: { hangup: busy }',
        completed(["go", "go/look", "go/out", "say"], heard=["里"]),
        data={"fetch": {"go/look": "里"}},
    ),
    "fetch behind a caller who left": Case(
        f"say: {{ play: {LONG} }}\n"
        'tell: { fetch: { url: "https://erp.example/gone", method: POST, body: { call: "{{ called }}" } },'
        " on: { ok: note, error: no } }\nnote: { set: { x: 1 } }\nno: { set: { x: 2 } }",
        completed(["say", "tell", "note"], heard=[LONG], outcome="abandoned", abandoned_in="flow", hangup=CALLER_LEFT),
        header="on_hangup: tell\n",
        data={"fetch": {"tell": {}}},
        doing={"heard 1": [HangUp(2.0)]},
    ),
}
STAFFING = (
    """look: { staffing: support, on: { staffed: yes_, unstaffed: no_ } }
yes_: { play: "有{{ last > 0 }}", next: bye }
no_: { play: "无{{ last }}", next: bye }
"""
    + BYE
)
SURVEY = (
    """rate: { survey: { prompt: 请评分, scale: 1-10, retries: 1 }, on: { done: say, no_input: none } }
say: { play: "{{ score + 1 }}", next: bye }
none: { play: 无, next: bye }
"""
    + BYE
)
CALLBACK = (
    """back: { callback: { prompt: 稍后回电 }, on: { done: bye, failed: no } }
no: { play: 无号码, next: bye }
"""
    + BYE
)
MEMO = "memo: { record: , max: 30s, silence: 2s, into: memo, prompt: 请说, next: say }\n"
MEMO += 'say: { play: "{{ memo.reference }}" }'
OUTSIDE |= {
    "staffing, staffed": Case(STAFFING, completed(["look", "yes_", "bye"], heard=["有True"])),
    "staffing, unstaffed": Case(STAFFING, completed(["look", "no_", "bye"], heard=["无0"]), agents="no_agents"),
    "staffing of a queue that is made": Case(
        'look: { staffing: "{{ caller.kind }}", on: { staffed: bye, unstaffed: no } }\nno: { play: 无 }\n' + BYE,
        completed(["look", "no"], heard=["无"]),
    ),
    "survey": Case(
        SURVEY,
        completed(["rate", "say", "bye"], heard=["请评分", "11"], pressed="10", left=[score(10)]),
        press="10",
    ),
    "survey, a short score": Case(
        SURVEY, completed(["rate", "say", "bye"], heard=["请评分", "2"], pressed="1"), press="1"
    ),
    "survey, off the scale": Case(
        SURVEY, completed(["rate", "say", "bye"], heard=["请评分", "请评分", "6"], pressed="0,5"), press="0,5"
    ),
    "survey, never": Case(
        SURVEY, completed(["rate", "none", "bye"], heard=["请评分", "请评分", "无"], pressed=",*", left=[]), press=",*"
    ),
    "callback": Case(
        CALLBACK,
        completed(
            ["back", "bye"],
            heard=["稍后回电"],
            left=[{"kind": "callback", "node": "back", "number": "13800138000", "file": None}],
        ),
    ),
    "callback, a hidden caller": Case(
        CALLBACK, completed(["back", "no", "bye"], heard=["无号码"], left=[]), caller=None
    ),
    "callback to a number that was given": Case(
        "ask: { gather: { prompt: 请输入, retries: 0 }, on: { ok: back, no_input: bye } }\n"
        'back: { callback: "{{ digits }}", on: { done: say, failed: no } }\nsay: { play: 好 }\nno: { play: 错 }\n'
        + BYE,
        completed(["ask", "back", "say"], heard=["请输入", "好"], pressed="13900139000#"),
        press="13900139000#",
    ),
    "record": Case(
        MEMO,
        completed(
            ["memo", "say"],
            heard=["请说", "line400-recordings/call-record-1"],
            left=[recorded("memo", "line400-recordings/call-record-1")],
        ),
    ),
    "record, ended by the hash": Case(
        MEMO,
        completed(["memo", "say"], heard=["请说", "line400-recordings/call-record--ended-by-the-hash-1"]),
        doing={"recording": [Press("#", 2.0)]},
    ),
    "record, the caller hangs up": Case(
        MEMO,
        completed(
            ["memo"],
            heard=["请说"],
            outcome="abandoned",
            abandoned_in="flow",
            hangup=CALLER_LEFT,
            left=[recorded("memo", "line400-recordings/call-record--the-caller-hangs-up-1")],
        ),
        doing={"recording": [HangUp(2.0)]},
    ),
    "record, the caller hangs up in its prompt": Case(
        MEMO,
        completed(["memo"], heard=["请说"], outcome="abandoned", abandoned_in="flow", hangup=CALLER_LEFT, left=[]),
        doing={"heard 1": [HangUp(0.1)]},
    ),
    "recording, taken up again, is one file": Case(
        "tell: { play: 通话将被录音, next: tape }\ntape: { recording: on, next: off }\n"
        "off: { recording: off, next: more }\nmore: { recording: on, next: bye }\n" + BYE,
        completed(
            ["tell", "tape", "off", "more", "bye"],
            left=[recorded("tape", "line400-recordings/call-recording--taken-up-again--is-one-file-0")],
        ),
    ),
    "voicemail, what is left": Case(
        "say: { voicemail: general, prompt: 请留言, next: bye }\n" + BYE,
        completed(["say", "bye"], outcome="voicemail", left=[message("call-voicemail--what-is-left-1")]),
    ),
    "voicemail, hung up at once, leaves nothing": Case(
        "say: { voicemail: general, prompt: 请留言, next: bye }\n" + BYE,
        completed(["say"], outcome="abandoned", abandoned_in="flow", hangup=CALLER_LEFT, left=[]),
        doing={"recording": [HangUp(0.4)]},
    ),
    "voicemail, ended by hanging up": Case(
        "say: { voicemail: general, prompt: 请留言, next: bye }\n" + BYE,
        completed(
            ["say"],
            outcome="voicemail",
            hangup=CALLER_LEFT,
            left=[message("call-voicemail--ended-by-hanging-up-1")],
        ),
        doing={"recording": [HangUp(4.0)]},
    ),
    "voicemail, ended in its first second, is no message": Case(
        "say: { voicemail: general, next: bye }\n" + BYE,
        completed(["say", "bye"], left=[]),
        doing={"recording": [Press("#", 0.4)]},
    ),
    "voicemail, of its longest": Case(
        "say: { voicemail: { max: 3s }, next: bye }\n" + BYE,
        completed(["say", "bye"], outcome="voicemail", left=[message("call-voicemail--of-its-longest-1")]),
    ),
}
SPEECH = (
    """said:
  speech: { prompt: 请说, intents: [查账单, 报修], retries: 1 }
  on: { 查账单: bill, 报修: fix, no_input: no, no_match: what }
bill: { play: "账单{{ utterance }}", next: bye }
fix: { play: "报修{{ utterance }}", next: bye }
no: { play: 无, next: bye }
what: { play: 不懂, next: bye }
"""
    + BYE
)
SMS = (
    """sms: { message: { to: "{{ caller.number }}", text: 您的订单已发货 }, on: { sent: say, failed: no } }
say: { play: 已发送, next: bye }
no: { play: 未发送, next: bye }
"""
    + BYE
)


def said(way: str, *heard: str, **more: Any) -> dict[str, Any]:
    return completed(["said", way, "bye"], heard=["请说", *heard], **more)


OUTSIDE |= {
    "speech, an intent": Case(
        SPEECH, said("bill", "账单我要查账单", pressed="1"), data={"speech": {"said": "我要查账单"}}
    ),
    "speech, another intent": Case(
        SPEECH, said("fix", "报修报 修！", pressed="2"), data={"speech": {"said": "报 修！"}}
    ),
    "speech, by a key": Case(SPEECH, said("fix", "报修报修", pressed="2"), press="2"),
    "speech, understood at the second attempt": Case(
        SPEECH, said("fix", "请说", "报修报修", pressed="0,2"), data={"speech": {"said": ["你好", "报修"]}}
    ),
    "speech, never understood": Case(
        SPEECH, said("what", "请说", "不懂", pressed="0,0"), data={"speech": {"said": "你好"}}
    ),
    "speech, nothing said": Case(SPEECH, said("no", "请说", "无", pressed=",")),
    "speech, the caller hangs up in it": Case(
        SPEECH,
        completed(["said"], heard=["请说"], pressed="h", outcome="abandoned", abandoned_in="flow", hangup=CALLER_LEFT),
        press="h",
    ),
    "message": Case(SMS, completed(["sms", "say", "bye"], heard=["已发送"])),
    "message, not sent": Case(
        SMS,
        completed(["sms", "no", "bye"], heard=["未发送"], fault={"code": "message_failed", "by": "configuration"}),
        data={"message": {"sms": {"error": "no credit"}}},
    ),
    "a prompt for each retry": Case(
        "ask: { menu: { prompt: 请选择, retries: 3, no_input_prompts: [没有按键, 请按键], no_match_prompt: 按错了 },"
        ' on: { "1": bye, no_input: bye } }\n' + BYE,
        completed(
            ["ask", "bye"],
            heard=["请选择", "没有按键", "请选择", "按错了", "请选择", "请按键", "请选择"],
            pressed=",9,,1",
        ),
        press=",9,,1",
    ),
    "queue, several announcements in turn": Case(
        "ask: { queue: { name: support, timeout: 70s, announce_every: 20s, hold: [甲, { file: music }] },"
        " on: { timeout: bye } }\n" + BYE,
        completed(["ask", "bye"], heard=["甲", "file:music", "甲"], queue="support", answered=False),
        agents="never",
    ),
    "queue and transfer with words for who answers": Case(
        "ask: { queue: { name: support, whisper: '客户{{ caller.number }}', last_agent_first: true },"
        " on: { answered: more, timeout: bye } }\n"
        "more: { transfer: { to: 010-88880009, whisper: 转来的客户 }, on: { answered: bye, busy: bye, no_answer: bye,"
        " failed: bye } }\n" + BYE,
        completed(["ask", "more", "bye"], heard=[], outcome="answered", queue="support"),
        agents="answer:2:3",
        target="answer:2:3",
    ),
}
ASKS = 'look: { fetch: { url: "https://erp.example/x", into: found }, on: { ok: out, error: no } }\n'
ASKS += "out: { set: { x: 1 } }\nno: { return: failed }"
SUBFLOWS = {"asks": ASKS}
