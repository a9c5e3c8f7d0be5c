"""Instances: the sections of queues.yaml of that name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.configuration.company_edit import CompanyEdit
from router.desk import Desk
from router.life.model import Request
from router.vendor import Answer, Call, Service, errors
from router.vendor.actions import instances as requests
from router.vendor.parameters import InInstance, Paged

from ..served import Served
from .binding import WELCOME, happen_to, instance_event, may_bind
from .views import digits_of, instance, numbers_of, page, see_instance
from .writing import Writer

QUEUE = "default"


@dataclass(frozen=True, slots=True)
class Instances:
    """The services."""

    served: Served
    writer: Writer

    def services(self) -> Mapping[str, Service]:
        """By the action's name."""
        return {
            "CreateInstance": self.create,
            "GetInstance": self.get,
            "ListInstances": self.list_instances,
            "ListInstancesOfUser": self.list_of_user,
            "ModifyInstance": self.modify,
            "DeleteInstance": self.delete,
        }

    async def get(self, call: Call, given: InInstance) -> Answer:
        """One instance."""
        see_instance(self.served, given.instance_id)
        return {"Data": instance(self.served, given.instance_id, call.now)}

    async def list_instances(self, call: Call, given: Paged) -> Answer:
        """Every instance, numbers only by name."""
        names = sorted(self.served.configuration.instances)
        return page(names, given, lambda name: instance(self.served, name, call.now, full=False))

    async def list_of_user(self, call: Call, given: Paged) -> Answer:
        """Every instance."""
        names = sorted(self.served.configuration.instances)
        return page(names, given, lambda name: instance(self.served, name, call.now))

    async def create(self, call: Call, given: requests.CreateInstance) -> Answer:
        """A new instance; its numbers are bound to Welcome."""
        name = given.domain_name
        if name in self.served.configuration.instances:
            raise errors.there_already("InstanceId", name)
        numbers = [self._free(number) for number in given.number_list]
        if len(set(numbers)) != len(numbers):
            raise errors.wrong_format("NumberList", "a number stands there twice.")

        def edit(change: CompanyEdit) -> None:
            change.enter_instance(name, QUEUE, given.name, given.description)
            for number in numbers:
                change.set_instance_of(number, name)
                change.set_flow(number, WELCOME)

        async def judge(desk: Desk) -> None:
            for number in numbers:
                await may_bind(desk, number, instance_event(desk, name))

        async def take(desk: Desk) -> None:
            for number in numbers:
                await happen_to(desk, number, instance_event(desk, name), Request(instance=name, flow=WELCOME))

        def right(configuration: Any) -> bool:
            there = {facts.number for facts in configuration.numbers if facts.instance == name}
            return there == set(numbers)

        await self.writer.apply(call, edit, right=right, first=judge, then=take)
        return {"Data": name}

    async def modify(self, call: Call, given: requests.ModifyInstance) -> Answer:
        """Its description."""
        name = given.instance_id
        see_instance(self.served, name)
        await self.writer.apply(
            call,
            lambda change: change.describe_instance(name, given.description),
            right=lambda configuration: configuration.instance_texts[name].description == given.description,
        )
        return {"Data": name}

    async def delete(self, call: Call, given: InInstance) -> Answer:
        """An instance without numbers goes."""
        name = given.instance_id
        see_instance(self.served, name)
        numbers = [facts.number for facts in numbers_of(self.served, name)]
        if numbers:
            raise errors.in_use("Instance", name, numbers)
        await self.writer.apply(
            call,
            lambda change: change.remove_instance(name),
            right=lambda configuration: name not in configuration.instances,
        )
        return {"Data": name}

    def _free(self, number: str) -> str:
        digits = digits_of(number)
        facts = None if digits is None else self.served.directory.find(digits)
        if facts is None:
            raise errors.no_number(number[:40], "-")
        if facts.instance is not None:
            raise errors.number_taken(facts.number)
        return facts.number
