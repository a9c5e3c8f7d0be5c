"""Speaking a text. espeak-ng by default; another synthesiser is a command of one's own (`CommandSynthesiser`).

espeak-ng comes as a library with its voices in the distribution ``espeakng-loader``; it is called in this process,
under a lock, since it keeps one state.
"""

from __future__ import annotations

import ctypes
import threading
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from ivr_flows.findings import Text

from .audio import Samples, to_telephone

VOICES = {"zh": "cmn", "zh-cn": "cmn", "zh-hk": "yue", "en": "en-us", "en-us": "en-us", "en-gb": "en-gb"}
WORDS_PER_MINUTE = 165
"""A little slower than espeak-ng's own rate: it is heard over a telephone."""
_UTF8 = 1
_SYNCHRONOUS = 2
_RATE_PARAMETER = 1


class SpeechError(Exception):
    """A text cannot be spoken. ``message`` says why, ``cure`` what to do."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


class Synthesiser(Protocol):
    """Speaks texts. ``name`` tells it apart from others: another one makes the files anew."""

    @property
    def name(self) -> str: ...

    def speak(self, text: str, language: str, voice: str | None = None) -> Samples:
        """``text`` as telephone samples. Raises `SpeechError`."""


class EspeakSynthesiser:
    """espeak-ng. Its voice follows from the language; ``voice`` names another of its voices."""

    name = "espeak-ng"

    def speak(self, text: str, language: str, voice: str | None = None) -> Samples:
        """As `Synthesiser.speak`; a voice that espeak-ng does not have is that of the language."""
        with _LOCK:
            engine = _engine()
            return engine.speak(text, voice, VOICES.get(language.lower(), language.lower().partition("-")[0]))


_LOCK = threading.Lock()
"""The library keeps one state for the whole process, its beginning included."""


@lru_cache(maxsize=1)
def _engine() -> _Espeak:
    return _Espeak()


class _Espeak:
    """The library, initialised once."""

    def __init__(self) -> None:
        try:
            import espeakng_loader
        except ImportError:
            raise SpeechError(
                Text("espeak-ng is not installed.", "未安装 espeak-ng。"),
                Text("pip install 'line400[asterisk]'", "pip install 'line400[asterisk]'"),
            ) from None
        self._heard = bytearray()
        library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self._callback = kind(self._take)  # kept: the library holds only its address
        self._rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
        if self._rate <= 0:
            raise SpeechError(
                Text("espeak-ng cannot read its voices.", "espeak-ng 无法读取语音数据。"),
                Text("Install the distribution espeakng-loader anew.", "请重新安装 espeakng-loader。"),
            )
        library.espeak_SetSynthCallback(self._callback)
        self._library = library

    def speak(self, text: str, voice: str | None, usual: str) -> Samples:
        library = self._library
        found = voice is not None and library.espeak_SetVoiceByName(voice.encode()) == 0
        if not found and library.espeak_SetVoiceByName(usual.encode()) != 0:
            raise SpeechError(
                Text(f"espeak-ng has no voice for {usual}.", f"espeak-ng 没有 {usual} 的语音。"),
                Text("Use another language, or recorded files.", "请改用其他语言或录音文件。"),
            )
        library.espeak_SetParameter(_RATE_PARAMETER, WORDS_PER_MINUTE, 0)
        self._heard.clear()
        said = text.encode() + b"\0"
        library.espeak_Synth(said, ctypes.c_size_t(len(said)), 0, 1, 0, _UTF8, None, None)
        library.espeak_Synchronize()
        samples = np.frombuffer(bytes(self._heard), dtype=np.int16)
        return to_telephone(samples, self._rate)

    def _take(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._heard.extend(ctypes.string_at(samples, count * 2))
        return 0
