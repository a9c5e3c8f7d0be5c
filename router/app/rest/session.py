"""``/session``: signing in to the console and out again, and who one is."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from pydantic import Field

from ivr_flows.findings import Text
from router.api.application import API
from router.api.fields import Input, Name, Output
from router.api.identity import same_origin, unauthorised
from router.api.limits import too_many
from router.api.operation import Answer, Call, Operation
from router.api.passwords import check_password
from router.api.refusal import Refused
from router.api.roles import Role, actions_of
from router.api.tokens import digest_of

from ..access import role_named
from ..moments import iso_time
from ..served import Served
from .users import Password

SESSION_SECONDS = 12 * 3600.0
MOST_SESSIONS = 10
"""Sessions of one user at a time; signing in once more ends the oldest."""


class SignIn(Input):
    """Name and password."""

    name: Name
    password: Password


class NewPassword(Input):
    """The password there is, and the one there will be."""

    old: Password
    new: Password


class SessionModel(Output):
    """Who asks, and what they may. ``csrf`` goes with every change that is made by the cookie of the session."""

    name: str
    kind: str
    role: Role
    actions: Annotated[list[str], Field(description="See docs/api.md.")]
    csrf: str | None
    expires: str | None


async def sign_in(call: Call[None, None, SignIn], served: Served) -> Answer:
    """Begin a session. Name and password are wrong together: which one is not said."""
    api, wanted = call.request.app[API], call.body
    same_origin(call.request)
    address = call.request.remote or ""
    for bucket in (address, f"{address} {wanted.name}"):
        if wait := api.attempts.take(bucket):
            raise too_many(wait)
    row = await served.store.user(wanted.name)
    right = await api.passwords.verify(None if row is None else row.password, wanted.password)
    if row is None or not right or row.disabled:
        await served.store.audit("anonymous", "sign_in_refused", f"user:{wanted.name}", call.now)
        raise unauthorised("wrong-password", Text("Name or password is wrong.", "用户名或密码错误。"))
    secret, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires = call.now + SESSION_SECONDS
    await served.store.add_session(digest_of(secret), row.name, csrf, call.now, expires, MOST_SESSIONS)
    cookie = f"{api.identity.cookie}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={SESSION_SECONDS:.0f}"
    document = {
        "name": row.name,
        "kind": "session",
        "role": row.role,
        "actions": sorted(actions_of(role_named(row.role))),
        "csrf": csrf,
        "expires": iso_time(expires, served.zone),
    }
    return Answer(document, headers={"Set-Cookie": cookie + ("; Secure" if api.identity.tls else "")})


async def who_am_i(call: Call[None, None, None], served: Served) -> dict[str, Any]:
    """Who asks."""
    who = call.who
    session = await served.store.session(who.key) if who.kind == "session" else None
    return {
        "name": who.name,
        "kind": who.kind,
        "role": who.role,
        "actions": sorted(who.actions),
        "csrf": None if session is None else session.csrf,
        "expires": None if session is None else iso_time(session.expires, served.zone),
    }


async def sign_out(call: Call[None, None, None], served: Served) -> Answer:
    """End the session. A token stays as it is."""
    if call.who.kind != "session":
        return Answer(None)
    await served.store.end_session(call.who.key)
    identity = call.request.app[API].identity
    identity.forget()
    return Answer(None, headers={"Set-Cookie": f"{identity.cookie}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"})


async def change_password(call: Call[None, None, NewPassword], served: Served) -> None:
    """A new password; every session of the user ends."""
    api, name = call.request.app[API], call.who.user
    if name is None:
        raise Refused(
            403,
            "no-person",
            Text("A token has no password.", "令牌没有密码。"),
            Text("Sign in; a token is rotated.", "请登录后修改；令牌请使用轮换。"),
        )
    if wait := api.attempts.take(f"password {name}"):
        raise too_many(wait)
    row = await served.store.user(name)
    if row is None or not await api.passwords.verify(row.password, call.body.old):
        raise unauthorised("wrong-password", Text("The password is wrong.", "密码错误。"))
    password = await api.passwords.hash(check_password(call.body.new, name))
    await served.store.change_user(name, call.now, name, password=password)
    api.identity.forget()


OPERATIONS = (
    Operation(
        "sign_in",
        "POST",
        "/session",
        "session",
        Text("Sign in", "登录"),
        None,
        sign_in,
        body=SignIn,
        answer=SessionModel,
        errors=(401, 403),
        body_example={"name": "wang", "password": "four hundred lines"},
    ),
    Operation(
        "who_am_i",
        "GET",
        "/session",
        "session",
        Text("Who one is, and what one may", "当前身份与权限"),
        "self.read",
        who_am_i,
        answer=SessionModel,
    ),
    Operation(
        "sign_out",
        "DELETE",
        "/session",
        "session",
        Text("Sign out", "退出登录"),
        "self.read",
        sign_out,
    ),
    Operation(
        "change_password",
        "PUT",
        "/session/password",
        "session",
        Text("Set one's own password", "修改本人密码"),
        "self.read",
        change_password,
        body=NewPassword,
        body_example={"old": "four hundred lines", "new": "eight hundred lines"},
    ),
)
