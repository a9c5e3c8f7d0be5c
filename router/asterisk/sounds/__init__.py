"""Prompts as sound files: what is spoken, by whom, and where the files lie. Made at apply, never during a call."""

from __future__ import annotations

from .library import BuildReport, SoundLibrary
from .speaking import SpokenOnDemand
from .synthesis import CommandSynthesiser, EspeakSynthesiser, SpeechError, Synthesiser

__all__ = [
    "BuildReport",
    "CommandSynthesiser",
    "EspeakSynthesiser",
    "SoundLibrary",
    "SpeechError",
    "SpokenOnDemand",
    "Synthesiser",
]
