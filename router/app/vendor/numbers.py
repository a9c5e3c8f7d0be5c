"""Telephone numbers: those of numbers.yaml, bound in routes.yaml; base numbers for whoever asks what to call with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivr_flows.findings import Text
from router.callers import caller_facts, canonical_caller
from router.configuration.company_edit import CompanyEdit
from router.desk import Desk
from router.life.model import LifeError, Request
from router.model import Configuration, Line, NumberFacts
from router.outbound import refuse_outbound
from router.vendor import Answer, Call, Service, errors
from router.vendor.actions import numbers as requests
from router.vendor.endpoint import refused_400

from ..served import Served
from .binding import happen_to, may_bind
from .queues import see_agent, see_queue
from .views import CARRIERS, active, digits_of, flow_of, number_in, numbers_of, page, phone_number, see_instance
from .writing import Writer

ONLY_INBOUND = Text("a 400 number takes inbound calls only.", "如果传入的号码为 400 号码，则用途只能填 Inbound。")


@dataclass(frozen=True, slots=True)
class Numbers:
    """The services."""

    served: Served
    writer: Writer

    def services(self) -> Mapping[str, Service]:
        """By the action's name."""
        return {
            "ListPhoneNumbers": self.list_numbers,
            "AddPhoneNumbers": self.add,
            "ModifyPhoneNumber": self.modify,
            "RemovePhoneNumbers": self.remove,
            "ListUnassignedNumbers": self.unassigned,
            "ListPhoneNumbersOfSkillGroup": self.of_skill_group,
            "AddPhoneNumberToSkillGroups": self.link_number,
            "AddNumbersToSkillGroup": self.link_numbers,
            "RemovePhoneNumberFromSkillGroups": self.unlink_number,
            "RemovePhoneNumbersFromSkillGroup": self.unlink_numbers,
            "ListPersonalNumbersOfUser": self.personal,
            "AddPersonalNumbersToUser": self.add_personal,
            "RemovePersonalNumbersFromUser": self.remove_personal,
            "ListOutboundNumbersOfUser": self.outbound,
            "PickOutboundNumbers": self.pick,
            "GetNumberLocation": self.location,
        }

    # ---- reading

    async def list_numbers(self, call: Call, given: requests.ListPhoneNumbers) -> Answer:
        """The numbers of an instance."""
        see_instance(self.served, given.instance_id)

        def chosen() -> Sequence[NumberFacts]:
            """In a thread: an instance may have very many."""
            numbers = numbers_of(self.served, given.instance_id) if given.usage in (None, "Inbound") else ()
            return [
                facts
                for facts in _likely(given.search_pattern, numbers)
                if given.active is None or active(self.served, facts.number, call.now) == given.active
            ]

        found = await asyncio.to_thread(chosen)
        return page(found, given, lambda facts: phone_number(self.served, facts, call.now))

    async def unassigned(self, call: Call, given: requests.ListUnassignedNumbers) -> Answer:
        """The numbers of no instance."""
        found = await asyncio.to_thread(lambda: _likely(given.search_pattern, numbers_of(self.served, None)))
        return page(found, given, lambda facts: {"Number": facts.number, "City": "", "Province": ""})

    async def of_skill_group(self, call: Call, given: requests.ListPhoneNumbersOfSkillGroup) -> Answer:
        """No number is linked to a skill group; every one of the instance is not."""
        see_instance(self.served, given.instance_id)
        see_queue(self.served, given.skill_group_id, given.instance_id)
        others = () if given.is_member else numbers_of(self.served, given.instance_id)
        found = await asyncio.to_thread(lambda: _likely(given.search_pattern, others))
        return page(found, given, lambda facts: phone_number(self.served, facts, call.now))

    async def personal(self, call: Call, given: requests.ListPersonalNumbersOfUser) -> Answer:
        """None."""
        see_instance(self.served, given.instance_id)
        see_agent(self.served, given.user_id, given.instance_id)
        return page([], given, str)

    async def outbound(self, call: Call, given: requests.ListOutboundNumbersOfUser) -> Answer:
        """The base numbers."""
        see_instance(self.served, given.instance_id)
        if given.user_id:
            see_agent(self.served, given.user_id, given.instance_id)
        return page(self.lines(), given, _outbound_number)

    async def pick(self, call: Call, given: requests.PickOutboundNumbers) -> Answer:
        """Base numbers that fit the called party best."""
        see_instance(self.served, given.instance_id)
        return {"Data": self.picked(given.called_number, given.count)}

    async def location(self, call: Call, given: requests.GetNumberLocation) -> Answer:
        """Province and city of any number."""
        see_instance(self.served, given.instance_id)
        return {"Data": located(given.number)}

    def lines(self) -> list[Line]:
        """Lines whose base number may be shown to whom one calls: never a 400 number."""
        lines = self.served.configuration.lines.values()
        return [line for line in lines if refuse_outbound(line.base_number) is None]

    def picked(self, called: str, count: int, among: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Pairs of a base number (one of ``among``, where some are named) and the called one, the nearest first."""
        wanted = {canonical_caller(number) for number in among}
        callee = located(called)

        def far(line: Line) -> tuple[bool, bool]:
            return line.city != callee["City"] or not line.city, line.province != callee["Province"]

        lines = [line for line in self.lines() if not among or line.base_number in wanted]
        chosen = sorted(lines, key=far)[:count]
        return [
            {
                "Caller": {"Number": line.base_number, "City": line.city or "", "Province": line.province or ""},
                "Callee": callee,
            }
            for line in chosen
        ]

    # ---- changing

    async def add(self, call: Call, given: requests.AddPhoneNumbers) -> Answer:
        """Numbers join an instance; those that cannot are given back."""
        failed = await self.join(call, given.instance_id, given.number_list, given.usage, given.contact_flow_id)
        return {"Data": failed}

    async def modify(self, call: Call, given: requests.ModifyPhoneNumber) -> Answer:
        """A number is bound to another flow."""
        await self.bind(call, given.instance_id, given.number, given.usage, given.contact_flow_id)
        return {}

    async def bind(self, call: Call, instance: str, number: str, usage: str, flow: str) -> None:
        """Bind a number of ``instance`` to ``flow``, where one is named. Raises what `Writer.apply` does."""
        see_instance(self.served, instance)
        facts = number_in(self.served, instance, number)
        see_usage(usage)
        if flow:
            await self._bind(call, instance, [facts], flow)

    async def remove(self, call: Call, given: requests.RemovePhoneNumbers) -> Answer:
        """Numbers leave an instance; those that do not are given back."""
        return {"Data": await self.leave(call, given.instance_id, given.number_list, given.force)}

    async def join(self, call: Call, instance: str, numbers: tuple[str, ...], usage: str, flow: str) -> list[str]:
        """Take numbers into an instance, all that can be taken in one revision; the others."""
        see_instance(self.served, instance)
        see_usage(usage)
        if flow:
            self._see_flow(flow, instance)
        chosen: list[NumberFacts] = []
        failed: list[str] = []
        desk = self.writer.desk(call)
        for number in dict.fromkeys(numbers):
            digits = digits_of(number)
            facts = None if digits is None else self.served.directory.find(digits)
            if facts is None or facts.instance is not None or not await self._can(desk, facts, flow):
                failed.append(number)
            else:
                chosen.append(facts)
        if chosen:
            await self._bind(call, instance, chosen, flow)
        return failed

    async def leave(self, call: Call, instance: str, numbers: tuple[str, ...], force: bool) -> list[str]:
        """Take numbers out of an instance, bound ones only by ``force``; those that stay."""
        see_instance(self.served, instance)
        chosen: list[str] = []
        stay: list[str] = []
        for number in dict.fromkeys(numbers):
            digits = digits_of(number)
            facts = None if digits is None else self.served.directory.find(digits)
            if (
                facts is None
                or facts.instance != instance
                or (flow_of(self.served, facts.number) is not None and not force)
            ):
                stay.append(number)
            else:
                chosen.append(facts.number)
        if not chosen:
            return stay
        bound = [number for number in chosen if flow_of(self.served, number) is not None]

        def edit(change: CompanyEdit) -> None:
            for number in chosen:
                change.leave_instance(number)
            for number in bound:
                change.set_flow(number, None)

        def right(configuration: Configuration) -> bool:
            gone = {facts.number for facts in configuration.numbers if facts.instance != instance}
            return gone.issuperset(chosen) and all(_flow(configuration, number) is None for number in bound)

        async def judge(desk: Desk) -> None:
            for number in bound:
                await may_bind(desk, number, "unbind")

        async def unbind(desk: Desk) -> None:
            for number in bound:
                await happen_to(desk, number, "unbind", Request())

        await self.writer.apply(call, edit, right=right, first=judge, then=unbind)
        return stay

    async def link_number(self, call: Call, given: requests.NumberOfSkillGroups) -> Answer:
        """Refused: a number of a skill group is one to call out with."""
        see_instance(self.served, given.instance_id)
        number_in(self.served, given.instance_id, given.number)
        for group in given.skill_group_id_list:
            see_queue(self.served, group, given.instance_id)
        raise refused_400("Number", ONLY_INBOUND)

    async def link_numbers(self, call: Call, given: requests.NumbersOfSkillGroup) -> Answer:
        """Refused likewise."""
        see_instance(self.served, given.instance_id)
        see_queue(self.served, given.skill_group_id, given.instance_id)
        for number in given.number_list:
            number_in(self.served, given.instance_id, number)
        raise refused_400("NumberList", ONLY_INBOUND)

    async def unlink_number(self, call: Call, given: requests.NumberOfSkillGroups) -> Answer:
        """Nothing is linked."""
        see_instance(self.served, given.instance_id)
        number_in(self.served, given.instance_id, given.number)
        return {}

    async def unlink_numbers(self, call: Call, given: requests.NumbersOfSkillGroup) -> Answer:
        """Nothing is linked."""
        see_instance(self.served, given.instance_id)
        see_queue(self.served, given.skill_group_id, given.instance_id)
        return {}

    async def add_personal(self, call: Call, given: requests.NumbersOfUser) -> Answer:
        """None can be added."""
        see_instance(self.served, given.instance_id)
        see_agent(self.served, given.user_id, given.instance_id)
        return {"Data": list(given.number_list)}

    async def remove_personal(self, call: Call, given: requests.NumbersOfUser) -> Answer:
        """None is there."""
        see_instance(self.served, given.instance_id)
        see_agent(self.served, given.user_id, given.instance_id)
        return {}

    async def _can(self, desk: Desk, facts: NumberFacts, flow: str) -> bool:
        if not flow:
            return True
        try:
            await may_bind(desk, facts.number, "bind")
        except LifeError:
            return False
        return True

    async def _bind(self, call: Call, instance: str, numbers: list[NumberFacts], flow: str) -> None:
        """Numbers of ``instance`` from here on, bound to ``flow`` where it is named."""
        if flow:
            self._see_flow(flow, instance)
        wanted = [facts.number for facts in numbers]

        def edit(change: CompanyEdit) -> None:
            for facts in numbers:
                if facts.instance != instance:
                    change.set_instance_of(facts.number, instance)
                if flow and flow_of(self.served, facts.number) != flow:
                    change.set_flow(facts.number, flow)

        def right(configuration: Configuration) -> bool:
            there = {facts.number for facts in configuration.numbers if facts.instance == instance}
            return there.issuperset(wanted) and (
                not flow or all(_flow(configuration, number) == flow for number in wanted)
            )

        async def judge(desk: Desk) -> None:
            for number in wanted:
                await may_bind(desk, number, "bind")

        async def take(desk: Desk) -> None:
            for number in wanted:
                await happen_to(desk, number, "bind", Request(instance=instance, flow=flow))

        await self.writer.apply(call, edit, right=right, first=judge if flow else None, then=take if flow else None)

    def _see_flow(self, flow: str, instance: str) -> None:
        if flow not in self.served.configuration.flow_sources:
            raise errors.no_flow(flow[:80], instance)


def see_usage(usage: str) -> None:
    """See that a 400 number is to be used as it may. Raises `VendorError`."""
    if usage != "Inbound":
        raise errors.not_enumerated("Usage", ("Inbound",), ONLY_INBOUND)


def _flow(configuration: Configuration, number: str) -> str | None:
    route = configuration.routes.get(number)
    return None if route is None else route.flow


def _likely(pattern: str, numbers: Sequence[NumberFacts]) -> Sequence[NumberFacts]:
    """Those that have ``pattern`` in their digits, whatever stands between."""
    wanted = "".join(character for character in pattern if character.isalnum())
    return [facts for facts in numbers if wanted in facts.number] if wanted else numbers


def located(number: str) -> dict[str, str]:
    """Province and city of a number, empty where they are not known."""
    facts = caller_facts(number)
    return {"Number": number, "City": facts.city or "", "Province": facts.province or ""}


def _outbound_number(line: Line) -> dict[str, Any]:
    display, short = CARRIERS[line.carrier] if line.carrier else ("", "")
    return {
        "Number": line.base_number,
        "City": line.city or "",
        "Province": line.province or "",
        "Provider": display,
        "ProviderCode": line.carrier or "",
        "ProviderDisplayName": display,
        "ProviderShortName": short,
        "ProviderType": "",
    }
