"""The entry point of ``line400``: reads the arguments, runs one command, and turns whatever happens into one message
and one exit status."""

from __future__ import annotations

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ivr_flows.findings import Text

from .arguments import Arguments, split
from .invocation import DEFAULT_CONFIG, Invocation, language_of
from .problems import DONE, INTERRUPTED, UNREACHABLE, USAGE, Problem, describe, usage
from .registry import find

FAILURE_LOG = Path("var") / "line400-failure.log"
"""Where the details of an unforeseen failure are kept, beside the configuration folder."""


def main() -> NoReturn:
    """The console script: runs with the process's arguments and ends the process."""
    _stand_in_for_closed_streams()
    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())  # a library's remark is no output of ours
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    status = run(sys.argv[1:], os.environ)
    try:
        sys.stdout.flush()
    except OSError:  # the message about it is out already
        _let_go_of_stdout()
    sys.exit(status)


def _stand_in_for_closed_streams() -> None:
    """A stream that was closed before the start (``>&-``) is None to Python; here it leads to nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open as long as the process


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run one command line and return its exit status. Raises nothing."""
    built: dict[str, Any] = {}

    def value_options(name: str) -> frozenset[str]:
        command = built[name] = _build(name)
        options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
        return frozenset(name for option in options if not option.is_flag for name in option.opts)

    invocation = Invocation(environment=environment, language=language_of(environment))

    def answer() -> int:
        arguments = split(argv, value_options)
        _settle(invocation, arguments)
        if arguments.problem:
            return invocation.fail(arguments.problem)
        if arguments.version:
            return _version(invocation)
        if arguments.command is None:
            return _no_command(invocation, asked=arguments.help)
        command = built.get(arguments.command) or _build(arguments.command)
        if arguments.help:
            arguments.rest.append("--help")
        return _perform(invocation, command, arguments)

    try:
        status = answer()
        invocation.out.flush()  # what cannot be written is to be known before the end
        return status
    except KeyboardInterrupt:
        invocation.err.write("\n")
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # rich and typer end the process themselves where nobody reads the output any more, and nowhere else
        _let_go_of_stdout()
        return DONE
    except Exception as error:
        return _unforeseen(invocation, error)


def _settle(invocation: Invocation, arguments: Arguments) -> None:
    invocation.json = arguments.json
    invocation.quiet = arguments.quiet
    invocation.debug = arguments.debug
    if arguments.debug:
        logging.basicConfig(
            stream=invocation.err, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", force=True
        )
    if arguments.language:
        invocation.language = "zh" if arguments.language == "zh" else "en"
    invocation.config = Path(arguments.config or invocation.environment.get("LINE400_CONFIG") or DEFAULT_CONFIG)


def _build(name: str) -> Any:
    """The typer command called ``name``. Raises `Problem` for an unknown name."""
    import typer
    from typer.main import get_command

    entry = find(name)
    app = typer.Typer(add_completion=False, rich_markup_mode="rich", context_settings={"max_content_width": 110})
    app.command(name, help=f"{entry.summary.en}\x1f{entry.summary.zh}")(entry.load())
    return get_command(app)


def _perform(invocation: Invocation, command: Any, arguments: Arguments) -> int:
    import typer

    from .help_text import localise

    localise(command, invocation.language)
    try:
        status = command.main(
            args=arguments.rest, prog_name=f"line400 {arguments.command}", standalone_mode=False, obj=invocation
        )
    except Problem as problem:
        return invocation.fail(problem)
    except (typer.Abort, EOFError):
        invocation.err.write("\n")
        return INTERRUPTED
    except typer.TyperException as error:
        return invocation.fail(_usage_problem(error, arguments.command or ""))
    if status == INTERRUPTED:
        invocation.err.write("\n")
    return status if isinstance(status, int) else DONE


def _usage_problem(error: Any, command: str) -> Problem:
    from .usage_texts import in_chinese

    en = str(error.format_message()).strip()
    zh = in_chinese(en)
    see = f"line400 {command} --help"
    return Problem(USAGE, "usage", Text(en, zh), Text(f"See: {see}", f"参见：{see}"))


def _version(invocation: Invocation) -> int:
    from .version import line400_version

    found = line400_version()
    if invocation.json:
        invocation.document({"version": found})
    else:
        invocation.line(f"line400 {found}")
    return DONE


def _no_command(invocation: Invocation, *, asked: bool) -> int:
    if not asked:
        problem = usage(
            "no-command",
            Text("No command is given.", "没有给出命令。"),
            Text("`line400 --help` lists the commands.", "`line400 --help` 列出所有命令。"),
        )
        return invocation.fail(problem)
    from .help_text import show_overview

    show_overview(invocation)
    return DONE


def _unforeseen(invocation: Invocation, error: Exception) -> int:
    """One message for an exception that reached the top: what its own texts say, else where its details are kept."""
    problem = describe(error)
    trace = traceback.format_exc()
    if invocation.debug:
        invocation.err.write(trace)
    if problem is None:
        kept = _keep(invocation, trace)
        cure = (
            Text(f"The details are in {kept}; please report them.", f"详情在 {kept}，请据此反馈。")
            if kept
            else Text("Repeat it with --debug for the details.", "请加 --debug 重试以查看详情。")
        )
        name = type(error).__name__
        problem = Problem(
            UNREACHABLE,
            "internal",
            Text(f"line400 failed inside ({name}).", f"line400 内部出错（{name}）。"),
            cure,
        )
    try:
        return invocation.fail(problem)
    except BrokenPipeError:
        _let_go_of_stdout()
        return problem.status


def _keep(invocation: Invocation, trace: str) -> Path | None:
    """Write the details of a failure, which may quote a caller's number, for the user alone; None where that cannot
    be done."""
    file = invocation.config.absolute().parent / FAILURE_LOG
    try:
        file.parent.mkdir(exist_ok=True)
        file.touch()
        file.chmod(0o600)
        file.write_text(trace, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return file


def _let_go_of_stdout() -> None:
    """Nobody reads any more: point standard output at nothing, so that the interpreter's last flush is silent."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
