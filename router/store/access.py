"""Who may come in: the tokens, users and sessions of the HTTP API, and the name and key of this store.

No secret is kept: of tokens and sessions the SHA-256, of passwords an Argon2 hash that the caller made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.findings import Text

from .access_tables import instance, sessions, tokens, users
from .base import StoreBase
from .database import clean
from .errors import StoreError
from .tables import actors, roles


@dataclass(frozen=True, slots=True)
class Instance:
    """What tells this store from others: ``name`` stands in its tokens, ``key`` signs what it gives out."""

    name: str
    key: bytes


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token without its secret. ``scope`` None: everything that its role may."""

    id: str
    name: str
    role: str
    scope: tuple[str, ...] | None
    created: float
    author: str
    expires: float | None
    revoked: float | None


@dataclass(frozen=True, slots=True)
class UserRow:
    """Somebody who may sign in. ``password`` is the hash."""

    name: str
    role: str
    password: str
    created: float
    changed: float
    disabled: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Somebody who signed in, with the role that they have."""

    digest: str
    user: str
    role: str
    csrf: str
    created: float
    expires: float


class AccessPart(StoreBase):
    """What `router.store.Store` does with tokens, users and sessions."""

    async def instance(self) -> Instance:
        """The name and the key of this store."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(instance))).one()
        return Instance(row.name, row.key)

    # ---- tokens

    async def add_token(self, row: TokenRow, digest: str, actor: str, reason: str | None = None) -> None:
        """Write down a new token. Raises `StoreError` ``conflict`` where a valid one has its name, ``invalid_data`` for
        a role that is none."""
        async with self._database.write() as connection:
            await self._add_token(connection, row, digest, actor, "create_token", reason)

    async def _add_token(
        self, connection: AsyncConnection, row: TokenRow, digest: str, actor: str, action: str, reason: str | None
    ) -> None:
        await _known_role(connection, row.role)
        valid = _valid(row.created)
        named = await connection.execute(select(tokens.c.id).where(tokens.c.name == row.name, valid))
        if named.first() is not None:
            raise StoreError(
                Text(f"There is a token `{row.name}` already.", f"已有名为 `{row.name}` 的令牌。"),
                Text("Choose another name, or rotate that one.", "请换一个名称，或轮换该令牌。"),
                "conflict",
            )
        values = {**_columns(row), "digest": digest}
        await connection.execute(insert(tokens).values(values))
        await self._audit(connection, actor, action, f"token:{row.name}", row.created, reason, None, _shown(row))

    async def token_by_digest(self, digest: str) -> TokenRow | None:
        """The token with that digest, valid or not."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(tokens).where(tokens.c.digest == digest))).one_or_none()
        return None if row is None else _token(row)

    async def tokens(self) -> list[TokenRow]:
        """Every token, valid or not, the newest first."""
        statement = select(tokens).order_by(tokens.c.created.desc(), tokens.c.id)
        async with self._database.read() as connection:
            return [_token(row) for row in await connection.execute(statement)]

    async def revoke_token(self, name_or_id: str, at: float, actor: str, reason: str | None = None) -> TokenRow:
        """Make a valid token invalid from ``at`` on; with a name, also those that were rotated and are still good.
        Gives the newest. Raises `StoreError` ``unknown_entry``."""
        async with self._database.write() as connection:
            found, *older = await self._valid_tokens(connection, name_or_id, at)
            for row in (found, *older):
                await self._revoke(connection, row, at, actor, reason, "revoke_token")
        return TokenRow(**{**_columns(found), "scope": found.scope, "revoked": at})

    async def rotate_token(
        self, name_or_id: str, row: TokenRow, digest: str, ends: float, actor: str, reason: str | None = None
    ) -> TokenRow:
        """Put a new token (id, created and expires of ``row``) in the place of a valid one, with its name, role and
        scope; the old one ends at ``ends``. Raises `StoreError` ``unknown_entry``."""
        async with self._database.write() as connection:
            found = (await self._valid_tokens(connection, name_or_id, row.created))[0]
            await self._revoke(connection, found, ends, actor, reason, "rotate_token")
            made = TokenRow(row.id, found.name, found.role, found.scope, row.created, row.author, row.expires, None)
            await connection.execute(insert(tokens).values({**_columns(made), "digest": digest}))
        return made

    async def _valid_tokens(self, connection: AsyncConnection, name_or_id: str, at: float) -> list[TokenRow]:
        """Those of that name or id, the newest first; at least one."""
        given = clean(name_or_id)
        statement = select(tokens).where(or_(tokens.c.name == given, tokens.c.id == given), _valid(at))
        rows = (await connection.execute(statement.order_by(tokens.c.created.desc()))).all()
        if not rows:
            raise StoreError(
                Text(f"There is no valid token `{name_or_id[:80]}`.", f"没有有效令牌 `{name_or_id[:80]}`。"),
                Text("`line400 token list` shows them.", "用 `line400 token list` 查看。"),
                "unknown_entry",
            )
        return [_token(row) for row in rows]

    async def _revoke(
        self, connection: AsyncConnection, found: TokenRow, at: float, actor: str, reason: str | None, action: str
    ) -> None:
        await connection.execute(update(tokens).where(tokens.c.id == found.id).values(revoked=at))
        after = {**_shown(found), "revoked": at}
        await self._audit(connection, actor, action, f"token:{found.name}", at, reason, _shown(found), after)

    # ---- users

    async def add_user(
        self, name: str, role: str, password: str, at: float, actor: str, reason: str | None = None
    ) -> UserRow:
        """Let ``name`` sign in; ``password`` is the hash. Raises `StoreError` ``conflict`` for a name that is there,
        ``invalid_data`` for a role that is none."""
        async with self._database.write() as connection:
            await _known_role(connection, role)
            if await self._user(connection, name) is not None:
                raise StoreError(
                    Text(f"There is a user `{name}` already.", f"用户 `{name}` 已存在。"),
                    Text("Choose another name, or set a new password.", "请换一个名称，或重设密码。"),
                    "conflict",
                )
            await _set_role(connection, name, role, at)
            await connection.execute(
                insert(users).values(name=name, password=password, created=at, changed=at, disabled=False)
            )
            await self._audit(connection, actor, "create_user", f"user:{name}", at, reason, None, {"role": role})
        return UserRow(name, role, password, at, at, False)

    async def user(self, name: str) -> UserRow | None:
        """The user called ``name``."""
        async with self._database.read() as connection:
            return await self._user(connection, name)

    async def users(self) -> list[UserRow]:
        """Everybody who may sign in, by name."""
        async with self._database.read() as connection:
            return [UserRow(**row._mapping) for row in await connection.execute(_people().order_by(users.c.name))]

    async def change_user(
        self,
        name: str,
        at: float,
        actor: str,
        *,
        role: str | None = None,
        password: str | None = None,
        disabled: bool | None = None,
        reason: str | None = None,
        check: Callable[[UserRow], None] = lambda found: None,
    ) -> UserRow:
        """Change what is given; the sessions of the user end. ``check`` is asked in the transaction, with the user as
        they are, and prevents the change by raising. Raises `StoreError` ``unknown_entry``."""
        async with self._database.write() as connection:
            statement = _people().where(users.c.name == clean(name)).with_for_update(of=users)
            row = (await connection.execute(statement)).one_or_none()
            if row is None:
                raise _no_user(name)
            found = UserRow(**row._mapping)
            check(found)
            if role is not None:
                await _known_role(connection, role)
                await _set_role(connection, name, role, at)
            values: dict[str, Any] = {"changed": at}
            if password is not None:
                values["password"] = password
            if disabled is not None:
                values["disabled"] = disabled
            await connection.execute(update(users).where(users.c.name == clean(name)).values(values))
            await connection.execute(delete(sessions).where(sessions.c.user == clean(name)))
            changed = await self._user(connection, name)
            assert changed is not None
            before = {"role": found.role, "disabled": found.disabled}
            after = {"role": changed.role, "disabled": changed.disabled, "password": password is not None}
            await self._audit(connection, actor, "change_user", f"user:{name}", at, reason, before, after)
        return changed

    async def remove_user(self, name: str, at: float, actor: str, reason: str | None = None) -> None:
        """Let ``name`` sign in no more. What they did stays in the audit. Raises `StoreError` ``unknown_entry``."""
        async with self._database.write() as connection:
            found = await self._user(connection, name)
            if found is None:
                raise _no_user(name)
            await connection.execute(delete(sessions).where(sessions.c.user == clean(name)))
            await connection.execute(delete(users).where(users.c.name == clean(name)))
            before = {"role": found.role, "disabled": found.disabled}
            await self._audit(connection, actor, "remove_user", f"user:{name}", at, reason, before, None)

    @staticmethod
    async def _user(connection: AsyncConnection, name: str) -> UserRow | None:
        row = (await connection.execute(_people().where(users.c.name == clean(name)))).one_or_none()
        return None if row is None else UserRow(**row._mapping)

    # ---- sessions

    async def add_session(self, digest: str, user: str, csrf: str, at: float, expires: float, most: int) -> None:
        """Write down that ``user`` signed in. Sessions that are over go; of the user's, the ``most`` newest stay."""
        async with self._database.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.expires <= at))
            await connection.execute(
                insert(sessions).values(digest=digest, user=user, csrf=csrf, created=at, expires=expires)
            )
            older = select(sessions.c.digest).where(sessions.c.user == user)
            rows = await connection.execute(older.order_by(sessions.c.created.desc(), sessions.c.digest))
            surplus: Sequence[str] = rows.scalars().all()[most:]
            if surplus:
                await connection.execute(delete(sessions).where(sessions.c.digest.in_(surplus)))
            await self._audit(connection, user, "sign_in", f"user:{user}", at)

    async def session(self, digest: str) -> SessionRow | None:
        """The session with that digest, over or not, with the role of its user; none where the user is disabled."""
        statement = (
            select(*sessions.c, actors.c.role)
            .join(users, users.c.name == sessions.c.user)
            .join(actors, actors.c.name == users.c.name)
            .where(and_(sessions.c.digest == digest, users.c.disabled.is_(False)))
        )
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else SessionRow(**row._mapping)

    async def end_session(self, digest: str) -> None:
        """Forget a session."""
        async with self._database.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.digest == digest))


def _people() -> Any:
    return select(
        users.c.name, actors.c.role, users.c.password, users.c.created, users.c.changed, users.c.disabled
    ).join(actors, actors.c.name == users.c.name)


def _valid(at: float) -> Any:
    return and_(
        or_(tokens.c.revoked.is_(None), tokens.c.revoked > at), or_(tokens.c.expires.is_(None), tokens.c.expires > at)
    )


def _token(row: Any) -> TokenRow:
    scope = None if row.scope is None else tuple(row.scope)
    return TokenRow(row.id, row.name, row.role, scope, row.created, row.author, row.expires, row.revoked)


def _columns(row: TokenRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": clean(row.name),
        "role": row.role,
        "scope": None if row.scope is None else list(row.scope),
        "created": row.created,
        "author": clean(row.author),
        "expires": row.expires,
        "revoked": row.revoked,
    }


def _shown(row: TokenRow) -> dict[str, Any]:
    return {name: value for name, value in _columns(row).items() if name in ("id", "role", "scope", "expires")}


async def _known_role(connection: AsyncConnection, role: str) -> None:
    known = (await connection.execute(select(roles.c.role).order_by(roles.c.role))).scalars().all()
    if role not in known:
        raise StoreError(
            Text(f"There is no role {role}.", f"没有角色 {role}。"),
            Text(f"The roles are {', '.join(known)}.", f"可用的角色：{'、'.join(known)}。"),
            "invalid_data",
        )


async def _set_role(connection: AsyncConnection, name: str, role: str, at: float) -> None:
    changed = await connection.execute(update(actors).where(actors.c.name == clean(name)).values(role=role))
    if not changed.rowcount:
        await connection.execute(insert(actors).values(name=clean(name), role=role, created=at))


def _no_user(name: str) -> StoreError:
    return StoreError(
        Text(f"There is no user `{name[:80]}`.", f"没有用户 `{name[:80]}`。"),
        Text("`line400 user list` shows them.", "用 `line400 user list` 查看。"),
        "unknown_entry",
    )
