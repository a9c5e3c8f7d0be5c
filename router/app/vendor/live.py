"""What goes on now, in the vendor's words: asked of the switch at every request. A switch that does not answer is told
as its fault, not as nobody at work."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr_flows.findings import Text
from router.vendor import Answer, Call, Service, errors
from router.vendor.actions import live as requests
from router.vendor.parameters import InInstance

from ..served import Served
from .queues import agents_of
from .views import page, see_instance

READY, TALKING, RINGING, BREAK, OFFLINE, OTHER = "READY", "TALKING", "RINGING", "BREAK", "OFFLINE", "UNKNOWN"
_STATES = {"idle": READY, "talking": TALKING, "ringing": RINGING, "on_hold": TALKING, "unavailable": OFFLINE}


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent in all of its queues: one state, the busiest; ``code`` why it pauses."""

    name: str
    queues: tuple[str, ...]
    state: str
    code: str

    @property
    def signed_in(self) -> bool:
        """Whether the agent is at work."""
        return self.state != OFFLINE


@dataclass(frozen=True, slots=True)
class Board:
    """``waiting`` are seconds by queue, ``calls`` how many there are."""

    agents: Mapping[str, Agent]
    waiting: Mapping[str, tuple[float, ...]]
    calls: int


@dataclass(frozen=True, slots=True)
class Live:
    """The services."""

    served: Served

    def services(self) -> Mapping[str, Service]:
        """By the action's name."""
        return {
            "GetRealtimeInstanceStates": self.instance,
            "ListRealtimeAgentStates": self.agents,
            "ListRealtimeSkillGroupStates": self.groups,
            "ListSkillGroupStates": self.groups_by_get,
            "ListAgentStates": self.agent_states,
        }

    async def board(self, instance: str) -> Board:
        """What the switch says. Raises `VendorError` where it says nothing."""
        see_instance(self.served, instance)
        document = await self.served.router.live()
        if document["queues"] is None:
            raise errors.internal("CTI", Text("The switch does not answer.", "交换机没有应答。"))
        seen: dict[str, list[Mapping[str, Any]]] = {}
        waiting: dict[str, tuple[float, ...]] = {}
        for queue in document["queues"]:
            waiting[queue["name"]] = tuple(entry["seconds"] for entry in queue["waiting"])
            for agent in queue["agents"]:
                seen.setdefault(agent["agent"], []).append(agent)
        known = agents_of(self.served.configuration)
        agents = {name: _agent(name, seen.get(name, []), known.get(name, [])) for name in sorted({*known, *seen})}
        return Board(agents, waiting, document["in_progress"])

    async def instance(self, call: Call, given: InInstance) -> Answer:
        """Everything together."""
        board = await self.board(given.instance_id)
        return {
            "Data": {
                "InstanceId": given.instance_id,
                "InteractiveCalls": board.calls,
                **_counts(board.agents.values()),
                **_waiting(sum(board.waiting.values(), ())),
            }
        }

    async def agents(self, call: Call, given: requests.ListRealtimeAgentStates) -> Answer:
        """One by one."""
        board = await self.board(given.instance_id)
        wanted = set(given.state_list)
        found = [
            agent
            for agent in board.agents.values()
            if (not given.agent_id_list or agent.name in given.agent_id_list)
            and given.agent_name in agent.name
            and given.query in agent.name
            and (not given.skill_group_id or given.skill_group_id in agent.queues)
            and (not wanted or agent.state in wanted)
        ]
        return page(found, given, lambda agent: _written(agent, given.instance_id))

    async def agent_states(self, call: Call, given: requests.ListAgentStates) -> Answer:
        """The same in the older form."""
        board = await self.board(given.instance_id)
        wanted = _list(given.agent_ids)
        found = [
            agent
            for agent in board.agents.values()
            if (not wanted or agent.name in wanted)
            and (agent.signed_in or not given.exclude_offline_users)
            and (not given.skill_group_id or given.skill_group_id in agent.queues)
            and (not given.state or agent.state == given.state.upper())
        ]
        return page(found, given, lambda agent: {**_written(agent, given.instance_id), "LoginName": agent.name})

    async def groups(self, call: Call, given: requests.ListRealtimeSkillGroupStates) -> Answer:
        """Queue by queue."""
        return self._groups(await self.board(given.instance_id), given, list(given.skill_group_id_list))

    async def groups_by_get(self, call: Call, given: requests.ListSkillGroupStates) -> Answer:
        """Queue by queue, asked by GET."""
        return self._groups(await self.board(given.instance_id), given, _list(given.skill_group_ids))

    def _groups(
        self,
        board: Board,
        given: requests.ListRealtimeSkillGroupStates | requests.ListSkillGroupStates,
        wanted: list[str],
    ) -> Answer:
        names = [name for name in sorted(self.served.configuration.queues) if not wanted or name in wanted]
        return page(
            names,
            given,
            lambda name: {
                "InstanceId": given.instance_id,
                "SkillGroupId": name,
                "SkillGroupName": name,
                **_counts(agent for agent in board.agents.values() if name in agent.queues),
                **_waiting(board.waiting.get(name, ())),
            },
        )


def _agent(name: str, seen: list[Mapping[str, Any]], known: list[str]) -> Agent:
    queues = tuple(dict.fromkeys([*(item["queue"] for item in seen), *known]))
    states = {_STATES.get(item["state"], OTHER) for item in seen}
    paused = [item for item in seen if item["paused"]]
    if not seen or states == {OFFLINE}:
        return Agent(name, queues, OFFLINE, "")
    busy = next((state for state in (TALKING, RINGING) if state in states), None)
    if busy is None and len(paused) == len(seen):
        return Agent(name, queues, BREAK, str(paused[0]["paused_reason"] or ""))
    return Agent(name, queues, busy or (READY if READY in states else OTHER), "")


def _counts(agents: Iterable[Agent]) -> dict[str, Any]:
    listed = list(agents)
    breaks: dict[str, int] = {}
    for agent in listed:
        if agent.state == BREAK:
            breaks[agent.code] = breaks.get(agent.code, 0) + 1
    return {
        "TotalAgents": len(listed),
        "LoggedInAgents": sum(agent.signed_in for agent in listed),
        "ReadyAgents": sum(agent.state == READY for agent in listed),
        "TalkingAgents": sum(agent.state == TALKING for agent in listed),
        "BreakingAgents": sum(breaks.values()),
        "WorkingAgents": 0,
        "BreakCodeDetailList": [{"BreakCode": code, "Count": count} for code, count in sorted(breaks.items())],
    }


def _waiting(seconds: tuple[float, ...]) -> dict[str, Any]:
    longest = round(max(seconds, default=0.0))
    return {"WaitingCalls": len(seconds), "LongestWaitingTime": longest, "LongestCall": longest}


def _written(agent: Agent, instance: str) -> dict[str, Any]:
    return {
        "InstanceId": instance,
        "AgentId": agent.name,
        "AgentName": agent.name,
        "Extension": agent.name,
        "Dn": agent.name,
        "State": agent.state,
        "BreakCode": agent.code,
        "SkillGroupIdList": list(agent.queues),
        "SkillGroupNameList": list(agent.queues),
        "WorkMode": "ON_SITE",
    }


def _list(text: str) -> list[str]:
    """Names in a JSON array, or between commas."""
    if not text:
        return []
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = text.split(",")
    return [str(item).strip() for item in read] if isinstance(read, list) else [text]
