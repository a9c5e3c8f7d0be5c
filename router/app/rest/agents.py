"""``/agents`` and ``/queues``: who is signed in where, who waits; signing in and out, pausing. Asked of the switch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, Listed, ListQuery, Output
from router.api.operation import Call, Operation, Page
from router.api.refusal import not_found
from router.asterisk.agents import Agents, SwitchAway
from router.asterisk.ami_link import AmiUnavailable
from router.store import StoreError

from ..agents_desk import AgentAction, act, agent_json, agent_named, audit_action, queues_of
from ..served import Served

T = TypeVar("T")


class AgentModel(Output):
    """An agent in one queue, as ``line400 agents --json`` prints it."""

    queue: str
    agent: str
    interface: str
    state: str
    paused: bool
    paused_reason: str | None
    calls: int
    fixed: bool
    last_call: str | None


class QueueModel(Listed):
    """A queue as it is now; ``configured`` is what queues.yaml says of it."""

    name: str
    waiting: list[dict[str, Any]]
    agents: list[dict[str, Any]]
    answered: int
    abandoned: int
    strategy: str | None
    max_waiting: int | None


class AgentsQuery(ListQuery):
    """Which agents."""

    queue: Line | None = None


class AgentPath(Input):
    """An agent's name or extension."""

    agent: Annotated[Line, Field(min_length=1, examples=["1001"])]


class QueuePath(Input):
    """A queue's name."""

    name: Annotated[Line, Field(min_length=1, examples=["default"])]


class AgentChange(Input):
    """In which queue; without one, in all that there are, or that queues.yaml gives the agent."""

    queue: Line | None = None
    reason: Line | None = None


class ChangedModel(Output):
    """In which queues something changed; ``audited`` is false where the store was away."""

    agent: str
    action: str
    queues: list[str]
    audited: bool


async def list_agents(call: Call[None, AgentsQuery, None], served: Served) -> Page:
    """Who is signed in, by queue and name."""
    states = await over_ami(served, lambda found: found.list(call.query.queue))
    behind = ("", "") if call.after is None else (str(call.after[0]), str(call.after[1]))
    rest = [state for state in states if (state.queue, state.agent) > behind]
    shown = rest[: call.query.limit]
    after = (shown[-1].queue, shown[-1].agent) if len(rest) > len(shown) else None
    return Page([agent_json(state, served.zone) for state in shown], after)


def acting(action: AgentAction) -> Callable[[Call[AgentPath, None, AgentChange], Served], Awaitable[dict[str, Any]]]:
    """The handler that does ``action``."""

    async def handler(call: Call[AgentPath, None, AgentChange], served: Served) -> dict[str, Any]:
        agent, queue, reason = agent_named(call.path.agent, action), call.body.queue, call.body.reason
        where = queues_of(agent, queue, served.configuration.queues.values()) if action == "sign-in" else []
        changed = await over_ami(served, lambda found: act(found, action, agent, queue, where, reason))
        audited = True
        try:
            after = {"queues": changed}
            await served.store.audit(call.who.name, audit_action(action), agent, call.now, reason, None, after)
        except StoreError:
            audited = False  # the switch has done it: to say that it failed would make somebody do it again
        return {"agent": agent, "action": action, "queues": changed, "audited": audited}

    handler.__doc__ = f"{action} an agent."
    return handler


async def list_queues(call: Call[None, ListQuery, None], served: Served) -> Page:
    """The queues with who waits and who works there, by name."""
    found = await _queues(call, served)
    behind = "" if call.after is None else str(call.after[0])
    rest = [queue for queue in found if queue["name"] > behind]
    shown = rest[: call.query.limit]
    return Page(shown, (shown[-1]["name"],) if len(rest) > len(shown) else None)


async def get_queue(call: Call[QueuePath, None, None], served: Served) -> dict[str, Any]:
    """One queue."""
    for queue in await _queues(call, served):
        if queue["name"] == call.path.name:
            return queue
    raise not_found(Text("a queue", "队列"), call.path.name)


async def _queues(call: Call[Any, Any, Any], served: Served) -> list[dict[str, Any]]:
    document = await served.router.live(reveal=call.who.may("callers.read"))
    known = {queue["name"]: queue for queue in document["queues"] or []}
    specs = served.configuration.queues
    if document["queues"] is None and not specs:
        raise away(served)
    found = []
    for name in sorted({*known, *specs}):
        spec, live = specs.get(name), known.get(name)
        nothing = {"name": name, "waiting": [], "agents": [], "answered": 0, "abandoned": 0}
        found.append(
            {
                **(live or nothing),
                "strategy": spec.strategy if spec else None,
                "max_waiting": spec.max_waiting if spec else None,
            }
        )
    return found


async def over_ami(served: Served, work: Callable[[Agents], Awaitable[T]]) -> T:
    """What ``work`` gives of the switch. Raises `SwitchAway`, `AgentRefused`."""
    link = served.router.link
    if not link.connected:
        raise away(served)
    try:
        return await work(Agents(link))
    except AmiUnavailable as error:
        raise away(served, str(error)) from error


def away(served: Served, reason: str = "") -> SwitchAway:
    """No switch answers."""
    link = served.router.link
    return SwitchAway(link.access, reason or link.last_failure)


_ACTIONS: tuple[tuple[AgentAction, Text], ...] = (
    ("sign-in", Text("Sign an agent in", "座席签入")),
    ("sign-out", Text("Sign an agent out", "座席签出")),
    ("pause", Text("Give an agent no more calls", "座席暂停")),
    ("unpause", Text("Give an agent calls again", "座席恢复")),
)

OPERATIONS = (
    Operation(
        "list_agents",
        "GET",
        "/agents",
        "agents",
        Text("Agents who are signed in", "已签入的座席"),
        "agents.read",
        list_agents,
        query=AgentsQuery,
        answer=AgentModel,
        paged=True,
        errors=(503,),
    ),
    *(
        Operation(
            f"{action.replace('-', '_')}_agent",
            "POST",
            f"/agents/{{agent}}/{action}",
            "agents",
            text,
            "agents.work",
            acting(action),
            path_model=AgentPath,
            body=AgentChange,
            answer=ChangedModel,
            repeatable=True,
            errors=(503,),
            body_example={"queue": "default"},
        )
        for action, text in _ACTIONS
    ),
    Operation(
        "list_queues",
        "GET",
        "/queues",
        "agents",
        Text("Queues as they are now", "队列实时状态"),
        "agents.read",
        list_queues,
        query=ListQuery,
        answer=QueueModel,
        paged=True,
    ),
    Operation(
        "get_queue",
        "GET",
        "/queues/{name}",
        "agents",
        Text("One queue", "一个队列"),
        "agents.read",
        get_queue,
        path_model=QueuePath,
        answer=QueueModel,
    ),
)
