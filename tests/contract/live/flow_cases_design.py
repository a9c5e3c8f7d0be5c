"""The flows by which the design shows the language, as they are written there."""

from __future__ import annotations

from simulator.script import HangUp

from .flow_case import CALLER_LEFT, NATIONAL_DAY, Case, completed
from .flow_cases_waiting import queued

DESIGN_SERVICE = """greeting:
  play: 您好，欢迎致电{{ company }}。
  next: menu
menu:
  menu:
    prompt: 业务咨询请按1，人工服务请按0。
    timeout: 5s
    retries: 2
  on:
    "1": hours
    "0": agent
    no_input: agent
    no_match: agent
hours:
  hours: office
  on: { open: agent, holiday: closed, closed: closed }
agent:
  queue: support
  timeout: 60s
  on: { answered: bye, timeout: voicemail, full: voicemail, abandoned: bye }
closed:
  play: 现在是节假日，请在工作时间来电。
voicemail:
  voicemail: general                                   # a box
  next: bye
bye:
  hangup: normal                                       # normal, busy, rejected, or a Q.850 cause
"""
GREETING, CHOICE, CLOSED = (
    "您好，欢迎致电示例科技。",
    "业务咨询请按1，人工服务请按0。",
    "现在是节假日，请在工作时间来电。",
)
DESIGN_ORDER = """ask_order:
  gather: { prompt: 请输入订单号，以井号键结束。, max_digits: 8, terminator: "#", timeout: 8s, retries: 1,
            into: order_no }
  on: { ok: decide, no_input: agent, no_match: agent }
decide:
  branch:
    - { when: "{{ order_no == '00000077' }}", next: paid }
    - { when: "{{ caller.province == '上海' }}", next: agent }
  else: unpaid
paid: { play: 已付款, next: remember }
unpaid: { play: 未付款, next: human }
remember:
  set: { vip: "{{ order_no | int >= 3 }}" }
  next: trial
trial:
  share: { new_menu: 0, menu: 100 }
new_menu: { play: 新, next: bye }
menu: { play: 旧, next: bye }
human:
  transfer: { to: 010-88880009, timeout: 25s }        # or { line: sh-telecom }
  on: { answered: bye, busy: voicemail, no_answer: voicemail, failed: voicemail }
agent:
  queue: support
  timeout: 60s
  on: { answered: bye, timeout: voicemail }
voicemail:
  voicemail: general                                   # a box
  next: bye
bye:
  hangup: normal
"""
ORDER = "请输入订单号，以井号键结束。"
DESIGN: dict[str, Case] = {
    "design, consulting in opening hours": Case(
        DESIGN_SERVICE,
        queued(
            ["greeting", "menu", "hours", "agent", "bye"], outcome="answered", heard=[GREETING, CHOICE], pressed="1"
        ),
        press="1",
        agents="answer:5:30",
    ),
    "design, consulting on a holiday": Case(
        DESIGN_SERVICE,
        completed(["greeting", "menu", "hours", "closed"], heard=[GREETING, CHOICE, CLOSED], pressed="1"),
        press="1",
        at=NATIONAL_DAY,
    ),
    "design, silence to an agent who never answers": Case(
        DESIGN_SERVICE,
        queued(
            ["greeting", "menu", "agent", "voicemail", "bye"],
            outcome="voicemail",
            heard=[GREETING, *[CHOICE] * 3],
            pressed=",,",
        ),
        agents="never",
    ),
    "design, leaving the queue": Case(
        DESIGN_SERVICE,
        queued(
            ["greeting", "menu", "agent", "bye"],
            outcome="abandoned",
            abandoned_in="queue",
            hangup=CALLER_LEFT,
            heard=[GREETING, CHOICE],
            pressed="0",
        ),
        press="0",
        agents="never",
        doing={"queued": [HangUp(15.0)]},
    ),
    "design, an order of eight digits": Case(
        DESIGN_ORDER,
        completed(
            ["ask_order", "decide", "paid", "remember", "trial", "menu", "bye"],
            heard=[ORDER, "已付款", "旧"],
            pressed="00000077",
        ),
        press="00000077",
    ),
    "design, a short order ended by the hash": Case(
        DESIGN_ORDER,
        completed(
            ["ask_order", "decide", "unpaid", "human", "bye"],
            heard=[ORDER, "未付款"],
            pressed="77#",
            outcome="answered",
        ),
        press="77#",
    ),
    "design, an order, the target busy": Case(
        DESIGN_ORDER,
        completed(
            ["ask_order", "decide", "unpaid", "human", "voicemail", "bye"],
            heard=[ORDER, "未付款"],
            pressed="77#",
            outcome="voicemail",
        ),
        press="77#",
        target="busy",
    ),
}
