"""What a flow does with a call: commands and results alternate, as a score."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import Session
from ivr_flows.commands import Answer, Command, Dial, End, Gather, Hangup, Play, Queue, Record
from ivr_flows.results import (
    AgentAnswered,
    AgentRinging,
    Announced,
    DialEnded,
    Digits,
    Done,
    Failed,
    HungUp,
    Key,
    QueueLeft,
    Recorded,
    ScriptEnded,
    TargetAnswered,
)
from ivr_flows.session import MAX_NODES_PER_CALL

from .environment import AT, compiled, context, nodes

SERVICE = nodes("""
greeting: { play: "您好，欢迎致电{{ company }}。", next: menu }
menu:
  menu: { prompt: 业务咨询请按1，人工服务请按0。, timeout: 5s, retries: 2 }
  on: { "1": hours, "0": agent, no_input: agent, no_match: bye }
hours:
  hours: office
  on: { open: agent, closed: closed, holiday: closed }
agent:
  queue: support
  timeout: 60s
  on: { answered: bye, timeout: message, full: message, abandoned: bye }
message:
  voicemail: general
  prompt: 请在提示音后留言。
  next: bye
closed: { play: 现在是节假日，请在工作时间来电。 }
bye: { hangup: normal }
""")


def walk(session: Session, *results: object) -> Command:
    """Start, then resume with each result; returns the command that stands at the end."""
    command = session.start()
    for result in results:
        command = session.resume(result)  # type: ignore[arg-type]
    return command


def answered_menu(session: Session) -> Command:
    return walk(session, Done(AT), Done(AT + 3))


def test_the_first_node_that_plays_answers_the_call() -> None:
    session = compiled(SERVICE).session(context())
    assert isinstance(session.start(), Answer)
    play = session.resume(Done(AT + 1))
    assert isinstance(play, Play)
    assert session.heard == ["您好，欢迎致电示例科技。"]
    assert session.answered_at == AT + 1
    assert session.path == ["greeting"]


def test_a_key_of_the_menu_leads_through_the_hours_to_the_queue() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    queue = session.resume(Digits("1", AT + 5))
    assert isinstance(queue, Queue)
    assert queue.name == "support"
    assert session.path == ["greeting", "menu", "hours", "agent"]
    assert session.inputs == ["1"]


def test_a_holiday_is_told_and_the_flow_ends_the_call() -> None:
    session = compiled(SERVICE, hours="holiday").session(context())
    answered_menu(session)
    assert isinstance(session.resume(Digits("1", AT + 5)), Play)
    assert session.resume(Done(AT + 8)) == Hangup(16)
    end = session.resume(HungUp("flow", 16, AT + 8))
    assert end == End("completed")
    assert (session.hangup_by, session.hangup_cause, session.ended_at) == ("flow", 16, AT + 8)


def test_silence_and_wrong_keys_count_together_and_the_last_failure_decides() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    assert isinstance(session.resume(Digits("", AT + 10)), Gather)
    assert isinstance(session.resume(Digits("7", AT + 20)), Gather)
    assert isinstance(session.resume(Digits("", AT + 30)), Queue), "no_input leads to the agent"
    assert session.inputs == ["", "7", ""]
    assert session.path == ["greeting", "menu", "agent"], "a retry does not repeat the node"
    assert session.heard.count("业务咨询请按1，人工服务请按0。") == 3


def test_the_last_failure_may_be_a_wrong_key() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    session.resume(Digits("", AT + 10))
    session.resume(Digits("", AT + 20))
    assert session.resume(Digits("9", AT + 30)) == Hangup(16)


def test_the_conversation_with_an_agent_makes_the_outcome_answered() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    session.resume(Digits("0", AT + 5))
    session.observe(AgentAnswered("1001", AT + 12))
    assert session.resume(QueueLeft("answered", AT + 40)) == Hangup(16)
    assert session.resume(HungUp("flow", 16, AT + 40)) == End("answered")
    assert session.path[-1] == "bye"
    assert session.agent == "1001"


def test_an_agent_who_hangs_up_without_a_branch_ends_the_call() -> None:
    session = compiled(nodes("admit: { queue: support, on: { timeout: bye } }\nbye: { hangup: normal }")).session(
        context()
    )
    assert isinstance(session.start(), Queue), "a queue does not answer by itself"
    session.observe(AgentAnswered("1001", AT + 5))
    assert session.answered_at == AT + 5
    assert session.resume(QueueLeft("answered", AT + 35)) == Hangup(16)
    session.resume(HungUp("flow", 16, AT + 35))
    assert session.hangup_by == "agent"
    assert session.outcome == "answered"


def test_a_caller_who_leaves_while_waiting_runs_the_hook_and_is_abandoned() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    session.resume(Digits("0", AT + 5))
    assert session.resume(HungUp("caller", 16, AT + 20)) == End("abandoned")
    assert session.abandoned_in == "queue"
    assert session.path == ["greeting", "menu", "agent", "bye"]


def test_a_caller_who_leaves_while_an_agent_rings() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    session.resume(Digits("0", AT + 5))
    session.observe(AgentRinging("1001", AT + 6))
    session.resume(HungUp("caller", 16, AT + 8))
    assert session.abandoned_in == "queue", "the agent's telephone rings, the caller still waits"


def test_a_caller_who_leaves_while_the_target_of_a_transfer_rings() -> None:
    flow = nodes("""
human: { transfer: 010-88880009, on: { busy: bye, no_answer: bye, failed: bye } }
bye: { hangup: normal }
""")
    session = compiled(flow).session(context())
    session.start()
    session.resume(HungUp("caller", 16, AT + 8))
    assert session.abandoned_in == "ringing"


def test_a_script_that_ends_in_the_queue_leaves_the_caller_queued() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    session.resume(Digits("0", AT + 5))
    session.observe(ScriptEnded(AT + 6))
    assert session.resume(HungUp("caller", 16, AT + 6)) == End("queued")
    assert session.path[-1] == "agent", "no hook runs: the caller is still waiting"


def test_full_falls_where_it_is_written_and_no_agents_to_the_timeout() -> None:
    for how in ("full", "no_agents", "timeout"):
        session = compiled(SERVICE).session(context())
        answered_menu(session)
        session.resume(Digits("0", AT + 5))
        record = session.resume(QueueLeft(how, AT + 5))  # type: ignore[arg-type]
        assert isinstance(record, Record)
        assert record.box == "general"


def test_a_message_is_a_voicemail_also_when_the_caller_ends_it_by_hanging_up() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    session.resume(Digits("0", AT + 5))
    session.resume(QueueLeft("timeout", AT + 65))
    assert session.heard[-1] == "请在提示音后留言。"
    session.resume(HungUp("caller", 16, AT + 80, partial="9.5"))
    assert session.outcome == "voicemail"


def test_a_caller_who_hangs_up_before_the_tone_leaves_no_message() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    session.resume(Digits("0", AT + 5))
    session.resume(QueueLeft("timeout", AT + 65))
    session.resume(HungUp("caller", 16, AT + 66))
    assert (session.outcome, session.abandoned_in) == ("abandoned", "flow")


def test_hanging_up_at_a_prompt_for_keys_is_shown_among_the_inputs() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    session.resume(HungUp("caller", 16, AT + 6, partial="1"))
    assert session.inputs == ["h"]
    assert session.outcome == "abandoned"


def test_a_queue_announcement_is_heard() -> None:
    session = compiled(SERVICE).session(context())
    answered_menu(session)
    session.resume(Digits("0", AT + 5))
    session.observe(Announced("请继续等待。", AT + 25))
    assert session.heard[-1] == "请继续等待。"


GATHER = nodes("""
ask:
  gather: { prompt: 请输入订单号，以井号键结束。, max_digits: 8, min_digits: 2, into: order_no, retries: 1,
            no_match_prompt: 输入有误。 }
  on: { ok: say, no_input: bye }
say: { play: "订单{{ order_no }}", next: bye }
bye: { hangup: normal }
""")


def test_gathered_digits_keep_their_leading_zeros() -> None:
    session = compiled(GATHER).session(context())
    walk(session, Done(AT))
    play = session.resume(Digits("0077", AT + 9, terminated=True))
    assert isinstance(play, Play)
    assert session.heard[-1] == "订单0077"
    assert session.inputs == ["0077#"]


@pytest.mark.parametrize("digits", ["1", "1*2", "#"])
def test_too_few_digits_and_stray_stars_are_no_match(digits: str) -> None:
    session = compiled(GATHER).session(context())
    walk(session, Done(AT))
    gather = session.resume(Digits(digits, AT + 9))
    assert isinstance(gather, Gather)
    assert [prompt.heard for prompt in gather.prompts] == ["输入有误。", "请输入订单号，以井号键结束。"]
    assert session.resume(Digits(digits, AT + 20)) == Hangup(16), "no_match falls to no_input"


def test_a_terminator_without_digits_is_no_input() -> None:
    session = compiled(GATHER).session(context())
    walk(session, Done(AT))
    gather = session.resume(Digits("", AT + 9, terminated=True))
    assert isinstance(gather, Gather)
    assert len(gather.prompts) == 1
    assert session.inputs == ["#"]


def test_sensitive_input_is_shown_nowhere() -> None:
    flow = GATHER.replace("into: order_no", "into: order_no, sensitive: true").replace("订单{{ order_no }}", "好的。")
    session = compiled(flow).session(context())
    walk(session, Done(AT), Digits("12345678", AT + 9))
    assert session.inputs == ["•"]
    assert "12345678" not in "".join(session.heard)


def test_a_key_that_interrupts_a_play_is_the_first_of_the_next_input() -> None:
    flow = nodes("""
greet: { play: { text: 欢迎。, barge_in: true }, next: menu }
menu: { menu: 请按1。, on: { 1: bye, no_input: bye } }
bye: { hangup: normal }
""")
    session = compiled(flow).session(context())
    gather = walk(session, Done(AT), Key("1", AT + 1))
    assert isinstance(gather, Gather)
    assert gather.typed_ahead == "1"
    assert gather.prompts == ()
    assert session.heard == ["欢迎。"], "the prompt never began"


def test_a_branch_takes_the_first_condition_that_holds() -> None:
    flow = nodes("""
decide:
  branch:
    - { when: "{{ caller.province == '上海' }}", next: shanghai }
    - { when: "{{ caller.kind == 'mobile' and called == '4008001234' }}", next: mobile }
  else: bye
shanghai: { hangup: busy }
mobile: { hangup: rejected }
bye: { hangup: normal }
""")
    assert compiled(flow).session(context("13800138000")).start() == Hangup(21)
    assert compiled(flow).session(context("02161234567")).start() == Hangup(17)
    assert compiled(flow).session(context(None)).start() == Hangup(16)


def test_set_keeps_the_type_of_a_single_expression_and_makes_texts_of_the_rest() -> None:
    flow = nodes("""
remember: { set: { vip: "{{ level | int >= 3 }}", words: "第{{ level }}级" }, next: decide }
decide: { branch: [ { when: vip, next: high } ], else: low }
high: { play: "{{ words }}" }
low: { hangup: busy }
""").replace("set: {", "set: {")
    definition = flow.replace(
        "remember:",
        "level: { gather: { prompt: 级别, into: level }, on: { ok: remember, no_input: low } }\n  remember:",
    )
    session = compiled(definition).session(context())
    walk(session, Done(AT), Digits("4", AT + 2, terminated=True))
    assert session.variables["vip"] is True
    assert session.heard[-1] == "第4级"


def test_an_expression_that_fails_in_a_call_is_the_configurations_fault() -> None:
    flow = nodes("""
ask: { gather: 请输入, on: { ok: decide, no_input: bye } }
decide: { branch: [ { when: "{{ digits / 2 > 1 }}", next: bye } ], else: bye }
bye: { hangup: normal }
""")
    session = compiled(flow).session(context())
    assert walk(session, Done(AT), Digits("1", AT + 5, terminated=True)) == Hangup(41)
    end = session.resume(HungUp("flow", 41, AT + 5))
    assert isinstance(end, End)
    assert end.outcome == "failed"
    assert end.fault is not None
    assert (end.fault.code, end.fault.by) == ("expression_failed", "configuration")
    assert session.hangup_by == "line400"


def test_a_flow_that_runs_in_circles_is_ended_with_a_fault() -> None:
    flow = nodes("a: { set: { x: 1 }, next: b }\nb: { set: { x: 2 }, next: a }")
    session = compiled(flow).session(context())
    assert session.start() == Hangup(41)
    end = session.resume(HungUp("flow", 41, AT))
    assert isinstance(end, End)
    assert end.fault is not None
    assert end.fault.code == "node_limit"
    assert len(session.path) == MAX_NODES_PER_CALL + 1


def test_a_refusal_before_the_answer_carries_its_cause() -> None:
    session = compiled(nodes("no: { hangup: busy }")).session(context())
    assert session.start() == Hangup(17)
    assert session.resume(HungUp("flow", 17, AT)) == End("completed")
    assert session.answered_at is None


def test_a_transfer_takes_the_branch_of_what_happened() -> None:
    flow = nodes("""
human:
  transfer: { to: 010-88880009, timeout: 25s }
  on: { answered: bye, busy: busy, no_answer: no_answer, failed: failed }
bye: { hangup: normal }
busy: { hangup: 17 }
no_answer: { hangup: 19 }
failed: { hangup: 38 }
""")
    for how, cause in (("busy", 17), ("no_answer", 19), ("failed", 38)):
        session = compiled(flow).session(context())
        assert isinstance(session.start(), Dial)
        assert session.resume(DialEnded(how, AT + 9)) == Hangup(cause)  # type: ignore[arg-type]
    session = compiled(flow).session(context())
    session.start()
    session.observe(TargetAnswered(AT + 4))
    assert session.resume(DialEnded("answered", AT + 30)) == Hangup(16)
    assert session.outcome == "answered"


def test_an_emergency_announcement_is_heard_before_the_first_node() -> None:
    session = compiled(SERVICE).session(context(announcement="台风停运。"))
    assert isinstance(session.start(), Answer)
    assert isinstance(session.resume(Done(AT)), Play)
    assert session.path == []
    session.resume(Done(AT + 3))
    assert session.heard == ["台风停运。", "您好，欢迎致电示例科技。"]
    assert session.path == ["greeting"]


def test_an_emergency_announcement_may_end_the_call() -> None:
    session = compiled(SERVICE).session(context(announcement="台风停运。", end_after_announcement=True))
    assert walk(session, Done(AT), Done(AT + 3)) == Hangup(16)
    session.resume(HungUp("flow", 16, AT + 3))
    assert (session.outcome, session.hangup_by) == ("completed", "line400")


def test_nothing_can_be_resumed_after_the_end() -> None:
    session = compiled(nodes("no: { hangup: busy }")).session(context())
    walk(session, HungUp("flow", 17, AT))
    for result in (Done(AT), HungUp("caller", 16, AT)):
        with pytest.raises(RuntimeError):
            session.resume(result)


def test_nothing_can_be_resumed_before_the_start() -> None:
    with pytest.raises(RuntimeError):
        compiled(SERVICE).session(context()).resume(Done(AT))


def test_a_switch_that_fails_is_named_as_the_culprit() -> None:
    session = compiled(SERVICE).session(context())
    assert walk(session, Done(AT), Failed("no such file", AT)) == Hangup(41)
    session.resume(HungUp("flow", 41, AT))
    assert session.fault is not None
    assert (session.fault.code, session.fault.by) == ("switch_failed", "switch")


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_every_session_ends_in_exactly_one_end_whatever_the_switch_reports(data: st.DataObject) -> None:
    session = _SERVICE_FLOW.session(context())
    command = session.start()
    at = AT
    for _ in range(60):
        if isinstance(command, End):
            break
        at += 1
        command = session.resume(data.draw(_answers(command, at)))
    else:
        command = session.resume(HungUp("caller", 16, at))
    assert isinstance(command, End)
    assert session.outcome == command.outcome
    assert session.ended_at is not None
    with pytest.raises(RuntimeError):
        session.resume(Done(at))


_SERVICE_FLOW = compiled(SERVICE)


def _answers(command: Command, at: float) -> st.SearchStrategy[object]:
    """Every result that may answer ``command``; nobody stays for ever, so a hang-up is always among them."""
    gone: list[object] = [HungUp("caller", 16, at, partial="1"), HungUp("switch", 38, at), Failed("broken", at)]
    if isinstance(command, Hangup):
        return st.just(HungUp("flow", command.cause, at))
    fitting: dict[type, list[object]] = {
        Gather: [Digits(digits, at) for digits in ("", "0", "1", "7", "*")],
        Queue: [QueueLeft(how, at) for how in ("answered", "timeout", "full", "no_agents")],  # type: ignore[arg-type]
        Record: [Recorded(3.0, at)],
    }
    return st.sampled_from([*fitting.get(type(command), [Done(at)]), *gone])


def test_a_session_that_a_hang_up_node_ended_behind_a_caller_who_left_takes_no_further_result() -> None:
    nodes = "wait: { queue: support, on: { timeout: end, abandoned: end } }\n  end: { hangup: normal }"
    session = compiled(f"flow: f\nnodes:\n  {nodes}\n").session(context())
    session.start()
    assert session.resume(HungUp("caller", 16, AT + 2)) == End("abandoned")
    with pytest.raises(RuntimeError, match="ended"):
        session.resume(HungUp("caller", 16, AT + 3))
