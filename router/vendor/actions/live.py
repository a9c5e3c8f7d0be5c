"""Requests on what goes on now."""

from __future__ import annotations

from ivr_flows.findings import Text

from ..action import LIVE, Action
from ..parameters import Flag, InInstance, PagedInInstance, Texts


class ListRealtimeAgentStates(PagedInInstance):
    """Agents with what they are doing."""

    agent_id_list: Texts = ()
    agent_name: str = ""
    skill_group_id: str = ""
    state_list: Texts = ()
    query: str = ""


class ListRealtimeSkillGroupStates(PagedInInstance):
    """Queues with callers and agents."""

    skill_group_id_list: Texts = ()


class ListSkillGroupStates(PagedInInstance):
    """The same by GET."""

    skill_group_ids: str = ""


class ListAgentStates(PagedInInstance):
    """Agents, in the older form."""

    agent_ids: str = ""
    exclude_offline_users: Flag = False
    skill_group_id: str = ""
    state: str = ""


ACTIONS = (
    Action(
        "GetRealtimeInstanceStates",
        InInstance,
        LIVE,
        Text("calls, callers that wait, agents; asks the switch", "通话、等待与座席数；实时查询交换机"),
    ),
    Action("ListRealtimeAgentStates", ListRealtimeAgentStates, LIVE, Text("agents signed in, and others", "座席状态")),
    Action("ListRealtimeSkillGroupStates", ListRealtimeSkillGroupStates, LIVE, Text("queues as they are", "队列状态")),
    Action("ListSkillGroupStates", ListSkillGroupStates, LIVE, Text("queues as they are, by GET", "队列状态（GET）")),
    Action("ListAgentStates", ListAgentStates, LIVE, Text("agents as they are", "座席状态")),
)
