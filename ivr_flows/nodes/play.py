"""``play``: say a text, with or without marks for the speech synthesis, or play a recorded file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import model_validator

from ..commands import Play, Prompt
from ..findings import Text
from ..passing import Passage
from ..results import Done, Failed, Key
from ..schema import Refusal, Strict
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step


class PlayOptions(Strict):
    """``text`` is spoken; ``ssml`` is spoken by its marks (`ivr_flows.ssml`); ``file`` is a recorded prompt (``text``
    then its words). ``barge_in``: a key ends the playing and becomes the first key of the next input."""

    text: str | None = None
    ssml: str | None = None
    file: str | None = None
    barge_in: bool = False

    @model_validator(mode="after")
    def _something_to_play(self) -> PlayOptions:
        if not self.text and not self.file and not self.ssml:
            raise Refusal(
                Text("`play` has nothing to play.", "`play` 没有要播放的内容。"),
                Text("Give it a text or a `file`.", "请写文本，或用 `file` 指定录音。"),
                "nothing-to-play",
            )
        if self.ssml and (self.text or self.file):
            raise Refusal(
                Text("`ssml` and `text` or `file` are both given.", "`ssml` 与 `text` 或 `file` 同时给出。"),
                Text("Keep one of them.", "只保留一处。"),
                "option-twice",
            )
        return self


def _texts(options: PlayOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if options.text:
        yield ("text",), options.text
    if options.ssml:
        yield ("ssml",), options.ssml


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: PlayOptions = node.options
    following = wiring.step(node.next)
    prompt = wiring.marked(options.ssml) if options.ssml else wiring.prompt(options.text, options.file)
    assert prompt is not None

    def build(prompt: Prompt) -> tuple[Play, str]:
        return Play((prompt,), options.barge_in), prompt.heard

    made = wiring.command((prompt,), build)

    def after(session: Session, result: Result) -> Command | Step:
        if result.__class__ is Done:
            return following if following is not None else finish_or_go(session, following)
        if result.__class__ is Key:
            session.typed_ahead += result.key
        elif result.__class__ is Failed:
            return session.switch_failed(result)
        return following if following is not None else finish_or_go(session, following)

    if callable(made):

        def enter_dynamic(session: Session, at: float) -> Command | Step:
            if session.answered_at is None:
                return session.answer_first(enter_dynamic)
            command, heard = made(session, at)
            session.heard.append(heard)
            session.wait_for(after)
            play: Play = command
            return play

        return enter_dynamic
    command, heard = made

    def enter(session: Session, at: float) -> Command | Step:
        if session.answered_at is None:
            return session.answer_first(enter)
        session.heard.append(heard)
        session._resume = after
        session._on_gone = None
        play: Play = command
        return play

    if following is not None:
        wiring.steps[node.id].passage = Passage(after, heard, command.seconds, following)
    return enter


PLAY = NodeType("play", PlayOptions, _compile, main="text", texts=_texts)
