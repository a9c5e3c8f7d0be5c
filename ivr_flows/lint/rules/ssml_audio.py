"""``ssml-audio``: SSML names a recording, which is not played."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import Text
from ...ssml import SPOKEN_OPTIONS, SsmlError, is_ssml, read_ssml
from ..rule import Problem, Rule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every text."""
    for node in subject.nodes():
        for path, text in node.type.texts(node.options):
            if path[0] not in SPOKEN_OPTIONS or not text or not (path[0] == "ssml" or is_ssml(text)):
                continue
            try:
                recordings = read_ssml(text).recordings
            except SsmlError:
                continue  # reported when the file is read
            if recordings:
                yield Problem(
                    node.option_place(*path),
                    Text(
                        f"`{recordings[0][:80]}` in SSML is not played; its words are said.",
                        f"SSML 中的 `{recordings[0][:80]}` 不会播放，只播报其中的文字。",
                    ),
                    Text("Play it by a node of its own: `play: { file: … }`.", "请单独用 `play: { file: … }` 播放。"),
                )


RULE = Rule("ssml-audio", "warning", Text("a recording in SSML", "SSML 中引用录音"), check)
