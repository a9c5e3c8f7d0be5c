"""What the files say, one by one, before anybody asks whether the names in them fit together.

Each reader validates entry by entry and reports every fault; a broken entry is left out of the values but keeps its
name, so that what refers to it is not reported as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import Refusal, Strict, half_width, nearest, read_model
from ivr_flows.yaml_source import Document, Mapping, Scalar, Sequence, Value
from router.invariants import Invariant
from router.model import (
    DEFAULT_KEY_FILE,
    AccessKey,
    ApiEndpoint,
    CalendarSpec,
    Endpoint,
    Fallback,
    FetchAccess,
    HolidayYear,
    InstanceText,
    LifeSettings,
    Line,
    NumberFacts,
    QueueSpec,
    Route,
    Settings,
    Trunk,
)
from router.route_options import NO_OVERFLOW, Overflow
from router.tariffs import PriceTable

from .folder import KNOWN, SETTINGS
from .schemas import (
    FILES,
    BoxEntry,
    InstanceEntry,
    LineEntry,
    NumberEntry,
    QueueEntry,
    SettingsFile,
)
from .trunk_schemas import TrunkEntry
from .values import read_name

FILE_NAMES = KNOWN

M = TypeVar("M", bound=Strict)
T = TypeVar("T")


@dataclass(slots=True)
class Declared:
    """Names that a file defines, good or broken. None: the file could not be read, so any name may exist."""

    lines: set[str] | None = None
    trunks: set[str] | None = None
    queues: set[str] | None = None
    boxes: set[str] | None = None
    instances: set[str] | None = None
    lists: set[str] | None = None
    calendars: set[str] | None = None


@dataclass(slots=True)
class Parts:
    """The values of all files, and the trees they came from. ``numbers_known`` and ``routes_known``: nothing of them
    was left out for a fault, so that what is not there does not exist. ``secrets`` are environment variables."""

    settings: Settings = field(default_factory=Settings)
    numbers: list[NumberFacts] = field(default_factory=list)
    numbers_known: bool = True
    routes_known: bool = True
    lines: dict[str, Line] = field(default_factory=dict)
    trunks: dict[str, Trunk] = field(default_factory=dict)
    queues: dict[str, QueueSpec] = field(default_factory=dict)
    boxes: dict[str, float] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    instance_texts: dict[str, InstanceText] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    calendars: dict[str, CalendarSpec] = field(default_factory=dict)
    holiday_years: dict[int, HolidayYear] = field(default_factory=dict)
    invariants: list[Invariant] = field(default_factory=list)
    prices: tuple[PriceTable, ...] = ()
    documents: dict[str, Document] = field(default_factory=dict)
    declared: Declared = field(default_factory=Declared)
    files: Mapping_[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    secrets: Mapping_[str, str] = field(default_factory=dict, repr=False)

    def report(
        self,
        code: str,
        place: Place,
        message: Text,
        cure: Text,
        severity: Literal["error", "warning", "info"] = "error",
    ) -> None:
        """Add a finding."""
        self.findings.append(Finding(severity, code, place, message, cure))

    def shown(self, name: str) -> str:
        """How findings call the file ``name``."""
        return self.files[name]

    def root(self, file: str) -> Mapping | None:
        """The tree of ``file``, where it could be read."""
        document = self.documents.get(file)
        return document.root if document and isinstance(document.root, Mapping) else None


def section(parts: Parts, file: str, key: str, kind: type[T]) -> T | None:
    """The section ``key`` of ``file``; None where it is not there, empty, or (reported) of another kind."""
    root = parts.root(file)
    value = root.get(key) if root else None
    if value is None or (isinstance(value, Scalar) and value.is_null):
        return None
    if isinstance(value, kind):
        return value
    assert root is not None
    word = Text("a list", "列表") if kind is Sequence else Text("a mapping", "映射")
    parts.report(
        "bad-value",
        root.place_of(key),
        Text(f"`{key}` wants {word.en}.", f"`{key}` 应为{word.zh}。"),
        Text(f"Write {word.en} below `{key}:`.", f"请在 `{key}:` 下写{word.zh}。"),
    )
    return None


def check_sections(parts: Parts, file: str) -> None:
    """Report top-level keys of ``file`` that are not known, and a file that is no mapping."""
    document = parts.documents[file]
    root = document.root
    known = known_keys(file)
    if root is None:
        return
    if not isinstance(root, Mapping):
        parts.report(
            "bad-value",
            root.place,
            Text("The file must hold keys and values.", "文件内容应为键和值。"),
            Text(f"Begin it with `{known[0]}:`.", f"请以 `{known[0]}:` 开头。"),
        )
        document.root = None
        return
    for key in root.entries:
        if key not in known and file != SETTINGS:  # the settings are one entry, and judged as such
            close = nearest(key, known)
            listed = ", ".join(known)
            parts.report(
                "unknown-key",
                root.place_of(key),
                Text(f"The key `{key}` is not known here.", f"这里没有键 `{key}`。"),
                Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
                if close
                else Text(f"Known keys: {listed}.", f"可用的键：{listed}。"),
            )


def named(parts: Parts, file: str, key: str, model: type[M]) -> Iterator[tuple[str, M, Place]]:
    """The good entries of a section of named things."""
    entries = section(parts, file, key, Mapping)
    for name, value in entries.entries.items() if entries else ():
        assert entries is not None
        place = entries.place_of(name)
        good = accept(parts, place, read_name, name) is not None
        entry, findings = read_model(model, parts.documents[file], value, (key, name))
        parts.findings.extend(findings)
        if entry is not None and good:
            yield name, entry, place


def accept(parts: Parts, place: Place, read: Callable[[object], T], value: object) -> T | None:
    """``value`` as ``read`` understands it; None, and its refusal reported at ``place``, where it does not."""
    try:
        return read(value)
    except Refusal as error:
        parts.report(error.code, place, error.message, half_width(value, error.cure))
        return None


def is_null(value: Value) -> bool:
    """Whether nothing is written there."""
    return isinstance(value, Scalar) and value.is_null


def names_of(parts: Parts, file: str, key: str) -> set[str] | None:
    """Names that a section declares; None where the file or the section could not be read, or the file has an
    unknown key that may be a misspelt name of the section."""
    document = parts.documents.get(file)
    if document is not None and document.root is None:
        return None
    root = parts.root(file)
    value = root.get(key) if root else None
    if isinstance(value, Mapping):
        return set(value.entries)
    if value is not None:
        return set() if is_null(value) or (key == "numbers" and isinstance(value, Sequence)) else None
    misspelt = root is not None and not set(root.entries) <= set(known_keys(file))
    return None if misspelt else set()


def known_keys(file: str) -> list[str]:
    """Top-level keys of ``file``."""
    return [item.alias or name for name, item in FILES[file.removesuffix(".yaml")].model_fields.items()]


def read_settings(parts: Parts, file: str, store: Callable[[str], str], path: Callable[[str], str]) -> None:
    """``line400.yaml``; ``store`` makes the store's URL absolute, ``path`` a folder."""
    document = parts.documents.get(file)
    if document is None or document.root is None:
        return
    entry, findings = read_model(SettingsFile, document)
    parts.findings.extend(findings)
    if entry is None:
        return
    parts.settings = Settings(
        company=entry.company,
        timezone=entry.timezone,
        store=store(entry.store),
        api=ApiEndpoint(
            entry.api.host,
            entry.api.port,
            tls_cert=path(entry.api.tls_cert) if entry.api.tls_cert else None,
            tls_key=path(entry.api.tls_key) if entry.api.tls_key else None,
            rate=entry.api.rate,
            concurrent=entry.api.concurrent,
        ),
        access_keys=tuple(AccessKey(**dict(key)) for key in entry.api.access_keys),
        fastagi=Endpoint(entry.fastagi.host, entry.fastagi.port),
        other_routers=entry.fastagi.also,
        switch_cdr=path(entry.asterisk.cdr) if entry.asterisk.cdr else None,
        telephones_dial=entry.asterisk.telephones_dial,
        external_address=entry.asterisk.external_address,
        local_networks=entry.asterisk.local_networks,
        fetch=FetchAccess(entry.fetch.allow, entry.fetch.networks),
        asterisk=Endpoint(
            entry.asterisk.host, entry.asterisk.ami_port, entry.asterisk.username, entry.asterisk.secret_env
        ),
        lint=entry.lint,
        messages=entry.messages.service() if entry.messages else None,
        speech=entry.speech.service() if entry.speech else None,
        events=entry.events.service() if entry.events else None,
        webhooks=tuple(receiver.receiver() for receiver in entry.webhooks),
        recordings=tuple(path(folder) for folder in entry.recordings),
        sounds=path(entry.sounds) if entry.sounds else None,
        speech_command=entry.speech_command,
        retention=entry.retention.retention(),
        apply=entry.apply.value() if entry.apply else None,
        life=LifeSettings(
            entry.life.contact,
            entry.life.key_env,
            path(entry.life.key_file or DEFAULT_KEY_FILE),
            entry.life.renewal_months,
            entry.life.quarantine,
            entry.life.seed,
        ),
        billing=entry.billing.rules(),
    )


def read_numbers(parts: Parts, file: str) -> None:
    """``numbers.yaml``."""
    items = section(parts, file, "numbers", Sequence)
    for index, value in enumerate(items.items if items else ()):
        entry, findings = read_model(NumberEntry, parts.documents[file], value, ("numbers", index))
        parts.findings.extend(findings)
        if entry is None:
            parts.numbers_known = False
            continue
        where = value.place_of("number") if isinstance(value, Mapping) else value.place
        parts.numbers.append(
            NumberFacts(
                number=entry.number,
                company=entry.company or parts.settings.company,
                carrier=entry.carrier,
                tier=entry.tier,
                instance=entry.instance,
                purchased=entry.purchased,
                expires=entry.expires,
                auto_renew=entry.auto_renew,
                state=entry.state,
                place=where,
            )
        )


def read_lines(parts: Parts, file: str) -> None:
    """``lines.yaml``."""
    for name, entry, place in named(parts, file, "lines", LineEntry):
        fallback = entry.fallback
        parts.lines[name] = Line(
            name=name,
            base_number=entry.base_number,
            trunk=entry.trunk,
            carrier=entry.carrier,
            province=entry.province,
            city=entry.city,
            channels=entry.channels,
            overflow=Overflow(**dict(entry.overflow)) if entry.overflow else NO_OVERFLOW,
            ring_time=entry.ring_time,
            max_forwards=entry.max_forwards,
            default_number=entry.default_number,
            fallback=Fallback(fallback.announce, fallback.number) if fallback else Fallback(),
            place=place,
        )


def read_trunks(parts: Parts, file: str) -> None:
    """``trunks.yaml``."""
    for name, entry, place in named(parts, file, "trunks", TrunkEntry):
        parts.trunks[name] = Trunk(name=name, place=place, **dict(entry))


def read_queues(parts: Parts, file: str) -> None:
    """``queues.yaml``: queues, boxes and instances."""
    for name, queue, place in named(parts, file, "queues", QueueEntry):
        parts.queues[name] = QueueSpec(name=name, place=place, **dict(queue))
    for name, box, _ in named(parts, file, "voicemail", BoxEntry):
        parts.boxes[name] = box.max
    for name, instance, _ in named(parts, file, "instances", InstanceEntry):
        parts.instances[name] = instance.queue
        parts.instance_texts[name] = InstanceText(instance.title, instance.description)
