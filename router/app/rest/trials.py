"""``/test-calls``, ``/scenarios/run`` and ``/originate``: trying what callers get, and asking for a call out."""

from __future__ import annotations

import asyncio
import random
from typing import Annotated, Any, Literal

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, Listed, Moment, Output
from router.api.operation import Answer, Call, Operation, Progress, Work
from router.outbound import judge_outbound
from simulator.call import TestCall, call_id_of
from simulator.parties import AgentScript, TargetScript
from simulator.scenarios import run_scenarios
from simulator.scenarios.switch_way import over_switch
from simulator.script import PressScript
from simulator.virtual import run_virtual

from ..moments import parse_time
from ..outbound_call import place_outbound
from ..served import Served


class NewTestCall(Input):
    """A test call, as ``line400 call`` places it: the running revision decides. ``on``: in virtual time, or over the
    embedded switch, in real time."""

    number: Annotated[Line, Field(min_length=1, examples=["4008001234"])]
    caller: Annotated[Line | None, Field(alias="from", examples=["13800138000"])] = None
    press: Annotated[Line, Field(description="Keys, as the option --press takes them.")] = ""
    at: Moment | None = None
    agents: Line = "none"
    target: Line = "answer"
    on: Literal["virtual", "switch"] = "virtual"
    seed: Annotated[int | None, Field(ge=0, lt=2**32)] = None
    data: dict[str, Any] | None = None


class CallModel(Listed):
    """The record, as ``line400 call --json`` prints it."""

    call_id: str
    test: bool
    outcome: str | None
    path: list[str]
    heard: list[str]
    seed: int


class RunBody(Input):
    """Which scenarios of the configuration folder are run against the running revision."""

    select: Line | None = None
    on: Literal["virtual", "switch"] = "virtual"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    at_a_time: Annotated[int, Field(ge=1, le=50)] = 4


class OutboundBody(Input):
    """A call out that is asked for."""

    from_: Annotated[Line, Field(alias="from", min_length=1, examples=["01088880001"])]
    to: Annotated[Line, Field(min_length=1, examples=["13800138000"])]


class VerdictModel(Output):
    """Whether it is allowed; ``placed`` says whether the switch took it."""

    allowed: bool
    code: str | None
    reference: str | None
    message: str
    placed: bool


async def place_test_call(call: Call[None, None, NewTestCall], served: Served) -> Answer:
    """Place a test call and wait for its end; its record is kept with ``test`` true."""
    wanted = call.body
    script = PressScript.parse(wanted.press)
    agents, target = AgentScript.parse(wanted.agents), TargetScript.parse(wanted.target)
    seed = random.SystemRandom().getrandbits(32) if wanted.seed is None else wanted.seed
    moment = call.now if wanted.at is None else parse_time(wanted.at, served.zone)
    test = TestCall(wanted.number, wanted.caller, moment, call_id_of(seed), wanted.data or {})
    if wanted.on == "switch":
        record = await over_switch(served.book, served.overlay)(test, script, agents, target)
    else:
        record = await asyncio.to_thread(run_virtual, served.book, test, script, agents, target, served.overlay)
    known, again = record.call_id, 1
    while await served.store.get_call(record.call_id) is not None:
        again += 1
        record.call_id = f"{known}-{again}"
    await served.store.save(record)
    document = {**record.as_json(served.zone, call.language), "seed": seed}
    return Answer(document, location=f"/calls/{record.call_id}")


async def run_all(call: Call[None, None, RunBody], served: Served) -> Work:
    """Run scenarios; the result is what ``line400 test --json`` prints."""
    wanted, language, book = call.body, call.language, served.book

    async def run(progress: Progress) -> Any:
        await progress(0, 1, Text("running the scenarios", "运行测试场景"))
        report = await asyncio.to_thread(
            run_scenarios,
            [served.folder / "scenarios"],
            book,
            on=wanted.on,
            place=over_switch(book) if wanted.on == "switch" else None,
            seed=wanted.seed,
            n=wanted.at_a_time,
            select=wanted.select,
        )
        await progress(1, 1)
        return report.as_json(language)

    return Work("scenarios", run)


async def originate(call: Call[None, None, OutboundBody], served: Served) -> Answer:
    """Judge a call out by the one outbound policy, and place it where it is allowed. A refusal is audited."""
    wanted = call.body
    verdict = judge_outbound(wanted.from_)
    document = {
        "allowed": verdict.allowed,
        "code": verdict.code,
        "reference": verdict.reference,
        "message": verdict.message.to(call.language),
        "placed": False,
    }
    if not verdict.allowed:
        facts = {"from": wanted.from_[:80], "to": wanted.to[:80]}
        await served.store.audit(
            call.who.name, "outbound_refused", wanted.from_[:80], call.now, verdict.code, None, facts
        )
        return Answer(document, status=403)
    await asyncio.to_thread(place_outbound, served.invocation, wanted.from_, wanted.to)
    return Answer({**document, "placed": True})


OPERATIONS = (
    Operation(
        "place_test_call",
        "POST",
        "/test-calls",
        "trials",
        Text("Place a test call", "发起测试呼叫"),
        "calls.test",
        place_test_call,
        body=NewTestCall,
        answer=CallModel,
        creates=True,
        body_example={"number": "4008001234", "from": "13800138000", "press": "1"},
    ),
    Operation(
        "run_scenarios",
        "POST",
        "/scenarios/run",
        "trials",
        Text("Run the scenarios", "运行测试场景"),
        "calls.test",
        run_all,
        body=RunBody,
        long=True,
        body_example={},
    ),
    Operation(
        "originate",
        "POST",
        "/originate",
        "trials",
        Text("Ask for a call out", "请求外呼"),
        "calls.originate",
        originate,
        body=OutboundBody,
        answer=VerdictModel,
        errors=(403, 503),
        body_example={"from": "4008001234", "to": "13800138000"},
    ),
)
