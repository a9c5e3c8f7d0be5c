"""The desk of one command: made from its options, used once, its refusals turned into exit statuses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ivr_flows.findings import Text
from router.configuration import load_files, read_folder
from router.desk import Desk, NotAllowed, Unclear
from router.life.model import LifeError
from router.paperwork.sealing import Sealer, sealer_of
from router.paperwork.uploads import UploadError
from router.store import Store, StoreError

from ..invocation import Invocation
from ..loading import load_settings
from ..moments import parse_time
from ..problems import NOT_RIGHT, REFUSED, Problem, usage
from ..stores import author_of, is_there

T = TypeVar("T")


class Counter:
    """Where one command meets the desk. Files other than line400.yaml may be broken; what needs them says so."""

    def __init__(self, invocation: Invocation, at: str | None, author: str | None, reason: str | None) -> None:
        self.invocation = invocation
        self.settings, self.zone = load_settings(invocation)
        self.now = time.time()
        self.at = self.now if at is None else parse_time(at, self.zone)
        files, _ = read_folder(invocation.config)
        self.configuration = load_files(files, invocation.config, lint=False).configuration
        self.author = author_of(author)
        self.reason = reason or ""

    def desk(self, store: Store | None) -> Desk:
        """The desk over an open store, or over none."""
        return Desk(
            self.settings,
            self.invocation.config,
            self.configuration,
            store,
            self._sealer,
            self.author,
            self.reason,
            self.at,
            self.now,
        )

    def read(self, action: Callable[[Desk], Awaitable[T]]) -> tuple[Desk, T]:
        """Let ``action`` read; the desk without a store where none was made yet."""
        url = self.settings.store
        if not is_there(url):
            return self._run(None, action)
        try:
            return self._run(lambda: Store.open(url, create=False, read_only=True), action)
        except StoreError as error:
            if error.code != "schema_older":
                raise
        return self.change(action)  # opened for writing, the store is brought up to date

    def change(self, action: Callable[[Desk], Awaitable[T]]) -> tuple[Desk, T]:
        """Let ``action`` change the store, made where there is none."""
        return self._run(lambda: Store.open(self.settings.store), action)

    def _run(
        self, opening: Callable[[], Awaitable[Store]] | None, action: Callable[[Desk], Awaitable[T]]
    ) -> tuple[Desk, T]:
        async def work() -> tuple[Desk, T]:
            if opening is None:
                desk = self.desk(None)
                return desk, await action(desk)
            async with await opening() as store:
                desk = self.desk(store)
                return desk, await action(desk)

        with refusals():
            desk, result = asyncio.run(work())
        for text in desk.warnings:
            self.invocation.warn(text)
        for text in desk.notes:
            self.invocation.note(text)
        return desk, result

    def _sealer(self) -> Sealer:
        """What opens and seals personal data; makes the key file where none is there, and says so."""
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


@contextmanager
def refusals() -> Iterator[None]:
    """What is refused ends the command, nothing changed: with status 1 by the rules of a life or of documents, with 2
    what was not understood, with 3 what the role does not allow."""
    try:
        yield
    except Unclear as error:
        raise usage(error.code, error.message, error.cure) from error
    except NotAllowed as error:
        raise Problem(REFUSED, error.code, error.message, error.cure) from error
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
