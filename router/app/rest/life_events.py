"""What happens in the life of a number: each event of ``line400 numbers`` as a request to ``/lives/{number}/…``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Line
from router.api.operation import Call, Operation
from router.desk import Desk, buying, owning, reviewing
from router.desk.happening import Outcome
from router.desk.owning import RouteOrder

from ..life.at_desk import refusals
from ..served import Served
from .desks import desk_of
from .lives import LifeModel, NumberPath, WhenBody, life_document


class ReviewBody(WhenBody):
    """How the carrier decides."""

    approve: bool


class RouteBody(WhenBody):
    """What a route ticket asks for: lines as ``NAME`` or ``NAME=SHARE``, regions as ``PROVINCE=NAME``."""

    lines: Annotated[list[Line], Field(min_length=1, max_length=50)]
    overflow: Annotated[list[Line], Field(max_length=50)] = []  # noqa: RUF012 - a pydantic default is copied
    regions: Annotated[list[Line], Field(max_length=50)] = []  # noqa: RUF012


class InstanceBody(WhenBody):
    """The instance that takes the number: a new one is bound to Welcome, an existing one to ``flow``."""

    name: Annotated[Line, Field(min_length=1, examples=["support-center"])]
    queue: Line = "default"
    flow: Line | None = None


class RenewBody(WhenBody):
    """For how many months is paid ahead, or whether it renews by itself."""

    months: Annotated[int | None, Field(ge=1, le=120)] = None
    auto: bool | None = None


class TransferBody(WhenBody):
    """To which company."""

    to: Annotated[Line, Field(min_length=1)]


class DecideBody(WhenBody):
    """Whether it is done, or refused."""

    done: bool = True


Act = Callable[[Desk, str, Any], Awaitable[Outcome]]


def acting(act: Act) -> Callable[[Call[NumberPath, None, Any], Served], Awaitable[dict[str, Any]]]:
    """The handler that lets ``act`` happen to a number."""

    async def handler(call: Call[NumberPath, None, Any], served: Served) -> dict[str, Any]:
        desk = desk_of(call, served, call.body.at, call.body.reason)
        async with served.edits.lock:  # some of it edits the files
            with refusals():
                made = await act(desk, call.path.number, call.body)
        return life_document(desk, made, call)

    return handler


_ACTS: tuple[tuple[str, str, Text, str, type[WhenBody], Act, dict[str, Any]], ...] = (
    (
        "withdraw",
        "withdraw",
        Text("Give up an application", "撤回申请"),
        "life.work",
        WhenBody,
        lambda desk, number, body: buying.withdraw(desk, number),
        {},
    ),
    (
        "review_application",
        "review",
        Text("Decide in the carrier's place", "代运营商审核"),
        "life.review",
        ReviewBody,
        lambda desk, number, body: reviewing.review_number(desk, number, approve=body.approve),
        {"approve": True},
    ),
    (
        "order_route",
        "route",
        Text("Order a route of the carrier", "提交路由配置工单"),
        "life.work",
        RouteBody,
        lambda desk, number, body: owning.order_route(
            desk, number, RouteOrder(body.lines, body.overflow, body.regions)
        ),
        {"lines": ["bj-unicom"]},
    ),
    (
        "finish_route",
        "route/done",
        Text("Take in that a route is done", "路由工单完成"),
        "life.review",
        WhenBody,
        lambda desk, number, body: reviewing.finish_route(desk, number),
        {},
    ),
    (
        "take_into_instance",
        "instance",
        Text("Take a number into an instance", "号码加入实例"),
        "life.work",
        InstanceBody,
        lambda desk, number, body: owning.take_into_instance(desk, number, body.name, body.queue, body.flow),
        {"name": "support-center"},
    ),
    (
        "unbind",
        "unbind",
        Text("Take the binding off", "解除绑定"),
        "life.work",
        WhenBody,
        lambda desk, number, body: owning.unbind(desk, number),
        {},
    ),
    (
        "renew",
        "renew",
        Text("Pay ahead, or set automatic renewal", "续费"),
        "life.work",
        RenewBody,
        lambda desk, number, body: owning.renew(desk, number, body.months, body.auto),
        {"months": 3},
    ),
    (
        "release",
        "release",
        Text("Give a number back", "释放号码"),
        "life.work",
        WhenBody,
        lambda desk, number, body: owning.release(desk, number),
        {},
    ),
    (
        "transfer",
        "transfer",
        Text("Ask for a transfer to another company", "申请过户"),
        "life.work",
        TransferBody,
        lambda desk, number, body: owning.transfer(desk, number, body.to),
        {"to": "示例科技"},
    ),
    (
        "decide_transfer",
        "transfer/decision",
        Text("Decide a transfer in the carrier's place", "代运营商审核过户"),
        "life.review",
        DecideBody,
        lambda desk, number, body: reviewing.decide_transfer(desk, number, done=body.done),
        {"done": True},
    ),
    (
        "suspend",
        "suspend",
        Text("Suspend a number", "停机"),
        "life.work",
        WhenBody,
        lambda desk, number, body: owning.suspend(desk, number),
        {"reason": "arrears"},
    ),
    (
        "resume",
        "resume",
        Text("End a suspension", "复机"),
        "life.work",
        WhenBody,
        lambda desk, number, body: owning.resume(desk, number),
        {},
    ),
)

OPERATIONS = tuple(
    Operation(
        name,
        "POST",
        f"/lives/{{number}}/{path}",
        "life",
        text,
        right,
        acting(act),
        path_model=NumberPath,
        body=body,
        answer=LifeModel,
        repeatable=True,
        errors=(409,),
        body_example=example,
    )
    for name, path, text, right, body, act, example in _ACTS
)
