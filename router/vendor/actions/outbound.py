"""Requests to call out. The number that the called party would see is judged first: a 400 number never calls out."""

from __future__ import annotations

from ivr_flows.findings import Text

from ..action import ORIGINATE, Action
from ..parameters import Given, InInstance, Texts


class MakeCall(InInstance):
    """An agent calls somebody."""

    callee: Given
    caller: str = ""


class RedialCall(InInstance):
    """An agent calls once more."""

    caller: str = ""


class StartBack2BackCall(InInstance):
    """Two outside parties are connected; both see ``broker``, or ``additional_broker``."""

    broker: Given
    caller: Given
    callee: Given
    additional_broker: str = ""


class StartPredictiveCall(InInstance):
    """Somebody is called and connected to a flow."""

    caller: Given
    callee: Given
    contact_flow_id: str = ""


class StartPrivacyCall(InInstance):
    """Two parties who do not see each other's number."""

    caller: str = ""
    callee: str = ""


class Transfer(InInstance):
    """A call is handed on; an outside party sees ``transferor``."""

    job_id: Given
    transferee: str = ""
    transferor: str = ""


class Campaign(InInstance):
    """Many are called; they see one of ``number_list``."""

    number_list: Texts = ()


class CampaignNumbers(Campaign):
    """The numbers of a campaign that is there."""

    campaign_id: Given


class OfCampaign(InInstance):
    """A campaign that is there."""

    campaign_id: Given


_REFUSES = Text(
    "a 400 number as caller is refused; else: not done by line400, which takes calls in",
    "以 400 号码为主叫被拒绝；其余：line400 只处理呼入，不执行",
)


def _action(name: str, parameters: type[InInstance], *shows: str) -> Action:
    return Action(name, parameters, ORIGINATE, _REFUSES, shows=shows, offered=False)


ACTIONS = (
    _action("MakeCall", MakeCall, "caller"),
    _action("RedialCall", RedialCall, "caller"),
    _action("StartBack2BackCall", StartBack2BackCall, "broker", "additional_broker"),
    _action("StartPredictiveCall", StartPredictiveCall, "caller"),
    _action("StartPrivacyCall", StartPrivacyCall, "caller"),
    _action("StartConference", InInstance),
    _action("BlindTransfer", Transfer, "transferor"),
    _action("InitiateAttendedTransfer", Transfer, "transferor"),
    _action("CreateCampaign", Campaign, "number_list"),
    _action("ModifyCampaignNumbers", CampaignNumbers, "number_list"),
    _action("UpdateCampaign", OfCampaign),
    _action("SubmitCampaign", OfCampaign),
    _action("ResumeCampaign", OfCampaign),
)
