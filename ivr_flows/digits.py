"""When an input attempt is complete: the one implementation, shared by every driver.

Laws: no clock and no switch here. A driver feeds the keys in order and says when a wait ran out; the collector says
whether the attempt is over. ``wait`` is how long the driver lets pass before it reports silence.
"""

from __future__ import annotations

from .commands import Gather


class Collector:
    """The keys of one `Gather`, from its typed-ahead keys on."""

    __slots__ = ("complete", "digits", "gather", "terminated")

    def __init__(self, gather: Gather) -> None:
        self.gather = gather
        self.digits = ""
        self.terminated = False
        self.complete = False
        for digit in gather.typed_ahead:
            if self.press(digit):
                break

    @property
    def wait(self) -> float:
        """Seconds of silence that end the attempt: ``timeout`` before the first key, ``digit_timeout`` after it."""
        return self.gather.digit_timeout if self.digits else self.gather.timeout

    def press(self, digit: str) -> bool:
        """Take one key; True when the attempt is complete with it."""
        gather = self.gather
        if digit == gather.terminator:
            self.terminated = True
            self.complete = True
            return True
        digits = self.digits = self.digits + digit
        if gather.keys is None:
            self.complete = len(digits) >= gather.max_digits
        elif digits in gather.keys:
            self.complete = not any(len(key) > len(digits) and key.startswith(digits) for key in gather.keys)
        else:
            self.complete = not any(key.startswith(digits) for key in gather.keys)
        return self.complete

    def silence(self) -> bool:
        """The wait ran out: the attempt is over with the keys there are."""
        self.complete = True
        return True
