"""``line400 qualify``: a company's qualification for 400 numbers, submitted, shown, reviewed, exported, deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Text

from ..arguments import as_text
from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, REFUSED, Problem, usage
from .emergency import Author, Reason

if TYPE_CHECKING:
    from router.life.office import Decision
    from router.life.qualification import Qualification
    from router.store.qualifications import LifeFile

    from ..life.desk import Desk

ACTIONS = ("submit", "show", "review", "export", "delete", "reviewer", "retention")
REVIEWERS = ("reviewer", "admin")
"""Roles that may see what is personal."""
EXAMPLE = (
    "line400 qualify submit --code 91110000600037341L --company 示例科技有限公司 --licence-until never "
    "--legal-name 张三 --legal-id … --licence a.pdf --id-front b.png --id-back c.png"
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the options said."""

    what: str | None
    code: str | None
    company: str | None
    licence_until: str | None
    legal_name: str | None
    legal_id: str | None
    scans: dict[str, Path | None]
    approve: bool
    reject: bool
    reveal: bool
    dry_run: bool


def qualify(
    ctx: typer.Context,
    action: Annotated[
        str | None,
        typer.Argument(
            metavar="ACTION",
            help=both(
                "submit, show (default), review, export, delete, reviewer, retention",
                "submit、show（默认）、review、export、delete、reviewer、retention",
            ),
        ),
    ] = None,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="COMPANY|FILE|NAME",
            parser=as_text,
            help=both("a company by name or credit code", "公司名或统一社会信用代码"),
        ),
    ] = None,
    code: Annotated[
        str | None,
        typer.Option("--code", metavar="CODE", help=both("unified social credit code", "统一社会信用代码")),
    ] = None,
    company: Annotated[
        str | None,
        typer.Option("--company", metavar="NAME", parser=as_text, help=both("name of the company", "公司名称")),
    ] = None,
    licence_until: Annotated[
        str | None,
        typer.Option(
            "--licence-until",
            metavar="DATE|never",
            help=both("last day of the licence; never: no fixed term", "执照有效期至；never 为无固定期限"),
        ),
    ] = None,
    legal_name: Annotated[
        str | None,
        typer.Option("--legal-name", metavar="NAME", parser=as_text, help=both("legal person", "法人姓名")),
    ] = None,
    legal_id: Annotated[
        str | None,
        typer.Option("--legal-id", metavar="ID", help=both("the legal person's ID number", "法人身份证号")),
    ] = None,
    licence: Annotated[
        Path | None, typer.Option("--licence", metavar="FILE", help=both("scan of the licence", "营业执照扫描件"))
    ] = None,
    id_front: Annotated[
        Path | None,
        typer.Option("--id-front", metavar="FILE", help=both("ID card, front", "法人身份证人像面")),
    ] = None,
    id_back: Annotated[
        Path | None, typer.Option("--id-back", metavar="FILE", help=both("ID card, back", "法人身份证国徽面"))
    ] = None,
    approve: Annotated[bool, typer.Option("--approve", help=both("review: approve", "review：通过"))] = False,
    reject: Annotated[
        bool, typer.Option("--reject", help=both("review: reject, with --reason", "review：驳回，需 --reason"))
    ] = False,
    reveal: Annotated[
        bool,
        typer.Option("--reveal", help=both("show ID numbers; takes the role reviewer", "显示证件号，需 reviewer 角色")),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=both("retention: only count", "retention：只计数，不删除"))
    ] = False,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help=both("as if it were TIME", "按该时刻办理"))
    ] = None,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """Every change is audited; what is personal is encrypted at rest and masked when shown."""
    from ..life.desk import desk, refusals, unknown_action

    invocation: Invocation = ctx.obj
    acts: dict[str, Callable[[Desk, _Asked], int]] = {
        "submit": _submit,
        "show": _show,
        "review": _review,
        "export": _export,
        "delete": _delete,
        "reviewer": _reviewer,
        "retention": _retention,
    }
    name = (action or "show").lower()
    if name not in acts:
        raise unknown_action(name, ACTIONS)
    scans = {"licence": licence, "id-front": id_front, "id-back": id_back}
    asked = _Asked(
        what, code, company, licence_until, legal_name, legal_id, scans, approve, reject, reveal, dry_run
    )  # fmt: skip
    with refusals():
        return acts[name](desk(invocation, at, author, reason), asked)


def _submit(desk: Desk, asked: _Asked) -> int:
    from router.life.qualification import SCANS, Qualification, masked, read_submission
    from router.paperwork.uploads import read_upload

    from ..life.desk import needed
    from ..life.papers import sealed_file
    from ..life.views import qualification_json, show_qualification

    legal_id = asked.legal_id
    if legal_id is None and desk.invocation.interactive:
        legal_id = str(
            typer.prompt(desk.invocation.say(Text("The legal person's ID number", "法人身份证号")), hide_input=True)
        )
    submission = read_submission(
        needed(asked.code, "--code", EXAMPLE),
        needed(asked.company, "--company", EXAMPLE),
        _licence_end(needed(asked.licence_until, "--licence-until", EXAMPLE)),
        needed(asked.legal_name, "--legal-name", EXAMPLE),
        needed(legal_id, "--legal-id", EXAMPLE),
        desk.today,
    )
    uploads = {kind: read_upload(needed(asked.scans[kind], f"--{kind}", EXAMPLE)) for kind in SCANS}
    receipt = desk.office.take_qualification(submission.code, desk.today)
    earliest, latest = receipt.earliest, receipt.latest
    assert earliest is not None
    assert latest is not None
    subject = f"qualification:{submission.code}"
    digests = "".join(upload.digest for upload in uploads.values())
    parts = (submission.company, str(asked.licence_until), submission.legal_name, submission.legal_id, digests)
    wanted = Qualification(
        0,
        submission.code,
        submission.company,
        "review",
        desk.at,
        desk.today,
        submission.licence_until,
        submission.open_ended,
        submission.legal_name,
        desk.sealer.mark("\x1f".join(parts)),
        receipt.reference,
        earliest.day,
        latest.day,
        latest.assumed,
    )
    sealed = desk.sealer.seal(json.dumps({"legal_id": submission.legal_id}).encode(), subject)
    files = [sealed_file(desk, subject, kind, upload) for kind, upload in uploads.items()]
    known, changed = desk.change(
        lambda store: store.submit_qualification(wanted, sealed, files, desk.author, desk.now, desk.reason or None)
    )
    if known.open_ended:
        desk.invocation.note(
            Text(
                f"The licence has no fixed term; {known.licence_until}, ten years from the submission, is entered.",
                f"执照无固定期限，已按提交日起 10 年填写：{known.licence_until}。",
            )
        )
    for year in known.assumed:
        desk.invocation.warn(
            Text(
                f"There are no holiday data for {year}; the date expected follows weekdays alone. "
                f"Add calendars/{year}.yaml.",
                f"没有 {year} 年的节假日数据，预计日期仅按周末推算。请添加 calendars/{year}.yaml。",
            )
        )
    if not changed:
        desk.invocation.note(Text("The same was submitted already; nothing is changed.", "相同资料已提交，未作更改。"))
    hidden = masked(submission.legal_id)
    stored = desk.read(lambda store: store.files(f"qualification:{known.id}")) or []
    if desk.invocation.json:
        desk.invocation.document({**qualification_json(desk, known, hidden, stored), "changed": changed})
    else:
        show_qualification(desk, known, hidden, stored)
    return DONE


def _licence_end(given: str) -> date | None:
    if given.strip().lower() in ("never", "无固定期限", "长期"):
        return None
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise usage(
            "bad-date",
            Text(f"`{given[:40]}` is no date.", f"`{given[:40]}` 不是日期。"),
            Text("Write 2036-10-12, or never for no fixed term.", "请写 2036-10-12；无固定期限写 never。"),
        ) from None


def _show(desk: Desk, asked: _Asked) -> int:
    from ..life.views import qualification_json, show_qualification

    named = asked.what or asked.code or asked.company
    known = desk.read(lambda store: store.qualifications()) or []
    chosen = [desk.company(named)] if named is not None else known
    if asked.reveal:
        _see_that_may_reveal(desk, chosen)
    shown = [(one, *_personal(desk, one, asked.reveal)) for one in chosen]
    if desk.invocation.json:
        desk.invocation.document([qualification_json(desk, one, legal_id, files) for one, legal_id, files in shown])
        return DONE
    for one, legal_id, files in shown:
        show_qualification(desk, one, legal_id, files)
        desk.invocation.line()
    if not shown:
        desk.invocation.line(desk.invocation.say(Text("No qualification was submitted.", "尚未提交资质。")))
    return DONE


def _personal(desk: Desk, known: Qualification, reveal: bool) -> tuple[str | None, list[LifeFile]]:
    """The legal person's ID number, masked unless ``reveal``, and the scans. Where the key is another one, there is one
    warning and no number."""
    from router.life.qualification import masked
    from router.paperwork.sealing import SealingError

    found = desk.read(lambda store: store.qualification(known.id))
    files = desk.read(lambda store: store.files(f"qualification:{known.id}")) or []
    if found is None:
        return None, files
    try:
        clear = json.loads(desk.sealer.open(found[1], f"qualification:{known.code}"))["legal_id"]
    except SealingError as error:
        desk.invocation.warn(error.message)
        return None, files
    return (clear if reveal else masked(clear)), files


def _see_that_may_reveal(desk: Desk, chosen: list[Qualification]) -> None:
    """Raises `Problem` with status 3 for whoever has no role that reviews; else audits that it was looked at."""
    people = desk.read(lambda store: store.actors()) or []
    if not any(person.name == desk.author and person.role in REVIEWERS for person in people):
        raise Problem(
            REFUSED,
            "not-a-reviewer",
            Text(f"{desk.author} may not see personal data.", f"{desk.author} 无权查看个人信息。"),
            Text(
                f"It takes the role reviewer: line400 qualify reviewer {desk.author}.",
                f"需要 reviewer 角色：line400 qualify reviewer {desk.author}。",
            ),
        )
    subjects = ", ".join(one.code for one in chosen)
    desk.change(lambda store: store.audit(desk.author, "qualification_reveal", subjects, desk.now, desk.reason or None))


def _review(desk: Desk, asked: _Asked) -> int:
    from ..life.views import qualification_json

    if asked.approve == asked.reject:
        raise usage(
            "approve-or-reject",
            Text("Say --approve or --reject.", "请写 --approve 或 --reject。"),
            Text("line400 qualify review COMPANY --approve", "line400 qualify review 公司 --approve"),
        )
    if asked.reject and not desk.reason:
        raise usage(
            "no-reason",
            Text("A rejection has a reason.", "驳回必须说明原因。"),
            Text("--reason 执照照片不清晰", "--reason 执照照片不清晰"),
        )
    known = desk.company(asked.what or asked.code or asked.company)
    desk.office.decide(known.code, "approve" if asked.approve else "reject", desk.reason)
    for decision in desk.office.decisions():
        known = _take(desk, decision)
    said = Text(f"{known.company}: {known.state}.", f"{known.company}：{'审核通过' if asked.approve else '已驳回'}。")
    legal_id, files = _personal(desk, known, False)
    return desk.answer(qualification_json(desk, known, legal_id, files), said)


def _take(desk: Desk, decision: Decision) -> Qualification:
    """Take in what the office decided."""
    return desk.change(
        lambda store: store.decide_qualification(
            decision.subject, decision.kind == "approve", desk.at, desk.author, desk.now, decision.reason
        )
    )


def _export(desk: Desk, asked: _Asked) -> int:
    """All that is kept of a company and its persons, in clear, as one ZIP, on their request."""
    from ..life.papers import export

    known = desk.company(asked.code or asked.company)
    target = Path(asked.what or f"qualification-{known.code}.zip")
    _see_that_may_reveal(desk, [known])
    count = export(desk, known, target)
    said = Text(f"{target}: {count} files, in clear; keep it safe.", f"{target}：{count} 个文件（明文），请妥善保管。")
    return desk.answer({"file": str(target), "files": count, "company": known.company}, said)


def _delete(desk: Desk, asked: _Asked) -> int:
    known = desk.company(asked.what or asked.code or asked.company)
    gone = _remove(desk, known, desk.reason or None)
    said = Text(f"{known.company} is deleted, with {gone} scans.", f"已删除 {known.company} 及 {gone} 个附件。")
    return desk.answer({"company": known.company, "deleted": True, "files": gone}, said)


def _remove(desk: Desk, known: Qualification, reason: str | None) -> int:
    return desk.change(lambda store: store.delete_qualification(known.code, desk.author, desk.now, reason))


def _reviewer(desk: Desk, asked: _Asked) -> int:
    from ..life.desk import needed

    name = needed(asked.what, "NAME", "line400 qualify reviewer li")
    desk.change(lambda store: store.set_actor(name, "reviewer", desk.now, desk.author, desk.reason or None))
    said = Text(f"{name} has the role reviewer.", f"{name} 已具有 reviewer 角色。")
    return desk.answer({"name": name, "role": "reviewer"}, said)


def _retention(desk: Desk, asked: _Asked) -> int:
    """Delete the qualifications of companies without numbers that did not change for as long as the setting says."""
    days = desk.settings.life.keep
    over = [] if days is None else desk.read(lambda store: store.idle_qualifications(desk.at - days * 86_400)) or []
    if not asked.dry_run:
        for known in over:
            _remove(desk, known, "retention")
    said = Text(f"Over: {len(over)}.", f"超过保留期：{len(over)} 个。")
    if not asked.dry_run:
        said = Text(f"Deleted: {len(over)}.", f"已删除：{len(over)} 个。")
    companies = [known.company for known in over]
    return desk.answer({"dry_run": asked.dry_run, "days": days, "companies": companies}, said)
