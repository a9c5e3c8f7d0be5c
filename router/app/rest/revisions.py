"""``/revisions``, ``/plan``, ``/apply``, ``/schedules``: what is in force, what would change, and changing it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, Listed, ListQuery, OneQuery, Output
from router.api.operation import Call, Operation, Page, Progress, Work
from router.configuration.diff import text_changes
from router.store import Conflict

from ..commands.schedules import as_json as schedule_json
from ..loading import load_content
from ..moments import iso_time, parse_until
from ..revisions.gates import Overrides
from ..revisions.pipeline import STAGES, Judgement, commit, judge_folder, judge_revision, refusal
from ..served import Served
from ..speaking import speak_ahead

STAGE_TEXTS = {
    "load": Text("reading the files", "读取文件"),
    "compare": Text("comparing with what is in force", "与当前版本比较"),
    "lint": Text("checking the flows", "检查流程"),
    "invariants": Text("proving the invariants", "证明不变式"),
    "preflight": Text("running the scenarios", "运行测试场景"),
    "behaviour": Text("finding out what callers notice", "分析对来电的影响"),
    "commit": Text("putting it in force", "使其生效"),
}


class RevisionModel(Output):
    """A revision: what became current when, by whom and why."""

    revision: str
    at: str
    author: str
    reason: str | None
    current: bool


class RevisionFilesModel(RevisionModel):
    """A revision with its files (name → text)."""

    files: dict[str, str]


class DiffModel(Listed):
    """What a revision changed against the one that was in force before it."""

    revision: str
    against: str | None
    changes: list[dict[str, Any]]


class ScheduleModel(Listed):
    """A revision that comes into force at a moment."""

    id: int
    revision: str
    base: str | None
    due: str
    author: str
    reason: str | None
    state: str
    said: str | None
    ended: str | None
    ended_by: str | None


class RevisionPath(Input):
    """A revision's name."""

    name: Annotated[Line, Field(pattern=r"^(r?[0-9]{1,9}|current)$", examples=["r1"])]


class SchedulePath(Input):
    """A schedule's number."""

    id: Annotated[int, Field(ge=1, le=2**62)]


class PlanBody(Input):
    """What is planned: the files, or going to an applied revision."""

    revision: Annotated[Line | None, Field(pattern=r"^r?[0-9]{1,9}$")] = None


class ApplyBody(Input):
    """How the files are applied. ``base`` is the revision that the plan was made against: where another one is current
    by now, nothing is applied. ``at``: come into force then. ``override``: gates to pass over, with a ``reason``."""

    base: Annotated[Line | None, Field(pattern=r"^r[0-9]{1,9}$")] = None
    at: Annotated[Line | None, Field(min_length=2, examples=["+2h"])] = None
    override: tuple[Literal["lint", "preflight", "invariants"], ...] = ()
    reason: Line | None = None


class WhyBody(Input):
    """Why."""

    reason: Line | None = None


class RolledBack(Output):
    """What is in force; ``rolled_back`` is false where it was already."""

    revision: str
    rolled_back: bool


async def list_revisions(call: Call[None, ListQuery, None], served: Served) -> Page:
    """All revisions, newest first."""
    rows = await served.store.history()
    if call.after is not None:
        rows = [row for row in rows if int(row.revision[1:]) < int(call.after[0])]
    shown = rows[: call.query.limit]
    after = (int(shown[-1].revision[1:]),) if len(rows) > len(shown) else None
    return Page([_revision(row, served) for row in shown], after)


async def get_revision(call: Call[RevisionPath, OneQuery, None], served: Served) -> dict[str, Any]:
    """A revision with its files."""
    content = await served.store.get_revision(call.path.name)
    files = {name: data.decode("utf-8-sig", "replace") for name, data in sorted(content.files.items())}
    return {**_revision(content.revision, served), "files": files}


async def get_diff(call: Call[RevisionPath, OneQuery, None], served: Served) -> dict[str, Any]:
    """What a revision changed when it first came into force."""
    content = await served.store.get_revision(call.path.name)
    name = content.revision.revision
    order = [row.revision for row in await served.store.activations()][::-1]
    place = order.index(name) if name in order else len(order)
    before = order[place - 1] if place else None
    earlier = (await served.store.get_revision(before)).files if before else {}
    changes = await asyncio.to_thread(text_changes, earlier, content.files)
    return {"revision": name, "against": before, "changes": [change.as_json() for change in changes]}


async def roll_back(call: Call[RevisionPath, None, WhyBody], served: Served) -> dict[str, Any]:
    """Make an earlier revision the current one again."""
    content = await served.store.get_revision(call.path.name)
    name = content.revision.revision
    if content.revision.current:
        return {"revision": name, "rolled_back": False}
    await asyncio.to_thread(load_content, served.invocation, content.files)
    await served.store.activate(name, call.who.name, call.body.reason, call.now, "rollback")
    return {"revision": name, "rolled_back": True}


async def plan(call: Call[None, None, PlanBody], served: Served) -> Work:
    """What applying the files, or going to a revision, would change; nothing is changed."""
    wanted, language = call.body.revision, call.language

    async def run(progress: Progress) -> Any:
        tell = _teller(progress)
        if wanted is None:
            judged = await asyncio.to_thread(judge_folder, served.invocation, on_stage=tell)
        else:
            judged = await asyncio.to_thread(judge_revision, served.invocation, wanted, on_stage=tell)
        return judged.as_json(language)

    return Work("plan", run)


async def apply(call: Call[None, None, ApplyBody], served: Served) -> Work:
    """Check, run the scenarios, then put the files in force in one transaction, or schedule that."""
    wanted, language, author = call.body, call.language, call.who.name
    overrides = Overrides.parse(wanted.override, wanted.reason)
    due = None if wanted.at is None else parse_until(wanted.at, served.zone, call.now)

    async def run(progress: Progress) -> Any:
        tell = _teller(progress)
        judged = await asyncio.to_thread(judge_folder, served.invocation, overrides=overrides, on_stage=tell)
        _same_base(judged, wanted.base)
        document = {**judged.as_json(language), "applied": False, "revision": judged.base}
        if judged.none:
            return document
        if judged.refusing:
            raise refusal(judged)
        await asyncio.to_thread(speak_ahead, served.invocation, judged.configuration)
        if due is not None:
            row = await served.store.schedule(
                judged.candidate.files,
                judged.candidate.scenarios,
                due,
                author,
                wanted.reason,
                time.time(),
                base=judged.base,
                overrides=judged.overrides.reasons,
            )
            return {**document, "scheduled": schedule_json(row, served.zone, language)}
        made = await asyncio.to_thread(commit, judged, author, wanted.reason, time.time(), on_stage=tell)
        return {**document, "applied": True, "revision": made.revision, "overrides": judged.passed_over}

    return Work("apply", run)


async def list_schedules(call: Call[None, ListQuery, None], served: Served) -> Page:
    """What is scheduled and how it ended, by its number."""
    rows = sorted(await served.store.schedules(), key=lambda row: row.id)
    behind = 0 if call.after is None else int(call.after[0])
    rest = [row for row in rows if row.id > behind]
    shown = rest[: call.query.limit]
    items = [schedule_json(row, served.zone, call.language) for row in shown]
    return Page(items, (shown[-1].id,) if len(rest) > len(shown) else None)


async def cancel_schedule(call: Call[SchedulePath, None, WhyBody], served: Served) -> dict[str, Any]:
    """Take a schedule back."""
    row = await served.store.cancel_schedule(call.path.id, call.who.name, call.body.reason, call.now)
    return schedule_json(row, served.zone, call.language)


def _teller(progress: Progress) -> Callable[[str], None]:
    """An `OnStage` for a judgement that runs in a thread."""
    loop = asyncio.get_running_loop()

    def tell(stage: str) -> None:
        place = STAGES.index(stage) if stage in STAGES else 0
        told = progress(place, len(STAGES), STAGE_TEXTS.get(stage))
        asyncio.run_coroutine_threadsafe(told, loop).result(30)

    return tell


def _same_base(judged: Judgement, base: str | None) -> None:
    if base is not None and judged.base != base:
        raise Conflict(
            Text(
                f"The current revision is {judged.base}, not {base}: somebody changed it meanwhile.",
                f"当前版本是 {judged.base}，而不是 {base}：期间有人做了更改。",
            ),
            Text("Plan again and look at what changed.", "请重新生成计划并查看变化。"),
        )


def _revision(row: Any, served: Served) -> dict[str, Any]:
    return {
        "revision": row.revision,
        "at": iso_time(row.at, served.zone),
        "author": row.author,
        "reason": row.reason,
        "current": row.current,
    }


OPERATIONS = (
    Operation(
        "list_revisions",
        "GET",
        "/revisions",
        "revisions",
        Text("Revisions, newest first", "版本列表（新的在前）"),
        "configuration.read",
        list_revisions,
        query=ListQuery,
        answer=RevisionModel,
        paged=True,
    ),
    Operation(
        "get_revision",
        "GET",
        "/revisions/{name}",
        "revisions",
        Text("A revision with its files", "一个版本及其文件"),
        "configuration.read",
        get_revision,
        path_model=RevisionPath,
        query=OneQuery,
        answer=RevisionFilesModel,
    ),
    Operation(
        "get_revision_diff",
        "GET",
        "/revisions/{name}/diff",
        "revisions",
        Text("What a revision changed", "版本改变了什么"),
        "configuration.read",
        get_diff,
        path_model=RevisionPath,
        query=OneQuery,
        answer=DiffModel,
    ),
    Operation(
        "roll_back",
        "POST",
        "/revisions/{name}/rollback",
        "revisions",
        Text("Return to a revision", "回退到某个版本"),
        "revisions.apply",
        roll_back,
        path_model=RevisionPath,
        body=WhyBody,
        answer=RolledBack,
        repeatable=True,
        errors=(409,),
        body_example={"reason": "callers hear the wrong menu"},
    ),
    Operation(
        "plan",
        "POST",
        "/plan",
        "revisions",
        Text("What applying would change", "应用会改变什么"),
        "configuration.read",
        plan,
        body=PlanBody,
        long=True,
        body_example={},
    ),
    Operation(
        "apply",
        "POST",
        "/apply",
        "revisions",
        Text("Check, test and put the files in force", "检查、测试并使文件生效"),
        "revisions.apply",
        apply,
        body=ApplyBody,
        long=True,
        body_example={"base": "r1", "reason": "a new menu"},
    ),
    Operation(
        "list_schedules",
        "GET",
        "/schedules",
        "revisions",
        Text("What comes into force at a moment", "定时生效"),
        "configuration.read",
        list_schedules,
        query=ListQuery,
        answer=ScheduleModel,
        paged=True,
    ),
    Operation(
        "cancel_schedule",
        "POST",
        "/schedules/{id}/cancel",
        "revisions",
        Text("Take a schedule back", "取消定时生效"),
        "revisions.apply",
        cancel_schedule,
        path_model=SchedulePath,
        body=WhyBody,
        answer=ScheduleModel,
        repeatable=True,
        errors=(409,),
        body_example={},
    ),
)
