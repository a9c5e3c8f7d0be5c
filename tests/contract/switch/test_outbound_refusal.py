"""No leg leaves the switch presenting a 400 number, whichever way the number gets into it."""

from __future__ import annotations

import asyncio

import pytest

from .target import BASE, Agi, Bench, Manager

REFUSED = "Originate refused: 400 numbers are inbound only (outbound_400)"
LEG = [("Channel", "PJSIP/13800138000@unicom-bj"), ("Application", "Wait"), ("Data", "1")]

PRESENTING = [
    [("CallerID", "4008001234")],
    [("CallerID", "400-800-1234")],
    [("CallerID", "+86 400 800 1234")],
    [("CallerID", "４００８００１２３４")],
    [("CallerID", '"客服" <4008001234>')],
    [("CallerID", '"4008001234" <01088880001>')],
    [("CallerID", "<sip:4008001234@10.0.0.1>")],
    [("Variable", "CALLERID(num)=4008001234")],
    [("Variable", "X=1,CALLERID(num)=4008001234")],
    [("Variable", "X=1"), ("Variable", 'callerid(all)="a" <4008001234>')],
    [("Variable", "__CALLERID(name)=400-800-1234")],
    [("Variable", "PJSIP_HEADER(add,P-Asserted-Identity)=<sip:4008001234@example.com>")],
    [("Variable", 'PJSIP_HEADER(update,From)="x" <sip:4008001234@example.com>')],
    [("Variable", "SIPADDHEADER01=Diversion: <sip:4008001234@example.com>")],
    [("Variable", "REDIRECTING(from-num)=4008001234")],
]


@pytest.mark.parametrize("asynchronous", ["true", "false"])
@pytest.mark.parametrize("headers", PRESENTING, ids=str)
async def test_an_originate_that_presents_a_400_number_is_refused(
    bench: Bench, manager: Manager, headers: list[tuple[str, str]], asynchronous: str
) -> None:
    answer = await manager.action("Originate", [*LEG, *headers], Async=asynchronous, ActionID="o")
    assert (answer.get("Response"), answer.get("Message")) == ("Error", REFUSED)
    assert answer.action_id == "o"
    told = await manager.event("UserEvent", UserEvent="Line400OutboundRefused")
    assert (told.get("Code"), told.get("Where"), told.get("Source")) == ("outbound_400", "originate", "lab")
    assert len(bench.refused) == 1
    assert bench.switch.active_calls == 0
    assert bench.switch.core.processed == 0


async def test_an_account_with_nothing_but_originate_gets_no_further(bench: Bench) -> None:
    manager = await Manager.connect(bench.switch.ami_port, "caller", "caller-secret")
    answer = await manager.action("Originate", [*LEG, ("CallerID", "4008001234")])
    assert answer.get("Message") == REFUSED
    assert bench.refused[0].source == "caller"


@pytest.mark.parametrize("caller_id", [BASE, "13800138000", '"客服" <01088880001>', "01040080012", ""])
async def test_other_numbers_may_be_presented(bench: Bench, manager: Manager, caller_id: str) -> None:
    answer = await manager.action("Originate", [*LEG, ("CallerID", caller_id)])
    assert answer.get("Response") == "Success"
    assert bench.refused == []


async def test_a_call_to_a_400_number_is_allowed(bench: Bench, manager: Manager) -> None:
    headers = [("Channel", "PJSIP/4008001234@unicom-bj"), ("CallerID", BASE), ("Application", "Wait"), ("Data", "1")]
    answer = await manager.action("Originate", headers)
    assert answer.get("Response") == "Success"


DIALS = {
    "SET CALLERID": ["SET CALLERID 4008001234"],
    "SET CALLERID with a name": ['SET CALLERID "\\"x\\" <400-800-1234>"'],
    "SET VARIABLE": ["SET VARIABLE CALLERID(num) 4008001234"],
    "EXEC Set": ["EXEC Set CALLERID(num)=4008001234"],
    "the display name": [f"SET VARIABLE CALLERID(num) {BASE}", "SET VARIABLE CALLERID(name) 4008001234"],
    "a header": [
        f"SET VARIABLE CALLERID(num) {BASE}",
        'SET VARIABLE PJSIP_HEADER(add,P-Asserted-Identity) "<sip:4008001234@example.com>"',
    ],
    "the diversion": [f"SET VARIABLE CALLERID(num) {BASE}", "SET VARIABLE REDIRECTING(from-num) 4008001234"],
}


@pytest.mark.parametrize("before", DIALS.values(), ids=DIALS.keys())
async def test_a_dialled_leg_that_presents_a_400_number_is_refused(bench: Bench, before: list[str]) -> None:
    seen: list[str] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        for command in before:
            assert await agi.command(command) in ("200 result=1", "200 result=0")
        seen.append(await agi.command('EXEC Dial "PJSIP/01088880009@unicom-bj,20,g"'))
        seen.append(await agi.command("GET VARIABLE DIALSTATUS"))
        await agi.done()

    bench.handler = handler
    result = await bench.call().ended()
    assert seen == ["200 result=0", "200 result=1 (CHANUNAVAIL)"]
    assert [refused.where for refused in bench.refused] == ["dial"]
    assert bench.refused[0].source == result.channel
    assert bench.switch.core.processed == 1


async def test_the_f_option_of_dial_is_what_is_judged(bench: Bench) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.command('EXEC Dial "PJSIP/01088880009@unicom-bj,20,gf(4008001234)"')
        await agi.done()

    bench.handler = handler
    await bench.call().ended()
    assert [refused.presented for refused in bench.refused] == ["4008001234"]


async def test_a_leg_dialled_by_an_originated_channel_is_judged_too(bench: Bench, manager: Manager) -> None:
    headers = [
        ("Channel", "Local/13800138000@anywhere"),
        ("CallerID", BASE),
        ("Application", "Dial"),
        ("Data", "PJSIP/01088880009@unicom-bj,20,f(4008001234)"),
    ]
    answer = await manager.action("Originate", headers)
    assert answer.get("Response") == "Success"
    told = await manager.event("UserEvent", UserEvent="Line400OutboundRefused")
    assert told.get("Where") == "dial"
