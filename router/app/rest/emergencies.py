"""``/announcements`` and ``/blocks``: in force within a second without a plan, ending by themselves, audited."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, ListQuery, Output, Words
from router.api.operation import Call, Operation, Page
from router.api.refusal import not_found
from router.callers import canonical_pattern

from ..emergencies import announcement_json, block_json, spoken_text, target_of
from ..moments import parse_until
from ..served import Served

Until = Annotated[
    Line, Field(min_length=2, description="When it ends: ISO 8601, or from now: +2h, +30m.", examples=["+2h"])
]


class AnnouncementModel(Output):
    """What every caller of a number, or of ``all``, hears first."""

    number: str
    text: str
    until: str
    end_call: bool
    author: str
    reason: str | None


class BlockModel(Output):
    """A caller who is rejected on every number; a number, or its beginning with ``*``."""

    caller: str
    until: str | None
    author: str
    reason: str | None


class NumberPath(Input):
    """A 400 number in any spelling, or ``all``."""

    number: Annotated[Line, Field(min_length=1, examples=["4008001234"])]


class CallerPath(Input):
    """A caller's number, or its beginning with ``*``."""

    caller: Annotated[Line, Field(min_length=1, examples=["13900000000"])]


class NewAnnouncement(Input):
    """What is said first, and until when; it takes the place of the one before."""

    text: Annotated[Words, Field(min_length=1, examples=["系统维护中，请稍后再拨。"])]
    until: Until
    end_call: bool = False
    reason: Line | None = None


class NewBlock(Input):
    """For how long a caller is rejected; without ``until``, until it is taken back."""

    until: Until | None = None
    reason: Line | None = None


class WhyQuery(Input):
    """Why something is ended."""

    reason: Line | None = None


async def list_announcements(call: Call[None, ListQuery, None], served: Served) -> Page:
    """Those in force, by number."""
    rows = sorted((await served.store.overlay(call.now)).announcements, key=lambda row: row.number)
    return _page(call, [announcement_json(row, served.zone) for row in rows], "number")


async def announce(call: Call[NumberPath, None, NewAnnouncement], served: Served) -> dict[str, Any]:
    """Put one in force."""
    wanted = call.body
    number, text = target_of(call.path.number), spoken_text(wanted.text)
    until = parse_until(wanted.until, served.zone, call.now)
    row = await served.store.announce(
        number, text, until, call.who.name, call.now, end_call=wanted.end_call, reason=wanted.reason
    )
    return announcement_json(row, served.zone)


async def end_announcement(call: Call[NumberPath, WhyQuery, None], served: Served) -> None:
    """End one before its time."""
    number = target_of(call.path.number)
    if not await served.store.end_announcement(number, call.who.name, call.now, call.query.reason):
        raise not_found(Text("an announcement on", "通知"), number)


async def list_blocks(call: Call[None, ListQuery, None], served: Served) -> Page:
    """Those in force, by caller."""
    call.need("callers.read")
    rows = sorted((await served.store.overlay(call.now)).blocks, key=lambda row: row.caller)
    return _page(call, [block_json(row, served.zone) for row in rows], "caller")


async def block(call: Call[CallerPath, None, NewBlock], served: Served) -> dict[str, Any]:
    """Reject a caller on every number."""
    wanted = call.body
    until = None if wanted.until is None else parse_until(wanted.until, served.zone, call.now)
    pattern = canonical_pattern(call.path.caller)
    row = await served.store.block(pattern, call.who.name, call.now, until=until, reason=wanted.reason)
    return block_json(row, served.zone)


async def unblock(call: Call[CallerPath, WhyQuery, None], served: Served) -> None:
    """Take a block back."""
    pattern = canonical_pattern(call.path.caller)
    if not await served.store.unblock(pattern, call.who.name, call.now, call.query.reason):
        raise not_found(Text("a block of", "拦截"), pattern)


def _page(call: Call[Any, ListQuery, Any], items: list[dict[str, Any]], key: str) -> Page:
    behind = "" if call.after is None else str(call.after[0])
    items = [item for item in items if item[key] > behind]
    shown = items[: call.query.limit]
    return Page(shown, (shown[-1][key],) if len(items) > len(shown) else None)


OPERATIONS = (
    Operation(
        "list_announcements",
        "GET",
        "/announcements",
        "emergency",
        Text("Announcements in force", "生效中的通知"),
        "emergency.read",
        list_announcements,
        query=ListQuery,
        answer=AnnouncementModel,
        paged=True,
    ),
    Operation(
        "announce",
        "PUT",
        "/announcements/{number}",
        "emergency",
        Text("Put an announcement in force", "发布通知"),
        "emergency.act",
        announce,
        path_model=NumberPath,
        body=NewAnnouncement,
        answer=AnnouncementModel,
        body_example={"text": "系统维护中，请稍后再拨。", "until": "+2h", "end_call": False},
    ),
    Operation(
        "end_announcement",
        "DELETE",
        "/announcements/{number}",
        "emergency",
        Text("End an announcement", "结束通知"),
        "emergency.act",
        end_announcement,
        path_model=NumberPath,
        query=WhyQuery,
        status=204,
    ),
    Operation(
        "list_blocks",
        "GET",
        "/blocks",
        "emergency",
        Text("Blocked callers", "被拦截的主叫"),
        "emergency.read",
        list_blocks,
        query=ListQuery,
        answer=BlockModel,
        paged=True,
    ),
    Operation(
        "block",
        "PUT",
        "/blocks/{caller}",
        "emergency",
        Text("Block a caller", "拦截主叫"),
        "emergency.act",
        block,
        path_model=CallerPath,
        body=NewBlock,
        answer=BlockModel,
        body_example={"until": "+30m", "reason": "骚扰"},
    ),
    Operation(
        "unblock",
        "DELETE",
        "/blocks/{caller}",
        "emergency",
        Text("Take a block back", "解除拦截"),
        "emergency.act",
        unblock,
        path_model=CallerPath,
        query=WhyQuery,
        status=204,
    ),
)
