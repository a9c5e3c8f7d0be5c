"""Skill groups and users: the queues of queues.yaml and their agents. Who works in a queue is one list, so that a skill
level is always 1; a user is known by name or extension and has nothing else here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr_flows.findings import Text
from router.asterisk.agents import Agents
from router.configuration.company_edit import CompanyEdit
from router.model import Configuration
from router.vendor import Answer, Call, Service, errors
from router.vendor.actions import queues as requests
from router.vendor.parameters import read_json

from ..served import Served
from .views import page, see_instance
from .writing import Writer, author

LEVEL = 1
MEDIA = "AUDIO"


@dataclass(frozen=True, slots=True)
class Queues:
    """The services."""

    served: Served
    writer: Writer

    def services(self) -> Mapping[str, Service]:
        """By the action's name."""
        return {
            "ListSkillGroups": self.list_groups,
            "ListBriefSkillGroups": self.list_groups,
            "GetSkillGroup": self.get,
            "CreateSkillGroup": self.create,
            "DeleteSkillGroup": self.delete,
            "ListUsers": self.users,
            "GetUser": self.user,
            "CreateUser": self.create_user,
            "RemoveUsers": self.remove_users,
            "AddUsersToSkillGroup": self.add_users,
            "RemoveUsersFromSkillGroup": self.take_users,
            "AddSkillGroupsToUser": self.join,
            "RemoveSkillGroupsFromUser": self.leave,
            "ListSkillLevelsOfUser": self.levels_of_user,
            "ListUserLevelsOfSkillGroup": self.levels_of_group,
            "SignInGroup": self.sign_in,
            "SignOutGroup": self.sign_out,
            "TakeBreak": self.take_break,
            "ReadyForService": self.ready,
        }

    # ---- reading

    async def list_groups(self, call: Call, given: requests.ListSkillGroups) -> Answer:
        """The queues."""
        see_instance(self.served, given.instance_id)
        queues = self.served.configuration.queues
        found = [name for name in sorted(queues) if given.search_pattern in name]
        return page(
            found,
            given,
            lambda name: {
                **_group(name, given.instance_id),
                "SkillGroupName": name,
                "UserCount": len(queues[name].agents),
                "PhoneNumberCount": 0,
            },
        )

    async def get(self, call: Call, given: requests.OfSkillGroup) -> Answer:
        """One queue."""
        see_instance(self.served, given.instance_id)
        see_queue(self.served, given.skill_group_id, given.instance_id)
        return {"Data": {**_group(given.skill_group_id, given.instance_id), "Name": given.skill_group_id}}

    async def users(self, call: Call, given: requests.ListUsers) -> Answer:
        """The agents."""
        see_instance(self.served, given.instance_id)
        if given.skill_group_id:
            see_queue(self.served, given.skill_group_id, given.instance_id)
        known = agents_of(self.served.configuration)
        found = [
            agent
            for agent, queues in known.items()
            if given.search_pattern in agent and (not given.skill_group_id or given.skill_group_id in queues)
        ]
        return page(
            found,
            given,
            lambda agent: {
                **_user(agent, given.instance_id),
                "SkillLevelList": [_level(name) for name in known[agent]],
            },
        )

    async def user(self, call: Call, given: requests.GetUser) -> Answer:
        """One agent."""
        see_instance(self.served, given.instance_id)
        agent = given.user_id or given.extension
        if not agent:
            raise errors.missing("UserId")
        see_agent(self.served, agent, given.instance_id)
        return {"Data": _user(agent, given.instance_id)}

    async def levels_of_user(self, call: Call, given: requests.ListSkillLevelsOfUser) -> Answer:
        """The queues of an agent, or the others."""
        see_instance(self.served, given.instance_id)
        see_agent(self.served, given.user_id, given.instance_id)
        queues = self.served.configuration.queues
        found = [
            name
            for name in sorted(queues)
            if (given.user_id in queues[name].agents) == given.is_member and given.search_pattern in name
        ]
        return page(found, given, _level)

    async def levels_of_group(self, call: Call, given: requests.ListUserLevelsOfSkillGroup) -> Answer:
        """The agents of a queue, or the others."""
        see_instance(self.served, given.instance_id)
        group = given.skill_group_id
        see_queue(self.served, group, given.instance_id)
        known = agents_of(self.served.configuration)
        found = [
            agent
            for agent, queues in known.items()
            if (group in queues) == given.is_member and given.search_pattern in agent
        ]
        return page(found, given, lambda agent: {**_user(agent, given.instance_id), **_level(group)})

    # ---- changing

    async def create(self, call: Call, given: requests.CreateSkillGroup) -> Answer:
        """A new queue."""
        see_instance(self.served, given.instance_id)
        if given.name in self.served.configuration.queues:
            raise errors.there_already("SkillGroup", given.name)
        await self.writer.apply(
            call,
            lambda change: change.enter_queue(given.name),
            right=lambda configuration: given.name in configuration.queues,
        )
        return {"Data": {**_group(given.name, given.instance_id), "Name": given.name}}

    async def delete(self, call: Call, given: requests.DeleteSkillGroup) -> Answer:
        """A queue goes; one that an instance or a flow names does not."""
        see_instance(self.served, given.instance_id)
        name = given.skill_group_id
        see_queue(self.served, name, given.instance_id)
        configuration = self.served.configuration
        used = [instance for instance, queue in configuration.instances.items() if queue == name]
        if used or name == "default":
            raise errors.in_use("SkillGroup", name, used or ["line400"])
        agents = configuration.queues[name].agents
        if agents and not given.force:
            raise errors.in_use("SkillGroup", name, agents)
        await self.writer.apply(call, lambda change: change.remove_queue(name))
        return {}

    async def create_user(self, call: Call, given: requests.CreateUser) -> Answer:
        """An agent in queues."""
        see_instance(self.served, given.instance_id)
        groups = _named(given.skill_level_list, "SkillLevelList", "SkillGroupId") or ["default"]
        if given.login_name in agents_of(self.served.configuration):
            raise errors.there_already("User", given.login_name)
        await self._change(call, given.instance_id, groups, lambda agents: [*agents, given.login_name])
        user = _user(given.login_name, given.instance_id)
        return {"Data": user}

    async def remove_users(self, call: Call, given: requests.RemoveUsers) -> Answer:
        """Agents leave every queue."""
        see_instance(self.served, given.instance_id)
        for agent in given.user_id_list:
            see_agent(self.served, agent, given.instance_id)
        await self._change(call, given.instance_id, self.served.configuration.queues, _without(given.user_id_list))
        return {}

    async def add_users(self, call: Call, given: requests.UsersOfSkillGroup) -> Answer:
        """Agents join a queue."""
        see_instance(self.served, given.instance_id)
        users = _named(given.user_skill_level_list, "UserSkillLevelList", "UserId")
        await self._change(call, given.instance_id, [given.skill_group_id], _with(users))
        return {}

    async def take_users(self, call: Call, given: requests.UserIds) -> Answer:
        """Agents leave a queue."""
        see_instance(self.served, given.instance_id)
        await self._change(call, given.instance_id, [given.skill_group_id], _without(given.user_id_list))
        return {}

    async def join(self, call: Call, given: requests.SkillGroupsOfUser) -> Answer:
        """An agent joins queues."""
        see_instance(self.served, given.instance_id)
        groups = _named(given.skill_level_list, "SkillLevelList", "SkillGroupId")
        await self._change(call, given.instance_id, groups, _with([given.user_id]))
        return {}

    async def leave(self, call: Call, given: requests.SkillGroupIds) -> Answer:
        """An agent leaves queues."""
        see_instance(self.served, given.instance_id)
        see_agent(self.served, given.user_id, given.instance_id)
        await self._change(call, given.instance_id, given.skill_group_id_list, _without([given.user_id]))
        return {}

    async def _change(
        self, call: Call, instance: str, groups: Iterable[str], change: Callable[[list[str]], list[str]]
    ) -> None:
        queues = self.served.configuration.queues
        wanted: dict[str, list[str]] = {}
        for group in groups:
            see_queue(self.served, group, instance)
            agents = change(list(queues[group].agents))
            if agents != list(queues[group].agents):
                wanted[group] = agents

        def edit(edited: CompanyEdit) -> None:
            for group, agents in wanted.items():
                edited.set_agents(group, agents)

        def right(configuration: Configuration) -> bool:
            return all(list(configuration.queues[group].agents) == agents for group, agents in wanted.items())

        if wanted:
            await self.writer.apply(call, edit, right=right)

    # ---- agents at the switch

    async def sign_in(self, call: Call, given: requests.SignIn) -> Answer:
        """An agent signs in at its queues, or those named."""
        see_instance(self.served, given.instance_id)
        known = agents_of(self.served.configuration).get(given.user_id, [])
        groups = list(given.signed_skill_group_id_list) or known
        if not groups:
            raise errors.no_user(given.user_id, given.instance_id)
        for group in groups:
            see_queue(self.served, group, given.instance_id)
        agents = self._agents()
        changed = [group for group in groups if await agents.sign_in(given.user_id, group)]
        return await self._told(call, "sign_in", given.user_id, changed)

    async def sign_out(self, call: Call, given: requests.SignOut) -> Answer:
        """An agent signs out everywhere."""
        see_instance(self.served, given.instance_id)
        agents = self._agents()
        there = [item.queue for item in await agents.list() if given.user_id in (item.agent, item.interface)]
        changed = [group for group in there if await agents.sign_out(given.user_id, group)]
        return await self._told(call, "sign_out", given.user_id, changed)

    async def take_break(self, call: Call, given: requests.TakeBreak) -> Answer:
        """An agent pauses in every queue."""
        see_instance(self.served, given.instance_id)
        await self._agents().pause(given.user_id, None, True, given.code)
        return await self._told(call, "pause", given.user_id, [])

    async def ready(self, call: Call, given: requests.SignOut) -> Answer:
        """The pause is over."""
        see_instance(self.served, given.instance_id)
        await self._agents().pause(given.user_id, None, False)
        return await self._told(call, "unpause", given.user_id, [])

    def _agents(self) -> Agents:
        link = self.served.router.link
        if not link.connected:
            raise errors.internal("CTI", Text("The switch does not answer.", "交换机没有应答。"))
        return Agents(link)

    async def _told(self, call: Call, what: str, agent: str, queues: list[str]) -> Answer:
        await self.served.store.audit(
            author(call), f"agent_{what}", agent, call.now, call.action.name, None, {"queues": queues}
        )
        return {"Data": {"UserId": agent, "SignedSkillGroupIdList": queues, "JobId": ""}}


def see_queue(served: Served, name: str, instance: str) -> None:
    """See that there is a queue ``name``. Raises `VendorError`."""
    if name not in served.configuration.queues:
        raise errors.no_skill_group(name[:64], instance)


def see_agent(served: Served, agent: str, instance: str) -> None:
    """See that ``agent`` works in a queue. Raises `VendorError`."""
    if agent not in agents_of(served.configuration):
        raise errors.no_user(agent[:64], instance)


def agents_of(configuration: Configuration) -> dict[str, list[str]]:
    """The queues of each agent, both in their order."""
    found: dict[str, list[str]] = {}
    for name in sorted(configuration.queues):
        for agent in configuration.queues[name].agents:
            found.setdefault(agent, []).append(name)
    return dict(sorted(found.items()))


def _group(name: str, instance: str) -> dict[str, Any]:
    return {
        "SkillGroupId": name,
        "DisplayName": name,
        "Description": "",
        "InstanceId": instance,
        "MediaType": MEDIA,
    }


def _user(agent: str, instance: str) -> dict[str, Any]:
    return {
        "UserId": agent,
        "LoginName": agent,
        "DisplayName": agent,
        "Extension": agent,
        "InstanceId": instance,
        "RoleId": f"Agent@{instance}",
        "RoleName": "Agent",
        "WorkMode": "ON_SITE",
    }


def _level(group: str) -> dict[str, Any]:
    return {"SkillGroupId": group, "SkillGroupName": group, "SkillLevel": LEVEL, "MediaType": MEDIA}


def _with(agents: Iterable[str]) -> Callable[[list[str]], list[str]]:
    return lambda there: list(dict.fromkeys([*there, *agents]))


def _without(agents: Iterable[str]) -> Callable[[list[str]], list[str]]:
    gone = set(agents)
    return lambda there: [agent for agent in there if agent not in gone]


def _named(text: str, parameter: str, key: str) -> list[str]:
    """The names in a JSON array of texts, or of objects with ``key``. Raises `VendorError`."""
    if not text:
        return []
    try:
        read = read_json(text)
    except ValueError:
        read = None
    names = [item.get(key) if isinstance(item, dict) else item for item in read] if isinstance(read, list) else []
    if not names or not all(isinstance(name, str) and requests.NAME.fullmatch(name) for name in names):
        raise errors.wrong_format(parameter, f'a JSON array is expected, such as [{{"{key}": "1001"}}].')
    return [str(name) for name in names]
