"""Agents over AMI: who is signed in where, in what state; signing in and out, pausing.

One connection for one piece of work, as the command line does it; a live router keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from ivr_flows.findings import Text

from .ami_link import AmiAccess, AmiLink, AmiUnavailable
from .generated.names import telephone
from .preferred import MARK, preferred_queue, queue_of, queue_on_switch

CONNECT_SECONDS: Final = 3.0
_NAME = re.compile(r"[A-Za-z0-9_.\-\u3400-\u9fff]{1,64}(/[A-Za-z0-9_.@\-]{1,64})?")
STATES: Final[Mapping[str, str]] = {
    "1": "idle",
    "2": "talking",
    "3": "talking",
    "4": "unknown",
    "5": "unavailable",
    "6": "ringing",
    "7": "ringing",
    "8": "on_hold",
}
"""What Asterisk's device states of a member amount to; every other one is ``unknown``."""


class SwitchAway(OSError):
    """No switch answers on AMI, or it does not let us in."""

    def __init__(self, access: AmiAccess, reason: str) -> None:
        super().__init__(reason)
        self.code = "no-switch"
        self.message = Text(
            f"No switch answers on AMI at {access.host}:{access.port}: {reason or 'no connection'}.",
            f"AMI {access.host}:{access.port} 没有交换机应答：{reason or '无法连接'}。",
        )
        self.cure = Text(
            "Start the switch, or correct `asterisk` in line400.yaml (host, ami_port, username, secret_env).",
            "请启动交换机，或更正 line400.yaml 的 `asterisk`（host、ami_port、username、secret_env）。",
        )


class AgentRefused(Exception):
    """The switch did not do what was asked of it for an agent."""

    def __init__(self, agent: str, said: str) -> None:
        super().__init__(said)
        static = "not dynamic" in said.lower()
        self.code = "agent-refused"
        self.message = Text(
            f"The switch refused it for agent {agent}: {said}.", f"交换机拒绝了对座席 {agent} 的操作：{said}。"
        )
        self.cure = (
            Text(
                "This agent stands in the switch's own list of the queue; pause instead.",
                "该座席是交换机队列的固定成员，请改用 pause 暂停。",
            )
            if static
            else Text("`line400 agents` lists who is signed in where.", "`line400 agents` 列出各队列的座席。")
        )


@dataclass(frozen=True, slots=True)
class AgentState:
    """An agent in one queue. ``last_call`` in epoch seconds, None where there was none; ``fixed``: in the switch's own
    list of the queue, so that signing out is not possible."""

    queue: str
    agent: str
    interface: str
    state: str
    paused: bool
    paused_reason: str
    calls: int
    last_call: float | None
    fixed: bool

    def as_json(self) -> dict[str, object]:
        """The agent as ``agents --json`` prints it; without ``last_call``, which whoever knows the time zone adds."""
        return {
            "queue": self.queue,
            "agent": self.agent,
            "interface": self.interface,
            "state": self.state,
            "paused": self.paused,
            "paused_reason": self.paused_reason or None,
            "calls": self.calls,
            "fixed": self.fixed,
        }


def interface_of(agent: str) -> str | None:
    """The interface that an agent's name or extension stands for; None for what is no such name."""
    if not _NAME.fullmatch(agent):
        return None
    return agent if "/" in agent else f"PJSIP/{telephone(agent)}"


@asynccontextmanager
async def agents_of(access: AmiAccess) -> AsyncIterator[Agents]:
    """The agents of the switch at ``access``. Raises `SwitchAway`, also for a switch that goes away meanwhile."""
    link = AmiLink(access)
    link.start()
    try:
        if not await link.wait_connected(CONNECT_SECONDS):
            raise SwitchAway(access, link.last_failure)
        yield Agents(link)
    except AmiUnavailable as error:
        raise SwitchAway(access, str(error)) from error
    finally:
        await link.stop()


class Agents:
    """What can be asked and changed. Every method raises `AgentRefused` and `AmiUnavailable`."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link

    async def list(self, queue: str | None = None) -> list[AgentState]:
        """Who is signed in, by queue and name."""
        answer = await self._link.send("QueueStatus", {} if queue is None else {"Queue": queue_on_switch(queue)})
        messages = answer if isinstance(answer, list) else [answer]
        found = [agent_state(message) for message in messages if message.get("Event") == "QueueMember"]
        found = [agent for agent in found if not queue_of(agent.queue)[1]]
        return sorted(found, key=lambda agent: (agent.queue, agent.agent))

    async def sign_in(self, agent: str, queue: str) -> bool:
        """Sign ``agent`` in at ``queue``; False where that was so already."""
        member = {"Interface": interface_of(agent) or "", "MemberName": agent, "Penalty": 0}
        return await self._do("QueueAdd", agent, {"Queue": queue_on_switch(queue), **member}, "already there")

    async def sign_out(self, agent: str, queue: str) -> bool:
        """Sign ``agent`` out of ``queue``; False where the agent was not there."""
        headers = {"Queue": queue_on_switch(queue), "Interface": interface_of(agent) or ""}
        return await self._do("QueueRemove", agent, headers, "not there")

    async def pause(self, agent: str, queue: str | None, paused: bool, reason: str = "") -> None:
        """Give ``agent`` no more calls, or again some, of one queue or of all."""
        headers = {"Interface": interface_of(agent) or "", "Paused": "true" if paused else "false"}
        if queue is not None:
            headers["Queue"] = queue_on_switch(queue)
        if reason:
            headers["Reason"] = " ".join(reason.split())[:80]
        await self._do("QueuePause", agent, headers)
        if queue is not None:
            # Beside it the one of this agent alone, where there is one.
            await self._link.send("QueuePause", {**headers, "Queue": preferred_queue(queue, agent)})

    async def _do(self, action: str, agent: str, headers: Mapping[str, object], settled: str = "") -> bool:
        answer = await self._link.send(action, headers)
        if answer.success:
            return True
        said = str(answer.get("Message", "") or "no reason given").rstrip(".")
        if settled and settled in said.lower():
            return False
        raise AgentRefused(agent, said)


def agent_state(message: Any) -> AgentState:
    """An AMI ``QueueMember`` as an agent."""

    def text(name: str) -> str:
        value = message.get(name, "")
        return value if isinstance(value, str) else str(value[0]) if value else ""

    def number(name: str) -> int:
        value = text(name)
        return int(value) if value.isascii() and value.isdigit() else 0

    last = number("LastCall")
    return AgentState(
        text("Queue").removesuffix(MARK),
        text("Name") or text("Location"),
        text("Location"),
        STATES.get(text("Status"), "unknown"),
        text("Paused") == "1",
        text("PausedReason"),
        number("CallsTaken"),
        float(last) if last else None,
        text("Membership") == "static",
    )
