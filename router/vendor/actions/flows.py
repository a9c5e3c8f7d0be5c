"""Requests on contact flows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr_flows.findings import Text

from ..action import APPLY, EDIT, LOOK, Action
from ..parameters import Flag, Given, InInstance, PagedInInstance, one_of

TYPES = ("MAIN_FLOW", "SUB_FLOW", "SURVEY_FLOW")
FlowType = Annotated[str, one_of(*TYPES)]
Title = Annotated[Given, Field(max_length=120)]


class CreateContactFlow(InInstance):
    """A new flow, as a draft."""

    name: Title
    definition: Given
    type: FlowType = "MAIN_FLOW"
    description: str = ""


class ListContactFlows(PagedInInstance):
    """Flows, filtered and ordered."""

    type: FlowType | None = None
    search_pattern: str = ""
    order_by_field: Annotated[str, one_of("updatedTime", "createdTime", "name")] = "updatedTime"
    sort_order: Annotated[str, one_of("ASC", "DESC")] = "DESC"


class GetContactFlow(InInstance):
    """A flow; with ``draft_id`` that draft of it."""

    contact_flow_id: Given
    draft_id: str = ""


class OfFlow(InInstance):
    """A flow."""

    contact_flow_id: Given


class OfDraft(OfFlow):
    """A draft of a flow."""

    draft_id: Given


class CommitContactFlow(OfDraft):
    """What a draft is to hold."""

    definition: Given
    description: str = ""


class DeleteContactFlow(OfFlow):
    """A flow that goes; ``force`` is taken for the vendor's sake."""

    force: Flag = False


class ExportContactFlow(InInstance):
    """A flow as a package."""

    flow_id: Given


class ImportContactFlow(InInstance):
    """Flows out of a package."""

    flow_package_data: Given


ACTIONS = (
    Action(
        "ListContactFlows", ListContactFlows, LOOK, Text("the flows, with the numbers bound to each", "流程及其号码")
    ),
    Action(
        "GetContactFlow",
        GetContactFlow,
        LOOK,
        Text("a flow or a draft of it, in the vendor's JSON", "流程或其草稿，厂商 JSON"),
    ),
    Action(
        "CreateContactFlow",
        CreateContactFlow,
        EDIT,
        Text("keeps a draft of a new flow; the id is its name here", "保存新流程的草稿；编号即流程名"),
    ),
    Action("StartEditContactFlow", OfFlow, EDIT, Text("opens a draft of a flow", "打开流程草稿")),
    Action(
        "CommitContactFlow",
        CommitContactFlow,
        EDIT,
        Text(
            "keeps the draft; a definition of which no flow can be made is refused",
            "保存草稿；无法成为流程的定义被拒绝",
        ),
    ),
    Action(
        "PublishContactFlow",
        OfDraft,
        APPLY,
        Text(
            "writes the flow file and applies it as a revision, through the checks of `line400 apply`",
            "写入流程文件并作为新版本应用，经过 `line400 apply` 的各项检查",
        ),
    ),
    Action("DiscardEditingContactFlow", OfDraft, EDIT, Text("drops a draft", "丢弃草稿")),
    Action(
        "DeleteContactFlow",
        DeleteContactFlow,
        APPLY,
        Text("removes a flow that nothing names, by a revision", "删除无人引用的流程，生成新版本"),
    ),
    Action("ExportContactFlow", ExportContactFlow, LOOK, Text("a flow as a package", "导出流程包")),
    Action(
        "ImportContactFlow",
        ImportContactFlow,
        APPLY,
        Text("the flows of a package, applied as one revision", "导入流程包，作为一个版本应用"),
    ),
)
