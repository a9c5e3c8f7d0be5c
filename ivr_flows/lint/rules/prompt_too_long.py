"""``prompt-too-long``: a text has more characters than the vendor's text-to-speech takes (200, ``prompt_characters``).
Of a template only what is said in any case is counted, in every language in which callers arrive."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from ...definition import NodeDefinition
from ...findings import Text
from ...text_lengths import certain_length
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject

LONGEST = 1_000_000
"""No variable is taken for longer."""


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every text."""
    limit = subject.settings.prompt_characters
    lengths_of = _least(subject)
    for node in subject.live():
        sure: Collection[str] = subject.set_for_sure.get(node.id, ())
        least = {name: length for name, length in lengths_of.items() if name in sure}
        for words in facts.heard(node):
            lengths = {
                certain_length(words.text, subject.flow.texts, language, least): language
                for language in sorted(subject.languages[node.id])
            }
            length = max(lengths)
            if length > limit:
                several = len(lengths) > 1
                language = lengths[length]
                yield Problem(
                    node.option_place(*words.path),
                    Text(
                        f"The text of `{node.id}` has {length} characters{f' in {language}' if several else ''}; "
                        f"{limit} can be spoken as one prompt.",
                        f"`{node.id}` 的提示语{f'（{language}）' if several else ''}有 {length} 个字，"
                        f"一段最多 {limit} 个字。",
                    ),
                    Text(
                        "Shorten it, split it over two nodes, or record it as a `file`.",
                        "请缩短，拆成两个节点，或改用录音 `file`。",
                    ),
                    show=partial(Probe.speaking, node=node.id, language=language)
                    if several
                    else partial(Probe.waiting_at, node=node.id),
                )


def _least(subject: Subject) -> dict[str, int]:
    """How many characters a variable has at least once it is set: what callers enter digit by digit, and what is set
    to a text."""
    found: dict[str, int] = {}
    for node in subject.nodes():
        for name in subject.defined[node.id]:
            found[name] = min(found.get(name, LONGEST), _entered(node, name))
    return {name: length for name, length in found.items() if length}


def _entered(node: NodeDefinition, name: str) -> int:
    digits = facts.option(node, "min_digits")
    if isinstance(digits, int):
        return digits
    text = next((words.text for words in facts.texts(node) if words.path[-1] == name), "")
    return certain_length(text)


RULE = Rule("prompt-too-long", "warning", Text("a text too long to be spoken", "提示语过长"), check, behaviour=True)
