"""``line400 bind``: bind a number to a flow by editing the YAML in place, comments and order kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE
from .emergency import Author, Reason

if TYPE_CHECKING:
    from ..life.at_desk import Counter


def bind(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=both("the 400 number", "400 号码"))],
    flow: Annotated[str, typer.Option("--flow", metavar="FLOW", help=both("name of the flow", "流程名"))],
    line: Annotated[str | None, typer.Option("--line", metavar="LINE", help=both("name of the line", "线路名"))] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help=both("as if it were TIME, for the number's life", "按该时刻办理")),
    ] = None,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """Edit ``routes.yaml``, show the change, and check the result before it is written."""
    from router.configuration.edit import bind as edit
    from router.number400 import Number400, NumberError

    from ..life.at_desk import Counter
    from ..loading import load_changed
    from ..presentation import show_diff

    invocation: Invocation = ctx.obj
    counter = Counter(invocation, at, author, reason)
    try:
        digits: str | None = Number400.parse(number).digits
    except NumberError:
        digits = None  # what is wrong with it, the edit says with its place
    lives = digits is not None and _store_answers(invocation, counter)
    if lives and digits is not None:
        _happens(counter, digits, flow, line, judge_only=True)
    change = edit(invocation.config, number, flow, line)
    changed = change.before != change.after
    if changed:
        load_changed(invocation, change.file.relative_to(invocation.config).as_posix(), change.after)
        change.write()
    if lives and digits is not None:
        _happens(counter, digits, flow, line, judge_only=False)
    if invocation.json:
        invocation.document({"file": str(change.file), "changed": changed, "diff": change.diff})
        return DONE
    if not changed:
        invocation.line(invocation.say(Text("Nothing to change.", "无需修改。")))
        return DONE
    show_diff(invocation, change.diff)
    invocation.note(
        Text(
            f"{change.file} is changed. `line400 apply` puts it in force.",
            f"已修改 {change.file}。用 `line400 apply` 使其生效。",
        )
    )
    return DONE


def _happens(counter: Counter, number: str, flow: str, line: str | None, *, judge_only: bool) -> None:
    """What the life of a number says to the binding; a store is not made for it."""
    from router.desk.owning import bound_by_files

    from ..stores import is_there

    if is_there(counter.settings.store):
        acting = counter.read if judge_only else counter.change
        acting(lambda desk: bound_by_files(desk, number, flow, line, judge_only=judge_only))


def _store_answers(invocation: Invocation, counter: Counter) -> bool:
    """Whether the life of a number can be asked for. Files are edited without a store too; that costs one warning."""
    from router.store import StoreError

    try:
        counter.read(lambda desk: desk.number_state("4000000000"))
    except StoreError as error:
        invocation.warn(
            Text(
                f"The life of the number is not looked at. {error.message.en}",
                f"未核对号码的办理状态。{error.message.zh}",
            )
        )
        return False
    return True
