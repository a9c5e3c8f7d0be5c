"""What is defined and used nowhere. Whatever could be a use counts as one: a text of the same name in a flow too, or a
rule that stands in a comment for later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ivr_flows.findings import Place, Text
from ivr_flows.yaml_source import Mapping

from ...folder import LINES, NUMBERS, QUEUES, ROUTES
from ...references import CALENDAR, LINE, LIST, QUEUE
from ..rule import Problem, RouteRule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """Every list, calendar, line and queue that nothing names."""
    configuration = subject.configuration
    routes = set(subject.words(ROUTES, without=("lists",)))
    texts = [text for _, text in configuration.flow_sources.values()]
    written = subject.documents.get(ROUTES)
    if written is not None:
        texts.extend(line.partition("#")[2] for line in written.text.splitlines())
    elsewhere = "\n".join(texts)
    root = written.root if written is not None else None
    lists = root.get("lists") if isinstance(root, Mapping) else None
    for name in configuration.lists:
        if name not in routes and name not in elsewhere and isinstance(lists, Mapping):
            yield _problem("unused-list", LIST, name, lists.place_of(name))
    bound = {route.line for route in configuration.routes.values()}
    yield from _unused(
        "unused-line",
        LINE,
        ((line.name, line.place) for line in configuration.lines.values()),
        routes | bound | {name for line in configuration.lines.values() for name in line.overflow.lines},
        elsewhere,
    )
    yield from _unused(
        "unused-calendar",
        CALENDAR,
        ((calendar.name, calendar.place) for calendar in configuration.calendars.values()),
        routes,
        elsewhere,
    )
    if QUEUES in subject.documents:
        named = set(subject.words(QUEUES, without=("queues",))) | set(subject.words(LINES)) | {"default"}
        yield from _unused(
            "unused-queue",
            QUEUE,
            ((queue.name, queue.place) for queue in configuration.queues.values()),
            named | routes | set(subject.words(NUMBERS)),
            elsewhere,
        )


def _unused(
    code: str, what: Text, defined: Iterable[tuple[str, Place]], used: set[str] | set[str | None], elsewhere: str
) -> Iterator[Problem]:
    for name, place in defined:
        if name not in used and name not in elsewhere:
            yield _problem(code, what, name, place)


def _problem(code: str, what: Text, name: str, place: Place) -> Problem:
    return Problem(
        place,
        Text(f"Nothing uses the {what.en} `{name}`.", f"没有地方使用{what.zh} `{name}`。"),
        Text("Delete it, or use it.", "请删除，或在需要处引用。"),
        code=code,
    )


RULE = RouteRule(
    "unused-line",
    "info",
    Text("something that is defined and not used", "已定义但没有使用"),
    Text("things that nothing uses", "没有使用的定义"),
    check,
    others=("unused-list", "unused-calendar", "unused-queue"),
)
