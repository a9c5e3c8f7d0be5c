"""The texts of a flow in several languages: ``texts: {NAME: {zh-CN: …, en: …}}``, said as ``{{ texts.NAME }}``.

Which variant a caller hears is decided when it is said, by the language the call has then. A subflow has its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from .expressions import Evaluate, compile_text

if TYPE_CHECKING:
    from .session import Session

Variants: TypeAlias = "Mapping[str, Mapping[str, str]]"
"""Name → language code → text."""


def variant(languages: Mapping[str, object] | list[str], language: str, fallback: str) -> str:
    """The code among ``languages`` that serves ``language``: itself, one of the same tongue (``en`` for ``en-US``), the
    same for ``fallback``, else the first. Raises `StopIteration` for none at all."""
    for wanted in (language, fallback):
        if wanted in languages:
            return wanted
        for code in languages:
            if same_tongue(code, wanted):
                return code
    return next(iter(languages))


def same_tongue(one: str, other: str) -> bool:
    """Whether two language codes differ by their region at most."""
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()


class Texts:
    """The compiled texts of one flow, written in ``language``."""

    def __init__(self, texts: Variants, language: str) -> None:
        self._language = language
        self._compiled = {
            name: {code: compile_text(text) for code, text in variants.items()} for name, variants in texts.items()
        }

    def of(self, session: Session, at: float) -> Spoken:
        """The texts in the language that ``session`` has now."""
        return Spoken(self._compiled, session, at, session.language or self._language, self._language)


class Spoken:
    """The name ``texts`` in an expression: ``texts.NAME`` or ``texts['NAME']``."""

    # The sandbox gives no name that begins with an underscore to a template.
    __slots__ = ("_at", "_compiled", "_fallback", "_language", "_session")

    def __init__(
        self,
        compiled: Mapping[str, Mapping[str, str | Evaluate]],
        session: Session,
        at: float,
        language: str,
        fallback: str,
    ) -> None:
        self._compiled = compiled
        self._session = session
        self._at = at
        self._language = language
        self._fallback = fallback

    def __getitem__(self, name: str) -> str:
        variants = self._compiled[name]
        text = variants[variant(variants, self._language, self._fallback)]
        return text if isinstance(text, str) else str(text(self._session, self._at))

    def __str__(self) -> str:
        return ""


class Wording:
    """What one flow is worded in: its ``language`` and its ``texts``."""

    __slots__ = ("language", "texts")

    language: str
    texts: Texts

    def __init__(self, language: str, texts: Variants) -> None:
        self.language = language
        self.texts = Texts(texts, language)
