"""Reading ``extensions.conf``: contexts, extensions, priorities with labels, includes; each step with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..findings import Place, Text
from .reading import refuse

MAX_STEPS = 50_000
_SECTION = re.compile(r"\[([^\]]+)\]\s*(\([^)]*\))?")
_PRIORITY = re.compile(r"(\d+|n|s|hint)(?:\+(\d+))?\s*(?:\(([^)]*)\))?", re.IGNORECASE)
_APPLICATION = re.compile(r"([A-Za-z_][\w-]*)\s*(?:\((.*)\)?)?\s*$", re.DOTALL)
_BLOCK = re.compile(r";--(?!-)")
_WITH_BARS = frozenset({"system", "trysystem", "noop", "set", "log", "verbose", "userevent", "sendtext", "execif"})
"""Applications whose arguments may hold bars that separate nothing."""
_DIGITS = re.compile(r"[0-9*#]+")


@dataclass(frozen=True, slots=True)
class Step:
    """One priority: an application with its arguments as written."""

    priority: int
    label: str
    application: str
    arguments: str
    line: int


@dataclass(slots=True)
class Extension:
    """An extension (a name or a pattern beginning with ``_``) of a context, its steps by priority. ``extra`` are steps
    whose priority was taken: Asterisk ignores them."""

    name: str
    steps: dict[int, Step] = field(default_factory=dict)
    extra: list[Step] = field(default_factory=list)
    last: int = 0

    def find(self, where: str) -> int | None:
        """The priority that a number or a label names."""
        if where.isdigit():
            return int(where) if int(where) in self.steps else None
        return next((step.priority for step in self.steps.values() if step.label == where), None)

    @property
    def is_pattern(self) -> bool:
        return self.name.startswith("_")


@dataclass(slots=True)
class Context:
    """A context: extensions by name, included contexts in order."""

    name: str
    extensions: dict[str, Extension] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Dialplan:
    """A file. ``unread`` are lines that are no dialplan, with their numbers."""

    contexts: dict[str, Context] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    unread: list[tuple[int, str]] = field(default_factory=list)
    steps: int = 0

    @property
    def sets_priority(self) -> bool:
        """Whether some step says with which priority callers wait in queues."""
        return any(
            "QUEUE_PRIO=" in step.arguments
            for context in self.contexts.values()
            for extension in context.extensions.values()
            for step in extension.steps.values()
        )

    def find(self, context: str, extension: str) -> tuple[str, Extension] | None:
        """The extension that ``extension`` reaches in ``context``: by name, by the best pattern, then by includes."""
        return self._find(context, extension, set())

    def _find(self, context: str, extension: str, seen: set[str]) -> tuple[str, Extension] | None:
        inner = self.contexts.get(context)
        if inner is None or context in seen:
            return None
        seen.add(context)
        if extension in inner.extensions:
            return context, inner.extensions[extension]
        if f"_{extension}" in inner.extensions:
            return context, inner.extensions[f"_{extension}"]
        matching = [each for each in inner.extensions.values() if each.is_pattern and matches(each.name, extension)]
        if matching:
            return context, min(matching, key=lambda each: _looseness(each.name))
        for other in inner.includes:
            found = self._find(other, extension, seen)
            if found is not None:
                return found
        return None

    def visible(self, context: str) -> dict[str, tuple[str, Extension]]:
        """Every extension that a caller in ``context`` can dial, includes behind."""
        found: dict[str, tuple[str, Extension]] = {}
        waiting, seen = [context], set()
        while waiting:
            name = waiting.pop(0)
            inner = self.contexts.get(name)
            if inner is None or name in seen:
                continue
            seen.add(name)
            for extension in inner.extensions.values():
                found.setdefault(extension.name, (name, extension))
            waiting.extend(inner.includes)
        return found


def read_dialplan(text: str, file: str) -> Dialplan:
    """The dialplan of ``text``. Raises `UnreadableFile` where it holds no extension."""
    plan = Dialplan()
    context: Context | None = None
    section = ""
    extension: Extension | None = None
    inside_comment = False
    for number, raw in enumerate(text.splitlines(), 1):
        line, inside_comment = _without_blocks(raw, inside_comment)
        line = _uncommented(line).strip()
        if not line:
            continue
        match = _SECTION.match(line)
        if match and line.startswith("["):
            section = match.group(1).strip()
            extension = None
            context = None
            if section not in ("general", "globals"):
                context = plan.contexts.setdefault(section, Context(section))
                # What a section takes over from a template is there like what it includes.
                context.includes.extend(each for each in _templates(match.group(2)) if each in plan.contexts)
            continue
        key, mark, value = line.partition("=")
        key, value = key.strip().lower(), value.lstrip(">").strip()
        if line.startswith("#") or not mark:
            plan.unread.append((number, line))
        elif section == "globals":
            plan.variables[line.partition("=")[0].strip()] = value
        elif context is None:
            if section != "general":
                plan.unread.append((number, line))
        elif key == "include":
            context.includes.append(value.split(",")[0].split("|")[0].strip())
        elif key in ("exten", "same"):
            extension = _step(plan, context, extension, key, value, number)
        elif key not in ("ignorepat", "autohints"):
            plan.unread.append((number, line))
    if not plan.steps:
        refuse(
            Place(file),
            Text("No extension stands in this file.", "文件里没有任何分机（exten）。"),
            Text("Give an extensions.conf with `exten =>` lines.", "请给出带有 `exten =>` 的 extensions.conf。"),
        )
    return plan


def _templates(written: str | None) -> list[str]:
    """The templates in the brackets behind a section's name: ``(!,base)``."""
    names = [each.strip() for each in (written or "").strip("()").split(",")]
    return [each for each in names if each and each not in ("!", "+")]


def _without_blocks(line: str, inside: bool) -> tuple[str, bool]:
    """``line`` without its part of comments from ``;--`` to ``--;``, and whether one goes on in the next line."""
    kept = ""
    while True:
        if inside:
            _, end, line = line.partition("--;")
            if not end:
                return kept, True
            inside = False
        match = _BLOCK.search(line)
        if match is None:
            return kept + line, False
        kept += line[: match.start()]
        line, inside = line[match.end() :], True


def _uncommented(line: str) -> str:
    for match in re.finditer(r";", line):
        if match.start() == 0 or line[match.start() - 1] != "\\":
            return line[: match.start()]
    return line


def _step(
    plan: Dialplan, context: Context, extension: Extension | None, key: str, value: str, line: int
) -> Extension | None:
    """Read one step into the context; the extension that further ``same`` lines continue."""
    if key == "exten":
        name, value = _cut(value)
        name = name.split("/")[0].strip()
        if not name:
            plan.unread.append((line, value))
            return extension
        extension = context.extensions.setdefault(name, Extension(name))
    if extension is None:
        plan.unread.append((line, value))
        return None
    written, rest = _cut(value)
    match = _PRIORITY.fullmatch(written.strip())
    if match is None or match.group(1).lower() == "hint":
        plan.unread.append((line, value))
        return extension
    number, plus, label = match.groups()
    if number.isdigit():
        priority = int(number)
    else:
        priority = extension.last + (0 if number.lower() == "s" else 1) + (int(plus) - 1 if plus else 0)
    rest = rest.strip()
    labelled = re.match(r"\(([\w-]+)\)\s*,\s*", rest)
    if labelled:
        label, rest = label or labelled.group(1), rest[labelled.end() :]
    application, arguments = _application(rest)
    if "|" in arguments:
        arguments = _without_bars(application, arguments)
    step = Step(priority, (label or "").strip(), application, arguments, line)
    plan.steps += 1
    if plan.steps > MAX_STEPS:
        refuse(
            Place("", line),
            Text(f"The file has more than {MAX_STEPS} steps.", f"文件超过 {MAX_STEPS} 步。"),
            Text("Split it.", "请拆分文件。"),
            "too-large",
        )
    if priority in extension.steps:
        extension.extra.append(step)
    else:
        extension.steps[priority] = step
    extension.last = priority
    return extension


def _without_bars(application: str, arguments: str) -> str:
    """``arguments`` with commas where an old dialplan has bars."""
    name = application.lower()
    if name in _WITH_BARS or (len(split_arguments(arguments)) > 1 and name not in ("gotoiftime", "execiftime")):
        return arguments
    return ",".join(split_arguments(arguments, "|"))


def _cut(value: str) -> tuple[str, str]:
    """``value`` at its first comma outside of brackets."""
    depth = 0
    for place, letter in enumerate(value):
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth = max(depth - 1, 0)
        elif letter == "," and depth == 0:
            return value[:place].strip(), value[place + 1 :].strip()
    return value.strip(), ""


def _application(text: str) -> tuple[str, str]:
    """``App(arguments)``, ``App`` or the old ``App,arguments``."""
    match = _APPLICATION.fullmatch(text)
    if match and (match.group(2) is not None or "(" not in text):
        arguments = match.group(2) or ""
        return match.group(1), arguments[:-1] if arguments.endswith(")") else arguments
    name, rest = _cut(text)
    name = name.strip()
    if re.fullmatch(r"[A-Za-z_][\w-]*", name):
        return name, rest
    begun = re.match(r"([A-Za-z_][\w-]*)\s*\((.*)$", text, re.DOTALL)
    if begun:
        return begun.group(1), begun.group(2).rpartition(")")[0] or begun.group(2)
    return "Unknown", text


def split_arguments(text: str, mark: str = ",") -> list[str]:
    """``text`` at every ``mark`` outside of brackets and quotes."""
    parts: list[str] = []
    depth, quote, begin = 0, False, 0
    for place, letter in enumerate(text):
        if letter == '"' and (place == 0 or text[place - 1] != "\\"):
            quote = not quote
        elif quote:
            continue
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth = max(depth - 1, 0)
        elif letter == mark and depth == 0:
            parts.append(text[begin:place].strip())
            begin = place + 1
    parts.append(text[begin:].strip())
    return parts


def pattern_classes(pattern: str) -> tuple[list[str], bool]:
    """What each place of a pattern allows (the characters), and whether more may follow (``.`` or ``!``)."""
    classes: list[str] = []
    rest = pattern.removeprefix("_")
    place = 0
    while place < len(rest):
        letter = rest[place]
        place += 1
        if letter in ".!":
            return classes, True
        if letter == "[":
            end = rest.find("]", place)
            end = len(rest) if end < 0 else end
            classes.append(_class(rest[place:end]))
            place = end + 1
        elif letter != "-":  # a dash is for the reader, here and in what is dialled
            classes.append(_LETTERS.get(letter.upper(), letter))
    return classes, False


_LETTERS = {"X": "0123456789", "Z": "123456789", "N": "23456789"}


def _class(inner: str) -> str:
    found = ""
    place = 0
    while place < len(inner):
        if place + 2 < len(inner) and inner[place + 1] == "-" and ord(inner[place]) <= ord(inner[place + 2]):
            found += "".join(
                chr(code) for code in range(ord(inner[place]), min(ord(inner[place + 2]), ord(inner[place]) + 60) + 1)
            )
            place += 3
        else:
            found += inner[place]
            place += 1
    return found


def matches(pattern: str, dialled: str) -> bool:
    """Whether ``dialled`` is matched by ``pattern``."""
    classes, open_end = pattern_classes(pattern)
    dialled = dialled.replace("-", "")
    if len(dialled) < len(classes) or (not open_end and len(dialled) != len(classes)):
        return False
    if pattern.endswith(".") and len(dialled) == len(classes):
        return False
    return all(letter in allowed for letter, allowed in zip(dialled, classes, strict=False))


def _looseness(pattern: str) -> tuple[int, ...]:
    classes, open_end = pattern_classes(pattern)
    return (int(open_end), *(len(allowed) for allowed in classes))


def is_dialable(name: str) -> bool:
    """Whether an extension's name can be keyed on a telephone."""
    return bool(_DIGITS.fullmatch(name))
