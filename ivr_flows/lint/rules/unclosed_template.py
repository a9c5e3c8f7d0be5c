"""``unclosed-template``: braces that are meant as an expression and are none: ``{ company }``, ``${company}``,
``company }}``. The caller would hear them spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from ...expressions import BUILT_IN
from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject

SINGLE = re.compile(r"(?<![{$])\$?\{\s*(?P<name>[^\W\d][\w.]*)\s*\}(?!\})")
"""An expression in single braces, the vendor's ``${…}`` among them."""
_ANY = re.compile(r"\$\{[^{}]*\}")


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every text."""
    known = {*BUILT_IN, *subject.given, *(name for found in subject.defined.values() for name in found)}
    for node in subject.nodes():
        for words in facts.texts(node):
            text = words.text
            single = next((m for m in SINGLE.finditer(text) if m["name"].split(".")[0] in known), None)
            found = single or _ANY.search(text)
            if found is None:
                if text.count("}}") <= text.count("{{") or "{%" in text:
                    continue
                written, meant = text[max(0, text.index("}}") - 20) : text.index("}}") + 2], "{{ … }}"
            else:
                written = found[0]
                meant = f"{{{{ {single['name']} }}}}" if single else "{{ … }}"
            yield Problem(
                node.option_place(*words.path),
                Text(
                    f"`{written}` is said as it stands: it is no expression.",
                    f"`{written}` 会被原样读出：它不是表达式。",
                ),
                Text(f"Write `{meant}`.", f"请写 `{meant}`。"),
                show=partial(Probe.waiting_at, node=node.id),
            )


RULE = Rule(
    "unclosed-template", "warning", Text("braces that are no expression", "花括号没有配对"), check, behaviour=True
)
