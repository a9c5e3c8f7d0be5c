"""Who does what, where and when: what every function of this folder stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, tzinfo
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr_flows.findings import Text
from router.life.model import Life, LifeError, Rules
from router.life.office import BackOffice, SimulatedOffice
from router.life.qualification import Qualification, day_of
from router.life.workdays import Workdays
from router.model import Configuration, Settings
from router.number400 import Number400
from router.paperwork.sealing import Sealer
from router.store import NumberState, Store

REVIEWERS = ("reviewer", "admin")
"""Roles that may see what is personal."""


class Unclear(LifeError):
    """What was asked is not complete or cannot be understood."""


class NotAllowed(LifeError):
    """Whoever asks has no role that may."""


@dataclass
class Desk:
    """``store`` None: there is none yet, and nothing is known. ``folder`` is that of the configuration,
    ``configuration`` what its files say (None where they are broken). ``at`` is the moment in the life, ``now`` the one
    that the audit is stamped with. ``role``: what ``author`` may, where whoever asks has signed in; else the store's
    actors tell. ``key`` makes the sealer. ``notes`` and ``warnings`` are what a function says besides its result."""

    settings: Settings
    folder: Path
    configuration: Configuration | None
    store: Store | None
    key: Callable[[], Sealer]
    author: str
    reason: str
    at: float
    now: float
    role: str | None = None
    office: BackOffice = field(default=None)  # type: ignore[assignment]
    notes: list[Text] = field(default_factory=list)
    warnings: list[Text] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.office is None:
            self.office = simulated_office(self.settings, self.configuration)
        if self.store is not None:
            self.store.rules = self.rules

    @cached_property
    def zone(self) -> tzinfo:
        """The configured time zone."""
        return ZoneInfo(self.settings.timezone)

    @property
    def today(self) -> date:
        """The day of ``at``."""
        return day_of(self.at, self.zone)

    @property
    def rules(self) -> Rules:
        """Periods and zone, as the settings have them."""
        return rules_of(self.settings)

    @cached_property
    def sealer(self) -> Sealer:
        """What opens and seals personal data. Raises `SealingError`."""
        return self.key()

    @property
    def open_store(self) -> Store:
        """The store, for what cannot be done without one."""
        assert self.store is not None
        return self.store

    async def settle(self) -> None:
        """Let deadlines that are over take effect."""
        await self.open_store.settle_lives(self.at, self.now)

    async def lives(self) -> list[Life]:
        """Every life that the store runs, as it is at the moment of the desk."""
        return [] if self.store is None else await self.store.lives(self.at)

    async def life(self, number: str) -> Life | None:
        """The life of ``number`` that the store runs; None where it runs none."""
        return None if self.store is None else await self.store.life(number, self.at)

    async def number_state(self, number: str) -> NumberState | None:
        """The state that the store holds of ``number``, also without a life."""
        return None if self.store is None else await self.store.number_state(number)

    async def qualifications(self) -> list[Qualification]:
        """Every qualification, by id."""
        return [] if self.store is None else await self.store.qualifications()

    async def companies(self) -> dict[int, Qualification]:
        """Every qualification by id."""
        return {one.id: one for one in await self.qualifications()}

    async def company(self, named: str | None) -> Qualification:
        """The qualification of the company ``named`` by its credit code or name; the only one where none is named.
        Raises `LifeError`."""
        known = await self.qualifications()
        found = known if named is None else [one for one in known if _is(one, named)]
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            listed = ", ".join(f"{one.company} ({one.code})" for one in found[:5])
            raise Unclear(
                "which-company",
                Text(f"Several companies have a qualification: {listed}.", f"有多家公司的资质：{listed}。"),
                Text("Name one: --company NAME or its credit code.", "请指定：--company 公司名或统一社会信用代码。"),
            )
        raise LifeError(
            "no-qualification",
            Text(f"There is no qualification of {named or 'any company'}.", f"没有{named or '任何公司'}的资质。"),
            Text("Submit one: line400 qualify submit.", "请先提交资质：line400 qualify submit。"),
        )

    async def see_reviewer(self, what: str, subjects: Iterable[str]) -> None:
        """See that ``author`` may see what is personal, and write down that it was looked at. Raises `NotAllowed`."""
        role = self.role
        if role is None and self.store is not None:
            role = next((one.role for one in await self.store.actors() if one.name == self.author), None)
        if role not in REVIEWERS:
            raise NotAllowed(
                "not-a-reviewer",
                Text(f"{self.author} may not see personal data.", f"{self.author} 无权查看个人信息。"),
                Text(
                    f"It takes the role reviewer: line400 qualify reviewer {self.author}.",
                    f"需要 reviewer 角色：line400 qualify reviewer {self.author}。",
                ),
            )
        named = ", ".join(subjects)
        await self.open_store.audit(self.author, what, named, self.now, self.reason or None)

    def note(self, text: Text) -> None:
        """Something to be told besides the result."""
        self.notes.append(text)

    def warn(self, text: Text) -> None:
        """Something to be warned of besides the result."""
        self.warnings.append(text)


def looking(
    store: Store, settings: Settings, folder: Path, configuration: Configuration | None, author: str, at: float
) -> Desk:
    """A desk at which nothing personal is opened."""
    return Desk(settings, folder, configuration, store, _no_key, author, "", at, at)


def _no_key() -> Sealer:
    raise AssertionError("nothing personal is opened here")


def rules_of(settings: Settings) -> Rules:
    """Periods and zone of the settings."""
    life = settings.life
    return Rules(
        ZoneInfo(settings.timezone),
        renewal_months=life.renewal_months,
        quarantine_days=life.quarantine,
        contact=life.contact,
    )


def simulated_office(settings: Settings, configuration: Configuration | None) -> SimulatedOffice:
    """The back office to rehearse with."""
    calendars = configuration.calendars.values() if configuration is not None else ()
    years = next((spec.holiday_years for spec in calendars if spec.holiday_years), {})
    return SimulatedOffice(Workdays(ZoneInfo(settings.timezone), years), settings.life.seed)


def number_of(given: str | None) -> str:
    """The canonical number of what somebody wrote. Raises `Unclear` and `NumberError`."""
    if given is None:
        raise Unclear(
            "missing-number",
            Text("Say which number.", "请给出号码。"),
            Text("`line400 numbers show` lists those that there are.", "用 `line400 numbers show` 查看已有号码。"),
        )
    return Number400.parse(given).digits


def simulated(desk: Desk) -> SimulatedOffice:
    """The office in whose place somebody decides. Raises `NotAllowed` where a real one does."""
    if isinstance(desk.office, SimulatedOffice):
        return desk.office
    raise NotAllowed(
        "real-office",
        Text("The vendor decides this; nobody does in its place.", "由厂商审核，不能代为决定。"),
        Text("Wait for its decision.", "请等待其审核结果。"),
    )


def _is(one: Qualification, named: str) -> bool:
    wanted = " ".join(named.split())
    return wanted.upper() == one.code or wanted == one.company
