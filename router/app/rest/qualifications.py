"""``/qualifications``: companies, as ``line400 qualify`` handles them. What is personal is masked; a role that
reviews may have it revealed, which is audited."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, Listed, ListQuery, OneQuery
from router.api.operation import Answer, Call, Operation, Page
from router.api.refusal import bad_value
from router.desk import qualifying, reviewing
from router.desk.qualifying import Known, Submitting
from router.desk.showing import qualification_json

from ..life.at_desk import refusals
from ..served import Served
from .desks import MOST_FORM, desk_of, read_form
from .lives import At, WhenBody


class QualificationModel(Listed):
    """A qualification, as ``line400 qualify show --json`` prints it."""

    code: str
    company: str
    state: str


class CompanyPath(Input):
    """A company's name or credit code."""

    company: Annotated[Line, Field(min_length=1, examples=["91110000600037341L"])]


class QualificationQuery(OneQuery):
    """At which moment; ``reveal``: personal data whole, for who reviews."""

    at: At = None
    reveal: bool = False


class QualificationsQuery(ListQuery):
    """At which moment."""

    at: At = None


class ReviewBody(WhenBody):
    """How it is decided; a rejection needs a reason."""

    approve: bool


async def list_qualifications(call: Call[None, QualificationsQuery, None], served: Served) -> Page:
    """All of them, by credit code."""
    desk = desk_of(call, served, call.query.at)
    behind = "" if call.after is None else str(call.after[0])
    with refusals():
        found = sorted(await qualifying.show(desk, None), key=lambda known: known.qualification.code)
    rest = [known for known in found if known.qualification.code > behind]
    shown = rest[: call.query.limit]
    after = (shown[-1].qualification.code,) if len(rest) > len(shown) else None
    return Page([qualification_json(desk, known, call.language) for known in shown], after)


async def get_qualification(call: Call[CompanyPath, QualificationQuery, None], served: Served) -> dict[str, Any]:
    """One of them."""
    desk = desk_of(call, served, call.query.at)
    if call.query.reveal:
        call.need("life.review")
    with refusals():
        (known,) = await qualifying.show(desk, call.path.company, reveal=call.query.reveal)
    return qualification_json(desk, known, call.language)


async def submit_qualification(call: Call[None, None, None], served: Served) -> Answer:
    """Hand one in: a form with the fields ``code company licence_until legal_name id_number id_kind born`` (dates ISO
    8601; ``licence_until`` empty or ``never``: no fixed term), ``at``, ``reason``, and the scans as files by kind."""
    form = await read_form(call)
    given = form.fields
    for name in ("code", "company", "legal_name", "id_number"):
        if not given.get(name, "").strip():
            text = Text(f"`{name}` is missing.", f"缺少 `{name}`。")
            raise bad_value(f"body.{name}", "missing-value", text, Text("Send it as a field.", "请作为表单字段发送。"))
    desk = desk_of(call, served, given.get("at"), given.get("reason"))
    until = given.get("licence_until", "").strip()
    wanted = Submitting(
        given["code"],
        given["company"],
        None if until in ("", "never") else _day("licence_until", until),
        given["legal_name"],
        given["id_number"],
        form.files,
        given.get("id_kind", "resident"),
        _day("born", given["born"]) if given.get("born") else None,
    )
    with refusals():
        known = await qualifying.submit(desk, wanted)
    document = qualification_json(desk, known, call.language)
    return Answer(document, location=f"/qualifications/{known.qualification.code}")


async def review_qualification(call: Call[CompanyPath, None, ReviewBody], served: Served) -> dict[str, Any]:
    """Approve or reject in the back office's place."""
    desk = desk_of(call, served, call.body.at, call.body.reason)
    with refusals():
        known: Known = await reviewing.review_company(desk, call.path.company, approve=call.body.approve)
    return qualification_json(desk, known, call.language)


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        message = Text(f"`{text[:20]}` is no day.", f"`{text[:20]}` 不是日期。")
        cure = Text("Write 2030-01-31.", "请写 2030-01-31。")
        raise bad_value(f"body.{name}", "bad-day", message, cure) from None


OPERATIONS = (
    Operation(
        "list_qualifications",
        "GET",
        "/qualifications",
        "life",
        Text("Qualifications of companies", "企业资质"),
        "life.read",
        list_qualifications,
        query=QualificationsQuery,
        answer=QualificationModel,
        paged=True,
    ),
    Operation(
        "submit_qualification",
        "POST",
        "/qualifications",
        "life",
        Text("Hand a qualification in", "提交资质"),
        "life.work",
        submit_qualification,
        answer=QualificationModel,
        upload="multipart/form-data",
        body_limit=MOST_FORM,
        status=201,
        errors=(409, 413, 415),
    ),
    Operation(
        "get_qualification",
        "GET",
        "/qualifications/{company}",
        "life",
        Text("The qualification of a company", "一家企业的资质"),
        "life.read",
        get_qualification,
        path_model=CompanyPath,
        query=QualificationQuery,
        answer=QualificationModel,
    ),
    Operation(
        "review_qualification",
        "POST",
        "/qualifications/{company}/review",
        "life",
        Text("Decide a qualification in the back office's place", "审核资质"),
        "life.review",
        review_qualification,
        path_model=CompanyPath,
        body=ReviewBody,
        answer=QualificationModel,
        repeatable=True,
        errors=(409,),
        body_example={"approve": True},
    ),
)
