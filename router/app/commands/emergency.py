"""``line400 announce``, ``block`` and ``unblock``: in force within a second without a plan, ending by themselves,
audited, shown first by ``resolve``."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from ivr_flows.findings import Text

from ..arguments import as_text
from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT, usage

Author = Annotated[
    str | None,
    typer.Option(
        "--author",
        metavar="NAME",
        parser=as_text,
        help=both("who does it (default: the user)", "操作人（默认：当前用户）"),
    ),
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", parser=as_text, help=both("why", "原因"))]


def announce(
    ctx: typer.Context,
    number: Annotated[
        str | None,
        typer.Argument(metavar="NUMBER|all", help=both("a 400 number, or all", "400 号码，或 all（全部）")),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            "--text", metavar="T", parser=as_text, help=both("what every caller hears first", "来电首先听到的内容")
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help=both("when it ends; +2h is from now", "结束时间；+2h 为从现在起")),
    ] = None,
    end_call: Annotated[bool, typer.Option("--end-call", help=both("hang up behind it", "播放后挂机"))] = False,
    stop: Annotated[bool, typer.Option("--stop", help=both("end it before its time", "提前结束"))] = False,
    list_: Annotated[bool, typer.Option("--list", help=both("what is in force", "查看生效中的通知"))] = False,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """Put an announcement in force, end it, or list what is in force."""
    from ..emergencies import announcement_json, block_json, spoken_text
    from ..loading import load_settings
    from ..moments import parse_until, show_time
    from ..stores import author_of, change, in_force

    invocation: Invocation = ctx.obj
    settings, zone = load_settings(invocation)
    now = time.time()
    if list_:
        rows = in_force(settings.store, now)
        shown = [announcement_json(row, zone) for row in (rows.announcements if rows else [])]
        blocked = [block_json(row, zone) for row in (rows.blocks if rows else [])]
        _list(invocation, shown, blocked)
        return DONE
    target = _target(number)
    if stop:
        ended = change(
            settings.store, lambda store: store.end_announcement(target, author_of(author), now, reason=reason)
        )
        document = {"number": target, "stopped": ended}
        said = (
            Text(f"The announcement on {target} is ended.", f"{target} 的通知已结束。")
            if ended
            else Text(f"There is no announcement on {target}.", f"{target} 没有生效中的通知。")
        )
        return _answer(invocation, document, said, DONE if ended else NOT_RIGHT)
    if not text or not text.strip() or until is None:
        raise usage(
            "missing-value",
            Text("An announcement wants --text and --until.", "通知需要 --text 和 --until。"),
            Text(
                "line400 announce all --text 系统维护中 --until +2h",
                "line400 announce all --text 系统维护中 --until +2h",
            ),
        )
    text = spoken_text(text)
    end = parse_until(until, zone, now)
    _known_or_warned(invocation, target)
    row = change(
        settings.store,
        lambda store: store.announce(target, text, end, author_of(author), now, end_call=end_call, reason=reason),
    )
    document = announcement_json(row, zone)
    everyone, whose = ("every number", "所有号码") if target == "all" else (target, f"{target} ")
    said = Text(
        f"Callers of {everyone} hear it first, until {show_time(end, zone)}.",
        f"{whose}的来电将首先听到该通知，直至 {show_time(end, zone)}。",
    )
    return _answer(invocation, document, said, DONE)


def block(
    ctx: typer.Context,
    caller: Annotated[
        str, typer.Argument(metavar="CALLER", help=both("a number, or its beginning with *", "号码，或以 * 结尾的号段"))
    ],
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="TIME", help=both("when it ends; without it, never", "结束时间；不写则一直有效")
        ),
    ] = None,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """Reject this caller on every number, until the block ends or is taken back."""
    from router.callers import caller_facts, canonical_pattern

    from ..emergencies import block_json
    from ..loading import load_settings
    from ..moments import parse_until, show_time
    from ..stores import author_of, change

    invocation: Invocation = ctx.obj
    pattern = canonical_pattern(caller)
    settings, zone = load_settings(invocation)
    now = time.time()
    end = None if until is None else parse_until(until, zone, now)
    if not pattern.endswith("*") and caller_facts(pattern).kind == "unknown":
        invocation.warn(
            Text(f"{pattern} is no valid number; check its digits.", f"{pattern} 不是有效号码，请核对。"),
        )
    row = change(settings.store, lambda store: store.block(pattern, author_of(author), now, until=end, reason=reason))
    document = block_json(row, zone)
    long = Text("until it is taken back", "直到解除") if end is None else Text(*(f"until {show_time(end, zone)}",) * 2)
    said = Text(
        f"{pattern} is blocked {long.en}.",
        f"已拦截 {pattern}，{long.zh if end is None else f'直至 {show_time(end, zone)}'}。",
    )
    return _answer(invocation, document, said, DONE)


def unblock(
    ctx: typer.Context,
    caller: Annotated[
        str,
        typer.Argument(metavar="CALLER", help=both("the number or beginning that was blocked", "曾拦截的号码或号段")),
    ],
    author: Author = None,
    reason: Reason = None,
) -> int:
    """Take a block back; status 1 where there is none."""
    from router.callers import canonical_pattern

    from ..loading import load_settings
    from ..stores import author_of, change

    invocation: Invocation = ctx.obj
    pattern = canonical_pattern(caller)
    settings, _ = load_settings(invocation)
    ended = change(settings.store, lambda store: store.unblock(pattern, author_of(author), time.time(), reason=reason))
    said = (
        Text(f"{pattern} is no longer blocked.", f"已解除对 {pattern} 的拦截。")
        if ended
        else Text(f"{pattern} is not blocked.", f"{pattern} 没有被拦截。")
    )
    return _answer(invocation, {"caller": pattern, "unblocked": ended}, said, DONE if ended else NOT_RIGHT)


def _answer(invocation: Invocation, document: dict[str, Any], said: Text, status: int) -> int:
    if invocation.json:
        invocation.document(document)
    else:
        invocation.line(invocation.say(said))
    return status


def _target(number: str | None) -> str:
    from ..emergencies import target_of

    if number is None:
        raise usage(
            "missing-number",
            Text("Say which number the announcement is for, or all.", "请给出号码，或 all。"),
            Text("`line400 announce --list` shows what is in force.", "`line400 announce --list` 查看生效中的通知。"),
        )
    return target_of(number)


def _known_or_warned(invocation: Invocation, target: str) -> None:
    """A number that the configuration does not know is probably mistyped; it is announced all the same, since the
    files may be ahead of or behind what is in force."""
    from router.configuration import load

    if target == "all":
        return
    configuration = load(invocation.config).configuration
    if configuration is not None and all(facts.number != target for facts in configuration.numbers):
        invocation.warn(
            Text(
                f"{target} is not in the configuration {invocation.config}.",
                f"{target} 不在配置 {invocation.config} 中。",
            )
        )


def _shown(until: str) -> str:
    """The moment as the other commands show it; JSON carries it with its offset."""
    return until[:19].replace("T", " ")


def _list(invocation: Invocation, announcements: list[dict[str, Any]], blocks: list[dict[str, Any]]) -> None:
    if invocation.json:
        invocation.document({"announcements": announcements, "blocks": blocks})
        return
    for row in announcements:
        ends = invocation.say(Text("ends the call", "播放后挂机")) if row["end_call"] else ""
        invocation.line(f"{row['number']}  {_shown(row['until'])}  {row['text']}  {ends}".rstrip())
    for row in blocks:
        word = invocation.say(Text("blocked", "已拦截"))
        forever = invocation.say(Text("until unblocked", "直到解除"))
        until = _shown(row["until"]) if row["until"] else forever
        invocation.line(f"{row['caller']}  {until}  {word}  {row['reason'] or ''}".rstrip())
    if not announcements and not blocks:
        invocation.line(invocation.say(Text("Nothing is in force.", "没有生效中的内容。")))
