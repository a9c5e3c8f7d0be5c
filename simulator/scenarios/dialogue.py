"""A call from Python, step by step, in virtual time::

    caller = Caller("config")
    call = await caller.dial("400-800-1234", from_="13800138000", at="2026-10-12T10:00:00+08:00")
    await call.hears("欢迎")
    await call.press("1")
    await call.hang_up()
    assert call.record.called == "4008001234"

The verbs are those of scenario files and mean the same. Each step plays the call from its beginning with all steps so
far, which is exact, since a call depends on nothing but its configuration, its caller and its seed; it also means that
the same lines run over any way of placing calls that is handed in. Between the steps the caller is silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ivr_flows.findings import Language, Place
from ivr_flows.schema import parse_duration
from router.book import RouteBook
from router.record import CallRecord

from ..parties import AgentScript, TargetScript
from .model import Scenario, Step, Verb
from .running import PlaceCall, run_one, run_placed
from .schema import StepModel
from .setup import book_from
from .verdict import ScenarioResult

_HERE = Place("(python)")


class StepNotFulfilled(AssertionError):
    """A step of a dialogue did not happen; the text says what was expected and heard, and the path so far."""

    def __init__(self, result: ScenarioResult, language: Language) -> None:
        super().__init__(result.message(language))
        self.result = result


class Caller:
    """Somebody who dials numbers of ``configuration`` (a compiled book, or the folder to load it from).

    ``place`` is another way of placing calls than virtual time; ``language`` that of the failure texts. Raises
    `simulator.scenarios.setup.ConfigurationUnusable` for a folder with errors.
    """

    def __init__(
        self,
        configuration: RouteBook | Path | str = "config",
        *,
        seed: int = 0,
        place: PlaceCall | None = None,
        language: Language = "en",
    ) -> None:
        self.book = configuration if isinstance(configuration, RouteBook) else book_from(Path(configuration))
        self.seed = seed
        self.place = place
        self.language = language

    async def dial(
        self,
        to: str,
        *,
        at: datetime | str,
        from_: str | None = None,
        agents: str = "none",
        targets: str = "answer",
        data: Mapping[str, Any] | None = None,
        call_id: str | None = None,
    ) -> Call:
        """Place a call. ``at`` is a moment, or ISO 8601 (without an offset: the configured time zone); ``from_`` None
        is a hidden caller; ``agents`` and ``targets`` as the options of ``line400 call``.

        Raises `StepNotFulfilled` when ``to`` is no number at all, `ValueError` for a wrong ``at``, ``agents`` or
        ``targets``.
        """
        scenario = Scenario(
            name=f"dialogue with {to}",
            place=_HERE,
            to_place=_HERE,
            to=to,
            at=datetime.fromisoformat(at) if isinstance(at, str) else at,
            caller=from_,
            call_id=call_id,
            data=dict(data or {}),
            agents=AgentScript.parse(agents),
            targets=TargetScript.parse(targets),
        )
        call = Call(self, scenario)
        await call._play(())
        return call


class Call:
    """One call of a dialogue. Every step raises `StepNotFulfilled` when it does not happen."""

    def __init__(self, caller: Caller, scenario: Scenario) -> None:
        self._caller = caller
        self._scenario = scenario
        self._result: ScenarioResult | None = None

    @property
    def record(self) -> CallRecord:
        """The record of the call if the caller does nothing more from here on."""
        if self._result is None or self._result.record is None:
            raise RuntimeError("the call was not placed")
        return self._result.record

    async def hears(self, text: str, *, within: float | str | None = None) -> str:
        """Wait until a prompt begins that contains ``text``; the whole prompt is returned."""
        await self._step("hears", text, within)
        return self._result.last_taken if self._result and self._result.last_taken else text

    async def press(self, keys: str) -> None:
        """Press ``keys`` (``0-9*#``) for the next input; see the verb ``presses``."""
        await self._step("presses", str(keys))

    async def silent_for(self, duration: float | str) -> None:
        """Press nothing for ``duration`` (seconds, or a text such as ``5s``)."""
        await self._step("silent_for", duration)

    async def waits(self, duration: float | str) -> None:
        """Stay on the line for ``duration``; the call must still be up then."""
        await self._step("waits", duration)

    async def queued_in(self, queue: str, *, within: float | str | None = None) -> None:
        """Wait until ``queue`` admits the caller."""
        await self._step("queued_in", queue, within)

    async def transferred_to(self, target: str, *, within: float | str | None = None) -> None:
        """Wait until a transfer to ``target`` (a number or a line) begins."""
        await self._step("transferred_to", target, within)

    async def hang_up(self) -> None:
        """Hang up now."""
        await self._step("hangs_up", None)

    async def _step(self, verb: Verb, value: object, within: object = None) -> None:
        written: dict[str, object] = {verb: value}
        if within is not None:
            written["within"] = within
        StepModel.model_validate(written)  # the same words of refusal as in a file
        step = Step(
            verb,
            _HERE,
            text=str(value) if verb in ("hears", "presses", "queued_in", "transferred_to") else "",
            seconds=parse_duration(value) if verb in ("silent_for", "waits") else 0.0,
            within=None if within is None else parse_duration(within),
        )
        await self._play((*self._scenario.steps, step))

    async def _play(self, steps: tuple[Step, ...]) -> None:
        scenario = replace(self._scenario, steps=steps)
        caller = self._caller
        if caller.place is None:
            result = run_one(scenario, caller.book, caller.seed)
        else:
            result = await run_placed(scenario, caller.book.zone, caller.place, caller.seed)
        self._result = result
        if not result.ok:
            raise StepNotFulfilled(result, caller.language)
        self._scenario = scenario
