"""What the generated dialplan hands the router in the request itself, so that no variable need be asked for.

The arguments of the AGI request are the line's name and then pairs ``name=value``, several in one argument with ``&``
between them, values percent-encoded: what a SIP header held stays one value whatever it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from ..model import HeaderName
from ..original_called import original_called

MAX_ARGUMENTS = 32
REQUEST_URI = "request-uri"
"""The argument that holds the 400 number where the carrier calls it itself, in place of a base number."""


class HandedOver:
    """The arguments of one request. False where there are none: a dialplan that sets variables."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.line = environment.get("agi_arg_1", "")
        self._values: dict[str, str] = {}
        for place in range(2, MAX_ARGUMENTS):
            text = environment.get(f"agi_arg_{place}")
            if text is None:
                break
            for pair in text.split("&"):
                name, equals, value = pair.partition("=")
                if equals:
                    self._values[name] = unquote(value, errors="replace") if value else ""

    def __bool__(self) -> bool:
        return bool(self._values)

    def get(self, name: str) -> str:
        """The value of ``name``, empty where none was given."""
        return self._values.get(name, "")

    def original_called(self, order: tuple[HeaderName, ...]) -> str | None:
        """The 400 number that was called itself, else the one that the first of the headers to name one names, in the
        trunk's ``order``."""
        for header in (REQUEST_URI, *order):
            text = self.get(header).strip(", ")
            if text:
                found = original_called(text, header)
                if found is not None:
                    return found
        return None
