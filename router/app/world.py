"""What ``call`` and ``resolve`` look at: a configuration or an applied revision, compiled, with what the store lays
over it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr_flows.findings import Text

from .invocation import Invocation
from .loading import content_label, load_content, load_folder, load_settings
from .problems import usage

if TYPE_CHECKING:
    from router.book import RouteBook
    from router.model import Configuration
    from router.overlay import Overlay
    from router.store import RevisionContent


@dataclass(frozen=True, slots=True)
class World:
    """``book`` is compiled from ``configuration``; ``overlay`` is what the store lays over it (empty without one).
    ``store_usable`` is False where the store was asked and could not be read: the user has been warned."""

    configuration: Configuration
    book: RouteBook
    overlay: Overlay
    store_usable: bool = True


def look(
    invocation: Invocation, revision: str | None = None, *, use_store: bool = True, keeps_record: bool = False
) -> World:
    """The world of a command. ``keeps_record``: it will write a call record, which the warning speaks of too.

    Raises `Problem` for a configuration with errors, `StoreError` for a revision that cannot be read. A store that
    cannot be read for what lies over the files costs one warning: routing is then judged by the files alone.
    """
    from router.book import RouteBook
    from router.overlay import EMPTY
    from router.store import StoreError

    from .stores import in_force, overlay_of

    configuration, label = load(invocation, revision)
    overlay = EMPTY
    usable = True
    if use_store:
        try:
            overlay = overlay_of(in_force(configuration.settings.store, time.time()))
        except StoreError as error:
            usable = False
            also = Text(", no record is kept", "，也不保存记录") if keeps_record else Text("", "")
            invocation.warn(
                Text(
                    f"Announcements, blocks and life states are left out{also.en}. {error.message.en}",
                    f"未计入通知、拦截与号码状态{also.zh}。{error.message.zh}",
                )
            )
    return World(configuration, RouteBook.compile(configuration, label), overlay, usable)


def load(invocation: Invocation, revision: str | None) -> tuple[Configuration, str]:
    """The configuration of the folder, or of an applied revision, with the name that records give it."""
    if revision is None:
        configuration = load_folder(invocation)
        return configuration, content_label(configuration.files)
    found = applied(load_settings(invocation)[0].store, revision)
    return load_content(invocation, found.files), found.revision.revision


def applied(store_url: str, revision: str) -> RevisionContent:
    """The revision ``revision`` (``1``, ``r1``, ``current``). Raises `Problem` where nothing was applied yet,
    `StoreError` where there is no such one."""
    from .stores import read

    found = read(store_url, lambda store: store.get_revision(revision))
    if found is None:
        raise usage(
            "no-revision",
            Text(
                f"There is no revision {revision}: nothing was applied yet.", f"没有版本 {revision}：尚未应用过配置。"
            ),
            Text("`line400 apply` makes the first one.", "用 `line400 apply` 生成第一个版本。"),
        )
    return found
