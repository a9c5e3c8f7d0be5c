"""``line400 qualify``: a company's qualification for 400 numbers, submitted, shown, reviewed, exported, deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..arguments import as_text
from ..help_text import both
from .emergency import Author, Reason
from .persons import BornOption, IdKindOption

ACTIONS = ("submit", "show", "review", "export", "delete", "reviewer", "retention")


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
    id_kind: IdKindOption = None,
    born: BornOption = None,
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
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="NAME",
            parser=as_text,
            help=both("export, delete: only this person of the company", "export、delete：仅该人员的信息"),
        ),
    ] = None,
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
    from ..life.at_desk import Counter, unknown_action
    from ..life.days import day_given
    from ..life.qualifying import Qualifying

    word = (action or "show").lower()
    if word not in ACTIONS:
        raise unknown_action(word, ACTIONS)
    acting = Qualifying(Counter(ctx.obj, at, author, reason))
    named = what or code or company
    match word:
        case "submit":
            scans = {"licence": licence, "id-front": id_front, "id-back": id_back}
            legal = (legal_name, legal_id, id_kind, day_given(born))
            return acting.submit(code, company, licence_until, legal, scans)
        case "review":
            return acting.review(named, approve, reject)
        case "export":
            return acting.export(what, code or company, person)
        case "delete":
            return acting.delete(named, person)
        case "reviewer":
            return acting.reviewer(what)
        case "retention":
            return acting.retention(dry_run)
        case _:
            return acting.show(named, reveal)
