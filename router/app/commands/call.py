"""``line400 call``: one test inbound call, by a script of keys or by a person at the terminal."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr_flows.findings import Text
from ivr_flows.schema import nearest

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, unreachable, usage
from .resolve import (
    AtOption,
    FromOption,
    LineStateOption,
    MonthCallsOption,
    NoStoreOption,
    OccupiedOption,
    RevisionOption,
)

if TYPE_CHECKING:
    from router.book import RouteBook
    from router.overlay import Overlay
    from router.record import CallRecord
    from simulator.call import TestCall
    from simulator.parties import AgentScript, TargetScript
    from simulator.scenarios.running import PlaceCall

    from ..world import World

WAYS = ("virtual", "switch", "asterisk")

OnOption = Annotated[
    str,
    typer.Option(
        "--on",
        metavar="virtual|switch|asterisk",
        help=both("in virtual time, over the embedded switch, or over Asterisk", "虚拟时间、内置交换机或 Asterisk"),
    ),
]


def call(
    ctx: typer.Context,
    number: Annotated[
        str,
        typer.Argument(
            metavar="NUMBER", help=both("what is dialled: a 400 number or a base number", "拨打的 400 号码或底号")
        ),
    ],
    caller: FromOption = None,
    at: AtOption = None,
    press: Annotated[
        str | None,
        typer.Option(
            "--press",
            metavar="KEYS",
            help=both(
                "a comma list; item n answers the n-th input: keys, empty for silence, h to hang up; @S:h after S s",
                "逗号分隔；第 n 项回答第 n 次输入：按键、空为不按、h 为挂机；@秒:h 为该时刻挂机",
            ),
        ),
    ] = None,
    agents: Annotated[
        str,
        typer.Option(
            "--agents",
            metavar="WHO",
            help=both(
                "none, answer[:AFTER_S[:TALK_S]], never, full, no_agents",
                "none answer[:秒[:秒]] never full no_agents",
            ),
        ),
    ] = "none",
    target: Annotated[
        str,
        typer.Option(
            "--target",
            metavar="WHAT",
            help=both(
                "of transfers: answer[:AFTER_S[:TALK_S]], busy, no_answer, failed",
                "转接目标： answer[:秒[:秒]], busy, no_answer, failed",
            ),
        ),
    ] = "answer",
    on: OnOption = "virtual",
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            help=both("makes the call id; the same seed, the same call", "决定呼叫 ID；种子相同则结果相同"),
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="JSON",
            help=both("variables and answers of the outside, as a scenario's data", "变量与外部应答，同场景的 data"),
        ),
    ] = None,
    flow: Annotated[
        str | None,
        typer.Option(
            "--flow",
            metavar="FLOW",
            help=both("run FLOW whatever the number's routes say", "不看号码的路由，直接运行该流程"),
        ),
    ] = None,
    line_state: LineStateOption = None,
    occupied: OccupiedOption = None,
    month_calls: MonthCallsOption = None,
    revision: RevisionOption = None,
    no_store: NoStoreOption = False,
) -> int:
    """The record is printed and kept with ``test: true``."""
    from simulator.call import TestCall, call_id_of
    from simulator.parties import AgentScript, TargetScript
    from simulator.script import PressScript

    from ..moments import parse_time
    from ..presentation import show_call
    from ..traffic import traffic_of
    from ..world import look

    invocation: Invocation = ctx.obj
    check_way(on)
    script = PressScript.parse(press or "")
    agent_script = AgentScript.parse(agents)
    target_script = TargetScript.parse(target)
    seed = random.SystemRandom().getrandbits(32) if seed is None else seed
    world = look(invocation, revision, use_store=not no_store, keeps_record=True)
    moment = time.time() if at is None else parse_time(at, world.book.zone)
    book = world.book if flow is None else _forced(world, number, flow)
    traffic = traffic_of(book, moment, line_state, occupied, month_calls)
    test = TestCall(number, caller, moment, call_id_of(seed), _data(data), traffic)
    if press is None and on == "virtual" and invocation.interactive:
        record = _by_hand(invocation, book, world.overlay, test, agent_script, target_script)
    elif on == "switch":
        from simulator.scenarios.switch_way import over_switch

        place = over_switch(book, world.overlay, _spool(world.configuration.settings.recordings))
        record = asyncio.run(place(test, script, agent_script, target_script))
    elif on == "asterisk":
        place = placing_over_asterisk(invocation, book, world.overlay)
        record = asyncio.run(place(test, script, agent_script, target_script))
    else:
        from simulator.virtual import run_virtual

        record = run_virtual(book, test, script, agent_script, target_script, world.overlay)
    if not no_store and world.store_usable:
        from ..stores import keep_test_record

        kept_in = world.configuration.settings
        keep_test_record(invocation, kept_in.store, record, kept_in.retention)
    if invocation.json:
        invocation.document({**record.as_json(world.book.zone, invocation.language), "seed": seed})
    else:
        show_call(invocation, record, world.book.zone)
        invocation.note(Text(f"seed {seed}", f"种子 {seed}"))
    return DONE


def _spool(folders: Sequence[str]) -> Path | None:
    """Where the embedded switch may keep what test callers say: the first folder of recordings that can be written."""
    return next((Path(folder) for folder in folders if os.access(folder, os.W_OK | os.X_OK)), None)


def placing_over_asterisk(invocation: Invocation, book: RouteBook, overlay: Overlay | None = None) -> PlaceCall:
    """What places calls of ``book`` as real SIP calls. Raises `Problem` where there is no Asterisk."""
    from ..asterisk_here import AsteriskHere

    here = AsteriskHere.of(invocation)
    programs = here.programs()
    try:
        from simulator.sip import over_asterisk
    except ModuleNotFoundError as error:
        raise unreachable(
            "no-speech",
            Text(f"{error.name} is not installed: prompts cannot be spoken.", f"未安装 {error.name}，无法生成语音。"),
            Text("pip install 'line400[asterisk]'", "pip install 'line400[asterisk]'"),
        ) from None
    return over_asterisk(book, programs, here.folder / "sounds", overlay)


def check_way(on: str) -> None:
    """Refuse a way of running that is none, or that is not there. Raises `Problem`."""
    if on not in WAYS:
        raise usage(
            "unknown-way",
            Text(f"There is no way `{on}` to run a call.", f"没有运行方式 `{on}`。"),
            Text("One of: virtual, switch, asterisk.", "可选：virtual、switch、asterisk。"),
        )


def _data(text: str | None) -> dict[str, Any]:
    """The variables of ``--data``. Raises `Problem`."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise usage(
            "bad-data",
            Text(f"--data `{text}` is no JSON object.", f"--data `{text}` 不是 JSON 对象。"),
            Text(
                """Write for example --data '{"order": {"status": "paid"}}'.""",
                """例如 --data '{"order": {"status": "paid"}}'。""",
            ),
        )
    return found


def _forced(world: World, number: str, flow: str) -> RouteBook:
    """The book in which ``number`` runs ``flow`` without asking its rules. Raises `Problem`, `NumberError`."""
    from router.number400 import Number400
    from simulator.exploring import with_flow

    known = world.configuration.flow_sources
    if flow not in known:
        close = nearest(flow, known)
        raise usage(
            "unknown-flow",
            Text(f"There is no flow `{flow}`.", f"没有流程 `{flow}`。"),
            Text(f"Did you mean `{close}`?", f"是否想输入 `{close}`？")
            if close
            else Text("See flows/.", "请查看 flows/。"),
        )
    return with_flow(world.configuration, Number400.parse(number).digits, flow, world.book.revision)


def _by_hand(
    invocation: Invocation,
    book: RouteBook,
    overlay: Overlay,
    test: TestCall,
    agents: AgentScript,
    targets: TargetScript,
) -> CallRecord:
    from ..telephone import TerminalKeypad, keys_one_by_one, telephone

    def show(text: Text) -> None:
        invocation.line(invocation.say(text))
        invocation.out.flush()

    with keys_one_by_one():
        return telephone(book, test, agents, targets, overlay, TerminalKeypad(), show)
