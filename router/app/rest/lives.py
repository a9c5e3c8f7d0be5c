"""``/stock`` and ``/lives``: a 400 number from the stock to its release, as ``line400 numbers`` does it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, Listed, ListQuery, Moment, OneQuery, Output
from router.api.operation import Answer, Call, Operation, Page
from router.desk import Desk, buying, owning
from router.desk.buying import Materials
from router.desk.happening import Outcome
from router.desk.papers import HandlerGiven
from router.desk.showing import file_json, life_json, offer_json
from router.life.grading import Wanted

from ..life.at_desk import refusals
from ..served import Served
from .desks import MOST_FORM, desk_of, read_form

At = Annotated[Moment | None, Field(description="As if it were then: for rehearsals.")]
DOCUMENTS = "application/pdf"


class OfferModel(Output):
    """A number in stock; ``minimum`` is what it costs a month at least, in yuan."""

    number: str
    carrier: str
    tier: str
    minimum: int
    labels: list[str]


class LifeModel(Listed):
    """The life of a number, as ``line400 numbers show --json`` prints it; ``said`` is what there is to know besides."""

    number: str
    state: str
    said: list[str]


class StockQuery(ListQuery):
    """Which numbers; everything given must hold."""

    carrier: Line | None = None
    tier: Line | None = None
    ending: Annotated[str | None, Field(pattern=r"^[0-9]{1,7}$")] = None
    repeated: Annotated[int | None, Field(ge=1, le=6)] = None
    ascending: Annotated[int | None, Field(ge=1, le=6)] = None
    no_four: bool = False
    pattern: Annotated[str | None, Field(pattern=r"^[0-9A-Z?]{1,8}$")] = None
    at: At = None


class LivesQuery(ListQuery):
    """Which lives."""

    state: Line | None = None
    at: At = None


class LifeQuery(OneQuery):
    """At which moment."""

    at: At = None


class NumberPath(Input):
    """A 400 number in any spelling."""

    number: Annotated[Line, Field(min_length=1, examples=["4008001234"])]


class WhenBody(Input):
    """Why, and as if it were when."""

    at: At = None
    reason: Line | None = None


class ApplyBody(WhenBody):
    """For which company a number is reserved."""

    number: Annotated[Line, Field(min_length=1)]
    company: Annotated[Line | None, Field(description="Name or credit code; needed where there are several.")] = None
    carrier: Line | None = None
    tier: Line | None = None


class DocumentPath(NumberPath):
    """One of the four documents of an application."""

    kind: Literal["authorisation", "acceptance", "security-agreement", "security-commitment"]


class HandlerBody(WhenBody):
    """Who handles the application; what is left out is as it was kept."""

    handler: Line | None = None
    id_number: Line | None = None
    id_kind: Line | None = None
    mobile: Line | None = None
    email: Line | None = None


class MaterialsModel(LifeModel):
    """A life with its materials; ``missing`` are kinds that still lack."""

    handler: dict[str, Any] | None
    files: list[dict[str, Any]]
    missing: list[str]


async def list_stock(call: Call[None, StockQuery, None], served: Served) -> Page:
    """What is on offer and belongs to nobody, the cheapest first."""
    query = call.query
    with refusals():
        wanted = Wanted(
            buying.carrier_of(query.carrier),
            buying.tier_of(query.tier),
            query.ending,
            query.repeated,
            query.ascending,
            query.no_four,
            query.pattern,
        )
        found = await buying.search(desk_of(call, served, query.at), wanted)
    if call.after is not None:
        behind = (int(call.after[0]), str(call.after[1]))
        found = [offer for offer in found if (offer.minimum, offer.number) > behind]
    shown = found[: query.limit]
    after = (shown[-1].minimum, shown[-1].number) if len(found) > len(shown) else None
    return Page([offer_json(offer) for offer in shown], after)


async def list_lives(call: Call[None, LivesQuery, None], served: Served) -> Page:
    """Every life, by number."""
    desk = desk_of(call, served, call.query.at)
    behind = "" if call.after is None else str(call.after[0])
    with refusals():
        found = [made for made in await owning.show_all(desk) if made.life.number > behind]
    if call.query.state is not None:
        found = [made for made in found if made.life.state == call.query.state]
    shown = found[: call.query.limit]
    after = (shown[-1].life.number,) if len(found) > len(shown) else None
    return Page([life_document(desk, made, call) for made in shown], after)


async def get_life(call: Call[NumberPath, LifeQuery, None], served: Served) -> dict[str, Any]:
    """One life."""
    desk = desk_of(call, served, call.query.at)
    with refusals():
        return life_document(desk, await owning.show(desk, call.path.number), call)


async def apply_for(call: Call[None, None, ApplyBody], served: Served) -> Answer:
    """Reserve a number for a company: at once, for nobody else."""
    wanted = call.body
    desk = desk_of(call, served, wanted.at, wanted.reason)
    with refusals():
        made = await buying.apply(desk, wanted.number, wanted.company, wanted.carrier, wanted.tier)
    return Answer(life_document(desk, made, call), location=f"/lives/{made.life.number}")


async def hand_in(call: Call[NumberPath, None, None], served: Served) -> dict[str, Any]:
    """Materials: stamped scans as parts of a form by kind, the handler as fields ``handler id_number id_kind mobile
    email``, ``submit=true`` to hand them in, ``at`` and ``reason`` as elsewhere."""
    form = await read_form(call)
    given = form.fields
    desk = desk_of(call, served, given.get("at"), given.get("reason"))
    handler = HandlerGiven(
        given.get("handler"),
        given.get("id_number"),
        given.get("id_kind"),
        None,
        given.get("mobile"),
        given.get("email"),
    )
    asked = Materials(handler, form.files, submit=given.get("submit", "").lower() in ("true", "1", "yes"))
    with refusals():
        handed = await buying.materials(desk, call.path.number, asked)
    return {
        **life_document(desk, handed.outcome, call),
        "handler": None if handed.handler is None else handed.handler.masked(),
        "files": [file_json(desk, file) for file in handed.files],
        "missing": list(handed.missing),
    }


async def make_document(call: Call[DocumentPath, None, HandlerBody], served: Served) -> web.Response:
    """A document with the data of the application, to be stamped."""
    given = call.body
    desk = desk_of(call, served, given.at, given.reason)
    handler = HandlerGiven(given.handler, given.id_number, given.id_kind, None, given.mobile, given.email)
    with refusals():
        handed = await buying.materials(desk, call.path.number, Materials(handler, generate=True))
    return _pdf(handed.outcome.life.number, call.path.kind, handed.documents[call.path.kind])


async def get_bundle(call: Call[NumberPath, None, None], served: Served) -> web.Response:
    """What was handed in, as one PDF, for who reviews; that is audited."""
    with refusals():
        handed = await buying.materials(desk_of(call, served), call.path.number, Materials(bundle=True))
    assert handed.bundle is not None
    return _pdf(handed.outcome.life.number, "materials", handed.bundle)


def _pdf(number: str, name: str, content: bytes) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{number}-{name}.pdf"'}
    return web.Response(body=content, content_type=DOCUMENTS, headers=headers)


def life_document(desk: Desk, made: Outcome, call: Call[Any, Any, Any]) -> dict[str, Any]:
    said = [text.to(call.language) for text in (*desk.warnings, *desk.notes)]
    return {**life_json(desk, made, call.language), **made.more, "said": said}


OPERATIONS = (
    Operation(
        "list_stock",
        "GET",
        "/stock",
        "life",
        Text("Numbers on offer", "可购号码"),
        "life.read",
        list_stock,
        query=StockQuery,
        answer=OfferModel,
        paged=True,
    ),
    Operation(
        "list_lives",
        "GET",
        "/lives",
        "life",
        Text("Lives of numbers", "号码办理情况"),
        "life.read",
        list_lives,
        query=LivesQuery,
        answer=LifeModel,
        paged=True,
    ),
    Operation(
        "get_life",
        "GET",
        "/lives/{number}",
        "life",
        Text("The life of a number", "一个号码的办理情况"),
        "life.read",
        get_life,
        path_model=NumberPath,
        query=LifeQuery,
        answer=LifeModel,
    ),
    Operation(
        "apply_for_number",
        "POST",
        "/lives",
        "life",
        Text("Apply for a number", "申请号码"),
        "life.work",
        apply_for,
        body=ApplyBody,
        answer=LifeModel,
        creates=True,
        errors=(409,),
        body_example={"number": "4008001234", "company": "示例科技"},
    ),
    Operation(
        "hand_in_materials",
        "POST",
        "/lives/{number}/materials",
        "life",
        Text("Upload materials, hand them in", "上传并提交材料"),
        "life.work",
        hand_in,
        path_model=NumberPath,
        answer=MaterialsModel,
        upload="multipart/form-data",
        body_limit=MOST_FORM,
        errors=(409, 413, 415),
    ),
    Operation(
        "make_document",
        "POST",
        "/lives/{number}/documents/{kind}",
        "life",
        Text("A document of an application, as PDF", "生成申请文件（PDF）"),
        "life.work",
        make_document,
        path_model=DocumentPath,
        body=HandlerBody,
        media=DOCUMENTS,
        errors=(409,),
        body_example={"handler": "李四"},
    ),
    Operation(
        "get_bundle",
        "GET",
        "/lives/{number}/bundle",
        "life",
        Text("What was handed in, as one PDF", "已提交材料合并文件（PDF）"),
        "life.review",
        get_bundle,
        path_model=NumberPath,
        media=DOCUMENTS,
        errors=(409,),
    ),
)
