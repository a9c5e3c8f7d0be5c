"""``line400 numbers``: the life of a 400 number, from the stock to its release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..arguments import as_text
from ..help_text import both
from .emergency import Author, Reason
from .persons import BornOption, IdKindOption

ACTIONS = (
    *("search", "apply", "materials", "review", "route", "instance", "renew", "release"),
    *("show", "transfer", "suspend", "unbind", "withdraw"),
)


def numbers(
    ctx: typer.Context,
    action: Annotated[
        str | None,
        typer.Argument(metavar="ACTION", help=both(f"show (default); {', '.join(ACTIONS)}", "、".join(ACTIONS))),
    ] = None,
    number: Annotated[str | None, typer.Argument(metavar="NUMBER", help=both("the 400 number", "400 号码"))] = None,
    company: Annotated[
        str | None,
        typer.Option(
            "--company",
            metavar="NAME",
            parser=as_text,
            help=both("apply: for which company (name or credit code)", "apply：使用公司（名称或信用代码）"),
        ),
    ] = None,
    carrier: Annotated[
        str | None, typer.Option("--carrier", metavar="unicom|mobile|telecom", help=both("carrier", "运营商"))
    ] = None,
    tier: Annotated[
        str | None, typer.Option("--tier", metavar="TIER", parser=as_text, help=both("tier", "档位"))
    ] = None,
    ending: Annotated[
        str | None, typer.Option("--ending", metavar="DIGITS", help=both("search: last digits", "search：尾号"))
    ] = None,
    repeated: Annotated[
        int | None,
        typer.Option("--repeated", metavar="N", min=1, max=6, help=both("N equal digits at the end", "末尾连号位数")),
    ] = None,
    ascending: Annotated[
        int | None,
        typer.Option("--ascending", metavar="N", min=1, max=6, help=both("N rising digits at the end", "末尾顺子位数")),
    ] = None,
    no_four: Annotated[bool, typer.Option("--no-four", help=both("no 4 in it", "不含 4"))] = False,
    pattern: Annotated[
        str | None,
        typer.Option(
            "--pattern",
            metavar="P",
            help=both("a label such as AABB, or last digits with ? for any", "特征标签如 AABB，或含 ? 的尾号"),
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help=both("at most N", "最多 N 个"))] = 20,
    handler: Annotated[
        str | None,
        typer.Option(
            "--handler",
            metavar="NAME",
            parser=as_text,
            help=both("the handler; a known name fills in the rest", "经办人；已知姓名自动补全其余信息"),
        ),
    ] = None,
    id_number: Annotated[
        str | None, typer.Option("--id-number", metavar="ID", help=both("the handler's ID number", "经办人身份证号"))
    ] = None,
    id_kind: IdKindOption = None,
    born: BornOption = None,
    mobile: Annotated[
        str | None, typer.Option("--mobile", metavar="M", help=both("the handler's mobile", "经办人手机"))
    ] = None,
    email: Annotated[
        str | None, typer.Option("--email", metavar="A", help=both("the handler's mail address", "经办人邮箱"))
    ] = None,
    generate: Annotated[
        Path | None,
        typer.Option("--generate", metavar="DIR", help=both("write the four documents there", "在该目录生成四份文件")),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            "--file",
            metavar="KIND=FILE",
            parser=as_text,
            help=both("upload a stamped document", "上传盖章材料"),
        ),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", metavar="FILE", help=both("write all of them as one PDF", "合并为一个 PDF")),
    ] = None,
    submit: Annotated[bool, typer.Option("--submit", help=both("hand the materials in", "提交审核"))] = False,
    approve: Annotated[bool, typer.Option("--approve", help=both("review: approved", "review：通过"))] = False,
    return_: Annotated[
        bool, typer.Option("--return", help=both("review: returned, with --reason", "review：退回，需 --reason"))
    ] = False,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", metavar="LINE[=SHARE]", help=both("route: a line", "route：线路，可带比例")),
    ] = None,
    overflow: Annotated[
        list[str] | None,
        typer.Option("--overflow", metavar="LINE", help=both("route: the line behind it", "route：溢出线路")),
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            "--region",
            metavar="PROVINCE=LINE",
            parser=as_text,
            help=both("route: callers of a province", "route：某省来电的线路"),
        ),
    ] = None,
    done: Annotated[
        bool, typer.Option("--done", help=both("route, transfer: the carrier has finished", "route、transfer：已完成"))
    ] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help=both("transfer: refused", "transfer：被拒"))] = False,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help=both("instance: its name", "instance：实例名")),
    ] = None,
    queue: Annotated[
        str, typer.Option("--queue", metavar="QUEUE", help=both("instance: its queue", "instance：队列"))
    ] = "default",
    flow: Annotated[
        str | None,
        typer.Option("--flow", metavar="FLOW", help=both("instance: the flow (welcome)", "instance：流程（welcome）")),
    ] = None,
    months: Annotated[
        int | None, typer.Option("--months", metavar="N", help=both("renew: for N months", "renew：续费月数"))
    ] = None,
    auto: Annotated[
        bool | None, typer.Option("--auto/--no-auto", help=both("renew: by itself or not", "renew：是否自动续费"))
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="COMPANY", parser=as_text, help=both("transfer: to whom", "transfer：过户至")),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help=both("suspend: back in service", "suspend：复机"))] = False,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help=both("as if it were TIME", "按该时刻办理"))
    ] = None,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """Deadlines that are over take effect when a number is looked at; every change is audited."""
    from router.desk.buying import Materials
    from router.desk.owning import RouteOrder
    from router.desk.papers import HandlerGiven
    from router.life.grading import Wanted

    from ..life.acting import Acting
    from ..life.at_desk import Counter, unknown_action
    from ..life.days import day_given

    word = (action or "show").lower()
    if word not in ACTIONS:
        raise unknown_action(word, ACTIONS)
    acting = Acting(Counter(ctx.obj, at, author, reason), number)
    match word:
        case "search":
            wanted = Wanted(carrier, tier, ending, repeated, ascending, no_four, pattern)
            return acting.search(wanted, limit)
        case "apply":
            return acting.apply(company, carrier, tier)
        case "materials":
            known = HandlerGiven(handler, id_number, id_kind, day_given(born), mobile, email)
            return acting.materials(
                Materials(known, {}, generate is not None, submit, bundle is not None), file or [], generate, bundle
            )
        case "review":
            return acting.review(approve, return_)
        case "withdraw":
            return acting.withdraw()
        case "route":
            return acting.route(RouteOrder(line or [], overflow or [], region or []), done)
        case "instance":
            return acting.instance(name, queue, flow)
        case "unbind":
            return acting.unbind()
        case "renew":
            return acting.renew(months, auto)
        case "release":
            return acting.release()
        case "transfer":
            return acting.transfer(to, done, refuse)
        case "suspend":
            return acting.suspend(resume)
        case _:
            return acting.show()
