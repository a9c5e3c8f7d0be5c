"""Requests on call records. Moments are Unix milliseconds."""

from __future__ import annotations

from typing import Annotated

from ivr_flows.findings import Text

from ..action import CALLS, Action
from ..parameters import Given, InInstance, Millis, PagedInInstance, Texts, one_of

ContactTypes = (
    "INBOUND",
    "OUTBOUND",
    "BACK2BACK",
    "PREDICTIVE",
    "INTERNAL",
    "CONFERENCE",
    "PRIVACY_DIAL",
    "PrivacyDial",
)


class Span(PagedInInstance):
    """Calls that began at ``start_time`` or later and before ``end_time``."""

    start_time: Millis | None = None
    end_time: Millis | None = None


class CallList(Span):
    """What both lists of records take."""

    calling_number: str = ""
    called_number: str = ""
    contact_type_list: Texts = ()
    contact_disposition_list: Texts = ()
    agent_id: str = ""
    sort_order: Annotated[str, one_of("ASC", "DESC")] = "DESC"


class ListCallDetailRecords(CallList):
    """The older list."""

    contact_id: str = ""
    contact_type: str = ""
    contact_disposition: str = ""
    skill_group_id: str = ""
    criteria: str = ""


class ListCallDetailRecordsV2(CallList):
    """The list that the vendor prefers; ``number`` is either party's."""

    contact_id_list: Texts = ()
    number: str = ""
    skill_group_id_list: Texts = ()
    search_pattern: str = ""


class ListRecentCallDetailRecords(Span):
    """Calls of a party; ``criteria`` is a JSON object."""

    criteria: str = ""


class OfContact(InInstance):
    """A call."""

    contact_id: Given


class ListIvrTrackingDetails(PagedInInstance):
    """The nodes of a call."""

    contact_id: Given


class GetHistoricalCallerReport(InInstance):
    """How often a caller called."""

    calling_number: Given
    start_time: Millis | None = None
    stop_time: Millis | None = None


class ListVoicemails(Span):
    """Messages that callers left."""

    contact_id: str = ""
    caller: str = ""


_LIST = Text(
    "call records, `CalledNumber` is the 400 number; all are inbound; test calls are marked `Test`",
    "呼叫记录，`CalledNumber` 为 400 号码；均为呼入；测试呼叫标有 `Test`",
)

ACTIONS = (
    Action("ListCallDetailRecords", ListCallDetailRecords, CALLS, _LIST),
    Action("ListCallDetailRecordsV2", ListCallDetailRecordsV2, CALLS, _LIST),
    Action("ListRecentCallDetailRecords", ListRecentCallDetailRecords, CALLS, _LIST),
    Action("GetCallDetailRecord", OfContact, CALLS, Text("one record", "一条记录")),
    Action(
        "ListIvrTrackingDetails",
        ListIvrTrackingDetails,
        CALLS,
        Text("the nodes of a call in order; moments only of the first and last", "来电经过的节点；仅首末节点有时间"),
    ),
    Action("GetIvrTrackingSummary", OfContact, CALLS, Text("the path as one text", "以文本给出路径")),
    Action(
        "GetHistoricalCallerReport",
        GetHistoricalCallerReport,
        CALLS,
        Text("real calls of a caller, and the last of them", "某主叫的真实来电次数与最近一次"),
    ),
    Action("ListVoicemails", ListVoicemails, CALLS, Text("voicemail of the inbox", "收件箱中的留言")),
)
