"""Changes that the vendor's API makes: the files are edited in place, as the commands do, and the same edit becomes a
revision, through the same checks. All of it happens or nothing.

Scenarios that fail are passed over and audited, unless the access key asks for them: a program that binds a number
elsewhere cannot rewrite what people expect of it. The linter and the invariants are not passed over.

The files must be those of the running revision: an edit by the API must not bring into force what somebody else has
half written in the folder.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NoReturn

from ivr_flows.findings import Text
from router.configuration import TableCache
from router.configuration.company_edit import CompanyEdit
from router.configuration.files_on_disk import write_together
from router.desk import Desk
from router.model import Configuration
from router.store import RevisionContent
from router.vendor import Call, errors

from ..revisions.candidate import from_content, read_scenarios
from ..revisions.gates import Overrides
from ..revisions.pipeline import NO_OVERRIDES, Judgement, judge, refusal
from ..served import Served

if TYPE_CHECKING:
    from router.store import Revision

log = logging.getLogger("line400.vendor")

IN_FORCE_SECONDS = 10.0
LOOK_SECONDS = 0.02
PREFLIGHT = "preflight"
PASSED_OVER = "asked by the vendor's API, which cannot change scenarios"
Edit = Callable[[CompanyEdit], None]
Right = Callable[[Configuration], bool]
Act = Callable[[Desk], Awaitable[object]]


def author(call: Call) -> str:
    """Who the audit names."""
    return f"accesskey:{call.key.id}"


class Writer:
    """Makes one change after the other."""

    def __init__(self, served: Served) -> None:
        self._served = served

    async def apply(
        self,
        call: Call,
        edit: Edit,
        *,
        right: Right = lambda _: True,
        first: Act | None = None,
        then: Act | None = None,
    ) -> str | None:
        """Let ``edit`` edit the files, see that it came out ``right``, and apply the result as a revision; its name, or
        None where nothing changes. ``first`` judges before anything is written, ``then`` lets events happen in lives;
        where that is refused everything is taken back.

        Raises `VendorError`, `EditError`, `WriteError`, `Problem`, `StoreError`, `LifeError`.
        """
        async with self._served.edits.lock:
            before = await self._current()
            change = await asyncio.to_thread(self._edited, before, edit)
            desk = self.desk(call)
            if first is not None:
                await first(desk)
            if not change.writes:
                if then is not None:
                    await then(desk)
                return None
            judged = await asyncio.to_thread(self._judged, call, before, change, right)
            if judged.refusing:
                raise refusal(judged)
            await asyncio.to_thread(write_together, change.writes)
            made: Revision | None = None
            try:
                made = await self._served.store.apply_revision(
                    judged.candidate.files,
                    author(call),
                    call.action.name,
                    call.now,
                    expected_current=before.revision.revision,
                    overrides=judged.passed_over,
                )
                if then is not None:
                    await then(desk)
            except BaseException:
                await self._take_back(call, before, change, made)
                raise
            await self._in_force(made.revision)
            return made.revision

    def desk(self, call: Call) -> Desk:
        """The desk at which ``call`` asks for something in the life of a number."""
        served = self._served
        return Desk(
            served.settings,
            served.folder,
            served.configuration,
            served.store,
            _no_personal_data,
            author(call),
            call.action.name,
            call.now,
            call.now,
            role=call.key.role,
        )

    async def _current(self) -> RevisionContent:
        found = await self._served.store.get_revision("current")
        if not await self._in_force(found.revision.revision):
            raise errors.conflict(
                "NotInForce",
                Text(
                    f"{found.revision.revision} is current and not in force here; see the router's log.",
                    f"当前版本 {found.revision.revision} 尚未在本路由生效，请查看日志。",
                ),
            )
        return found

    def _edited(self, before: RevisionContent, edit: Edit) -> CompanyEdit:
        change = CompanyEdit(self._served.folder)
        if dict(change.files) != dict(before.files):
            differing = {
                name for name in {*change.files, *before.files} if change.files.get(name) != before.files.get(name)
            }
            listed = ", ".join(sorted(differing)[:5])
            raise errors.conflict(
                "NotApplied",
                Text(
                    f"The configuration folder holds changes that are not applied ({listed}): apply or undo them.",
                    f"配置目录中有尚未应用的改动（{listed}）；请先应用或撤销。",
                ),
            )
        edit(change)
        return change

    def _judged(self, call: Call, before: RevisionContent, change: CompanyEdit, right: Right) -> Judgement:
        invocation = self._served.invocation
        tables = TableCache()
        candidate = from_content(invocation, change.result, read_scenarios(invocation), tables)
        if not right(candidate.configuration):
            raise errors.conflict(
                "NotEditable",
                Text(
                    "The files are written so that this cannot be changed (such as a table); change it by hand.",
                    "文件的写法（例如表格）无法自动修改此项，请手工修改。",
                ),
            )
        overrides = NO_OVERRIDES if call.key.preflight else Overrides({PREFLIGHT: PASSED_OVER})
        judged = judge(invocation, candidate, before, tables, overrides=overrides, behaviour=False)
        for gate in judged.passed_over:
            log.warning("%s by %s passes over %s", call.action.name, author(call), gate)
        return judged

    async def _take_back(self, call: Call, before: RevisionContent, change: CompanyEdit, made: Revision | None) -> None:
        """What was written is what it was. A fault in this is told in the log; the first one is what is answered."""
        back = [(path, after, earlier) for path, earlier, after in change.writes]
        await asyncio.to_thread(write_together, back)
        if made is not None:
            await self._served.store.activate(
                before.revision.revision,
                author(call),
                f"{call.action.name} was refused",
                call.now,
                "rollback",
                expected_current=made.revision,
            )
            log.warning("%s was taken back", made.revision)

    async def _in_force(self, revision: str) -> bool:
        """Wait until this router runs ``revision``, so that what is read next is what was written; False where it takes
        too long."""
        deadline = asyncio.get_running_loop().time() + IN_FORCE_SECONDS
        while self._served.book.revision != revision:
            if asyncio.get_running_loop().time() > deadline:
                log.warning("%s is current and not yet in force here", revision)
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return True


def _no_personal_data() -> NoReturn:
    raise AssertionError("the vendor's API opens no personal data")
