"""Long work: begun by a request, followed at ``/api/v1/operations/{id}``, also as server-sent events.

The work runs in this process as a task. How far it is and how it ended is kept in the store, so that any router that
shares it can be asked; progress is written at most once a second, the end at once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Protocol

from aiohttp import web

from ivr_flows.findings import Language, Text

from ..asterisk.background import described
from ..store.asked import OperationRow
from .operation import Call, Work
from .refusal import Refused, not_found

log = logging.getLogger("line400.api")

EVERY_SECONDS: Final = 1.0
MOST_AT_ONCE: Final = 16
MOST_STREAMS: Final = 100
QUIET_SECONDS: Final = 15.0
"""After this long without news a stream says so, which tells a client that has gone from one that waits."""
OPERATION: Final = Text("an operation", "操作")
STOPPED: Final = Refused(
    503,
    "stopped",
    Text("The router was stopped while this ran.", "路由服务在处理过程中停止。"),
    Text("Begin it again.", "请重新发起。"),
)


class Kept(Protocol):
    """What is asked of the store; see `router.store.asked.AskedPart`."""

    async def add_operation(self, id_: str, kind: str, owner: str, at: float, router_id: str) -> OperationRow: ...
    async def update_operation(self, row: OperationRow) -> None: ...
    async def operation(self, id_: str) -> OperationRow | None: ...


class LongWork:
    """The long work of this process. ``explain`` turns an exception of the work into a refusal, None: a mistake of
    ours; ``now`` gives epoch seconds."""

    def __init__(
        self,
        kept: Kept,
        router_id: str,
        explain: Callable[[BaseException], Refused | None],
        now: Callable[[], float],
        moments: Callable[[float], str],
    ) -> None:
        self._kept = kept
        self._router_id = router_id
        self._explain = explain
        self._now = now
        self._moments = moments
        self._rows: dict[str, OperationRow] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._moved = asyncio.Condition()
        self._streams = 0

    async def begin(self, work: Work, owner: str, at: float) -> OperationRow:
        """Begin ``work`` for ``owner``. Raises `Refused` (503) when too much runs already."""
        if len(self._tasks) >= MOST_AT_ONCE:
            raise Refused(
                503,
                "too-busy",
                Text("Too many operations are running.", "正在进行的操作过多。"),
                Text("Wait for one to end, or cancel one.", "请等待或取消其中之一。"),
                headers={"Retry-After": "5"},
            )
        row = await self._kept.add_operation(f"o_{secrets.token_hex(8)}", work.kind, owner, at, self._router_id)
        self._rows[row.id] = row
        self._tasks[row.id] = asyncio.create_task(self._run(row.id, work), name=f"operation-{row.kind}")
        return row

    async def find(self, id_: str) -> OperationRow:
        """The operation with that id, as far as it is known here. Raises `Refused` (404)."""
        row = self._rows.get(id_) or await self._kept.operation(id_)
        if row is None:
            raise not_found(OPERATION, id_)
        return row

    async def cancel(self, id_: str) -> OperationRow:
        """Cancel what runs here; what has ended stays as it is. Raises `Refused`: 404, 409 where another router runs
        it."""
        row = await self.find(id_)
        task = self._tasks.get(id_)
        if row.state != "running":
            return row
        if task is None:
            raise Refused(
                409,
                "runs-elsewhere",
                Text(f"{row.router_id} runs this, not this router.", f"该操作由 {row.router_id} 运行，不在本路由。"),
                Text("Ask that router.", "请向该路由发送请求。"),
            )
        task.cancel()
        await asyncio.wait({task})
        return await self.find(id_)

    def document(self, row: OperationRow, language: Language) -> dict[str, Any]:
        """An operation as JSON."""
        return {
            "id": row.id,
            "kind": row.kind,
            "state": row.state,
            "owner": row.owner,
            "done": row.done,
            "total": row.total,
            "said": None if row.said is None else row.said.to(language),
            "result": row.result,
            "error": row.error[language] if row.error else None,
            "created": self._moments(row.created),
            "updated": self._moments(row.updated),
        }

    async def stream(self, call: Call[Any, Any, Any], id_: str) -> web.StreamResponse:
        """Server-sent events ``progress`` until the operation has ended, then one ``end``."""
        row = await self.find(id_)
        if self._streams >= MOST_STREAMS:
            raise Refused(
                503,
                "too-busy",
                Text("Too many streams are open.", "同时打开的数据流过多。"),
                Text("Ask for the operation itself now and then.", "可改为定时查询该操作。"),
                headers={"Retry-After": "5"},
            )
        self._streams += 1
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        try:
            await answer.prepare(call.request)
            while True:
                name = "progress" if row.state == "running" else "end"
                said = json.dumps(self.document(row, call.language), ensure_ascii=False)
                await answer.write(f"event: {name}\ndata: {said}\n\n".encode())
                if row.state != "running":
                    return answer
                while (news := await self._within(QUIET_SECONDS, row)) is None:
                    await answer.write(b": nothing new\n\n")
                row = news
        except ConnectionResetError:
            return answer
        finally:
            self._streams -= 1

    async def close(self, app: web.Application) -> None:
        """Stop all of it: it is kept as failed."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel("stopped")
        if tasks:
            await asyncio.wait(tasks)

    async def _within(self, seconds: float, row: OperationRow) -> OperationRow | None:
        try:
            async with asyncio.timeout(seconds):
                return await self._next(row)
        except TimeoutError:
            return None

    async def _next(self, row: OperationRow) -> OperationRow:
        """The operation once something has changed; asked again every second where another router runs it."""
        while True:
            if row.id in self._tasks:
                async with self._moved:
                    await self._moved.wait_for(lambda: self._rows.get(row.id) is not row)
            else:
                await asyncio.sleep(EVERY_SECONDS)
            known = await self.find(row.id)
            if known != row:
                return known

    async def _run(self, id_: str, work: Work) -> None:
        written = self._now()

        async def progress(done: float, total: float | None = None, said: Text | None = None) -> None:
            nonlocal written
            now = self._now()
            row = replace(self._rows[id_], done=done, total=total, said=said, updated=now)
            await self._moves(row)
            if now - written >= EVERY_SECONDS:
                written = now
                await self._kept.update_operation(row)

        changes: dict[str, Any]
        try:
            changes = {"state": "done", "result": await work.run(progress)}
        except asyncio.CancelledError as error:
            changes = {"state": "failed", "error": both_languages(STOPPED)} if error.args else {"state": "cancelled"}
        except Exception as error:
            refused = error if isinstance(error, Refused) else self._explain(error)
            if refused is None:
                log.error("%s failed: %s", work.kind, described(error))
                refused = Refused(500, "internal-error", Text("line400 failed on this.", "line400 处理时出错。"))
            changes = {"state": "failed", "error": both_languages(refused)}
        row = replace(self._rows[id_], updated=self._now(), **changes)
        try:
            await self._kept.update_operation(row)
        finally:
            self._tasks.pop(id_, None)
            await self._moves(row)
            self._rows.pop(id_, None)

    async def _moves(self, row: OperationRow) -> None:
        self._rows[row.id] = row
        async with self._moved:
            self._moved.notify_all()


def both_languages(refused: Refused) -> dict[str, Any]:
    """A refusal as it is kept: its document in each language."""
    return {"en": refused.document("en"), "zh": refused.document("zh")}
