"""What is done with agents: signing in and out, pausing. The command line and the API both use it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any, Literal

from ivr_flows.findings import Text
from router.asterisk.agents import Agents, AgentState, interface_of
from router.model import QueueSpec

from .moments import iso_time
from .problems import Problem, usage

AgentAction = Literal["sign-in", "sign-out", "pause", "unpause"]


def agent_named(agent: str | None, action: str) -> str:
    """``agent`` as it was written. Raises `Problem` for what names no agent."""
    if agent is not None and interface_of(agent) is not None:
        return agent
    raise usage(
        "bad-agent",
        Text(
            f"`agents {action}` wants an agent's name or extension." if agent is None else f"`{agent}` names no agent.",
            f"`agents {action}` 需要座席名或分机。" if agent is None else f"`{agent}` 不是座席名或分机。",
        ),
        Text(f"line400 agents {action} 1001", f"line400 agents {action} 1001"),
    )


def queues_of(agent: str, queue: str | None, queues: Iterable[QueueSpec]) -> list[str]:
    """The queues to sign in at: the one named, else those that the configuration gives the agent. Raises `Problem`."""
    if queue is not None:
        return [queue]
    found = [spec.name for spec in queues if agent in spec.agents]
    if found:
        return found
    raise missing_queue(agent)


def missing_queue(agent: str) -> Problem:
    """``queues.yaml`` does not say where the agent works."""
    return usage(
        "missing-queue",
        Text(f"queues.yaml names {agent} in no queue.", f"queues.yaml 的各队列中都没有座席 {agent}。"),
        Text(
            f"Say which: line400 agents sign-in {agent} --queue QUEUE",
            f"请指定队列：line400 agents sign-in {agent} --queue 队列",
        ),
    )


async def act(
    found: Agents, action: AgentAction, agent: str, queue: str | None, sign_in_at: list[str], reason: str | None
) -> list[str]:
    """Do ``action`` with ``agent``, in ``queue`` or everywhere; in which queues something changed. Raises
    `AgentRefused`, `AmiUnavailable`."""
    if action in ("pause", "unpause"):
        await found.pause(agent, queue, action == "pause", reason or "")
        return [item.queue for item in await found.list(queue) if agent in (item.agent, item.interface)]
    if action == "sign-in":
        return [item for item in sign_in_at if await found.sign_in(agent, item)]
    where = [queue] if queue else [i.queue for i in await found.list() if agent in (i.agent, i.interface)]
    return [item for item in where if await found.sign_out(agent, item)]


def agent_json(state: AgentState, zone: tzinfo) -> dict[str, Any]:
    """An agent in one queue, as ``agents --json`` prints it."""
    return {**state.as_json(), "last_call": None if state.last_call is None else iso_time(state.last_call, zone)}


def audit_action(action: str) -> str:
    """What the audit calls it."""
    return f"agent_{action.replace('-', '_')}"
