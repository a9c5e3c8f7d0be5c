"""Making the sound of a wait: the music of a switch with a queue's announcements in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..waiting_sound import WaitingSound
from .audio import RATE, Samples, read_wav, to_telephone


def music_of(folder: Path, name: str | None) -> Samples:
    """The music in ``folder``, or in its folder ``name`` where there is one, file after file; no sample where nothing
    can be read. Linear WAV files count."""
    place = folder / name if name and "/" not in name and not name.startswith(".") else folder
    if not place.is_dir():
        place = folder
    pieces: list[Samples] = []
    for path in sorted(place.glob("*.wav")):
        try:
            pieces.append(to_telephone(*read_wav(path.read_bytes())))
        except ValueError:
            continue  # of another kind: a switch may play it, what is mixed here goes without
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)


def mixed(sound: WaitingSound, music: Samples, spoken: dict[int, Samples]) -> Samples:
    """``sound`` as samples: its announcements, ``spoken`` by their places in it, and ``music`` between them, which goes
    on where it was. An announcement that is not spoken is left out."""
    length = sound.seconds * RATE
    out = np.zeros(length, dtype=np.int16)
    free = np.ones(length, dtype=bool)
    turn = len(sound.announcements)
    for count, (second, _) in enumerate(sound.begins()):
        words = spoken.get(count % turn)
        if words is not None:
            start = round(second * RATE)
            # The next one ends one that is too long.
            end = min(length, start + min(len(words), round(sound.every * RATE)))
            out[start:end] = words[: end - start]
            free[start:end] = False
    if len(music):
        places = np.flatnonzero(free)
        out[places] = np.resize(music, len(places))
    return out
