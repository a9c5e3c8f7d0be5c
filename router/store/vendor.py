"""What the vendor-compatible endpoint keeps: used nonces, and versions of flows in the vendor's JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr_flows.findings import Text

from .base import StoreBase
from .database import clean
from .errors import StoreError
from .vendor_tables import vendor_flows, vendor_nonces

MOST_VERSIONS: Final = 50
"""Published versions kept of each flow."""


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """One version of a flow: a draft while ``published`` is None. ``digest`` is that of the flow file that publishing
    wrote."""

    id: str
    flow: str
    name: str
    kind: str
    description: str
    definition: str
    editor: str
    created: float
    updated: float
    published: float | None = None
    digest: str | None = None


class VendorPart(StoreBase):
    """What `router.store.Store` does for the vendor-compatible endpoint."""

    async def use_nonce(self, key: str, nonce: str, now: float, until: float) -> bool:
        """Remember ``nonce`` of the access key ``key`` until ``until``; False where it is remembered already. Those
        whose time is over are forgotten."""
        made = postgresql.insert(vendor_nonces) if self.backend == "postgresql" else sqlite.insert(vendor_nonces)
        statement = made.values(key=clean(key), nonce=clean(nonce), until=until).on_conflict_do_nothing()
        async with self._database.write() as connection:
            await connection.execute(delete(vendor_nonces).where(vendor_nonces.c.until < now))
            return (await connection.execute(statement)).rowcount == 1

    async def flow_versions(self, flow: str | None = None) -> list[FlowVersion]:
        """Versions of ``flow``, or of all flows, newest first."""
        statement = select(vendor_flows).order_by(vendor_flows.c.created.desc(), vendor_flows.c.id)
        if flow is not None:
            statement = statement.where(vendor_flows.c.flow == clean(flow))
        async with self._database.read() as connection:
            return [FlowVersion(**row._mapping) for row in await connection.execute(statement)]

    async def flow_version(self, version: str) -> FlowVersion | None:
        """The version of that id, or None."""
        statement = select(vendor_flows).where(vendor_flows.c.id == clean(version))
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else FlowVersion(**row._mapping)

    async def open_draft(self, draft: FlowVersion) -> FlowVersion:
        """Keep ``draft`` unless its flow has an open one; the open one."""
        open_one = select(vendor_flows).where(
            vendor_flows.c.flow == clean(draft.flow), vendor_flows.c.published.is_(None)
        )
        made = postgresql.insert(vendor_flows) if self.backend == "postgresql" else sqlite.insert(vendor_flows)
        async with self._database.write() as connection:
            kept = await connection.execute(made.values(_row(draft)).on_conflict_do_nothing())
            row = (await connection.execute(open_one)).one()
            if kept.rowcount:
                await self._audit(
                    connection, draft.editor, "open_draft", draft.flow, draft.created, None, None, {"draft": draft.id}
                )
        return FlowVersion(**row._mapping)

    async def commit_draft(self, draft: str, definition: str, description: str, editor: str, at: float) -> FlowVersion:
        """Put ``definition`` into an open draft. Raises `StoreError` ``unknown_entry``."""
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(vendor_flows)
                .where(vendor_flows.c.id == clean(draft), vendor_flows.c.published.is_(None))
                .values(definition=clean(definition), description=clean(description), editor=clean(editor), updated=at)
                .returning(*vendor_flows.c)
            )
            row = changed.one_or_none()
            if row is None:
                raise _unknown(draft)
            await self._audit(connection, editor, "commit_draft", row.flow, at, None, None, {"draft": draft})
        return FlowVersion(**row._mapping)

    async def publish_draft(self, draft: str, digest: str, editor: str, at: float) -> None:
        """Note that an open draft is in force, as the flow file of ``digest``. Raises `StoreError` ``unknown_entry``.
        Of each flow the newest published versions are kept."""
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(vendor_flows)
                .where(vendor_flows.c.id == clean(draft), vendor_flows.c.published.is_(None))
                .values(published=at, digest=digest, updated=at)
                .returning(vendor_flows.c.flow)
            )
            flow: str | None = changed.scalar_one_or_none()
            if flow is None:
                raise _unknown(draft)
            old = (
                select(vendor_flows.c.id)
                .where(vendor_flows.c.flow == flow, vendor_flows.c.published.is_not(None))
                .order_by(vendor_flows.c.published.desc(), vendor_flows.c.id)
                .offset(MOST_VERSIONS)
                .limit(1000)
            )
            gone = (await connection.execute(old)).scalars().all()
            if gone:
                await connection.execute(delete(vendor_flows).where(vendor_flows.c.id.in_(gone)))
            await self._audit(connection, editor, "publish_draft", flow, at, None, None, {"draft": draft})

    async def keep_published(self, versions: list[FlowVersion]) -> None:
        """Keep versions that were published without a draft, out of a package."""
        if versions:
            async with self._database.write() as connection:
                await connection.execute(insert(vendor_flows), [_row(version) for version in versions])

    async def discard_draft(self, draft: str, editor: str, at: float) -> None:
        """Drop an open draft. Raises `StoreError` ``unknown_entry``."""
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(vendor_flows)
                .where(vendor_flows.c.id == clean(draft), vendor_flows.c.published.is_(None))
                .returning(vendor_flows.c.flow)
            )
            flow = gone.scalar_one_or_none()
            if flow is None:
                raise _unknown(draft)
            await self._audit(connection, editor, "discard_draft", flow, at, None, {"draft": draft})

    async def forget_flow(self, flow: str) -> None:
        """Drop every version of a flow that is no more."""
        async with self._database.write() as connection:
            await connection.execute(delete(vendor_flows).where(vendor_flows.c.flow == clean(flow)))


def _row(version: FlowVersion) -> dict[str, Any]:
    texts = ("id", "flow", "name", "kind", "description", "definition", "editor")
    return {
        **{name: clean(getattr(version, name)) for name in texts},
        **{name: getattr(version, name) for name in ("created", "updated", "published", "digest")},
    }


def _unknown(draft: str) -> StoreError:
    return StoreError(
        Text(f"There is no open draft {draft}.", f"没有打开的草稿 {draft}。"),
        Text("Open one for the flow first.", "请先为该流程打开草稿。"),
        "unknown_entry",
    )
