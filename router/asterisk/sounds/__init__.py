"""Prompts as sound files: what is spoken, by whom, and where the files lie. Made at apply, not during a call, but for
texts that only a call makes."""

from __future__ import annotations

from .command import CommandSynthesiser
from .library import BuildReport, SoundLibrary
from .speaking import SpokenOnDemand
from .synthesis import EspeakSynthesiser, SpeechError, Synthesiser

__all__ = [
    "BuildReport",
    "CommandSynthesiser",
    "EspeakSynthesiser",
    "SoundLibrary",
    "SpeechError",
    "SpokenOnDemand",
    "Synthesiser",
]
