"""Who does what, where and when: what the commands ``qualify`` and ``numbers`` stand on."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from ivr_flows.findings import Text
from router.configuration import load_files, read_folder
from router.life.model import LifeError, Rules
from router.life.office import SimulatedOffice
from router.life.qualification import Qualification, day_of
from router.life.workdays import Workdays
from router.model import Configuration, Settings
from router.paperwork.sealing import Sealer, sealer_of
from router.paperwork.uploads import UploadError
from router.store import Store, StoreError

from ..invocation import Invocation
from ..loading import load_settings
from ..moments import parse_time
from ..problems import NOT_RIGHT, Problem, usage
from ..stores import author_of, change, read

T = TypeVar("T")


@dataclass
class Desk:
    """``at`` is the moment in the life, ``now`` the one that the audit is stamped with."""

    invocation: Invocation
    settings: Settings
    zone: tzinfo
    author: str
    reason: str
    at: float
    now: float
    configuration: Configuration | None
    office: SimulatedOffice = field(init=False)

    def __post_init__(self) -> None:
        calendars = self.configuration.calendars.values() if self.configuration else ()
        years = next((spec.holiday_years for spec in calendars if spec.holiday_years), {})
        self.office = SimulatedOffice(Workdays(self.zone, years), self.settings.life.seed)

    @property
    def today(self) -> date:
        """The day of ``at``."""
        return day_of(self.at, self.zone)

    @property
    def rules(self) -> Rules:
        """Periods and zone, as the settings have them."""
        return Rules(self.zone, renewal_months=self.settings.life.renewal_months, contact=self.settings.life.contact)

    @cached_property
    def sealer(self) -> Sealer:
        """What opens and seals personal data; makes the key file where none is there, and says so. Raises
        `SealingError`."""
        life = self.settings.life
        sealer, made = sealer_of(life.key_env, Path(life.key_file), self.invocation.environment)
        if made:
            self.invocation.note(
                Text(
                    f"A key for personal data was made: {life.key_file}. Keep a copy; without it they cannot be read.",
                    f"已生成个人信息加密密钥：{life.key_file}。请另存副本；丢失后无法解密。",
                )
            )
        return sealer

    def change(self, action: Callable[[Store], Awaitable[T]]) -> T:
        """Let ``action`` change the store, deadlines that are over having taken effect first."""

        async def work(store: Store) -> T:
            store.rules = self.rules
            await store.settle_lives(self.at, self.now)
            return await action(store)

        return change(self.settings.store, work)

    def read(self, action: Callable[[Store], Awaitable[T]]) -> T | None:
        """What ``action`` reads; None where there is no store yet."""

        async def work(store: Store) -> T:
            store.rules = self.rules
            return await action(store)

        try:
            return read(self.settings.store, work)
        except StoreError as error:
            if error.code != "schema_older":
                raise
        change(self.settings.store, _nothing)  # opened for writing, the store is brought up to date
        return read(self.settings.store, work)

    def company(self, named: str | None) -> Qualification:
        """The qualification of the company ``named`` by its credit code or name; the only one where none is named.
        Raises `LifeError`."""
        known = self.read(lambda store: store.qualifications()) or []
        if named is None:
            found = known
        else:
            wanted = " ".join(named.split())
            found = [one for one in known if wanted.upper() == one.code or wanted == one.company]
        if len(found) == 1:
            return found[0]
        if named is None and len(found) > 1:
            listed = ", ".join(one.company for one in found[:5])
            raise usage(
                "which-company",
                Text(f"Several companies have a qualification: {listed}.", f"有多家公司的资质：{listed}。"),
                Text("Name one: --company NAME or its credit code.", "请指定：--company 公司名或统一社会信用代码。"),
            )
        raise LifeError(
            "no-qualification",
            Text(f"There is no qualification of {named or 'any company'}.", f"没有{named or '任何公司'}的资质。"),
            Text("Submit one: line400 qualify submit.", "请先提交资质：line400 qualify submit。"),
        )

    def answer(self, document: object, said: Text, status: int = 0) -> int:
        """Print the result: one document, or one sentence."""
        if self.invocation.json:
            self.invocation.document(document)
        else:
            self.invocation.line(self.invocation.say(said))
        return status


async def _nothing(_: Store) -> None:
    """Change nothing."""


def desk(invocation: Invocation, at: str | None, author: str | None, reason: str | None) -> Desk:
    """The desk of one command. Files other than line400.yaml may be broken; what needs them says so."""
    settings, zone = load_settings(invocation)
    now = time.time()
    moment = now if at is None else parse_time(at, zone)
    files, _ = read_folder(invocation.config)
    configuration = load_files(files, invocation.config, lint=False).configuration
    return Desk(invocation, settings, zone, author_of(author), reason or "", moment, now, configuration)


@contextmanager
def refusals() -> Iterator[None]:
    """What the rules of a number's life or of documents refuse ends the command with status 1, nothing changed."""
    try:
        yield
    except (LifeError, UploadError) as error:
        raise Problem(NOT_RIGHT, error.code, error.message, error.cure) from error


def needed(value: T | None, option: str, example: str) -> T:
    """``value``, which the command cannot do without. Raises `Problem`."""
    if value is None:
        raise usage(
            "missing-value",
            Text(f"{option} is needed.", f"缺少 {option}。"),
            Text(f"For example: {example}", f"例如：{example}"),
        )
    return value


def unknown_action(name: str, known: tuple[str, ...]) -> Problem:
    """The problem of a word that is no action."""
    return usage(
        "unknown-action",
        Text(f"There is no action `{name}`.", f"没有操作 `{name}`。"),
        Text(f"One of: {', '.join(known)}.", f"可选：{'、'.join(known)}。"),
    )
