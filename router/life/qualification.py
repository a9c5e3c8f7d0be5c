"""A company's qualification for 400 numbers: what is asked, how it is checked, and the states of its review.

The credit code is checked by GB 32100-2015 (python-stdnum), the legal person's paper by `router.life.identity`. A
licence without a fixed term counts ten years from the day of submission (customer_source: 按照10年以后的时间进行提交).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final, Literal

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from ivr_flows.findings import Text
from router.lifecycle import add_months

from .identity import Identity, IdKind, why
from .model import LifeError

QualificationState = Literal["review", "approved", "rejected", "expired"]
NO_TERM_YEARS: Final = 10
WARN_DAYS: Final = (60, 30, 7)
"""How many days ahead of its end a licence is warned of."""
SCANS: Final[dict[str, Text]] = {
    "licence": Text("business licence", "营业执照"),
    "id-front": Text("legal person's ID card, front", "法人身份证人像面"),
    "id-back": Text("legal person's ID card, back", "法人身份证国徽面"),
}
LEGAL_PERSON: Final = Text("legal person", "法人")
LEGAL_PERSON_NAME: Final = Text("legal person's name", "法人姓名")
STATE_TEXTS: Final[dict[QualificationState, Text]] = {
    "review": Text("under review", "审核中"),
    "approved": Text("approved", "审核通过"),
    "rejected": Text("rejected", "审核驳回"),
    "expired": Text("the licence has expired", "营业执照已过期"),
}
MOVES: Final[tuple[tuple[QualificationState | None, str, QualificationState], ...]] = (
    *((state, "submit", "review") for state in (None, "review", "rejected", "approved", "expired")),
    ("review", "approve", "approved"),
    ("review", "reject", "rejected"),
    ("approved", "expire", "expired"),
)
"""State (None: there is none yet), event, state."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a company hands in, checked. ``legal`` is personal."""

    code: str
    company: str
    licence_until: date
    open_ended: bool
    legal_name: str
    legal: Identity


@dataclass(frozen=True, slots=True)
class Qualification:
    """A qualification as the store keeps it, without what is sealed. ``earliest`` and ``latest``: when the decision is
    expected; ``assumed``: years without holiday data on the way there; ``left``: when a number left
    the company last; ``said``: why it was rejected."""

    id: int
    code: str
    company: str
    state: QualificationState
    since: float
    submitted: date
    licence_until: date
    open_ended: bool
    legal_name: str
    mark: str
    reference: str = ""
    earliest: date | None = None
    latest: date | None = None
    assumed: tuple[int, ...] = ()
    left: float | None = None
    said: str = ""

    def as_json(self) -> dict[str, Any]:
        """What the store keeps beside id, code, company, state and since."""
        return {
            "submitted": self.submitted.isoformat(),
            "licence_until": self.licence_until.isoformat(),
            "open_ended": self.open_ended,
            "legal_name": self.legal_name,
            "mark": self.mark,
            "reference": self.reference,
            "earliest": self.earliest.isoformat() if self.earliest else None,
            "latest": self.latest.isoformat() if self.latest else None,
            "assumed": list(self.assumed),
            "left": self.left,
            "said": self.said,
        }

    @classmethod
    def of(
        cls, id: int, code: str, company: str, state: QualificationState, since: float, facts: Mapping[str, Any]
    ) -> Qualification:
        """What the store keeps, as a value."""
        known = dict(facts)
        for name in ("submitted", "licence_until", "earliest", "latest"):
            known[name] = date.fromisoformat(known[name]) if known.get(name) else None
        known["assumed"] = tuple(known["assumed"])
        return cls(id=id, code=code, company=company, state=state, since=since, **known)


def state_at(qualification: Qualification, at: float, zone: tzinfo) -> QualificationState:
    """Its state at a moment: an approved one is expired from the day after its licence's last day on."""
    if qualification.state == "approved" and day_of(at, zone) > qualification.licence_until:
        return "expired"
    return qualification.state


def warning(qualification: Qualification, at: float, zone: tzinfo) -> Text | None:
    """What is to be said ahead of the end of the licence; None while that is far."""
    left = (qualification.licence_until - day_of(at, zone)).days
    if qualification.state != "approved" or left > max(WARN_DAYS):
        return None
    until = qualification.licence_until
    if left < 0:
        return Text(
            f"The licence of {qualification.company} expired on {until}.",
            f"{qualification.company} 的营业执照已于 {until} 过期。",
        )
    return Text(
        f"The licence of {qualification.company} ends on {until}, in {left} days; submit the new one.",
        f"{qualification.company} 的营业执照将于 {until} 到期（还有 {left} 天），请提交新执照。",
    )


def scans_of(kind: IdKind) -> tuple[str, ...]:
    """The scans that a company hands in; of a passport there is no back."""
    return tuple(scan for scan in SCANS if kind != "passport" or scan != "id-back")


def next_step_of(qualification: Qualification, at: float, zone: tzinfo) -> Text:
    """What is to be done next."""
    state = state_at(qualification, at, zone)
    if state == "approved":
        return Text(
            "Choose a number: line400 numbers search, then line400 numbers apply NUMBER.",
            "请选号：line400 numbers search，然后 line400 numbers apply 号码。",
        )
    if state == "review":
        return Text(
            f"Wait for the decision; rehearsing, decide it: line400 qualify review {qualification.code} --approve.",
            f"请等待审核；演练时可自行审核：line400 qualify review {qualification.code} --approve。",
        )
    return Text("Submit it again: line400 qualify submit.", "请重新提交：line400 qualify submit。")


def may_own(qualification: Qualification | None, at: float, zone: tzinfo) -> LifeError | None:
    """Why a company may not apply for numbers at ``at``; None where it may."""
    if qualification is None:
        return LifeError(
            "no-qualification",
            Text("The company has no qualification.", "该公司没有 400 资质。"),
            Text("Submit one: line400 qualify submit.", "请先提交资质：line400 qualify submit。"),
        )
    state = state_at(qualification, at, zone)
    if state == "approved":
        return None
    said = STATE_TEXTS[state]
    because = f" ({qualification.said})" if qualification.said else ""
    cure = (
        Text("Wait for the decision.", "请等待审核结果。")
        if state == "review"
        else Text("Submit it again: line400 qualify submit.", "请重新提交：line400 qualify submit。")
    )
    return LifeError(
        "not-qualified",
        Text(
            f"{qualification.company} may not apply: its qualification is not approved; {said.en}{because}.",
            f"{qualification.company} 暂不能申请号码：资质状态为“{said.zh}”{because}。",
        ),
        cure,
    )


def read_submission(
    code: str, company: str, licence_until: date | None, legal_name: str, legal: Identity, today: date
) -> Submission:
    """Check what was typed. ``licence_until`` None: the licence has no fixed term. ``legal`` is the legal person's
    paper, read. Raises `LifeError` for the first thing that is wrong."""
    open_ended = licence_until is None
    until = add_months(today, NO_TERM_YEARS * 12) if licence_until is None else licence_until
    if until < today:
        raise LifeError(
            "licence-expired",
            Text(f"The licence expired on {until}.", f"营业执照已于 {until} 过期。"),
            Text("Submit a valid licence; `never` stands for no fixed term.", "请提交有效执照；无固定期限请写 never。"),
        )
    return Submission(
        read_credit_code(code),
        read_name(company, "company", Text("company's name", "公司名称")),
        until,
        open_ended,
        read_name(legal_name, "legal-name", LEGAL_PERSON_NAME),
        legal,
    )


def read_credit_code(code: str) -> str:
    """A unified social credit code (统一社会信用代码) in its canonical form. Raises `LifeError`."""
    try:
        return str(uscc.validate(code.strip().upper()))
    except ValidationError as error:
        raise LifeError(
            "bad-credit-code",
            Text(
                f"`{code[:40]}` is no unified social credit code: {why(error).en}.",
                f"`{code[:40]}` 不是统一社会信用代码：{why(error).zh}。",
            ),
            Text("Copy its 18 characters from the licence.", "请按营业执照核对 18 位代码。"),
        ) from error


def day_of(at: float, zone: tzinfo) -> date:
    """The day of a moment."""
    return datetime.fromtimestamp(at, zone).date()


def end_of(day: date, zone: tzinfo) -> float:
    """The moment at which ``day`` is over."""
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=zone).timestamp()


def read_name(text: str, what: str, words: Text) -> str:
    """A name as it stands on a paper, white space made one. Raises `LifeError` ``bad-{what}``."""
    name = " ".join(text.split())
    if not 2 <= len(name) <= 120 or not name.isprintable():
        raise LifeError(
            f"bad-{what}",
            Text(f"The {words.en} is missing or too long.", f"{words.zh}缺失或过长。"),
            Text("Write it as it stands on the paper.", "请按证件填写。"),
        )
    return name
