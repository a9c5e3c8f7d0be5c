"""Spoken prompts as sound files: text ↔ file name.

A prompt that is a text is played as the file ``line400/<language>/<first 20 hex digits of its SHA-256>``: the name
follows from the text (behind its voice and a line end, where it has one), so the router, the embedded switch and the
generator of sound files agree without talking. Of SSML it follows from the markup.
A recorded prompt keeps its own name.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from ivr_flows.commands import Prompt
from ivr_flows.expressions import is_template
from ivr_flows.ssml import SPOKEN_OPTIONS, constant_prompt

if TYPE_CHECKING:
    from ..book import RouteBook

PREFIX = "line400"
MAX_PASSING = 20_000
"""Most texts remembered that are no constants (they hold what callers said or data named)."""


@lru_cache(maxsize=8192)
def _spoken_file(text: str, language: str, voice: str | None = None) -> str:
    folder = "".join(
        character for character in language if character.isascii() and (character.isalnum() or character in "-_")
    )
    if voice is not None:
        text = f"{voice}\n{text}"
    return f"{PREFIX}/{folder or 'und'}/{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"


def prompt_file(prompt: Prompt) -> str:
    """The sound file of ``prompt``, without extension, as the switch is asked to play it."""
    return (
        prompt.file
        if prompt.file is not None
        else _spoken_file(prompt.ssml or prompt.text, prompt.language, prompt.voice)
    )


class Catalogue(Mapping[str, tuple[str, float]]):
    """File name → (what is heard, seconds). Filled as prompts are used; a switch in the same process reads it.

    Constant prompts stay; of the others the last `MAX_PASSING` are kept.
    """

    def __init__(self, constants: Iterable[Prompt] = ()) -> None:
        self._constant: dict[str, tuple[str, float]] = {}
        self._passing: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self.learn(constants)

    def learn(self, constants: Iterable[Prompt]) -> None:
        """Take in prompts that do not change from call to call."""
        for prompt in constants:
            self._constant[prompt_file(prompt)] = _entry(prompt)

    def use(self, prompt: Prompt) -> str:
        """The file name of a prompt about to be played; it is known from here on."""
        name = prompt_file(prompt)
        if name not in self._constant:
            passing = self._passing
            if name in passing:
                passing.move_to_end(name)
            else:
                passing[name] = _entry(prompt)
                if len(passing) > MAX_PASSING:
                    passing.popitem(last=False)
        return name

    def __getitem__(self, name: str) -> tuple[str, float]:
        found = self._constant.get(name)
        return found if found is not None else self._passing[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._constant
        yield from self._passing

    def __len__(self) -> int:
        return len(self._constant) + len(self._passing)


def _entry(prompt: Prompt) -> tuple[str, float]:
    return prompt.heard, prompt.seconds


def constant_prompts(book: RouteBook) -> Iterator[Prompt]:
    """The prompts that ``book`` can play and that are known before any call: constant texts and recorded files of its
    flows, texts that hold nothing but what the configuration says, fallback announcements of its lines. What a
    generator of sound files makes before the first call."""
    from .foreseen import foreseen, owners

    of = owners(book)
    for flow in (*(book.flow(name) for name in sorted(book.environment.flows)), *book.entered_flows()):
        for node in flow.definition.nodes.values():
            file = getattr(node.options, "file", None)
            texts = [
                (text, path[0] == "ssml")
                for path, text in node.type.texts(node.options)
                if path[0] in SPOKEN_OPTIONS and not is_template(text)
            ]
            made = [
                text for path, text in node.type.texts(node.options) if path[0] in SPOKEN_OPTIONS and is_template(text)
            ]
            if file is not None:
                yield Prompt(texts[0][0] if texts else "", file, flow.language)
            else:
                for text, marked in texts:
                    yield constant_prompt(text, flow.language, marked)
                for text in made:
                    yield from foreseen(text, flow, of)
    for line in book.lines.values():
        if line.fallback.announce:
            yield Prompt(line.fallback.announce)
