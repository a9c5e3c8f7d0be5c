"""``/tokens``: who may use the API by token. The text of a token is in the answer that makes it and nowhere else."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ivr_flows.findings import Text
from router.api.application import API
from router.api.fields import Input, ListQuery, Name, Output, Words
from router.api.operation import Answer, Call, Operation, Page
from router.api.roles import Role

from ..access import LONGEST_DAYS, create_token, rotate_token, token_json
from ..served import Served

Days = Annotated[float | None, Field(gt=0, le=LONGEST_DAYS, description="Valid for so many days; always without it.")]


class TokenModel(Output):
    """A token. ``scope`` null: everything that the role may."""

    id: str
    name: str
    role: Role
    scope: list[str] | None
    state: Literal["valid", "ending", "expired", "revoked"]
    created: str
    author: str
    expires: str | None
    revoked: str | None


class MadeToken(TokenModel):
    """A token that was made, with its text. It is not shown again."""

    token: str


class TokenPath(Input):
    """The name of a token, or its id."""

    name: Annotated[Name, Field(examples=["ci"])]


class NewToken(Input):
    """A token to make."""

    name: Name
    role: Role
    scope: Annotated[tuple[str, ...], Field(max_length=40, description="Actions; without it, all of the role's.")] = ()
    days: Days = None
    reason: Words | None = None


class Rotation(Input):
    """How a token is put in the place of another."""

    grace_s: Annotated[float, Field(ge=0, le=7 * 86400, description="Seconds that the old one stays good.")] = 0
    days: Days = None
    reason: Words | None = None


async def list_tokens(call: Call[None, ListQuery, None], served: Served) -> Page:
    """All of them, valid or not, the newest first."""
    rows = await served.store.tokens()
    ids = [row.id for row in rows]
    first = ids.index(call.after[0]) + 1 if call.after is not None and call.after[0] in ids else 0
    shown = rows[first : first + call.query.limit]
    more = first + len(shown) < len(rows)
    return Page([token_json(row, call.now, served.zone) for row in shown], (shown[-1].id,) if more else None)


async def make_token(call: Call[None, None, NewToken], served: Served) -> Answer:
    """A new token."""
    wanted = call.body
    row, text = await create_token(
        served.store,
        wanted.name,
        wanted.role,
        call.now,
        call.who.name,
        scope=wanted.scope,
        days=wanted.days,
        reason=wanted.reason,
    )
    return Answer({**token_json(row, call.now, served.zone), "token": text}, location=f"/tokens/{row.id}")


async def revoke_token(call: Call[TokenPath, None, None], served: Served) -> dict[str, Any]:
    """A token that is good no more."""
    row = await served.store.revoke_token(call.path.name, call.now, call.who.name)
    call.request.app[API].identity.forget()
    return token_json(row, call.now, served.zone)


async def replace_token(call: Call[TokenPath, None, Rotation], served: Served) -> dict[str, Any]:
    """A new token in the place of another."""
    wanted = call.body
    row, text = await rotate_token(
        served.store,
        call.path.name,
        call.now,
        call.who.name,
        grace=wanted.grace_s,
        days=wanted.days,
        reason=wanted.reason,
    )
    call.request.app[API].identity.forget()
    return {**token_json(row, call.now, served.zone), "token": text}


OPERATIONS = (
    Operation(
        "list_tokens",
        "GET",
        "/tokens",
        "tokens",
        Text("Tokens", "令牌列表"),
        "access.manage",
        list_tokens,
        query=ListQuery,
        answer=TokenModel,
        paged=True,
    ),
    Operation(
        "create_token",
        "POST",
        "/tokens",
        "tokens",
        Text("Make a token; its text is shown once", "创建令牌；令牌内容只显示一次"),
        "access.manage",
        make_token,
        body=NewToken,
        answer=MadeToken,
        creates=True,
        secret=True,
        errors=(409,),
        body_example={"name": "ci", "role": "qa", "scope": ["calls.test"], "days": 90},
    ),
    Operation(
        "revoke_token",
        "DELETE",
        "/tokens/{name}",
        "tokens",
        Text("Revoke a token", "吊销令牌"),
        "access.manage",
        revoke_token,
        path_model=TokenPath,
        answer=TokenModel,
    ),
    Operation(
        "rotate_token",
        "POST",
        "/tokens/{name}/rotate",
        "tokens",
        Text("Put a new token in the place of another", "轮换令牌"),
        "access.manage",
        replace_token,
        path_model=TokenPath,
        body=Rotation,
        answer=MadeToken,
        secret=True,
        body_example={"grace_s": 3600},
    ),
)
