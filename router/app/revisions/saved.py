"""A plan in a file, so that what was reviewed is what is applied: to the same project, on the same revision, the same
files and scenarios, or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ivr_flows.findings import Language, Text

from ..problems import NOT_RIGHT, Problem, usage
from .candidate import digests
from .pipeline import Judgement

if TYPE_CHECKING:
    from router.store import Store

FORMAT: Final = "line400-plan"
VERSION: Final = 1
MAX_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Project:
    """Which project a plan is of: ``root`` tells its first revision from all others (None before there is one);
    before that, company and store do."""

    root: str | None
    company: str
    store: str


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a plan was made of. ``files`` and ``scenarios``: SHA-256 by name."""

    project: Project
    base: str | None
    files: Mapping[str, str]
    scenarios: Mapping[str, str]


def project_of(judged: Judgement) -> Project:
    """The project that the folder's store belongs to. Raises `StoreError`."""
    from router.store.urls import parse_url

    from ..stores import read

    async def first(store: Store) -> str | None:
        history = await store.history()
        if not history:
            return None
        oldest = history[-1]
        return sha256(f"{oldest.digest}\0{oldest.at!r}\0{oldest.author}".encode()).hexdigest()

    settings = judged.configuration.settings
    return Project(read(settings.store, first), settings.company, parse_url(settings.store).display)


def save(path: Path, judged: Judgement, language: Language) -> None:
    """Write the plan to ``path``, for its owner alone: texts of the configuration stand in it. Raises `WriteError`."""
    from router.configuration.files_on_disk import write_atomic

    project = project_of(judged)
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "project": {"root": project.root, "company": project.company, "store": project.store},
        "base": judged.base,
        "files": digests(judged.candidate.files),
        "scenarios": digests(judged.candidate.scenarios),
        "plan": judged.as_json(language),
    }
    with contextlib.suppress(OSError):  # `write_atomic` keeps the permissions, and says what is in its way
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    write_atomic(path, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    path.chmod(0o600)


def read_plan(path: Path) -> SavedPlan:
    """The plan in ``path``. Raises `Problem` (status 2) for a file that cannot be read or is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("too large")
        found = json.loads(path.read_bytes())
        if found["format"] != FORMAT or found["version"] != VERSION:
            raise ValueError("another format")
        project = found["project"]
        return SavedPlan(
            Project(_text(project["root"]), str(project["company"]), str(project["store"])),
            _text(found["base"]),
            {str(name): str(value) for name, value in found["files"].items()},
            {str(name): str(value) for name, value in found["scenarios"].items()},
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise usage(
            "plan-unreadable",
            Text(f"The plan {path} cannot be read: {reason}.", f"无法读取计划文件 {path}：{reason}。"),
            Text("Make one: line400 plan --save FILE", "请先生成：line400 plan --save 文件"),
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise usage(
            "not-a-plan",
            Text(f"{path} is no plan of this line400.", f"{path} 不是本版本 line400 的计划文件。"),
            Text("Make one: line400 plan --save FILE", "请生成：line400 plan --save 文件"),
        ) from error


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def refuse_if_moved(saved: SavedPlan, judged: Judgement) -> None:
    """Raises `Problem`: status 2 for a plan of another project, 1 where the world moved since it was made."""
    project = project_of(judged)
    mine, other = saved.project, project
    same_place = (mine.company, mine.store) == (other.company, other.store)
    same = same_place if mine.root is None else mine.root == other.root
    if not same:
        raise usage(
            "another-project",
            Text(
                f"The plan is of another project ({mine.company or '-'}, {mine.store}).",
                f"该计划属于另一个项目（{mine.company or '-'}，{mine.store}）。",
            ),
            Text("Make a plan here: line400 plan --save FILE", "请在本项目重新生成：line400 plan --save 文件"),
        )
    if saved.base != judged.base:
        raise _moved(
            Text(
                f"The plan was made on {saved.base or 'no revision'}; {judged.base or 'none'} is in force meanwhile.",
                f"该计划基于版本 {saved.base or '（无）'}；当前生效的已是 {judged.base or '（无）'}。",
            )
        )
    changed = [
        name
        for before, after in (
            (saved.files, digests(judged.candidate.files)),
            (saved.scenarios, digests(judged.candidate.scenarios)),
        )
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    if changed:
        names = ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")
        raise _moved(
            Text(f"Files changed since the plan was made: {names}.", f"生成计划之后有文件改动：{names}。"),
        )


def _moved(message: Text) -> Problem:
    return Problem(
        NOT_RIGHT,
        "plan-outdated",
        Text(f"{message.en} Nothing is changed.", f"{message.zh}未做任何改动。"),
        Text(
            "Make the plan again and look at it: line400 plan --save FILE", "请重新生成并查看：line400 plan --save 文件"
        ),
    )
