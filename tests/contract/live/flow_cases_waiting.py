"""Cases of `queue` and `transfer`."""

from __future__ import annotations

from typing import Any

from simulator.script import HangUp, Press

from .flow_case import BYE, CALLER_LEFT, WAITING, Case, completed, ended

ALL_WAYS = """ask: { queue: support, on: { answered: thanks, timeout: late, full: full, no_agents: nobody } }
thanks: { play: 谢谢, next: bye }
late: { play: 久等, next: bye }
full: { play: 满, next: bye }
nobody: { play: 没人, next: bye }
bye: { hangup: normal }"""
FEW_WAYS = "ask: { queue: support, on: { timeout: late } }\nlate: { play: 久等 }"
HOOKED = """ask: { queue: support, on: { timeout: bye, abandoned: note } }
note: { set: { left: "yes" }, next: end }
end: { hangup: busy }
bye: { hangup: normal }"""
KEYS = """ask:
  queue: { name: support, timeout: 40s, exit_keys: "0*" }
  on: { timeout: late, "0": zero, "*": star }
late: { play: 久等 }
zero: { play: 零 }
star: { play: 星 }"""


def queued(path: list[str], **more: Any) -> dict[str, Any]:
    return completed(path, queue="support", **more)


ANNOUNCING = """ask: { queue: { name: support, timeout: 60s, announce_every: 20s }, on: { timeout: late } }
late: { play: 久等 }"""
QUEUES: dict[str, Case] = {
    "queue, the script ends on admission": Case(
        ALL_WAYS, queued(["ask"], outcome="queued", hangup=CALLER_LEFT, answered=False, heard=[])
    ),
    "queue, the script ends on admission, no hook runs": Case(
        HOOKED, queued(["ask"], outcome="queued", hangup=CALLER_LEFT, answered=False, heard=[])
    ),
    "queue, answered": Case(
        ALL_WAYS, queued(["ask", "thanks", "bye"], outcome="answered", heard=["谢谢"]), agents="answer"
    ),
    "queue, answered without a branch": Case(
        FEW_WAYS, queued(["ask"], outcome="answered", hangup=ended("agent"), heard=[]), agents="answer:3:4"
    ),
    "queue, nobody answers": Case(ALL_WAYS, queued(["ask", "late", "bye"], heard=["久等"]), agents="never"),
    "queue, answered too late": Case(ALL_WAYS, queued(["ask", "late", "bye"], heard=["久等"]), agents="answer:70"),
    "queue, full": Case(ALL_WAYS, queued(["ask", "full", "bye"], heard=["满"]), agents="full"),
    "queue, nobody signed in": Case(ALL_WAYS, queued(["ask", "nobody", "bye"], heard=["没人"]), agents="no_agents"),
    "queue, full without a branch": Case(FEW_WAYS, queued(["ask", "late"], heard=["久等"]), agents="full"),
    "queue, nobody signed in without a branch": Case(
        FEW_WAYS, queued(["ask", "late"], heard=["久等"]), agents="no_agents"
    ),
    "queue, timed out and never answered": Case(
        "ask: { queue: support, timeout: 12s, on: { timeout: no } }\nno: { hangup: busy }",
        queued(["ask", "no"], heard=[], answered=False, hangup=ended("flow", 17)),
        agents="never",
    ),
    "queue, the caller leaves while waiting": Case(
        ALL_WAYS,
        queued(["ask"], outcome="abandoned", abandoned_in="queue", hangup=CALLER_LEFT, answered=False, heard=[]),
        agents="never",
        doing={"queued": [HangUp(10.0)]},
    ),
    "queue, the caller leaves while waiting, with a hook": Case(
        HOOKED,
        queued(
            ["ask", "note", "end"],
            outcome="abandoned",
            abandoned_in="queue",
            hangup=CALLER_LEFT,
            answered=False,
            heard=[],
        ),
        agents="never",
        doing={"queued": [HangUp(10.0)]},
    ),
    "queue, the caller leaves while an agent rings, with a hook": Case(
        HOOKED,
        queued(
            ["ask", "note", "end"],
            outcome="abandoned",
            abandoned_in="queue",
            hangup=CALLER_LEFT,
            answered=False,
            heard=[],
        ),
        agents="answer:20",
        doing={"queued": [HangUp(10.0)]},
    ),
    "queue, the caller leaves the talk": Case(
        HOOKED.replace("timeout: bye", "answered: bye, timeout: bye"),
        queued(["ask"], outcome="answered", hangup=CALLER_LEFT, heard=[]),
        agents="answer:3:60",
        doing={"talking": [HangUp(10.0)]},
    ),
    "queue, the caller left before": Case(
        ALL_WAYS,
        queued(["ask"], outcome="abandoned", abandoned_in="queue", hangup=CALLER_LEFT, answered=False, heard=[]),
        doing={"connected": [HangUp()]},
        race="The caller's CANCEL may reach the switch before the queue or behind its admission.",
    ),
    "queue, announcing as the agent answers": Case(
        ANNOUNCING,
        queued(["ask"], heard=[WAITING, WAITING], outcome="answered", hangup=ended("agent")),
        agents="answer:40:5",
    ),
    "queue, a fraction of a second waits one more": Case(
        ALL_WAYS.replace("queue: support", "queue: support, timeout: 9.2s"),
        queued(["ask", "thanks", "bye"], outcome="answered", heard=["谢谢"]),
        agents="answer:9.3:2",
    ),
    "queue that is not there": Case(
        "note: { set: { name: nowhere }, next: ask }\n" + ALL_WAYS.replace("queue: support", 'queue: "{{ name }}"'),
        completed(["note", "ask", "nobody", "bye"], queue="nowhere", heard=["没人"]),
        agents="answer",
    ),
    "queue by the name of the instance": Case(
        'ask: { queue: "{{ instance.queue }}", on: { timeout: bye } }\n' + BYE,
        completed(["ask"], outcome="answered", hangup=ended("agent"), heard=[], queue="default"),
        agents="answer:2:2",
    ),
    "queue, an exit key": Case(
        KEYS, queued(["ask", "zero"], heard=["零"]), agents="never", doing={"queued": [Press("0", 5.0)]}
    ),
    "queue, another exit key": Case(
        KEYS, queued(["ask", "star"], heard=["星"]), agents="never", doing={"queued": [Press("*", 5.0)]}
    ),
    "queue, an exit key while an agent rings": Case(
        KEYS, queued(["ask", "zero"], heard=["零"]), agents="answer:12", doing={"queued": [Press("0", 5.0)]}
    ),
    "queue, a key that is no exit": Case(
        KEYS, queued(["ask", "late"], heard=["久等"]), agents="never", doing={"queued": [Press("5#", 5.0)]}
    ),
    "queue, keys that are no exits while an agent rings": Case(
        KEYS.replace("timeout: 40s", "timeout: 12s"),
        queued(["ask"], outcome="answered", hangup=ended("agent"), heard=[]),
        agents="answer:8:2",
        doing={"queued": [Press("5", 3.0), Press("7#", 6.0)]},
    ),
    "queue, a key where none is an exit, while an agent rings": Case(
        FEW_WAYS.replace("queue: support", "queue: support, timeout: 12s"),
        queued(["ask"], outcome="answered", hangup=ended("agent"), heard=[]),
        agents="answer:8:3",
        doing={"queued": [Press("5", 3.0), Press("0", 6.0)]},
    ),
    "queue, an exit key in an announcement": Case(
        KEYS.replace("timeout: 40s", "timeout: 20s, announce_every: 6s"),
        queued(["ask", "zero"], heard=[WAITING, "零"]),
        agents="answer:18",
        doing={"heard 1": [Press("0", 1.5)]},
    ),
    "queue, announcements that an agent rings through": Case(
        KEYS.replace("timeout: 40s", "timeout: 12s, announce_every: 3s"),
        queued(["ask"], outcome="answered", hangup=ended("agent"), heard=[WAITING, WAITING]),
        agents="answer:8:4",
    ),
    "queue, an exit key in the talk": Case(
        KEYS,
        queued(["ask"], outcome="answered", hangup=ended("agent"), heard=[]),
        agents="answer:3:20",
        doing={"talking": [Press("0", 5.0)]},
    ),
    "queue, announcements while waiting": Case(
        ANNOUNCING, queued(["ask", "late"], heard=[WAITING, WAITING, "久等"]), agents="never"
    ),
    "queue, announcements until the agent answers": Case(
        ANNOUNCING, queued(["ask"], heard=[WAITING], outcome="answered", hangup=ended("agent")), agents="answer:30:50"
    ),
    "queue, announcements until the caller leaves": Case(
        ANNOUNCING,
        queued(
            ["ask"],
            heard=[WAITING, WAITING],
            outcome="abandoned",
            abandoned_in="queue",
            hangup=CALLER_LEFT,
            answered=False,
        ),
        agents="never",
        doing={"queued": [HangUp(50.0)]},
    ),
    "queue, announcements until the exit key": Case(
        KEYS.replace("timeout: 40s", "timeout: 40s, announce_every: 10s"),
        queued(["ask", "zero"], heard=[WAITING, WAITING, "零"]),
        agents="never",
        doing={"queued": [Press("0", 25.0)]},
    ),
    "queue, announcements, the script ends on admission": Case(
        ANNOUNCING, queued(["ask"], outcome="queued", hangup=CALLER_LEFT, answered=False, heard=[])
    ),
    "queue, leaving as an announcement begins": Case(
        ANNOUNCING,
        queued(
            ["ask"],
            heard=[WAITING],
            outcome="abandoned",
            abandoned_in="queue",
            hangup=CALLER_LEFT,
            answered=False,
        ),
        agents="never",
        doing={"heard 1": [HangUp(2.0)]},
    ),
    "queue, saying the position alone announces nothing by itself": Case(
        "ask: { queue: { name: support, timeout: 20s, say_position: true }, on: { timeout: late } }"
        "\nlate: { play: 久等 }",
        queued(["ask", "late"], heard=["久等"]),
        agents="never",
    ),
    "queue, priority, skill and music change nothing that is recorded": Case(
        "ask: { queue: { name: support, priority: 9, skill: vip, music: jazz }, on: { timeout: late } }\n"
        "late: { play: 久等 }",
        queued(["ask"], outcome="answered", hangup=ended("agent"), heard=[]),
        agents="answer:2:2",
    ),
    "queue after queue": Case(
        "ask: { queue: support, timeout: 10s, on: { timeout: more } }\n"
        "more: { queue: default, timeout: 10s, on: { timeout: late } }\nlate: { play: 久等 }",
        completed(["ask", "more", "late"], heard=["久等"], queue="default"),
        agents="never",
    ),
    "queue, answered, then a message: the outcome stays": Case(
        "ask: { queue: support, on: { answered: box, timeout: box } }\nbox: { voicemail: general }",
        queued(["ask", "box"], outcome="answered", heard=[]),
        agents="answer:2:2",
    ),
    "queue, then a message": Case(
        "ask: { queue: support, timeout: 20s, on: { timeout: box } }"
        "\nbox: { voicemail: { box: general, prompt: 请留言 } }",
        queued(["ask", "box"], outcome="voicemail", heard=["请留言"]),
        agents="never",
    ),
    "queue, answered, then a menu in which the caller leaves": Case(
        "ask: { queue: support, on: { answered: score, timeout: bye } }\n"
        "score: { menu: 请评分, on: { 1: bye, no_input: bye } }\n" + BYE,
        queued(["ask", "score"], outcome="answered", hangup=CALLER_LEFT, heard=["请评分"], pressed="h"),
        agents="answer:2:2",
        press="h",
    ),
}

TRANSFER = """ask: { transfer: { to: 010-88880009, timeout: 25s }, on: { answered: thanks, busy: busy, no_answer: late,
  failed: failed } }
thanks: { play: 谢谢, next: bye }
busy: { play: 忙 }
late: { play: 久等 }
failed: { hangup: 38 }
bye: { hangup: normal }"""
SHORT = "ask: { transfer: 010-88880009, on: { busy: no, no_answer: no, failed: no } }\nno: { hangup: busy }"
LINE = SHORT.replace("transfer: 010-88880009", "transfer: { line: sh }")
TRANSFERS: dict[str, Case] = {
    "transfer, answered": Case(TRANSFER, completed(["ask", "thanks", "bye"], outcome="answered", heard=["谢谢"])),
    "transfer, answered without a branch": Case(
        SHORT, completed(["ask"], outcome="answered", hangup=ended("target"), heard=[]), target="answer:3:4"
    ),
    "transfer, busy": Case(TRANSFER, completed(["ask", "busy"], heard=["忙"]), target="busy"),
    "transfer, no answer": Case(TRANSFER, completed(["ask", "late"], heard=["久等"]), target="no_answer"),
    "transfer, answered too late": Case(TRANSFER, completed(["ask", "late"], heard=["久等"]), target="answer:28"),
    "transfer, rings 30 s by itself": Case(
        SHORT, completed(["ask"], outcome="answered", hangup=ended("target"), heard=[]), target="answer:25:2"
    ),
    "transfer, failed": Case(
        TRANSFER, completed(["ask", "failed"], heard=[], answered=False, hangup=ended("flow", 38)), target="failed"
    ),
    "transfer, busy and refused before any answer": Case(
        SHORT, completed(["ask", "no"], heard=[], answered=False, hangup=ended("flow", 17)), target="busy"
    ),
    "transfer, the caller leaves while it rings": Case(
        TRANSFER,
        completed(["ask"], outcome="abandoned", abandoned_in="ringing", hangup=CALLER_LEFT, answered=False, heard=[]),
        target="no_answer",
        doing={"transferred": [HangUp(10.0)]},
    ),
    "transfer, the caller leaves the talk": Case(
        TRANSFER,
        completed(["ask"], outcome="answered", hangup=CALLER_LEFT, heard=[]),
        target="answer:3:60",
        doing={"talking": [HangUp(10.0)]},
    ),
    "transfer, the caller left before": Case(
        SHORT,
        completed(["ask"], outcome="abandoned", abandoned_in="ringing", hangup=CALLER_LEFT, answered=False, heard=[]),
        target="busy",
        doing={"connected": [HangUp()]},
        race="The caller's CANCEL may reach the switch before the router has the call.",
    ),
    "transfer, a fraction of a second rings one more": Case(
        SHORT.replace("transfer: 010-88880009", "transfer: 010-88880009, timeout: 9.2s"),
        completed(["ask"], outcome="answered", hangup=ended("target"), heard=[]),
        target="answer:9.3:2",
    ),
    "transfer over a line": Case(
        LINE, completed(["ask"], outcome="answered", hangup=ended("target"), heard=[]), target="answer:3:4"
    ),
    "transfer with digits": Case(
        SHORT.replace("transfer: 010-88880009", 'transfer: { to: 010-88880009, post_digits: "w801#" }'),
        completed(["ask"], outcome="answered", hangup=ended("target"), heard=[]),
        target="answer:3:4",
    ),
    "transfer to a 400 number is allowed": Case(
        SHORT.replace("010-88880009", "400-800-9999"),
        completed(["ask"], outcome="answered", hangup=ended("target"), heard=[]),
        target="answer:3:4",
    ),
    "transfer to a number that was entered": Case(
        "get: { gather: 请输入, on: { ok: ask, no_input: no } }\n" + SHORT.replace("010-88880009", '"{{ digits }}"'),
        completed(["get", "ask"], outcome="answered", hangup=ended("target"), heard=["请输入"], pressed="01088880009#"),
        press="01088880009#",
        target="answer:3:4",
    ),
    "transfer to what is no number": Case(
        'note: { set: { who: "nobody" }, next: ask }\n' + SHORT.replace("010-88880009", '"{{ who }}"'),
        completed(["note", "ask", "no"], heard=[], answered=False, hangup=ended("flow", 17)),
        target="answer:3:4",
    ),
    "transfer after an answer, busy": Case(
        "say: { play: 请稍候, next: ask }\n" + SHORT,
        completed(["say", "ask", "no"], heard=["请稍候"], hangup=ended("flow", 17)),
        target="busy",
    ),
}
