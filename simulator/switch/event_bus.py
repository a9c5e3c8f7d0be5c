"""Events on their way to the manager sessions: built and encoded once, and only when somebody listens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from router.asterisk.ami_codec import Message, encode_message

from .spec import AMI_CLASSES

Fields = Iterable[tuple[str, object]]


class Listener(Protocol):
    """A manager session that may want events."""

    def wants(self, classes: frozenset[str]) -> bool:
        """Whether it may and would see an event of these classes; cheap."""

    def event(self, message: Message, encoded: bytes, classes: frozenset[str]) -> None:
        """Take an event that it `wants`; its own filters still apply."""


class EventBus:
    """Where events go. `watched` says whether building one is worth the work."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> None:
        """Begin to tell ``listener``."""
        self._listeners.append(listener)

    def remove(self, listener: Listener) -> None:
        """Tell it no more; harmless when it was not told before."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def watched(self, classes: frozenset[str]) -> bool:
        """Whether anybody wants an event of these classes."""
        return any(listener.wants(classes) for listener in self._listeners)

    def send(self, name: str, classes: frozenset[str], fields: Fields) -> None:
        """Send an event to those who want it. Breaks in values become spaces: a value is one line of AMI."""
        wanting = [listener for listener in self._listeners if listener.wants(classes)]
        if not wanting:
            return
        message = Message.of([("Event", name), ("Privilege", privilege(classes)), *one_line(fields)])
        encoded = encode_message(message)
        for listener in wanting:
            listener.event(message, encoded, classes)


_NO_BREAKS = str.maketrans("\r\n\0", "   ")


def one_line(fields: Fields) -> list[tuple[str, str]]:
    """Fields as text that AMI can carry."""
    return [(key, str(value).translate(_NO_BREAKS)) for key, value in fields]


def privilege(classes: frozenset[str]) -> str:
    """Classes as Asterisk writes them: ``call,all``; ``<none>`` where an event needs none."""
    if not classes:
        return "<none>"
    return ",".join([*(name for name in AMI_CLASSES if name in classes), "all"])
