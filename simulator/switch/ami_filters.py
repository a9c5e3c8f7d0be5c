"""Event filters of a manager session, as the action ``Filter`` adds them.

Two forms, as in Asterisk 22: a regular expression over the whole event (``Filter: Event: Newchannel``, with a leading
``!`` to exclude), and criteria (``MatchCriteria: action(include),name(Newchannel),header(Channel),method(contains)``
with the text to match in ``Filter``). An event passes when an including filter matches or there is none, and no
excluding filter matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from router.asterisk.ami_codec import Message

MAX_FILTERS = 64
MAX_PATTERN = 256
_CRITERION = re.compile(r"\s*(action|name|header|method)\(([^()]*)\)\s*(?:,|\Z)")
MALFORMED = "Filter was formatted incorrectly.  Check the syntax of the filter given."
METHODS = ("regex", "exact", "starts_with", "ends_with", "contains", "none")


class FilterError(Exception):
    """A filter that cannot be added; its text is the message of the response."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter."""

    exclude: bool
    name: str = ""
    header: str = ""
    method: str = "none"
    text: str = ""
    pattern: re.Pattern[str] | None = None

    def matches(self, event: Message, whole: str) -> bool:
        """Whether the event is one that this filter names."""
        if self.name and event.get("Event") != self.name:
            return False
        if self.method == "none":
            return not self.header or self.header in event
        values = event.get_all(self.header) if self.header else [whole]
        return any(self._value(value) for value in values)

    def _value(self, value: str) -> bool:
        if self.pattern is not None:
            return self.pattern.search(value) is not None
        if self.method == "exact":
            return value == self.text
        if self.method == "starts_with":
            return value.startswith(self.text)
        if self.method == "ends_with":
            return value.endswith(self.text)
        return self.text in value


def parse(message: Message) -> Filter:
    """The filter of an action ``Filter``. Raises `FilterError`."""
    text = message.get("Filter")
    criteria = message.get("MatchCriteria")
    if len(text) > MAX_PATTERN or len(criteria) > MAX_PATTERN:
        raise FilterError(MALFORMED)
    if "MatchCriteria" in message:
        return _criteria(criteria, text)
    if not text:
        raise FilterError(MALFORMED)
    exclude = text.startswith("!")
    return Filter(exclude, method="regex", pattern=compile_pattern(text[exclude:]))


def compile_pattern(text: str) -> re.Pattern[str]:
    """A regular expression from outside. Raises `FilterError`."""
    try:
        return re.compile(text)
    except re.error as error:
        raise FilterError("Filter did not compile.  Check the syntax of the filter given.") from error


def _criteria(criteria: str, text: str) -> Filter:
    found: dict[str, str] = {}
    place = 0
    while place < len(criteria):
        match = _CRITERION.match(criteria, place)
        if match is None:
            raise FilterError(MALFORMED)
        found[match[1]] = match[2].strip()
        place = match.end()
    action = found.get("action", "include")
    method = found.get("method", "regex" if text else "none")
    if action not in ("include", "exclude") or method not in METHODS or (method == "none" and text):
        raise FilterError(MALFORMED)
    if not (found.get("name") or found.get("header") or text):
        raise FilterError(MALFORMED)
    pattern = compile_pattern(text) if method == "regex" else None
    return Filter(action == "exclude", found.get("name", ""), found.get("header", ""), method, text, pattern)


def passes(filters: list[Filter], event: Message) -> bool:
    """Whether a session with ``filters`` gets ``event``."""
    if not filters:
        return True
    whole = ""
    if any(item.method != "none" and not item.header for item in filters):
        whole = "".join(f"{key}: {value}\r\n" for key, value in event.headers)
    included = not any(not item.exclude for item in filters)
    for item in filters:
        if item.exclude:
            if item.matches(event, whole):
                return False
        elif not included and item.matches(event, whole):
            included = True
    return included
