"""Requests on skill groups (our queues) and users (the agents of queues)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, StringConstraints

from ivr_flows.findings import Text

from ..action import AGENT_WORK, AGENTS, APPLY, LOOK, Action
from ..parameters import Flag, Given, InInstance, PagedInInstance, SomeTexts, Texts

NAME = re.compile(r"[A-Za-z0-9_.\-\u3400-\u9fff]{1,64}")
"""What a queue or an agent may be called."""
QueueName = Annotated[Given, StringConstraints(pattern=f"^{NAME.pattern}$")]
AgentName = QueueName


class ListSkillGroups(PagedInInstance):
    """Skill groups, by a part of the name."""

    search_pattern: str = ""


class CreateSkillGroup(InInstance):
    """A new skill group."""

    name: QueueName
    display_name: str = ""
    description: str = ""


class OfSkillGroup(InInstance):
    """A skill group."""

    skill_group_id: Given


class DeleteSkillGroup(OfSkillGroup):
    """A skill group that goes."""

    force: Flag = False


class ListUsers(PagedInInstance):
    """Agents, of one skill group or all."""

    search_pattern: str = ""
    skill_group_id: str = ""


class GetUser(InInstance):
    """An agent, by name or extension."""

    user_id: str = ""
    extension: str = ""


class CreateUser(InInstance):
    """A new agent in skill groups."""

    login_name: AgentName
    display_name: str = ""
    skill_level_list: Annotated[str, Field(max_length=100_000)] = ""


class UsersOfSkillGroup(OfSkillGroup):
    """Agents that join a skill group."""

    user_skill_level_list: Given


class UserIds(OfSkillGroup):
    """Agents that leave a skill group."""

    user_id_list: SomeTexts


class SkillGroupsOfUser(InInstance):
    """Skill groups that an agent joins."""

    user_id: AgentName
    skill_level_list: Given


class SkillGroupIds(InInstance):
    """Skill groups that an agent leaves."""

    user_id: AgentName
    skill_group_id_list: SomeTexts


class ListSkillLevelsOfUser(PagedInInstance):
    """The skill groups of an agent."""

    user_id: Given
    is_member: Flag = True
    search_pattern: str = ""


class ListUserLevelsOfSkillGroup(PagedInInstance):
    """The agents of a skill group."""

    skill_group_id: Given
    is_member: Flag = True
    search_pattern: str = ""


class RemoveUsers(InInstance):
    """Agents that leave every skill group."""

    user_id_list: SomeTexts


class SignIn(InInstance):
    """An agent begins work."""

    user_id: AgentName
    signed_skill_group_id_list: Texts = ()


class SignOut(InInstance):
    """An agent ends work."""

    user_id: AgentName


class TakeBreak(SignOut):
    """An agent pauses."""

    code: Annotated[str, Field(max_length=80)] = ""


_SAME = Text("the queues of queues.yaml; the id is the queue's name", "queues.yaml 中的队列；编号即队列名")
_MEMBERS = Text("edits `agents` of the queues", "编辑队列的 `agents`")

ACTIONS = (
    Action("ListSkillGroups", ListSkillGroups, LOOK, _SAME),
    Action("ListBriefSkillGroups", ListSkillGroups, LOOK, _SAME),
    Action("GetSkillGroup", OfSkillGroup, LOOK, Text("a queue", "一个队列")),
    Action(
        "CreateSkillGroup", CreateSkillGroup, APPLY, Text("adds a queue to queues.yaml", "在 queues.yaml 中新增队列")
    ),
    Action(
        "DeleteSkillGroup", DeleteSkillGroup, APPLY, Text("removes a queue that nothing names", "删除无人引用的队列")
    ),
    Action("ListUsers", ListUsers, AGENTS, Text("the agents of the queues", "各队列的座席")),
    Action("GetUser", GetUser, AGENTS, Text("an agent", "一个座席")),
    Action(
        "CreateUser",
        CreateUser,
        APPLY,
        Text("an agent for the queues of `SkillLevelList`", "加入 `SkillLevelList` 的队列"),
    ),
    Action("RemoveUsers", RemoveUsers, APPLY, Text("takes agents out of every queue", "从所有队列移除座席")),
    Action("AddUsersToSkillGroup", UsersOfSkillGroup, APPLY, _MEMBERS),
    Action("RemoveUsersFromSkillGroup", UserIds, APPLY, _MEMBERS),
    Action("AddSkillGroupsToUser", SkillGroupsOfUser, APPLY, _MEMBERS),
    Action("RemoveSkillGroupsFromUser", SkillGroupIds, APPLY, _MEMBERS),
    Action("ListSkillLevelsOfUser", ListSkillLevelsOfUser, AGENTS, Text("the queues of an agent", "座席所在队列")),
    Action(
        "ListUserLevelsOfSkillGroup", ListUserLevelsOfSkillGroup, AGENTS, Text("the agents of a queue", "队列的座席")
    ),
    Action("SignInGroup", SignIn, AGENT_WORK, Text("signs an agent in at the switch", "座席在交换机签入")),
    Action("SignOutGroup", SignOut, AGENT_WORK, Text("signs an agent out", "座席签出")),
    Action("TakeBreak", TakeBreak, AGENT_WORK, Text("pauses an agent", "座席小休")),
    Action("ReadyForService", SignOut, AGENT_WORK, Text("ends an agent's pause", "结束小休")),
)
