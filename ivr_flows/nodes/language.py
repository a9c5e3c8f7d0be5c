"""``language``: the language and the voice in which the prompts behind it are spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from ..findings import Text
from ..schema import Refusal, Strict
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step


class LanguageOptions(Strict):
    """``code`` such as ``zh-CN`` or ``en``; ``voice`` as the speech synthesis names it. A language without a voice is
    spoken with that language's own; a voice alone keeps the language."""

    code: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    voice: str | None = Field(default=None, pattern=r"^[\w.-]{1,64}$")

    @model_validator(mode="after")
    def _something(self) -> LanguageOptions:
        if self.code is None and self.voice is None:
            raise Refusal(
                Text("`language` names neither a language nor a voice.", "`language` 既没有写语言，也没有写音色。"),
                Text("Write for example `language: en`.", "例如 `language: en`。"),
                "no-language",
            )
        return self


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    code, voice = node.options.code, node.options.voice
    following = wiring.step(node.next)

    def enter(session: Session, at: float) -> Command | Step:
        if code is not None:
            session.language = code
        session.voice = voice
        return finish_or_go(session, following)

    return enter


LANGUAGE = NodeType("language", LanguageOptions, _compile, main="code", needs_caller=False)
