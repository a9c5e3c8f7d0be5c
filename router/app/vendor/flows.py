"""Contact flows: flow files of ours in the vendor's JSON. Drafts lie in the store; publishing one writes the flow file
and applies it as a revision. A flow's id is its name here.

The definition of a published flow is the text that was committed, as long as the file is the one that publishing wrote;
of a flow that was edited by hand since, or never through this API, it is what the exporter makes of the file.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivr_flows.findings import Text
from router.configuration.company_edit import CompanyEdit
from router.desk import Desk
from router.store.vendor import FlowVersion
from router.vendor import Answer, Call, Service, errors
from router.vendor.actions import flows as requests

from ..served import Served
from .flow_files import (
    called_by,
    digest_of,
    enter_flow,
    exported,
    file_of,
    kind_of,
    new_name,
    package,
    read_definition,
    read_package,
    title,
)
from .views import flow_of, numbers_of, page, see_instance
from .writing import Writer, author

Lost = Sequence[Mapping[str, object]]
"""What of a definition did not survive, as ``line400 import --json`` tells it."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow as it is listed: what is in force, and its open draft. ``newest`` is the version that was published last,
    where the file is still that."""

    id: str
    text: str | None
    draft: FlowVersion | None
    newest: FlowVersion | None

    @property
    def name(self) -> str:
        """What people call it."""
        if self.text is not None:
            return title(self.id, self.text)
        return self.draft.name if self.draft is not None else self.id

    @property
    def kind(self) -> str:
        """The vendor's type."""
        known = self.newest or (self.draft if self.text is None else None)
        if known is not None:
            return known.kind
        return kind_of(self.id, self.text or "")

    @property
    def definition(self) -> str:
        """What is in force; of a flow that never was, its draft."""
        if self.text is None:
            return self.draft.definition if self.draft is not None else ""
        return self.newest.definition if self.newest is not None else exported(self.id, self.text)

    @property
    def description(self) -> str:
        """What its author wrote of it."""
        known = self.newest or self.draft
        return known.description if known is not None else ""

    @property
    def created(self) -> float | None:
        """When the API first made it."""
        moments = [version.created for version in (self.newest, self.draft) if version is not None]
        return min(moments, default=None)

    @property
    def updated(self) -> float | None:
        """When the API changed it last."""
        moments = [version.updated for version in (self.newest, self.draft) if version is not None]
        return max(moments, default=None)


@dataclass(frozen=True, slots=True)
class Flows:
    """The services."""

    served: Served
    writer: Writer

    def services(self) -> Mapping[str, Service]:
        """By the action's name."""
        return {
            "ListContactFlows": self.list_flows,
            "GetContactFlow": self.get,
            "CreateContactFlow": self.create,
            "StartEditContactFlow": self.start_edit,
            "CommitContactFlow": self.commit,
            "PublishContactFlow": self.publish,
            "DiscardEditingContactFlow": self.discard,
            "DeleteContactFlow": self.delete,
            "ExportContactFlow": self.export,
            "ImportContactFlow": self.import_,
        }

    # ---- reading

    async def known(self) -> dict[str, Flow]:
        """Every flow by its id: those in force, and those that are drafts only."""
        sources = self.served.configuration.flow_sources
        drafts: dict[str, FlowVersion] = {}
        published: dict[str, FlowVersion] = {}
        for version in await self.served.store.flow_versions():
            if version.published is None:
                drafts[version.flow] = version
            else:
                newest = published.get(version.flow)
                if newest is None or (newest.published or 0.0) < version.published:
                    published[version.flow] = version
        found: dict[str, Flow] = {}
        for name in sorted({*sources, *drafts}):
            text = sources[name][1] if name in sources else None
            newest = published.get(name)
            if text is None or newest is None or newest.digest != digest_of(text):
                newest = None
            found[name] = Flow(name, text, drafts.get(name), newest)
        return found

    async def flow(self, flow: str, instance: str) -> Flow:
        """One flow. Raises `VendorError`."""
        found = (await self.known()).get(flow)
        if found is None:
            raise errors.no_flow(flow[:80], instance)
        return found

    async def list_flows(self, call: Call, given: requests.ListContactFlows) -> Answer:
        """The flows, with their numbers."""
        see_instance(self.served, given.instance_id)
        flows = list((await self.known()).values())

        def found() -> Answer:
            """In a thread: what was never asked for is exported first, and an instance may have many numbers."""
            bound = self.bound(given.instance_id)
            chosen = [
                flow
                for flow in flows
                if given.type in (None, flow.kind)
                and (given.search_pattern in flow.name or given.search_pattern in flow.id)
            ]
            chosen.sort(key=_ORDERS[given.order_by_field], reverse=given.sort_order == "DESC")
            return page(
                chosen,
                given,
                lambda flow: {**described(flow, given.instance_id), "NumberList": bound.get(flow.id, [])},
            )

        return await asyncio.to_thread(found)

    def bound(self, instance: str) -> dict[str, list[str]]:
        """The numbers of ``instance`` that are bound to each flow."""
        found: dict[str, list[str]] = {}
        for facts in numbers_of(self.served, instance):
            flow = flow_of(self.served, facts.number)
            if flow is not None:
                found.setdefault(flow, []).append(facts.number)
        return found

    async def get(self, call: Call, given: requests.GetContactFlow) -> Answer:
        """One flow, or a draft of it."""
        see_instance(self.served, given.instance_id)
        flow = await self.flow(given.contact_flow_id, given.instance_id)
        found = await asyncio.to_thread(described, flow, given.instance_id)
        if given.draft_id:
            draft = await self.draft(given.draft_id, flow.id)
            found |= {
                "Definition": draft.definition,
                "Description": draft.description,
                "Published": draft.published is not None,
                "DraftId": draft.id,
                "Editor": draft.editor,
            }
        return {"Data": found}

    async def draft(self, draft: str, flow: str) -> FlowVersion:
        """A draft of ``flow``. Raises `VendorError`."""
        found = await self.served.store.flow_version(draft)
        if found is None or found.flow != flow:
            raise errors.no_draft(draft[:64], flow)
        return found

    async def export(self, call: Call, given: requests.ExportContactFlow) -> Answer:
        """A flow and those that it calls."""
        see_instance(self.served, given.instance_id)
        sources = self.served.configuration.flow_sources
        if given.flow_id not in sources:
            raise errors.no_flow(given.flow_id[:80], given.instance_id)
        known = await self.known()

        def packed() -> str:
            return package(
                [
                    {
                        "Name": known[name].name,
                        "Type": known[name].kind,
                        "Description": known[name].description,
                        "Definition": known[name].definition,
                    }
                    for name in called_by(given.flow_id, sources)
                ]
            )

        return {"FlowPackageData": await asyncio.to_thread(packed)}

    # ---- drafts

    async def create(self, call: Call, given: requests.CreateContactFlow) -> Answer:
        """A new flow, not yet in force."""
        see_instance(self.served, given.instance_id)
        draft, lost = await self.new(call, given.name, given.type, given.definition, given.description)
        return {"Data": draft.flow, "DraftId": draft.id, "Lost": lost}

    async def new(
        self, call: Call, name: str, kind: str, definition: str, description: str
    ) -> tuple[FlowVersion, Lost]:
        """The draft of a new flow, and what was lost of its definition. Raises `UnreadableFile`."""
        flow = new_name(name, await self.known())
        read = await asyncio.to_thread(read_definition, definition, flow, name, kind)
        draft = _draft(call, flow, name, kind, description, definition)
        return await self.served.store.open_draft(draft), read.lost

    async def start_edit(self, call: Call, given: requests.OfFlow) -> Answer:
        """A draft that begins as what is in force."""
        see_instance(self.served, given.instance_id)
        return {"Data": (await self.opened(call, given.contact_flow_id, given.instance_id)).id}

    async def opened(self, call: Call, flow: str, instance: str) -> FlowVersion:
        """The open draft of ``flow``, opened where there is none. Raises `VendorError` where somebody else edits it."""
        found = await self.flow(flow, instance)
        draft = found.draft
        if draft is None:
            made = await asyncio.to_thread(
                lambda: _draft(call, flow, found.name, found.kind, found.description, found.definition)
            )
            draft = await self.served.store.open_draft(made)
        _see_editor(call, draft)
        return draft

    async def commit(self, call: Call, given: requests.CommitContactFlow) -> Answer:
        """What the draft is to hold."""
        see_instance(self.served, given.instance_id)
        await self.flow(given.contact_flow_id, given.instance_id)
        draft = await self.draft(given.draft_id, given.contact_flow_id)
        return {"Lost": await self.commit_to(call, draft, given.definition, given.description or draft.description)}

    async def commit_to(self, call: Call, draft: FlowVersion, definition: str, description: str) -> Lost:
        """Keep ``definition`` in an open draft; what would be lost of it. Raises `UnreadableFile`, `VendorError`."""
        if draft.published is not None:
            raise errors.no_draft(draft.id, draft.flow)
        _see_editor(call, draft)
        read = await asyncio.to_thread(read_definition, definition, draft.flow, draft.name, draft.kind)
        await self.served.store.commit_draft(draft.id, definition, description, author(call), call.now)
        return read.lost

    async def discard(self, call: Call, given: requests.OfDraft) -> Answer:
        """A draft goes, and with it a flow that was never published."""
        see_instance(self.served, given.instance_id)
        draft = await self.draft(given.draft_id, given.contact_flow_id)
        if draft.published is not None:
            raise errors.no_draft(draft.id, draft.flow)
        await self.served.store.discard_draft(draft.id, author(call), call.now)
        return {}

    # ---- coming into force

    async def publish(self, call: Call, given: requests.OfDraft) -> Answer:
        """A draft becomes the flow file, by a revision."""
        see_instance(self.served, given.instance_id)
        draft = await self.draft(given.draft_id, given.contact_flow_id)
        return {"Lost": await self.publish_it(call, draft)}

    async def publish_it(self, call: Call, draft: FlowVersion) -> Lost:
        """Apply an open draft as a revision; what was lost of it. Raises what `Writer.apply` does."""
        if draft.published is not None:
            raise errors.no_draft(draft.id, draft.flow)
        flow = draft.flow
        read = await asyncio.to_thread(read_definition, draft.definition, flow, draft.name, draft.kind)
        configuration = self.served.configuration

        def edit(change: CompanyEdit) -> None:
            enter_flow(change, configuration, flow, read.flow.text, read.imported)

        async def note(desk: Desk) -> None:
            await self.served.store.publish_draft(draft.id, digest_of(read.flow.text), author(call), call.now)

        await self.writer.apply(call, edit, right=lambda after: flow in after.flow_sources, then=note)
        return read.lost

    async def delete(self, call: Call, given: requests.DeleteContactFlow) -> Answer:
        """A flow goes; one that numbers, rules or other flows name stays, and so does one that comes with line400."""
        see_instance(self.served, given.instance_id)
        flow = await self.flow(given.contact_flow_id, given.instance_id)
        numbers = [
            facts.number for facts in self.served.directory.facts if flow_of(self.served, facts.number) == flow.id
        ]
        if numbers:
            raise errors.in_use("ContactFlow", flow.id, numbers)
        if flow.text is not None:
            file = file_of(self.served.configuration, flow.id)
            if file is None:
                raise errors.unsupported(
                    call.action.name, Text("this flow comes with line400.", "该流程为 line400 自带，不能删除。")
                )
            await self.writer.apply(call, lambda change: change.remove_file(file))
        await self.served.store.forget_flow(flow.id)
        return {}

    async def import_(self, call: Call, given: requests.ImportContactFlow) -> Answer:
        """The flows of a package come into force together."""
        see_instance(self.served, given.instance_id)
        known = await self.known()
        taken = {*known, *(flow.name for flow in known.values())}
        imported = await asyncio.to_thread(read_package, given.flow_package_data, taken)
        configuration = self.served.configuration
        real = [flow for flow in imported.flows if not flow.placeholder]

        def edit(change: CompanyEdit) -> None:
            for flow in real:
                enter_flow(change, configuration, flow.name, flow.text, imported)

        await self.writer.apply(call, edit, right=lambda after: all(flow.name in after.flow_sources for flow in real))
        return {
            "Params": [flow.name for flow in real],
            "Lost": [entry.as_json("en") for entry in imported.lost],
        }


_ORDERS: Mapping[str, Callable[[Flow], tuple[float | str, str]]] = {
    "updatedTime": lambda flow: (flow.updated or 0.0, flow.id),
    "createdTime": lambda flow: (flow.created or 0.0, flow.id),
    "name": lambda flow: (flow.name, flow.id),
}


def described(flow: Flow, instance: str) -> dict[str, Any]:
    """A flow as the vendor lists it."""
    return {
        "ContactFlowId": flow.id,
        "Name": flow.name,
        "Description": flow.description,
        "Type": flow.kind,
        "Definition": flow.definition,
        "Published": flow.text is not None,
        "DraftId": flow.draft.id if flow.draft is not None else None,
        "Editor": flow.draft.editor if flow.draft is not None else None,
        "InstanceId": instance,
        "CreatedTime": millis(flow.created),
        "UpdatedTime": millis(flow.updated),
    }


def millis(at: float | None) -> str | None:
    """A moment as the vendor writes it in texts."""
    return None if at is None else str(int(at * 1000))


def _draft(call: Call, flow: str, name: str, kind: str, description: str, definition: str) -> FlowVersion:
    return FlowVersion(uuid.uuid4().hex, flow, name, kind, description, definition, author(call), call.now, call.now)


def _see_editor(call: Call, draft: FlowVersion) -> None:
    if draft.editor != author(call):
        raise errors.conflict(
            "Editing",
            Text(
                f"{draft.editor} is editing {draft.flow}; its draft {draft.id} must be published or discarded first.",
                f"{draft.editor} 正在编辑 {draft.flow}；请先发布或丢弃其草稿 {draft.id}。",
            ),
        )
