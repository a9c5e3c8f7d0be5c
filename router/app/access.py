"""Tokens and users: what ``line400 token``, ``line400 user`` and the API do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, nearest
from router.api.fields import LONGEST_NAME, one_line
from router.api.roles import ACTIONS, ROLES, Role, may
from router.api.tokens import digest_of, new_id, new_token
from router.store import Store, StoreError
from router.store.access import TokenRow, UserRow

from .moments import iso_time
from .problems import Problem, usage

DAY = 86400.0
FIRST = "admin"
LONGEST_DAYS = 3650


def named(text: str) -> str:
    """A name for a token or a user: one line of visible characters. Raises `Refusal`."""
    name = one_line(text.strip())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refusal(
            Text(f"A name has 1 to {LONGEST_NAME} characters.", f"名称应为 1 至 {LONGEST_NAME} 个字符。"),
            Text("Choose a shorter one.", "请使用较短的名称。"),
        )
    return name


def unknown_action(command: str, word: str, actions: Sequence[str]) -> Problem:
    """The problem of an action that ``command`` does not have."""
    close = nearest(word, actions)
    return usage(
        "unknown-action",
        Text(f"`{command}` cannot `{word}`.", f"`{command}` 没有操作 `{word}`。"),
        Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
        if close
        else Text(f"One of: {', '.join(actions)}.", f"可选：{'、'.join(actions)}。"),
    )


def role_named(text: str) -> Role:
    """The role called ``text``. Raises `Problem`."""
    for role in ROLES:
        if role == text:
            return role
    close = nearest(text, ROLES)
    raise usage(
        "unknown-role",
        Text(f"There is no role `{text[:60]}`.", f"没有角色 `{text[:60]}`。"),
        Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
        if close
        else Text(f"One of: {', '.join(ROLES)}.", f"可选：{'、'.join(ROLES)}。"),
    )


def scope_of(actions: Sequence[str], role: Role) -> tuple[str, ...] | None:
    """The scope that holds ``actions``; None for none given. Raises `Problem` for one that there is not, or that the
    role may not do."""
    for action in actions:
        if action not in ACTIONS:
            close = nearest(action, ACTIONS)
            raise usage(
                "unknown-action",
                Text(f"There is no action `{action[:60]}`.", f"没有权限 `{action[:60]}`。"),
                Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
                if close
                else Text(f"One of: {', '.join(ACTIONS)}.", f"可选：{'、'.join(ACTIONS)}。"),
            )
        if not may(role, action):
            allowed = ", ".join(sorted(ACTIONS[action].roles))
            raise usage(
                "beyond-role",
                Text(f"The role {role} may not do `{action}`.", f"角色 {role} 没有权限 `{action}`。"),
                Text(f"Roles that may: {allowed}.", f"有此权限的角色：{allowed}。"),
            )
    return tuple(sorted(set(actions))) or None


async def create_token(
    store: Store,
    name: str,
    role: str,
    at: float,
    author: str,
    *,
    scope: Sequence[str] = (),
    days: float | None = None,
    reason: str | None = None,
) -> tuple[TokenRow, str]:
    """A new token and its text, which is nowhere else. Raises `Problem` and `StoreError`."""
    known = role_named(role)
    actions = scope_of(scope, known)
    text = new_token((await store.instance()).name)
    row = TokenRow(new_id(), name, known, actions, at, author, None if days is None else at + days * DAY, None)
    await store.add_token(row, digest_of(text), author, reason)
    return row, text


async def rotate_token(
    store: Store,
    name: str,
    at: float,
    author: str,
    *,
    grace: float = 0.0,
    days: float | None = None,
    reason: str | None = None,
) -> tuple[TokenRow, str]:
    """A new token in the place of ``name``, with its role and scope; the old one is good for ``grace`` seconds more.
    Raises `StoreError`."""
    text = new_token((await store.instance()).name)
    expires = None if days is None else at + days * DAY
    row = TokenRow(new_id(), name, "", None, at, author, expires, None)
    return await store.rotate_token(name, row, digest_of(text), at + grace, author, reason), text


async def first_token(store: Store, at: float) -> str | None:
    """The token of an administrator for a store that has neither token nor user; None for every other. Made once."""
    if await store.tokens() or await store.users():
        return None
    try:
        return (await create_token(store, FIRST, "admin", at, "serve", reason="first start"))[1]
    except StoreError as error:
        if error.code == "conflict":  # another router was first
            return None
        raise


def token_json(row: TokenRow, at: float, zone: tzinfo) -> dict[str, Any]:
    """A token without its secret. ``state`` is ``valid``, ``ending`` (revoked from a later moment on), ``expired`` or
    ``revoked``."""
    if row.revoked is not None:
        state = "revoked" if row.revoked <= at else "ending"
    else:
        state = "expired" if row.expires is not None and row.expires <= at else "valid"
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "scope": None if row.scope is None else list(row.scope),
        "state": state,
        "created": iso_time(row.created, zone),
        "author": row.author,
        "expires": None if row.expires is None else iso_time(row.expires, zone),
        "revoked": None if row.revoked is None else iso_time(row.revoked, zone),
    }


def user_json(row: UserRow, zone: tzinfo) -> dict[str, Any]:
    """A user without the password."""
    return {
        "name": row.name,
        "role": row.role,
        "disabled": row.disabled,
        "created": iso_time(row.created, zone),
        "changed": iso_time(row.changed, zone),
    }
