"""The version 2017-07-05, on the services of the newer one. A number's ``PhoneNumberId`` is the number itself, a flow
version's ``ContactFlowVersionId`` the id of a draft; the version in force goes by the id of its flow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from router.model import NumberFacts
from router.record import CallRecord
from router.store.vendor import FlowVersion
from router.vendor import Answer, Call, Service, errors
from router.vendor.actions import old as requests
from router.vendor.actions import records as record_requests
from router.vendor.parameters import InInstance, Parameters

from ..served import Served
from .flows import Flow, Flows, millis
from .numbers import Numbers, located
from .records import Records, in_list
from .views import flow_of, instance, number_in, numbers_of, see_instance

PUBLISHED, DRAFT = "Published", "Draft"


@dataclass(frozen=True, slots=True)
class Old:
    """The services."""

    served: Served
    numbers: Numbers
    flows: Flows
    records: Records

    def services(self) -> Mapping[str, Service]:
        """By the action's name."""
        return {
            "GetInstance": self.get_instance,
            "ListInstancesOfUser": self.instances,
            "ListPhoneNumbers": self.list_numbers,
            "AddPhoneNumber": self.add_number,
            "AddBulkPhoneNumbers": self.add_numbers,
            "ModifyPhoneNumber": self.modify_number,
            "RemovePhoneNumber": self.remove_number,
            "ListContactFlows": self.list_flows,
            "CreateContactFlow": self.create_flow,
            "CommitContactFlowVersionModification": self.commit,
            "PublishContactFlowVersion": self.publish,
            "ListCallDetailRecords": self.calls,
            "PickOutboundNumbers": self.pick,
            "PickLocalNumber": self.pick_local,
            "ListOutboundPhoneNumberOfUser": self.outbound,
            "GetNumberRegionInfo": self.region,
        }

    # ---- instances and numbers

    async def get_instance(self, call: Call, given: InInstance) -> Answer:
        """One instance."""
        see_instance(self.served, given.instance_id)
        return {"Instance": self._instance(given.instance_id, call.now)}

    async def instances(self, call: Call, given: Parameters) -> Answer:
        """Every instance."""
        names = sorted(self.served.configuration.instances)
        return {"Instances": {"CallCenterInstance": [self._instance(name, call.now) for name in names]}}

    async def list_numbers(self, call: Call, given: requests.OldListPhoneNumbers) -> Answer:
        """The numbers of an instance; none of them may call out."""
        see_instance(self.served, given.instance_id)
        found = () if given.outbound_only else numbers_of(self.served, given.instance_id)
        return {"PhoneNumbers": {"PhoneNumber": [self._number(facts) for facts in found]}}

    async def add_number(self, call: Call, given: requests.OldAddPhoneNumber) -> Answer:
        """A number joins an instance."""
        failed = await self.numbers.join(
            call, given.instance_id, (given.phone_number,), given.usage, given.contact_flow_id
        )
        if failed:
            known = self.served.directory.find(failed[0])
            raise errors.number_taken(failed[0]) if known else errors.no_number(failed[0][:40], given.instance_id)
        return {"PhoneNumber": self._number(number_in(self.served, given.instance_id, given.phone_number))}

    async def add_numbers(self, call: Call, given: requests.OldAddBulkPhoneNumbers) -> Answer:
        """Numbers join an instance; those that cannot are given back."""
        failed = await self.numbers.join(
            call, given.instance_id, given.phone_number, given.usage, given.contact_flow_id
        )
        added = [number_in(self.served, given.instance_id, each) for each in given.phone_number if each not in failed]
        return {
            "PhoneNumbers": {"PhoneNumber": [self._number(facts) for facts in added]},
            "FailedPhoneNumbers": {"FailedPhoneNumber": failed},
            "ArrearagePhoneNumbers": {"ArrearagePhoneNumber": []},
            "UserdPhoneNumbers": {"UserdPhoneNumber": []},
        }

    async def modify_number(self, call: Call, given: requests.OldModifyPhoneNumber) -> Answer:
        """A number is bound to another flow."""
        await self.numbers.bind(call, given.instance_id, given.phone_number_id, given.usage, given.contact_flow_id)
        return {"PhoneNumber": self._number(number_in(self.served, given.instance_id, given.phone_number_id))}

    async def remove_number(self, call: Call, given: requests.OldRemovePhoneNumber) -> Answer:
        """A number leaves its instance, bound or not."""
        see_instance(self.served, given.instance_id)
        facts = number_in(self.served, given.instance_id, given.phone_number_id)
        await self.numbers.leave(call, given.instance_id, (facts.number,), True)
        return {}

    async def pick(self, call: Call, given: requests.OldPickOutboundNumbers) -> Answer:
        """Base numbers that fit."""
        see_instance(self.served, given.instance_id)
        return {
            "DialNumberPairs": {
                "DialNumberPair": self.numbers.picked(given.callee_number, given.count, given.candidate_number)
            }
        }

    async def pick_local(self, call: Call, given: requests.OldPickLocalNumber) -> Answer:
        """The base number that fits best."""
        see_instance(self.served, given.instance_id)
        found = self.numbers.picked(given.callee_number, 1, given.candidate_number)
        return {"Data": found[0] if found else None}

    async def outbound(self, call: Call, given: requests.OldOutboundOfUser) -> Answer:
        """The base numbers."""
        see_instance(self.served, given.instance_id)
        lines = self.numbers.lines()
        return {
            "OutboundPhoneNumbers": {
                "PhoneNumber": [
                    {
                        "PhoneNumberId": line.base_number,
                        "Number": line.base_number,
                        "Usage": "Outbound",
                        "AllowOutbound": True,
                        "InstanceId": given.instance_id,
                        "City": line.city or "",
                        "Province": line.province or "",
                        "TestOnly": False,
                    }
                    for line in lines
                ]
            },
            "NumberList": {"Number": [line.base_number for line in lines]},
        }

    async def region(self, call: Call, given: requests.OldNumberRegion) -> Answer:
        """Where a number is from."""
        see_instance(self.served, given.instance_id)
        return {"PhoneNumber": located(given.number)}

    # ---- flows

    async def list_flows(self, call: Call, given: InInstance) -> Answer:
        """The flows with their versions and numbers."""
        see_instance(self.served, given.instance_id)
        known = (await self.flows.known()).values()

        def found() -> list[dict[str, Any]]:
            bound = self._bound(given.instance_id)
            return [self._flow(flow, given.instance_id, bound.get(flow.id, [])) for flow in known]

        return {"ContactFlows": {"ContactFlow": await asyncio.to_thread(found)}}

    async def create_flow(self, call: Call, given: requests.OldCreateContactFlow) -> Answer:
        """A new flow, as a draft."""
        see_instance(self.served, given.instance_id)
        draft, _ = await self.flows.new(call, given.name, given.type, given.content, given.description)
        made = Flow(draft.flow, None, draft, None)
        return {"ContactFlow": self._flow(made, given.instance_id, [])}

    async def commit(self, call: Call, given: requests.OldCommit) -> Answer:
        """What a draft is to hold; the id of a flow opens one."""
        see_instance(self.served, given.instance_id)
        draft = await self.served.store.flow_version(given.contact_flow_version_id)
        if draft is None or draft.published is not None:
            flow = draft.flow if draft is not None else given.contact_flow_version_id
            draft = await self.flows.opened(call, flow, given.instance_id)
        await self.flows.commit_to(call, draft, given.content, draft.description)
        kept = await self.served.store.flow_version(draft.id)
        return {"ContactFlowVersion": _version(kept or draft)}

    async def publish(self, call: Call, given: requests.OldPublish) -> Answer:
        """A draft comes into force."""
        see_instance(self.served, given.instance_id)
        draft = await self.served.store.flow_version(given.contact_flow_version_id)
        if draft is None:
            raise errors.no_draft(given.contact_flow_version_id[:64], "-")
        await self.flows.publish_it(call, draft)
        return {}

    # ---- calls

    async def calls(self, call: Call, given: requests.OldListCallDetailRecords) -> Answer:
        """Call records."""
        asked = record_requests.ListCallDetailRecordsV2.model_construct(
            instance_id=given.instance_id,
            page_number=given.page_number,
            page_size=given.page_size,
            start_time=given.start_time,
            end_time=given.stop_time,
            number=given.phone_number,
            contact_id_list=(given.contact_id,) if given.contact_id else (),
            contact_type_list=(given.contact_type,) if given.contact_type else (),
            contact_disposition_list=(given.contact_disposition,) if given.contact_disposition else (),
            skill_group_id_list=(),
        )
        records, total = await self.records.found(call, asked)
        return {
            "CallDetailRecords": {
                "List": {"CallDetailRecord": [_call(record, given.instance_id, call.shown) for record in records]},
                "PageNumber": given.page_number,
                "PageSize": given.page_size,
                "TotalCount": total,
            }
        }

    # ---- in the older words

    def _bound(self, name: str) -> dict[str, list[NumberFacts]]:
        found: dict[str, list[NumberFacts]] = {}
        for facts in numbers_of(self.served, name):
            flow = flow_of(self.served, facts.number)
            if flow is not None:
                found.setdefault(flow, []).append(facts)
        return found

    def _number(self, facts: NumberFacts) -> dict[str, Any]:
        flow = flow_of(self.served, facts.number)
        named = None
        if flow is not None:
            named = {"ContactFlowId": flow, "ContactFlowName": flow, "InstanceId": facts.instance, "Type": "MAIN_FLOW"}
        return {
            "PhoneNumberId": facts.number,
            "Number": facts.number,
            "PhoneNumberDescription": "",
            "Usage": "Inbound",
            "AllowOutbound": False,
            "TestOnly": False,
            "InstanceId": facts.instance,
            "ContactFlow": named,
            "SkillGroups": {"SkillGroup": []},
        }

    def _instance(self, name: str, now: float) -> dict[str, Any]:
        found = instance(self.served, name, now, full=False)
        numbers = [self._number(facts) for facts in numbers_of(self.served, name)]
        return {
            "InstanceId": name,
            "InstanceName": found["Name"],
            "InstanceDescription": found["Description"],
            "DomainName": name,
            "Status": found["Status"],
            "Admin": {"User": []},
            "PhoneNumbers": {"PhoneNumber": numbers},
        }

    def _flow(self, flow: Flow, name: str, numbers: Iterable[NumberFacts]) -> dict[str, Any]:
        versions = [] if flow.draft is None else [_version(flow.draft)]
        if flow.text is not None:
            version = {"ContactFlowVersionId": flow.id, "Status": PUBLISHED, "Version": "1", "Content": flow.definition}
            versions.insert(0, version)
        return {
            "ContactFlowId": flow.id,
            "ContactFlowName": flow.name,
            "ContactFlowDescription": flow.description,
            "Type": flow.kind,
            "AppliedVersion": "1" if flow.text is not None else "",
            "InstanceId": name,
            "Versions": {"ContactFlowVersion": versions},
            "PhoneNumbers": {"PhoneNumber": [self._number(facts) for facts in numbers]},
        }


def _version(draft: FlowVersion) -> dict[str, Any]:
    return {
        "ContactFlowVersionId": draft.id,
        "ContactFlowVersionDescription": draft.description,
        "Content": draft.definition,
        "Canvas": "",
        "Status": PUBLISHED if draft.published is not None else DRAFT,
        "LastModified": millis(draft.updated),
        "LastModifiedBy": draft.editor,
        "LockedBy": draft.editor if draft.published is None else "",
        "Version": "draft" if draft.published is None else "1",
    }


def _call(record: CallRecord, name: str, shown: bool) -> dict[str, Any]:
    found = in_list(record, name, shown)
    return {
        "ContactId": record.call_id,
        "ContactType": found["ContactType"],
        "ContactDisposition": found["ContactDisposition"],
        "CallingNumber": found["CallingNumber"],
        "CalledNumber": found["CalledNumber"],
        "InstanceId": name,
        "StartTime": found["StartTime"],
        "Duration": int(found["CallDuration"]),
        "SkillGroupNames": found["SkillGroupNames"],
        "AgentNames": found["AgentNames"],
        "Agents": {"CallDetailAgent": [{"AgentId": record.agent}] if record.agent else []},
        "Recordings": {"Recording": []},
    }
