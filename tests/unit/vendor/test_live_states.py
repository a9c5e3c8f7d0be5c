"""What goes on now, in the vendor's words: agents in their busiest state, callers by queue, a switch that is away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from router.app.vendor.live import Live
from router.model import Configuration, QueueSpec
from router.vendor import VendorError
from router.vendor.actions import live as requests
from router.vendor.parameters import InInstance, read_parameters


def agent(name: str, state: str = "idle", paused: str | None = None) -> dict[str, Any]:
    return {"agent": name, "state": state, "paused": paused is not None, "paused_reason": paused}


def queue(name: str, waiting: tuple[int, ...], *agents: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "waiting": [{"position": place, "seconds": seconds} for place, seconds in enumerate(waiting, 1)],
        "agents": [{**each, "queue": name} for each in agents],
    }


BUSY = [
    queue("sales", (12, 40), agent("1001", "talking"), agent("1002"), agent("1003", paused="午餐")),
    queue("support", (), agent("1001"), agent("1004", "unavailable"), agent("1003", "ringing")),
]


def live(queues: list[dict[str, Any]] | None) -> Live:
    async def document() -> dict[str, Any]:
        return {"queues": queues, "in_progress": 5}

    configuration = Configuration(
        queues={
            "sales": QueueSpec("sales", agents=("1001", "1002", "1005")),
            "support": QueueSpec("support", agents=("1001",)),
        },
        instances={"centre": "sales"},
    )
    return Live(cast(Any, SimpleNamespace(configuration=configuration, router=SimpleNamespace(live=document))))


def asked(model: type[Any], **given: str) -> Any:
    return read_parameters(model, {"InstanceId": "centre", **given})


async def test_the_whole_centre_is_counted_by_agent_and_not_by_queue():
    answer = await live(BUSY).instance(cast(Any, None), asked(InInstance))
    data = answer["Data"]
    assert (data["InteractiveCalls"], data["WaitingCalls"], data["LongestWaitingTime"]) == (5, 2, 40)
    assert (data["TotalAgents"], data["LoggedInAgents"]) == (5, 3)
    assert (data["ReadyAgents"], data["TalkingAgents"], data["BreakingAgents"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"1001": "TALKING", "1002": "READY", "1003": "RINGING", "1004": "OFFLINE", "1005": "OFFLINE"}),
        ({"StateList": '["READY","TALKING"]'}, {"1001": "TALKING", "1002": "READY"}),
        ({"AgentIdList": '["1004"]'}, {"1004": "OFFLINE"}),
        ({"SkillGroupId": "support", "AgentName": "1"}, {"1001": "TALKING", "1003": "RINGING", "1004": "OFFLINE"}),
    ],
)
async def test_agents_have_their_busiest_state(given: dict[str, str], expected: dict[str, str]):
    answer = await live(BUSY).agents(cast(Any, None), asked(requests.ListRealtimeAgentStates, **given))
    assert {item["AgentId"]: item["State"] for item in answer["Data"]["List"]} == expected


async def test_an_agent_that_pauses_everywhere_has_its_reason():
    board = [queue("sales", (), agent("1001", paused="午餐"))]
    answer = await live(board).agents(cast(Any, None), asked(requests.ListRealtimeAgentStates, AgentName="1001"))
    assert [(item["State"], item["BreakCode"]) for item in answer["Data"]["List"]] == [("BREAK", "午餐")]
    centre = (await live(board).instance(cast(Any, None), asked(InInstance)))["Data"]
    assert centre["BreakCodeDetailList"] == [{"BreakCode": "午餐", "Count": 1}]


@pytest.mark.parametrize("names", ['["sales"]', "sales", " sales ,nothing"])
async def test_queues_are_listed_with_their_callers(names: str):
    answer = await live(BUSY).groups_by_get(cast(Any, None), asked(requests.ListSkillGroupStates, SkillGroupIds=names))
    (item,) = answer["Data"]["List"]
    assert (item["SkillGroupId"], item["WaitingCalls"], item["LongestCall"], item["TotalAgents"]) == ("sales", 2, 40, 4)


async def test_a_switch_that_says_nothing_is_a_fault_and_not_an_empty_centre():
    with pytest.raises(VendorError) as raised:
        await live(None).instance(cast(Any, None), asked(InInstance))
    assert (raised.value.code, raised.value.status) == ("InternalService.CTI", 500)
