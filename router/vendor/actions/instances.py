"""Requests on instances."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from ivr_flows.findings import Text

from ..action import APPLY, LOOK, Action
from ..parameters import Given, InInstance, Paged, Parameters, Texts

DomainName = Annotated[Given, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{4,48}$")]


class CreateInstance(Parameters):
    """A new instance; ``domain_name`` becomes its id."""

    domain_name: DomainName
    name: Annotated[Given, Field(max_length=100)]
    description: Annotated[str, Field(max_length=300)] = ""
    admin_ram_id_list: Texts = ()
    number_list: Texts = ()


class ModifyInstance(InInstance):
    """The description of an instance."""

    description: Annotated[str, Field(max_length=300)] = ""


ACTIONS = (
    Action(
        "CreateInstance",
        CreateInstance,
        APPLY,
        Text(
            "adds the instance to queues.yaml; a number in it is bound to Welcome; no admins are kept",
            "在 queues.yaml 中新增实例；随实例选用的号码绑定 Welcome；不保存 `AdminRamIdList`",
        ),
    ),
    Action("GetInstance", InInstance, LOOK, Text("an instance and its numbers", "实例及其号码")),
    Action("ListInstances", Paged, LOOK, Text("the instances of queues.yaml", "queues.yaml 中的实例")),
    Action("ListInstancesOfUser", Paged, LOOK, Text("the same, numbers in full", "同上，号码信息完整")),
    Action("ModifyInstance", ModifyInstance, APPLY, Text("sets the description", "修改描述")),
    Action(
        "DeleteInstance",
        InInstance,
        APPLY,
        Text("removes an instance that has no numbers", "删除没有号码的实例"),
    ),
)
