"""``unknown-variable``: a template uses a name, or a field of a built-in name, that nothing defines."""

from __future__ import annotations

from collections.abc import Iterator

from ...expressions import BUILT_IN
from ...findings import Text
from ...schema import unknown_name
from ..rule import Problem, Rule
from ..subject import Subject
from ..templates import FIELDS, names


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every name and text. Of a subflow looked at by itself it is not known what it is given."""
    if subject.returns and not subject.called:
        return
    defined = {*BUILT_IN, *subject.given, *(name for found in subject.defined.values() for name in found)}
    fields = {**FIELDS, "texts": tuple(subject.flow.texts)}
    for node in subject.nodes():
        for words in subject.words(node):
            for name, attribute in names(words.text):
                place = node.option_place(*words.path)
                if name not in defined:
                    found = unknown_name(place, Text("variable", "变量"), name, defined)
                elif attribute is not None and attribute not in fields.get(name, (attribute,)):
                    what = Text(f"field of `{name}`", f"`{name}` 的字段")
                    found = unknown_name(place, what, attribute, fields[name])
                else:
                    continue
                yield Problem(place, found.message, found.cure)


RULE = Rule("unknown-variable", "error", Text("a variable that nothing defines", "未定义的变量"), check, fatal=True)
