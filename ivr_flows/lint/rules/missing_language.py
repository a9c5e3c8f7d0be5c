"""``missing-language``: a caller who chose a language hears a text of another one, or a text of ``texts:`` that has no
variant in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject
from ..templates import names, plain_words

_HANZI = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORDS = re.compile(r"[A-Za-z]{2,}\s+[A-Za-z]{2,}")


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every text and language."""
    languages = subject.languages
    texts: Mapping[str, object] = getattr(subject.flow, "texts", None) or {}
    if not texts and all(found == {subject.flow.language} for found in languages.values()):
        return
    for node in subject.live():
        for words in facts.heard(node):
            for language in sorted(languages[node.id]):
                missing = _without_variant(words.text, texts, language)
                wrong = _other_language(words.text, language) and languages[node.id] != {subject.flow.language}
                if missing is None and not wrong:
                    continue
                yield Problem(
                    node.option_place(*words.path),
                    Text(
                        f"`{node.id}` has no text in {language}"
                        + (f": `texts.{missing}` has no such variant." if missing else ", which its callers chose."),
                        f"`{node.id}` 没有 {language} 的文本"
                        + (f"：`texts.{missing}` 缺少该语言。" if missing else "，而来电者已选择该语言。"),
                    ),
                    Text(
                        f"Write the variants under `texts:` (`{language}: …`) and say `{{{{ texts.NAME }}}}`.",
                        f"请在 `texts:` 下写出各语言（`{language}: …`），并用 `{{{{ texts.NAME }}}}` 播报。",
                    ),
                    show=partial(Probe.speaking, node=node.id, language=language),
                )


def _without_variant(text: str, texts: Mapping[str, object], language: str) -> str | None:
    for name, attribute in names(text):
        if name == "texts" and attribute is not None:
            variants = texts.get(attribute)
            if isinstance(variants, Mapping) and not any(_same(key, language) for key in variants):
                return attribute
    return None


def _same(one: object, other: str) -> bool:
    return str(one).split("-")[0].lower() == other.split("-")[0].lower()


def _other_language(text: str, language: str) -> bool:
    words = plain_words(text)
    if _same("zh", language):
        return not _HANZI.search(words) and bool(_LATIN_WORDS.search(words))
    return bool(_HANZI.search(words))


RULE = Rule(
    "missing-language", "warning", Text("a text is missing in a language", "缺少某种语言的文本"), check, behaviour=True
)
