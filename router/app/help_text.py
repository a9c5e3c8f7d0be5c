"""Help in two languages: option texts carry both, and the one that is read is chosen when help is shown."""

from __future__ import annotations

from typing import Any

from ivr_flows.findings import Language, Text

from .invocation import Invocation
from .registry import COMMANDS

_SEPARATOR = "\x1f"

USAGE = Text("line400 [GLOBAL OPTIONS] COMMAND …", "line400 [全局选项] 命令 …")
ABOUT = Text(
    "Routing service, IVR engine and call simulator for China's 400 numbers.",
    "中国 400 号码的路由服务、IVR 引擎与呼叫模拟器。",
)
GLOBAL_OPTIONS: tuple[tuple[str, Text], ...] = (
    (
        "--config DIR",
        Text("configuration folder (default config/, or LINE400_CONFIG)", "配置目录（默认 config/ 或 LINE400_CONFIG）"),
    ),
    ("--json", Text("one JSON document on standard output", "标准输出只有一个 JSON 文档")),
    ("--quiet", Text("no remarks on standard error", "标准错误上不输出说明")),
    ("--lang zh|en", Text("language of texts (default: from the locale)", "文本语言（默认取自系统区域）")),
    ("--debug", Text("show what went wrong inside", "显示内部错误详情")),
    ("--version", Text("print the version", "显示版本")),
    ("--help", Text("this help; COMMAND --help for a command", "本帮助；命令 --help 查看该命令")),
)
EXIT_STATUSES = Text(
    "Exit status: 0 done · 1 what was checked is not right · 2 wrong usage or unreadable input · "
    "3 refused by policy · 4 a needed service cannot be reached",
    "退出状态：0 完成 · 1 检查未通过 · 2 用法错误或输入无法读取 · 3 政策拒绝 · 4 所需服务无法连接",
)


def both(en: str, zh: str) -> str:
    """A help text in both languages, for typer to carry; `localise` chooses."""
    return f"{en}{_SEPARATOR}{zh}"


def localise(command: Any, language: Language) -> None:
    """Choose the language of a built command's help texts, in place."""
    command.help = _chosen(command.help, language)
    for parameter in command.params:
        parameter.help = _chosen(getattr(parameter, "help", None), language)
    # The parser makes its own help option on demand; made here, it is kept and can be translated.
    option = command.get_help_option(command.context_class(command))
    if option is not None:
        option.help = _chosen(option.help, language)
    if language == "zh":
        from typer import rich_utils

        rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
        rich_utils.OPTIONS_PANEL_TITLE = "选项"
        rich_utils.DEFAULT_STRING = "[默认：{}]"
        rich_utils.REQUIRED_LONG_STRING = "[必填]"


def _chosen(text: str | None, language: Language) -> str | None:
    if text == "Show this message and exit.":
        return Text(text, "显示本帮助并退出。").to(language)
    if text is None or _SEPARATOR not in text:
        return text
    en, zh = text.split(_SEPARATOR, 1)
    return zh.strip() if language == "zh" else en.strip()


def show_overview(invocation: Invocation) -> None:
    """``line400 --help``: the commands by heading, the global options, the exit statuses."""
    from rich.table import Table

    console = invocation.console()
    say = invocation.say
    console.print(say(USAGE), style="bold")
    console.print(say(ABOUT))
    for heading in dict.fromkeys(entry.heading for entry in COMMANDS):
        table = Table.grid(padding=(0, 2))
        table.add_column(width=12, style="cyan", no_wrap=True)
        table.add_column()
        for entry in COMMANDS:
            if entry.heading == heading:
                table.add_row(f"  {entry.name}", say(entry.summary))
        console.print()
        console.print(say(heading), style="bold")
        console.print(table)
    table = Table.grid(padding=(0, 2))
    table.add_column(width=16, style="cyan", no_wrap=True)
    table.add_column()
    for name, text in GLOBAL_OPTIONS:
        table.add_row(f"  {name}", say(text))
    console.print()
    console.print(say(Text("Global options, before or behind the command", "全局选项，写在命令前后均可")), style="bold")
    console.print(table)
    console.print()
    console.print(say(EXIT_STATUSES), style="dim")
