"""Global options before and after the command, taken out of the argument list before typer reads the rest.

The word after an option that takes a value is that value, whatever it looks like; behind ``--`` nothing is an option.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from ivr_flows.findings import Text

from .problems import Problem, usage

FLAGS = ("--json", "--quiet", "--debug")
VALUES = ("--config", "--lang")
LANGUAGES = ("zh", "en")


@dataclass(slots=True)
class Arguments:
    """What was found. ``problem`` is the first fault; the rest is read all the same, so that the fault can be shown in
    the form that was asked for (``--json``, ``--lang``)."""

    command: str | None = None
    rest: list[str] = field(default_factory=list)
    config: str | None = None
    language: str | None = None
    json: bool = False
    quiet: bool = False
    debug: bool = False
    help: bool = False
    version: bool = False
    problem: Problem | None = None

    def fault(self, problem: Problem) -> None:
        """Keep the first fault."""
        self.problem = self.problem or problem


def split(arguments: Sequence[str], value_options: Callable[[str], Collection[str]]) -> Arguments:
    """Take the global options out of ``arguments``. ``value_options(command)`` are the options of that command that
    take a value; it may raise `Problem` for a word that is no command."""
    found = Arguments()
    takes_value: Collection[str] = ()
    words = list(arguments)
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        name, equals, value = word.partition("=")
        if word == "--":
            if found.command is None and index < len(words):
                found.command = words[index]
                index += 1
            found.rest.extend(["--", *words[index:]] if index < len(words) else [])
            break
        if word in FLAGS:
            setattr(found, word[2:], True)
        elif name in FLAGS:
            found.fault(usage("bad-option", Text(f"`{name}` takes no value.", f"`{name}` 不带值。")))
        elif name in VALUES:
            if not equals:
                if index == len(words):
                    found.fault(_no_value(name))
                    break
                value = words[index]
                index += 1
            _take(found, name, value)
        elif found.command is None:
            if word in ("--help", "-h"):
                found.help = True
            elif word == "--version":
                found.version = True
            elif word.startswith("-") and len(word) > 1:
                found.fault(
                    usage(
                        "unknown-option",
                        Text(f"There is no global option `{name}`.", f"没有全局选项 `{name}`。"),
                        Text(
                            "Options of a command stand behind it; `line400 --help` lists the global ones.",
                            "命令自己的选项写在命令之后；`line400 --help` 列出全局选项。",
                        ),
                    )
                )
            else:
                found.command = word
                try:
                    takes_value = value_options(word)
                except Problem as problem:
                    found.fault(problem)
        else:
            found.rest.append(word)
            if word in takes_value and index < len(words):
                found.rest.append(words[index])
                index += 1
    return found


def _take(found: Arguments, name: str, value: str) -> None:
    if name == "--config":
        if not value:
            found.fault(_no_value(name))
        found.config = value
    elif value in LANGUAGES:
        found.language = value
    else:
        found.fault(
            usage(
                "bad-language",
                Text(f"`{value}` is no language of line400.", f"line400 没有语言 `{value}`。"),
                Text("Write --lang zh or --lang en.", "请写 --lang zh 或 --lang en。"),
            )
        )


def as_text(word: str) -> str:
    """``word`` as a text that may be kept and spoken. Bytes that the locale's encoding does not have arrive as halves
    of surrogate pairs; they are read as UTF-8. Raises `Problem` where they are not that either."""
    if not any("\ud800" <= letter <= "\udfff" for letter in word):
        return word
    try:
        return os.fsencode(word).decode("utf-8")
    except UnicodeError as error:
        raise usage(
            "not-text",
            Text("An argument is not text in UTF-8.", "有参数不是 UTF-8 文本。"),
            Text(
                "Set a UTF-8 locale, for example: export LANG=zh_CN.UTF-8",
                "请设置 UTF-8 区域，例如：export LANG=zh_CN.UTF-8",
            ),
        ) from error


def _no_value(name: str) -> Problem:
    return usage(
        "missing-value",
        Text(f"`{name}` wants a value.", f"`{name}` 需要一个值。"),
        Text(f"Write {name} VALUE or {name}=VALUE.", f"请写 {name} 值 或 {name}=值。"),
    )
