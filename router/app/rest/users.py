"""``/users``: who may sign in to the console."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ivr_flows.findings import Text
from router.api.application import API, version_of
from router.api.fields import Input, ListQuery, Name, OneQuery, Output, Words
from router.api.operation import Answer, Call, Operation, Page
from router.api.passwords import check_password
from router.api.refusal import not_found
from router.api.roles import Role
from router.store.access import UserRow

from ..access import user_json
from ..served import Served

WHAT = Text("a user", "用户")
Password = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra={"format": "password"})]


class UserModel(Output):
    """Somebody who may sign in."""

    name: str
    role: Role
    disabled: bool
    created: str
    changed: str


class UserPath(Input):
    """A user's name."""

    name: Annotated[Name, Field(examples=["wang"])]


class NewUser(Input):
    """A user to make."""

    name: Name
    role: Role
    password: Password
    reason: Words | None = None


class UserChange(Input):
    """What is to be different; the rest stays."""

    role: Role | None = None
    disabled: bool | None = None
    password: Password | None = None
    reason: Words | None = None


def version(row: UserRow) -> str:
    """The version of a user: another one after each change, of the password too."""
    return version_of([row.name, row.role, row.disabled, row.changed, row.password])


async def list_users(call: Call[None, ListQuery, None], served: Served) -> Page:
    """All of them, by name."""
    behind = "" if call.after is None else str(call.after[0])
    rows = [row for row in sorted(await served.store.users(), key=lambda row: row.name) if row.name > behind]
    shown = rows[: call.query.limit]
    after = (shown[-1].name,) if len(rows) > call.query.limit else None
    return Page([user_json(row, served.zone) for row in shown], after)


async def get_user(call: Call[UserPath, OneQuery, None], served: Served) -> Answer:
    """One of them."""
    row = await served.store.user(call.path.name)
    if row is None:
        raise not_found(WHAT, call.path.name)
    return Answer(user_json(row, served.zone), version=version(row))


async def create_user(call: Call[None, None, NewUser], served: Served) -> Answer:
    """A new one."""
    wanted = call.body
    password = await call.request.app[API].passwords.hash(check_password(wanted.password, wanted.name))
    row = await served.store.add_user(wanted.name, wanted.role, password, call.now, call.who.name, wanted.reason)
    return Answer(user_json(row, served.zone), version=version(row), location=f"/users/{row.name}")


async def change_user(call: Call[UserPath, None, UserChange], served: Served) -> Answer:
    """Another role or password, or whether they may sign in; their sessions end."""
    wanted, api = call.body, call.request.app[API]
    password = None
    if wanted.password is not None:
        password = await api.passwords.hash(check_password(wanted.password, call.path.name))
    row = await served.store.change_user(
        call.path.name,
        call.now,
        call.who.name,
        role=wanted.role,
        password=password,
        disabled=wanted.disabled,
        reason=wanted.reason,
        check=lambda found: call.expects(version(found)),
    )
    api.identity.forget()
    return Answer(user_json(row, served.zone), version=version(row))


async def remove_user(call: Call[UserPath, None, None], served: Served) -> Any:
    """Somebody who may sign in no more."""
    await served.store.remove_user(call.path.name, call.now, call.who.name)
    call.request.app[API].identity.forget()


OPERATIONS = (
    Operation(
        "list_users",
        "GET",
        "/users",
        "users",
        Text("Who may sign in", "可登录的用户"),
        "access.manage",
        list_users,
        query=ListQuery,
        answer=UserModel,
        paged=True,
    ),
    Operation(
        "create_user",
        "POST",
        "/users",
        "users",
        Text("Let somebody sign in", "新建用户"),
        "access.manage",
        create_user,
        body=NewUser,
        answer=UserModel,
        creates=True,
        versioned=True,
        secret=True,
        errors=(409,),
        body_example={"name": "wang", "role": "support", "password": "four hundred lines"},
    ),
    Operation(
        "get_user",
        "GET",
        "/users/{name}",
        "users",
        Text("One user", "一个用户"),
        "access.manage",
        get_user,
        path_model=UserPath,
        query=OneQuery,
        answer=UserModel,
        versioned=True,
    ),
    Operation(
        "change_user",
        "PATCH",
        "/users/{name}",
        "users",
        Text("Change role, password or whether somebody may sign in", "修改角色、密码或停用"),
        "access.manage",
        change_user,
        path_model=UserPath,
        body=UserChange,
        answer=UserModel,
        versioned=True,
        edits=True,
        body_example={"role": "engineer"},
    ),
    Operation(
        "remove_user",
        "DELETE",
        "/users/{name}",
        "users",
        Text("Let somebody sign in no more", "删除用户"),
        "access.manage",
        remove_user,
        path_model=UserPath,
    ),
)
