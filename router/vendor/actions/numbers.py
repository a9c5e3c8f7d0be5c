"""Requests on telephone numbers. Every number of an instance is a 400 number, so that its usage is ``Inbound``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr_flows.findings import Text

from ..action import APPLY, NUMBERS, Action
from ..parameters import Flag, Given, InInstance, Paged, PagedInInstance, SomeTexts, Texts, Whole, one_of

USAGES = ("Inbound", "Outbound", "Bidirection")
Usage = Annotated[str, one_of(*USAGES)]


class ListPhoneNumbers(PagedInInstance):
    """The numbers of an instance."""

    usage: Usage | None = None
    active: Flag | None = None
    search_pattern: str = ""


class AddPhoneNumbers(InInstance):
    """Numbers for an instance, bound to a flow where one is named."""

    usage: Usage
    number_list: SomeTexts
    contact_flow_id: str = ""


class ModifyPhoneNumber(InInstance):
    """The usage and the binding of a number."""

    number: Given
    usage: Usage
    contact_flow_id: str = ""


class RemovePhoneNumbers(InInstance):
    """Numbers that leave an instance; ``force`` also those that are bound."""

    number_list: SomeTexts
    force: Flag = False


class ListUnassignedNumbers(Paged):
    """Numbers that are in no instance."""

    search_pattern: str = ""


class ListPhoneNumbersOfSkillGroup(PagedInInstance):
    """The numbers that a skill group calls out with."""

    skill_group_id: Given
    is_member: Flag = True
    active: Flag | None = None
    search_pattern: str = ""


class NumberOfSkillGroups(InInstance):
    """A number and skill groups."""

    number: Given
    skill_group_id_list: SomeTexts


class NumbersOfSkillGroup(InInstance):
    """A skill group and numbers."""

    skill_group_id: Given
    number_list: SomeTexts


class ListPersonalNumbersOfUser(PagedInInstance):
    """The numbers that only one agent calls out with."""

    user_id: Given
    is_member: Flag = True
    search_pattern: str = ""


class NumbersOfUser(InInstance):
    """An agent and numbers."""

    user_id: Given
    number_list: SomeTexts


class ListOutboundNumbersOfUser(PagedInInstance):
    """The numbers that an agent may call out with."""

    user_id: str = ""
    skill_group_id_list: Texts = ()


class PickOutboundNumbers(InInstance):
    """Numbers that fit a party to be called."""

    called_number: Given
    skill_group_id_list: Texts = ()
    count: Annotated[Whole, Field(ge=1, le=100)] = 1


class GetNumberLocation(InInstance):
    """Where a number is from."""

    number: Given


_LINK = Text(
    "a skill group's numbers are those it calls out with: a 400 number is refused",
    "技能组的号码用于外呼：400 号码被拒绝",
)
_UNLINK = Text("nothing is linked, so nothing changes", "没有关联，无需改动")

ACTIONS = (
    Action("ListPhoneNumbers", ListPhoneNumbers, NUMBERS, Text("the 400 numbers of an instance", "实例的 400 号码")),
    Action(
        "AddPhoneNumbers",
        AddPhoneNumbers,
        APPLY,
        Text(
            "takes numbers into the instance and binds them; `Usage` other than `Inbound` is refused",
            "将号码加入实例并绑定流程；`Usage` 只能为 `Inbound`",
        ),
    ),
    Action(
        "ModifyPhoneNumber",
        ModifyPhoneNumber,
        APPLY,
        Text(
            "binds a number to a flow, as `line400 bind` does; `Usage` other than `Inbound` is refused",
            "如 `line400 bind` 绑定流程；`Usage` 只能为 `Inbound`",
        ),
    ),
    Action(
        "RemovePhoneNumbers",
        RemovePhoneNumbers,
        APPLY,
        Text("takes numbers out of the instance; bound ones with `Force`", "将号码移出实例；已绑定的需 `Force`"),
    ),
    Action(
        "ListUnassignedNumbers",
        ListUnassignedNumbers,
        NUMBERS,
        Text("numbers of the configuration that are in no instance", "配置中不属于任何实例的号码"),
    ),
    Action(
        "ListPhoneNumbersOfSkillGroup",
        ListPhoneNumbersOfSkillGroup,
        NUMBERS,
        Text(
            "members: none, a 400 number cannot call out; not members: the numbers of the instance",
            "已关联：无（400 号码不能外呼）；未关联：实例的号码",
        ),
    ),
    Action("AddPhoneNumberToSkillGroups", NumberOfSkillGroups, APPLY, _LINK),
    Action("AddNumbersToSkillGroup", NumbersOfSkillGroup, APPLY, _LINK),
    Action("RemovePhoneNumberFromSkillGroups", NumberOfSkillGroups, APPLY, _UNLINK),
    Action("RemovePhoneNumbersFromSkillGroup", NumbersOfSkillGroup, APPLY, _UNLINK),
    Action(
        "ListPersonalNumbersOfUser",
        ListPersonalNumbersOfUser,
        NUMBERS,
        Text("none: a personal number is one to call out with", "无：个人号码用于外呼"),
    ),
    Action(
        "AddPersonalNumbersToUser",
        NumbersOfUser,
        APPLY,
        Text("every number comes back as one that could not be added", "所有号码均作为未能添加者返回"),
    ),
    Action("RemovePersonalNumbersFromUser", NumbersOfUser, APPLY, _UNLINK),
    Action(
        "ListOutboundNumbersOfUser",
        ListOutboundNumbersOfUser,
        NUMBERS,
        Text("the base numbers of the lines, never a 400 number", "各线路的底号，绝不含 400 号码"),
    ),
    Action(
        "PickOutboundNumbers",
        PickOutboundNumbers,
        NUMBERS,
        Text(
            "base numbers, those of the called party's city and province first; never a 400 number",
            "底号，优先被叫同城同省；绝不含 400 号码",
        ),
    ),
    Action("GetNumberLocation", GetNumberLocation, NUMBERS, Text("province and city of a number", "号码归属地")),
)
