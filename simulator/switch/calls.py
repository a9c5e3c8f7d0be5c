"""One test call on the switch, and what became of it as the caller saw it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from router.causes import tone_of

from .caller import ScriptedCaller
from .channel import Channel
from .dialplan import LineDialplan


@dataclass(frozen=True, slots=True)
class SwitchCallResult:
    """What happened, seen from the switch. Moments are epoch seconds of the switch's clock.

    ``heard`` are the words of each sound as it began, ``tones`` what a caller hears who is refused before answer
    (``tone:busy``), ``keys`` every key pressed, ``sent`` the digits sent to a far leg. ``script_ended``: the caller
    hung up because the script ends where a queue admits the caller.
    """

    hangup_cause: int
    hangup_by: str
    heard: tuple[str, ...]
    tones: tuple[str, ...]
    keys: str
    sent: tuple[str, ...]
    fallback_used: bool
    script_ended: bool
    started: float
    answered: float | None
    ended: float
    channel: str
    uniqueid: str
    variables: dict[str, str]


class SwitchCall:
    """A call in progress. `press` and `hang_up` act as the caller, beside the script."""

    def __init__(self, channel: Channel, caller: ScriptedCaller, plan: LineDialplan) -> None:
        self.channel = channel
        self.caller = caller
        self.task: asyncio.Task[None] | None = None
        self._plan = plan

    def press(self, keys: str) -> None:
        """The caller presses ``keys`` now."""
        self.caller.press(keys)

    def hang_up(self) -> None:
        """The caller hangs up now."""
        self.caller.hang_up()

    async def ended(self) -> SwitchCallResult:
        """Wait for the end of the call."""
        if self.task is not None:
            await asyncio.shield(self.task)
        return self.result()

    def result(self) -> SwitchCallResult:
        """What is known so far; whole after `ended`."""
        channel, caller = self.channel, self.caller
        cause = channel.hangup_cause or 16
        refused = channel.answered is None and channel.gone and channel.hangup_by != "caller"
        return SwitchCallResult(
            hangup_cause=cause,
            hangup_by=channel.hangup_by or "switch",
            heard=tuple(caller.heard),
            tones=(tone_of(cause),) if refused else (),
            keys="".join(caller.keys),
            sent=tuple(caller.sent),
            fallback_used=self._plan.fallback_used,
            script_ended=caller.script_ended,
            started=channel.created,
            answered=channel.answered,
            ended=channel.ended if channel.ended is not None else channel.core.clock.now(),
            channel=channel.name,
            uniqueid=channel.uniqueid,
            variables=dict(channel.variables),
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that found no channel: ``cause`` 1 for a number that no line has, 34 where line or trunk are full."""

    cause: int
    at: float

    async def ended(self) -> SwitchCallResult:
        """What the caller got: a tone."""
        return SwitchCallResult(
            hangup_cause=self.cause,
            hangup_by="switch",
            heard=(),
            tones=(tone_of(self.cause),),
            keys="",
            sent=(),
            fallback_used=False,
            script_ended=False,
            started=self.at,
            answered=None,
            ended=self.at,
            channel="",
            uniqueid="",
            variables={},
        )

    def press(self, keys: str) -> None:
        """Nobody listens."""

    def hang_up(self) -> None:
        """The call is over already."""
