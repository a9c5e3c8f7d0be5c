"""Requests of the version 2017-07-05. Its numbers go by ``PhoneNumberId``, which is the number itself here; its flow
versions by ``ContactFlowVersionId``, which is the id of a draft."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr_flows.findings import Text

from ..action import APPLY, CALLS, EDIT, LOOK, NUMBERS, OLD, ORIGINATE, Action
from ..parameters import Flag, Given, InInstance, Millis, Paged, PagedInInstance, Parameters, SomeTexts, Texts, Whole
from .flows import FlowType, Title
from .numbers import Usage


class OldListPhoneNumbers(InInstance):
    """The numbers of an instance; ``outbound_only`` those that may call out."""

    outbound_only: Flag = False


class OldAddPhoneNumber(InInstance):
    """A number for an instance."""

    phone_number: Given
    usage: Usage
    contact_flow_id: str = ""


class OldAddBulkPhoneNumbers(InInstance):
    """Numbers for an instance."""

    phone_number: SomeTexts
    usage: Usage
    contact_flow_id: str = ""


class OldModifyPhoneNumber(InInstance):
    """The binding of a number."""

    phone_number_id: Given
    usage: Usage
    contact_flow_id: str = ""


class OldRemovePhoneNumber(InInstance):
    """A number that leaves its instance."""

    phone_number_id: Given


class OldCreateContactFlow(InInstance):
    """A new flow, as a draft."""

    name: Title
    content: Given
    type: FlowType = "MAIN_FLOW"
    description: str = ""
    canvas: str = ""


class OldCommit(InInstance):
    """What a draft is to hold."""

    contact_flow_version_id: Given
    content: Given
    canvas: str = ""


class OldPublish(InInstance):
    """A draft that comes into force."""

    contact_flow_version_id: Given


class OldListCallDetailRecords(PagedInInstance):
    """Call records; ``phone_number`` is either party's."""

    start_time: Millis | None = None
    stop_time: Millis | None = None
    contact_id: str = ""
    contact_type: str = ""
    contact_disposition: str = ""
    phone_number: str = ""
    order_by: str = ""


class OldPickLocalNumber(InInstance):
    """The number that fits a party to be called, one of ``candidate_number`` where there are some."""

    callee_number: Given
    candidate_number: Texts = ()


class OldPickOutboundNumbers(OldPickLocalNumber):
    """Several of them."""

    count: Annotated[Whole, Field(ge=1, le=100)] = 1


class OldOutboundOfUser(Paged):
    """The numbers that an agent may call out with."""

    instance_id: Given
    user_id: str = ""


class OldNumberRegion(InInstance):
    """Where a number is from."""

    number: Given


class OldBack2Back(InInstance):
    """Two parties are connected; both see ``call_center_number``."""

    call_center_number: Given
    caller: Given
    callee: Given


class OldDialEx(InInstance):
    """Somebody is called, who sees ``caller``."""

    caller: Given
    callee: Given


class OldPrivacy(InInstance):
    """Two parties who do not see each other's number."""

    tel_a: str = ""
    tel_b: str = ""


class OldJobs(InInstance):
    """Many are called, who see one of ``calling_number``."""

    calling_number: Texts = ()


_BIND = Text("as the newer action; `PhoneNumberId` is the number", "同新版；`PhoneNumberId` 即号码")
_PICK = Text("base numbers of the lines, never a 400 number", "线路底号，绝不含 400 号码")
_REFUSES = Text(
    "a 400 number as caller is refused; else: not done by line400, which takes calls in",
    "以 400 号码为主叫被拒绝；其余：line400 只处理呼入，不执行",
)


def _old(name: str, parameters: type[Parameters], needs: tuple[str, ...], does: Text) -> Action:
    return Action(name, parameters, needs, does, OLD)


def _out(name: str, parameters: type[Parameters], *shows: str) -> Action:
    return Action(name, parameters, ORIGINATE, _REFUSES, OLD, shows, offered=False)


ACTIONS = (
    _old("GetInstance", InInstance, LOOK, Text("an instance and its numbers", "实例及其号码")),
    _old("ListInstancesOfUser", Parameters, LOOK, Text("the instances", "实例列表")),
    _old(
        "ListPhoneNumbers",
        OldListPhoneNumbers,
        NUMBERS,
        Text("the 400 numbers, `AllowOutbound` false; `OutboundOnly` gives none", "400 号码，`AllowOutbound` 为 false"),
    ),
    _old("AddPhoneNumber", OldAddPhoneNumber, APPLY, _BIND),
    _old("AddBulkPhoneNumbers", OldAddBulkPhoneNumbers, APPLY, _BIND),
    _old("ModifyPhoneNumber", OldModifyPhoneNumber, APPLY, _BIND),
    _old("RemovePhoneNumber", OldRemovePhoneNumber, APPLY, _BIND),
    _old("ListContactFlows", InInstance, LOOK, Text("the flows with versions and numbers", "流程、版本及号码")),
    _old("CreateContactFlow", OldCreateContactFlow, EDIT, Text("keeps a draft of a new flow", "保存新流程草稿")),
    _old(
        "CommitContactFlowVersionModification",
        OldCommit,
        EDIT,
        Text("keeps a draft; the id of a flow opens one", "保存草稿；给出流程编号则新开草稿"),
    ),
    _old("PublishContactFlowVersion", OldPublish, APPLY, Text("applies a draft as a revision", "将草稿作为版本应用")),
    _old("ListCallDetailRecords", OldListCallDetailRecords, CALLS, Text("call records", "呼叫记录")),
    _old("PickOutboundNumbers", OldPickOutboundNumbers, NUMBERS, _PICK),
    _old("PickLocalNumber", OldPickLocalNumber, NUMBERS, _PICK),
    _old("ListOutboundPhoneNumberOfUser", OldOutboundOfUser, NUMBERS, _PICK),
    _old("GetNumberRegionInfo", OldNumberRegion, NUMBERS, Text("province and city of a number", "号码归属地")),
    _out("StartBack2BackCall", OldBack2Back, "call_center_number"),
    _out("DialEx", OldDialEx, "caller"),
    _out("CallOnlinePrivacyNumber", OldPrivacy),
    _out("StartJob", OldJobs, "calling_number"),
    _out("AssignJobs", OldJobs, "calling_number"),
    _out("CreatePredictiveJobGroup", InInstance),
)
