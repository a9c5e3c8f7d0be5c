"""What a simulated caller does: a script told of what it hears, answering with keys and hang-ups to come.

A driver (virtual time or the embedded switch) tells the script each fact as it happens; the script returns actions
that lie ``after`` seconds in the future. The same script drives the same call in every way of running it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ivr_flows.commands import ALL_KEYS
from ivr_flows.findings import Text

FIRST_KEY_AFTER = 0.6
KEY_GAP = 0.3


@dataclass(frozen=True, slots=True)
class Press:
    """Press ``digits``, the first one after ``after`` seconds, the others ``gap`` seconds apart.

    With ``attempt`` the keys belong to that input attempt: those still to come are dropped when it ends.
    """

    digits: str
    after: float = FIRST_KEY_AFTER
    gap: float = KEY_GAP
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up after ``after`` seconds."""

    after: float = 0.0


Action: TypeAlias = Press | HangUp
NOTHING: tuple[Action, ...] = ()


class CallerScript:
    """A caller who says nothing, presses nothing and stays on the line. Subclasses override what they react to.

    Every method is told the moment ``at`` (epoch seconds) and returns the actions that it adds to what is planned.
    ``watches`` is False where only `attempt` ever answers: a driver may then skip the other facts.
    """

    watches = False
    plain: Sequence[str] = ()
    """The keys of attempt *n* at index *n* - 1, where that is all the script does: keys given `FIRST_KEY_AFTER` its
    prompts, no hang-up. Empty where `attempt` must be asked."""

    def connected(self, at: float) -> Sequence[Action]:
        """The call was placed and rings or is answered."""
        return NOTHING

    def heard(self, text: str, at: float, seconds: float) -> Sequence[Action]:
        """A prompt, announcement or tone began that lasts ``seconds``; ``text`` as in a record's ``heard``."""
        return NOTHING

    def attempt(self, number: int, at: float) -> Sequence[Action]:
        """Input attempt ``number`` (from 1, counted over the call) waits for keys; its prompts have ended."""
        return NOTHING

    def queued(self, queue: str, at: float) -> Sequence[Action]:
        """A queue admitted the caller."""
        return NOTHING

    def transferred(self, target: str, at: float) -> Sequence[Action]:
        """A leg to ``target`` (a number or the name of a line) begins to ring."""
        return NOTHING

    def talking(self, at: float) -> Sequence[Action]:
        """An agent or target answered."""
        return NOTHING

    def recording(self, at: float) -> Sequence[Action]:
        """A recording of the caller began. A caller speaks for `SPEAKS_FOR` seconds, then is silent."""
        return NOTHING


SPEAKS_FOR = 4.0
SILENT = CallerScript()


class PressError(ValueError):
    """A ``--press`` text that its grammar does not allow."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


class PressScript(CallerScript):
    """The grammar of ``--press``: a comma list whose item *n* answers the *n*-th input attempt.

    An item is keys ``0-9*#``, empty (silence for the whole timeout), or ``h`` (hang up then). After the last item
    the caller is silent. An item ``@SECONDS:KEYS`` or ``@SECONDS:h`` answers no attempt: it is pressed that long after
    the call was placed, so that a caller can leave a prompt, a queue or a conversation.
    """

    def __init__(self, items: Sequence[str]) -> None:
        self.items = tuple(item for item in items if not item.startswith("@"))
        self._plans = tuple(_plan(item, number) for number, item in enumerate(self.items, 1))
        self._timed = tuple(_timed(item) for item in items if item.startswith("@"))
        self.watches = bool(self._timed)
        self.plain = () if self.watches or "h" in self.items else self.items

    @classmethod
    def parse(cls, text: str) -> PressScript:
        """Read ``text``. Raises `PressError` naming the item that is wrong."""
        items = [item.strip() for item in text.split(",")] if text else []
        for number, item in enumerate(items, 1):
            if item != "h" and not ALL_KEYS.issuperset(item) and not _TIMED.fullmatch(item):
                raise PressError(
                    Text(
                        f"Item {number} of --press, `{item}`, is neither keys, empty nor h.",
                        f"--press 的第 {number} 项 `{item}` 既不是按键，也不是空或 h。",
                    ),
                    Text(
                        'Use 0-9 * #, nothing for silence, or h to hang up: --press "1,,22#,h"; '
                        "@20:h hangs up 20 s after the call was placed.",
                        '可用 0-9 * #、留空（不按键）或 h（挂机）：--press "1,,22#,h"；@20:h 表示呼叫 20 秒后挂机。',
                    ),
                )
        return cls(items)

    def connected(self, at: float) -> Sequence[Action]:
        return self._timed

    def attempt(self, number: int, at: float) -> Sequence[Action]:
        plans = self._plans
        return plans[number - 1] if number <= len(plans) else NOTHING


_TIMED = re.compile(r"@(\d{1,5}(?:\.\d{1,3})?):(h|[0-9*#]+)")


def _timed(item: str) -> Action:
    found = _TIMED.fullmatch(item)
    assert found is not None, "parse lets nothing else through"
    return HangUp(float(found[1])) if found[2] == "h" else Press(found[2], float(found[1]))


def _plan(item: str, number: int) -> tuple[Action, ...]:
    if item == "h":
        return (HangUp(FIRST_KEY_AFTER),)
    return (Press(item, attempt=number),) if item else NOTHING


class TimedHangUp(CallerScript):
    """Wraps a script: the caller hangs up ``after`` seconds after the call was placed, whatever happens."""

    watches = True

    def __init__(self, after: float, script: CallerScript = SILENT) -> None:
        self.after = after
        self.script = script

    def connected(self, at: float) -> Sequence[Action]:
        return (*self.script.connected(at), HangUp(self.after))

    def heard(self, text: str, at: float, seconds: float) -> Sequence[Action]:
        return self.script.heard(text, at, seconds)

    def attempt(self, number: int, at: float) -> Sequence[Action]:
        return self.script.attempt(number, at)

    def queued(self, queue: str, at: float) -> Sequence[Action]:
        return self.script.queued(queue, at)

    def transferred(self, target: str, at: float) -> Sequence[Action]:
        return self.script.transferred(target, at)

    def talking(self, at: float) -> Sequence[Action]:
        return self.script.talking(at)

    def recording(self, at: float) -> Sequence[Action]:
        return self.script.recording(at)
