"""Names: of flows, nodes and variables, made of what the source called them."""

from __future__ import annotations

import re
from collections.abc import Container

from ..expressions import BUILT_IN

_WORD = re.compile(r"\W+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
MAX_NAME = 60
RESERVED = frozenset(
    {
        *BUILT_IN,
        *("texts", "loop", "self", "range", "dict", "none", "true", "false", "and", "or", "not", "in", "is", "if"),
        *("else", "None", "True", "False", "import", "from", "set", "for", "with", "block", "call", "filter", "macro"),
        *("elif", "endif", "include", "extends", "do", "recursive", "ignore", "missing", "context", "as", "without"),
    }
)
_METHODS = frozenset(dir(dict)) | frozenset(dir(str))


def slug(text: str, default: str) -> str:
    """``text`` as a name of letters, digits and underscores (of any script), in lower case, never empty."""
    name = _WORD.sub("_", _CAMEL.sub("_", text.strip())).strip("_").lower()[:MAX_NAME].strip("_")
    return name or default


def unique(name: str, taken: Container[str]) -> str:
    """``name``, with a number behind it where it is taken."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def variable(text: str) -> str:
    """``text`` as the name of a variable of ours: a word that is neither built in nor a word of the template
    language."""
    name = re.sub(r"\W+", "_", text.strip()).strip("_")[:MAX_NAME]
    if not name or name[0].isdigit():
        name = f"v_{name}".rstrip("_")
    return f"{name}_" if name in RESERVED else name


def member(owner: str, *path: str) -> str:
    """The expression for what is inside ``owner`` at ``path``: dots where a name can stand, brackets elsewhere."""
    written = owner
    for place, step in enumerate(path):
        if place:
            # What is missing has no parts: an empty mapping stands for it.
            written = f"({written} | default({{}}))"
        if step.isdigit():
            written += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z_]\w*", step) and step not in _METHODS and not step.startswith("_"):
            written += f".{step}"
        else:
            written += f"[{quoted(step)}]"
    return written


def number(made: str, kind: str = "float") -> str:
    """An expression as a number that is 0 where it is none: a part of an answer may be missing, a variable empty."""
    if re.fullmatch(r"-?\d+(\.\d+)?", made):
        return made
    inner = made.strip("'")
    if made == quoted(inner) and re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", inner):
        return inner
    if made.endswith("| length"):
        return made
    grouped = made if re.fullmatch(r"[\w.'\[\]]+", made) else f"({made})"
    missing = " | default(0)" if "." in made or "[" in made else ""
    return f"{grouped}{missing} | {kind}"


def quoted(text: str) -> str:
    """``text`` as a string of the template language."""
    inner = "".join(
        {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "{": "\\x7b", "}": "\\x7d"}.get(
            letter, letter
        )
        for letter in text
    )
    return f"'{inner}'"
