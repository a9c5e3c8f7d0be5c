"""``line400 init``: a new configuration for one's own company; it passes ``check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, usage


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=both("a new or empty folder", "新目录或空目录"))],
    company: Annotated[
        str | None, typer.Option("--company", metavar="NAME", help=both("name of the company", "公司名称"))
    ] = None,
    number: Annotated[
        str | None, typer.Option("--number", metavar="NUMBER", help=both("the 400 number", "400 号码"))
    ] = None,
    no_number: Annotated[
        bool,
        typer.Option("--no-number", help=both("the company has no 400 number yet", "公司尚无 400 号码")),
    ] = False,
    base_number: Annotated[
        str | None,
        typer.Option(
            "--base-number",
            metavar="NUMBER",
            help=both("the ordinary number that the carrier lands it on", "运营商落地的普通号码（底号）"),
        ),
    ] = None,
    carrier: Annotated[
        str | None,
        typer.Option(
            "--carrier",
            metavar="unicom|mobile|telecom",
            help=both("default: by the first four digits of the number", "默认按号码前四位判断"),
        ),
    ] = None,
    province: Annotated[
        str | None,
        typer.Option("--province", metavar="P", help=both("default: by the base number", "默认按底号判断")),
    ] = None,
    city: Annotated[
        str | None, typer.Option("--city", metavar="C", help=both("default: by the base number", "默认按底号判断"))
    ] = None,
) -> int:
    """Asks on a terminal for what no option gave. Nothing is ever overwritten."""
    from router.configuration.init import Options, write_new

    from .schema import schemas

    invocation: Invocation = ctx.obj
    asked = {
        "--company": (company, Text("Name of the company", "公司名称")),
        "--number": (number, Text("400 number", "400 号码")),
        "--base-number": (base_number, Text("Base number (where the carrier lands it)", "底号（运营商落地的号码）")),
    }
    if no_number:
        if number is not None:
            raise usage(
                "number-and-no-number",
                Text("--number and --no-number exclude each other.", "--number 与 --no-number 不能同时使用。"),
            )
        del asked["--number"]
    missing = [option for option, (value, _) in asked.items() if value is None]
    if missing and not invocation.interactive:
        listed = ", ".join(missing)
        raise usage(
            "missing-option",
            Text(f"Without a terminal to ask on, {listed} must be given.", f"没有终端可供询问，必须给出 {listed}。"),
            Text(
                f"line400 init {folder} --company 示例科技 --number 400-800-1234 --base-number 010-88880001",
                f"line400 init {folder} --company 示例科技 --number 400-800-1234 --base-number 010-88880001",
            ),
        )
    answers = {
        option: value if value is not None else str(typer.prompt(invocation.say(words)))
        for option, (value, words) in asked.items()
    }
    options = Options(
        answers["--company"],
        answers.get("--number"),
        answers["--base-number"],
        carrier=carrier,
        province=province,
        city=city,
    )
    written = write_new(folder, options, schemas())
    if invocation.json:
        invocation.document({"folder": str(folder), "files": [str(file) for file in written]})
        return DONE
    for file in written:
        invocation.line(str(file))
    if options.number is None:
        invocation.note(
            Text(
                f"Next: line400 qualify submit --config {folder}, then line400 numbers search --config {folder}",
                f"下一步：line400 qualify submit --config {folder}，然后 line400 numbers search --config {folder}",
            )
        )
        return DONE
    invocation.note(
        Text(
            f"Next: line400 check --config {folder}; line400 call {options.number} --config {folder}",
            f"下一步：line400 check --config {folder}；line400 call {options.number} --config {folder}",
        )
    )
    return DONE
