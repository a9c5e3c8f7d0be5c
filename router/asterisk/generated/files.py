"""All files of one revision, their heads, and how far those on disk have drifted from them."""

from __future__ import annotations

import secrets as chance
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from ...book import RouteBook
from ...model import Trunk
from ..waiting_sound import waiting_sounds
from . import dialplan, fixed, services, trunks

_MARK = "; line400"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of one Asterisk lie, and where it listens.

    ``folders`` by Asterisk's own names (``astetcdir`` …), ``music`` the folder of its music on hold. ``routers`` are
    FastAGI addresses, tried in order. ``test`` is for a switch of test calls only; ``trunks`` stand in for those of
    the book there, and agents' telephones are at the address ``agents_at`` instead of registering.
    """

    folders: Mapping[str, str]
    music: str
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    rtp: tuple[int, int] = (20000, 24999)
    routers: Sequence[str] = ("127.0.0.1:4573",)
    qualify: bool = True
    test: bool = False
    trunks: Mapping[str, Trunk] | None = None
    agents_at: str | None = None


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords: of the AMI account, of each agent's telephone, and of each trunk that registers."""

    ami_user: str
    ami: str
    agents: Mapping[str, str] = field(default_factory=dict)
    trunks: Mapping[str, str] = field(default_factory=dict)


def make_secrets(names: Iterable[str], ami_user: str, ami: str | None = None) -> Secrets:
    """Passwords for the agents ``names`` and, where none is given, for the AMI account."""
    return Secrets(ami_user, ami or chance.token_urlsafe(24), {name: chance.token_urlsafe(12) for name in names})


def generate(book: RouteBook, places: Places, secrets: Secrets) -> dict[str, str]:
    """The configuration folder of one Asterisk for ``book``: file name → text, each with its head.

    Raises `router.asterisk.generated.quoting.Unquotable` for a name that has no safe form.
    """
    known = book.trunks if places.trunks is None else places.trunks
    sounds = list(waiting_sounds(book).values())
    texts = {
        **fixed.FIXED,
        "asterisk.conf": fixed.asterisk(places.folders),
        "modules.conf": fixed.modules(),
        "cdr_custom.conf": fixed.cdr_custom(),
        "rtp.conf": fixed.rtp(*places.rtp),
        "stasis.conf": fixed.stasis(all_events=places.test),
        "musiconhold.conf": fixed.music(places.music, sounds),
        "extensions.conf": dialplan.extensions(
            book.lines,
            known,
            places.routers,
            book.revision,
            test=places.test,
            dial=book.settings.telephones_dial,
            waiting=sounds,
        ),
        "pjsip.conf": trunks.pjsip(
            book.lines,
            known,
            secrets.agents,
            bind=places.sip_host,
            port=places.sip_port,
            qualify=places.qualify,
            agents_at=places.agents_at,
            passwords=secrets.trunks,
            external=book.settings.external_address,
            local_networks=book.settings.local_networks,
        ),
        "queues.conf": services.queues(book.queues.values()),
        "voicemail.conf": services.voicemail(book.boxes),
        "manager.conf": services.manager(places.ami_host, places.ami_port, secrets.ami_user, secrets.ami),
    }
    return {name: _headed(text, book.revision) for name, text in sorted(texts.items())}


def _headed(text: str, revision: str) -> str:
    return f"{_MARK} revision={revision or 'none'} sha256={_digest(text)}\n{text}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


DriftKind = Literal["missing", "edited", "outdated", "foreign"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One file on disk that is not what the revision makes: ``missing``; ``edited`` by hand; ``outdated``, of another
    revision; ``foreign``, not made by line400."""

    file: str
    kind: DriftKind


def drift(wanted: Mapping[str, str], on_disk: Mapping[str, str]) -> list[Drift]:
    """How the files on disk differ from the ``wanted`` ones; files of others beside them are not looked at."""
    found: list[Drift] = []
    for name, text in wanted.items():
        there = on_disk.get(name)
        if there is None:
            found.append(Drift(name, "missing"))
        elif there != text:
            head, _, body = there.partition("\n")
            if not head.startswith(_MARK):
                found.append(Drift(name, "foreign"))
            elif head.rpartition("sha256=")[2] != _digest(body):
                found.append(Drift(name, "edited"))
            else:
                found.append(Drift(name, "outdated"))
    return found
