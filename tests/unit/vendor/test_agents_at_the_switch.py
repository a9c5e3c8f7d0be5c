"""Agents signing in, out and pausing through the vendor's API: what the switch is told, and what the audit keeps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from router.app.vendor.queues import Queues
from router.model import Configuration, QueueSpec
from router.vendor import Call, VendorError
from router.vendor.keys import Key
from router.vendor.parameters import read_parameters
from router.vendor.table import find

NOW = 1_790_000_000.0


class Answer(dict[str, Any]):
    success = True


class Switch:
    """Of an AMI link what the services use; it takes everything."""

    def __init__(self) -> None:
        self.connected = True
        self.told: list[tuple[str, dict[str, Any]]] = []

    async def send(self, action: str, headers: dict[str, Any]) -> Any:
        self.told.append((action, dict(headers)))
        if action == "QueueStatus":
            return [Answer(Event="QueueMember", Queue="sales", Name="1001", Location="PJSIP/1001", Status="1")]
        return Answer()


class Company:
    def __init__(self) -> None:
        self.switch = Switch()
        self.audited: list[tuple[Any, ...]] = []
        configuration = Configuration(
            queues={"sales": QueueSpec("sales", agents=("1001",)), "support": QueueSpec("support", agents=("1001",))},
            instances={"centre": "sales"},
        )

        async def audit(*what: Any) -> None:
            self.audited.append(what)

        served = SimpleNamespace(
            configuration=configuration, router=SimpleNamespace(link=self.switch), store=SimpleNamespace(audit=audit)
        )
        self.services = Queues(cast(Any, served), cast(Any, None)).services()

    async def ask(self, name: str, **given: str) -> Any:
        action = find("2020-07-01", name)
        call = Call(action, Key("testkey", "s", "engineer"), NOW, True)
        parameters = read_parameters(action.parameters, {"InstanceId": "centre", "UserId": "1001", **given})
        return await self.services[name](call, parameters)


async def test_an_agent_signs_in_at_its_own_queues_and_out_where_it_is():
    company = Company()
    answer = await company.ask("SignInGroup")
    assert answer["Data"]["SignedSkillGroupIdList"] == ["sales", "support"]
    assert [(action, headers["Queue"]) for action, headers in company.switch.told] == [
        ("QueueAdd", "sales"),
        ("QueueAdd", "support"),
    ]
    answer = await company.ask("SignOutGroup")
    assert answer["Data"]["SignedSkillGroupIdList"] == ["sales"]
    assert [entry[:3] for entry in company.audited] == [
        ("accesskey:testkey", "agent_sign_in", "1001"),
        ("accesskey:testkey", "agent_sign_out", "1001"),
    ]


async def test_a_break_pauses_everywhere_with_its_code_on_one_line():
    company = Company()
    await company.ask("TakeBreak", Code="午餐\nAction: Originate")
    await company.ask("ReadyForService")
    assert [headers.get("Reason") for _, headers in company.switch.told] == ["午餐 Action: Originate", None]
    assert [headers["Paused"] for _, headers in company.switch.told] == ["true", "false"]


async def test_who_is_unknown_cannot_sign_in_and_a_switch_that_is_away_is_told():
    company = Company()
    with pytest.raises(VendorError) as raised:
        await company.ask("SignInGroup", UserId="2001")
    assert raised.value.code == "NotExists.UserId"
    with pytest.raises(VendorError) as raised:
        await company.ask("SignInGroup", UserId="2001", SignedSkillGroupIdList='["nothing"]')
    assert raised.value.code == "NotExists.SkillGroupId"
    with pytest.raises(VendorError) as raised:
        await company.ask("TakeBreak", UserId="a\r\nb")
    assert raised.value.code == "Parameter.Format"
    company.switch.connected = False
    with pytest.raises(VendorError) as raised:
        await company.ask("ReadyForService")
    assert (raised.value.code, company.switch.told) == ("InternalService.CTI", [])
