"""The documents of an application: which they are, and what stands in them.

The vendor publishes its four templates only as pictures; their fields cannot be read. What stands here is line400's own
set of fields, made of what sister services ask for (domain notes §4), and each document says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ivr_flows.findings import Text

from .grading import MINIMUMS
from .identity import ID_KINDS, Identity, IdKind, masked
from .model import CARRIER_TEXTS, Life, LifeError
from .qualification import Qualification

DOCUMENTS: Final[dict[str, Text]] = {
    "authorisation": Text("letter of authorisation", "办理授权书"),
    "acceptance": Text("service acceptance form", "业务受理单"),
    "security-agreement": Text("security agreement", "安全服务协议"),
    "security-commitment": Text("information security commitment", "信息安全承诺书"),
}
"""What is generated, stamped and uploaded again."""
HANDLER_SCANS: Final[dict[str, Text]] = {
    "handler-id-front": Text("handler's ID card, front", "经办人身份证人像面"),
    "handler-id-back": Text("handler's ID card, back", "经办人身份证国徽面"),
}
KINDS: Final[dict[str, Text]] = DOCUMENTS | HANDLER_SCANS
REQUIRED: Final = tuple(KINDS)


def required_of(kind: IdKind) -> tuple[str, ...]:
    """The documents of an application whose handler is known by a paper of ``kind``; of a passport there is no back."""
    return tuple(one for one in REQUIRED if kind != "passport" or one != "handler-id-back")


OWN_FIELDS: Final = "本文件的字段由 line400 自行设计，并非厂商官方模板；以运营商要求为准。"


@dataclass(frozen=True, slots=True)
class HandlerDetails:
    """The person who handles an application; all of it is personal."""

    name: str
    paper: Identity
    mobile: str
    email: str

    def as_json(self) -> dict[str, Any]:
        """What is sealed of it."""
        return {"paper": self.paper.as_json(), "mobile": self.mobile, "email": self.email}

    @classmethod
    def of(cls, name: str, value: Mapping[str, Any]) -> HandlerDetails:
        """What `as_json` made."""
        return cls(name, Identity.of(value["paper"]), value["mobile"], value["email"])

    def masked(self) -> dict[str, str]:
        """What may be shown of it."""
        return {
            "name": self.name,
            "id_kind": self.paper.kind,
            "id_number": self.paper.masked,
            "mobile": masked(self.mobile),
        }


@dataclass(frozen=True, slots=True)
class Paper:
    """One document to be printed and stamped: its fields, its paragraphs, and who signs."""

    kind: str
    title: str
    fields: Sequence[tuple[str, str]]
    paragraphs: Sequence[str]
    signers: Sequence[str]
    day: date
    reference: str


def check_kind(kind: str, known: dict[str, Text]) -> None:
    """Refuse a kind of document that is none. Raises `LifeError`."""
    if kind not in known:
        raise LifeError(
            "unknown-kind",
            Text(f"There is no document of the kind `{kind[:40]}`.", f"没有 `{kind[:40]}` 这种材料。"),
            Text(
                f"One of: {', '.join(known)}.",
                "可选：" + "、".join(f"{key}（{word.zh}）" for key, word in known.items()),
            ),
        )


def papers(life: Life, company: Qualification, legal: Identity, handler: HandlerDetails, day: date) -> list[Paper]:
    """The four documents of an application, filled in."""
    number = f"{life.number[:3]}-{life.number[3:6]}-{life.number[6:]}"
    carrier = CARRIER_TEXTS[life.carrier].zh if life.carrier else ""
    subject = (("公司名称", company.company), ("统一社会信用代码", company.code), ("法定代表人", company.legal_name))
    person = (
        ("经办人", handler.name),
        (f"经办人{ID_KINDS[handler.paper.kind].zh}号码", handler.paper.number),
        ("经办人手机", handler.mobile),
        ("经办人邮箱", handler.email),
    )
    service = (
        ("400 号码", number),
        ("运营商", carrier),
        ("号码档位", f"{life.tier}（月最低消费 {MINIMUMS[life.tier]:,} 元）"),
    )
    signed = ("公司（盖章）", "法定代表人（签字）", "经办人（签字）", "日期")
    made = [
        (
            "authorisation",
            (*subject, (f"法定代表人{ID_KINDS[legal.kind].zh}号码", legal.number), *person, *service),
            (
                f"兹授权{handler.name}作为本公司经办人，代表本公司办理上述 400 号码的申请、材料提交及相关手续。",
                "经办人在授权范围内签署的文件，本公司均予以认可，并承担相应法律责任。",
                "授权期限自签署之日起，至该号码申请办结之日止。",
            ),
        ),
        (
            "acceptance",
            (*subject, *person, *service, ("首个购买周期", "3 个月"), ("业务用途", "仅呼入（主被叫分摊付费业务）")),
            (
                "本公司申请开通上述 400 号码，确认所填信息真实、有效。",
                "本公司知悉：400 号码只能用于呼入，不能呼出，也不能作外显号码；号码开通后须完成路由配置方可接听来电。",
            ),
        ),
        (
            "security-agreement",
            (*subject, *service),
            (
                "一、本公司遵守国家有关电信和网络信息安全的法律法规，按登记用途使用号码，不转让、不转租。",
                "二、本公司不利用该号码从事电信网络诈骗、骚扰营销等违法违规活动，不改变、不隐藏主叫号码。",
                "三、本公司发现安全事件时，及时停止相关业务并通知服务方和运营商，配合调查与处置。",
                "四、违反本协议的，服务方或运营商可暂停或终止号码服务，由本公司承担相应责任。",
            ),
        ),
        (
            "security-commitment",
            (*subject, *service),
            (
                "本公司郑重承诺：落实信息安全责任，建立健全信息安全管理制度，指定专人负责。",
                "来电语音提示、语音信箱等内容合法、真实，不含法律法规禁止的信息。",
                "依法保护来电者个人信息，留存必要的通话记录，接受主管部门的监督检查。",
            ),
        ),
    ]
    return [
        Paper(kind, DOCUMENTS[kind].zh, fields, paragraphs, signed, day, life.application)
        for kind, fields, paragraphs in made
    ]
