"""Who pays for what: the companies, and the story of every number, from the store's lives and from the files.

A company is known by its unified social credit code where it has a qualification, else by its name. A number that the
store runs no life of belongs to the company that numbers.yaml names, from its day of purchase on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from zoneinfo import ZoneInfo

from ivr_flows.findings import Text
from router.billing.months import Month, midnight
from router.billing.refusal import BillingError
from router.billing.tenure import NOBODYS, Held, Tenure, tenures
from router.desk.desk import rules_of
from router.life.machine import settle
from router.life.model import Life, Rules
from router.life.seeding import seeded_life
from router.model import Configuration, NumberFacts
from router.store import Store
from router.store.billing_rows import LifeEvent
from router.tariffs import BillingRules, PriceTable, table_for

NAMELESS = "-"
"""The account of numbers whose files name no company."""
_ALWAYS = float("-inf")


@dataclass(frozen=True, slots=True)
class Books:
    """What drafts are made from, as it is known at ``at``. ``companies``: account → name; ``stories``: number → who
    had it, in order of time. ``codes``: name of a qualified company → its credit code."""

    configuration: Configuration
    at: float
    companies: Mapping[str, str]
    stories: Mapping[str, Sequence[Held]] = field(repr=False)
    codes: Mapping[str, str] = field(default_factory=dict)

    def same(self, account: str) -> str:
        """The account by its present key: what was entered under a company's name is its code's once it has one."""
        return self.codes.get(account, account)

    @property
    def rules(self) -> BillingRules:
        """How bills are made."""
        return self.configuration.settings.billing

    @property
    def zone(self) -> tzinfo:
        """Whose midnight ends a month."""
        return ZoneInfo(self.rules.timezone)

    def prices(self, day: date) -> PriceTable:
        """The prices on ``day``. Raises `BillingError` before the first table."""
        table = table_for(self.configuration.prices, day)
        if table is None:
            first = min((one.since for one in self.configuration.prices), default=None)
            raise BillingError(
                "no-prices",
                Text(
                    f"No price table holds on {day}; the first is from {first}.", f"{day} 没有价格表；最早为 {first}。"
                ),
                Text("Add a table with an earlier `from` to prices.yaml.", "请在 prices.yaml 中补充更早的价格表。"),
            )
        return table

    def account(self, named: str | None) -> str:
        """The account of the company ``named`` by its credit code or name. Where none is named: the one of
        line400.yaml, else the only one. Raises `BillingError`."""
        if named is None:
            holding = {held.account for story in self.stories.values() for held in story if held.account is not None}
            choice = [account for account in self.companies if account in holding] or list(self.companies)
            own = self.configuration.settings.company
            choice = [account for account in choice if own in (account, self.companies[account])] or choice
            if len(choice) == 1:
                return choice[0]
            listed = [self.companies[account] for account in choice[:5]]
            raise BillingError(
                "which-company",
                Text(
                    f"Say for which company: {', '.join(listed)}." if listed else "No company has a number.",
                    f"请指定公司：{'、'.join(listed)}。" if listed else "没有任何公司持有号码。",
                ),
                Text("Name one: --company NAME or its credit code.", "请指定：--company 公司名或统一社会信用代码。"),
            )
        wanted = " ".join(named.split())
        for account, name in self.companies.items():
            if wanted in (account, name) or wanted.upper() == account:
                return account
        raise BillingError(
            "unknown-company",
            Text(f"There is no company `{wanted[:60]}`.", f"没有公司 `{wanted[:60]}`。"),
            Text(
                f"Known: {', '.join(list(self.companies.values())[:8])}.",
                f"已知公司：{'、'.join(list(self.companies.values())[:8])}。",
            ),
        )

    def tenures(self, month: Month) -> dict[str, list[Tenure]]:
        """Account → what it had of each number in ``month``."""
        found: dict[str, list[Tenure]] = {}
        for number, story in self.stories.items():
            for tenure in tenures(number, story, month, self.zone):
                found.setdefault(tenure.account, []).append(tenure)
        return found

    def held_by(self, account: str) -> list[str]:
        """The numbers that ``account`` has at the moment of the books."""
        return [number for number, story in self.stories.items() if story and story[-1].account == account]


async def read_books(store: Store | None, configuration: Configuration, at: float) -> Books:
    """The books as they are at ``at``; ``store`` None: there is none yet, the files alone tell. Raises `StoreError`."""
    owners: dict[int, tuple[str, str]] = {}
    lives: dict[str, Life] = {}
    events: dict[str, list[LifeEvent]] = {}
    if store is not None:
        owners = {one.id: (one.code, one.company) for one in await store.qualifications()}
        lives = {life.number: life for life in await store.lives(_ALWAYS)}
        async for event in store.life_events():
            if event.at <= at:
                events.setdefault(event.number, []).append(event)
    codes = {company: code for code, company in owners.values()}
    companies: dict[str, str] = dict(owners.values())
    facts = {one.number: one for one in configuration.numbers}
    stories: dict[str, list[Held]] = {}
    for number in dict.fromkeys((*facts, *lives)):
        named = facts[number].company or NAMELESS if number in facts else NAMELESS
        company = codes.get(named, named)
        if company not in companies and number in facts:
            companies[company] = named
        told = events.get(number, [])
        life = lives.get(number)
        story = _Story(company, owners, told, facts.get(number), configuration, number)
        stories[number] = story.until(at, life, rules_of(configuration.settings))
    used = {held.account for story in stories.values() for held in story if held.account is not None}
    for account in sorted(used - set(companies)):
        companies[account] = account
    return Books(configuration, at, companies, stories, codes)


@dataclass(slots=True)
class _Story:
    """Making the story of one number."""

    company: str
    owners: Mapping[int, tuple[str, str]]
    events: Sequence[LifeEvent]
    facts: NumberFacts | None
    configuration: Configuration
    number: str
    held: list[Held] = field(default_factory=list)
    state: str = "stock"
    owner: int | None = None
    tier: str = "普通"
    instance: str | None = None

    def until(self, at: float, life: Life | None, rules: Rules) -> list[Held]:
        """The story up to ``at``; what time has done is in it also where nobody wrote it down."""
        seed = self._begin(at)
        for event in self.events:
            self.state = event.changed["state"]
            self.owner = event.changed.get("owner", self.owner)
            self.tier = event.changed.get("tier", self.tier)
            self.instance = event.changed.get("instance", self.instance)
            self._add(event.at)
        current = life if self.events else seed
        if current is not None and current.state == self.state:
            for step in settle(current, at, rules):
                if step.after.state != self.state:
                    self.state, self.owner = step.after.state, step.after.owner
                    self._add(step.at)
        return self.held

    def _begin(self, at: float) -> Life | None:
        """What the files say of the time before the first event; the life that they start."""
        if self.facts is None:
            return None
        seed = seeded_life(self.facts, self.configuration.routes.get(self.number))
        self.state = self.events[0].before if self.events else seed.state
        if self.state in NOBODYS:
            return None
        self.tier, self.instance = self.facts.tier, self.facts.instance
        zone = ZoneInfo(self.configuration.settings.billing.timezone)
        since = _ALWAYS if self.facts.purchased is None else midnight(self.facts.purchased, zone)
        if since > at:
            return None
        self._add(since)
        return seed

    def _add(self, at: float) -> None:
        account: str | None = None
        if self.state not in NOBODYS:
            account = self._account()
        moment = max(at, self.held[-1].at) if self.held else at
        self.held.append(Held(moment, self.state, account, self.tier, self.instance))

    def _account(self) -> str:
        if self.owner is None:
            return self.company
        return self.owners[self.owner][0] if self.owner in self.owners else f"#{self.owner}"


def company_of(books: Books, account: str) -> str:
    """The name of an account's company."""
    return books.companies.get(account, account)
