"""``prompt-too-long``: a text has more characters than the vendor's text-to-speech takes (200, ``prompt_characters``).
Of a template only what is said in any case is counted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from ...text_lengths import certain_length
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every text."""
    limit = subject.settings.prompt_characters
    texts = subject.flow.texts
    languages = sorted({subject.flow.language, *(language for variants in texts.values() for language in variants)})
    for node in subject.live():
        for words in facts.heard(node):
            length = max(certain_length(words.text, texts, language) for language in languages)
            if length > limit and words.path[0] != "ssml":
                yield Problem(
                    node.option_place(*words.path),
                    Text(
                        f"The text of `{node.id}` has {length} characters; {limit} can be spoken as one prompt.",
                        f"`{node.id}` 的提示语有 {length} 个字，一段最多 {limit} 个字。",
                    ),
                    Text(
                        "Shorten it, split it over two nodes, or record it as a `file`.",
                        "请缩短，拆成两个节点，或改用录音 `file`。",
                    ),
                    show=partial(Probe.waiting_at, node=node.id),
                )


RULE = Rule("prompt-too-long", "warning", Text("a text too long to be spoken", "提示语过长"), check, behaviour=True)
