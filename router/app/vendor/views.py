"""What there is, in the vendor's words: pages, instances, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from router.model import NumberFacts
from router.number400 import Number400, NumberError
from router.vendor import errors
from router.vendor.parameters import Paged

from ..served import Directory, Served

T = TypeVar("T")
CARRIERS = {"unicom": ("中国联通", "联通"), "mobile": ("中国移动", "移动"), "telecom": ("中国电信", "电信")}
"""Display name and short name."""
PUBLISHED = "Published"
"""The status of an instance that works."""


def page(found: Sequence[T], given: Paged, write: Callable[[T], Any]) -> dict[str, Any]:
    """One page of ``found``, each item as ``write`` has it."""
    start = (given.page_number - 1) * given.page_size
    return listed([write(item) for item in found[start : start + given.page_size]], given, len(found))


def listed(items: list[Any], given: Paged, total: int) -> dict[str, Any]:
    """``items`` as the page that they are."""
    return {"Data": {"List": items, "PageNumber": given.page_number, "PageSize": given.page_size, "TotalCount": total}}


def see_instance(served: Served, name: str) -> None:
    """See that there is an instance ``name``. Raises `VendorError`."""
    if name not in served.configuration.instances:
        raise errors.no_instance(name[:64])


_SHARED: WeakKeyDictionary[Directory, Mapping[str | None, Sequence[NumberFacts]]] = WeakKeyDictionary()
"""The numbers of each instance, made once for the directory of a revision."""


def numbers_of(served: Served, instance: str | None) -> Sequence[NumberFacts]:
    """The numbers of an instance, or (None) those of none, in their order."""
    directory = served.directory
    known = _SHARED.get(directory)
    if known is None:
        found: dict[str | None, list[NumberFacts]] = {}
        for facts in directory.facts:
            found.setdefault(facts.instance, []).append(facts)
        known = _SHARED[directory] = found
    return known.get(instance, ())


def digits_of(number: str) -> str | None:
    """The canonical 400 number in ``number``, None for what is none."""
    try:
        return Number400.parse(number).digits
    except NumberError:
        return None


def number_in(served: Served, instance: str, number: str) -> NumberFacts:
    """A number of ``instance``. Raises `VendorError`."""
    digits = digits_of(number)
    facts = None if digits is None else served.directory.find(digits)
    if facts is None or facts.instance != instance:
        raise errors.no_number(number[:40], instance)
    return facts


def flow_of(served: Served, number: str) -> str | None:
    """The flow that a number is bound to."""
    route = served.book.route(number)
    return None if route is None else route.flow


def title_of(served: Served, flow: str) -> str:
    """The title of a flow; its name where it has none."""
    from .flow_files import title

    source = served.configuration.flow_sources.get(flow)
    return flow if source is None else title(flow, source[1])


def active(served: Served, number: str, now: float) -> bool:
    """Whether calls to ``number`` are connected now."""
    return served.book.connectable(number, now, served.overlay) is None


def phone_number(served: Served, facts: NumberFacts, now: float) -> dict[str, Any]:
    """A number as ListPhoneNumbers and GetInstance have it."""
    flow = flow_of(served, facts.number)
    bought = None
    if facts.purchased is not None:
        bought = datetime.combine(facts.purchased, time(), served.zone).timestamp()
    return {
        "Number": facts.number,
        "Usage": "Inbound",
        "ContactFlowId": flow,
        "ContactFlowName": None if flow is None else title_of(served, flow),
        "Active": active(served, facts.number, now),
        "InstanceId": facts.instance,
        "CreateTime": None if bought is None else str(int(bought * 1000)),
        "City": "",
        "Province": "",
        "Provider": CARRIERS[facts.carrier][0] if facts.carrier else "",
        "SkillGroups": [],
    }


def instance(served: Served, name: str, now: float, *, full: bool = True) -> dict[str, Any]:
    """An instance; ``full`` with everything about its numbers."""
    text = served.configuration.instance_texts.get(name)
    numbers = numbers_of(served, name)
    return {
        "Id": name,
        "Name": (text.title if text else "") or name,
        "Description": text.description if text else "",
        "DomainName": name,
        "Status": PUBLISHED,
        "ConsoleUrl": "",
        "AliyunUid": "",
        "AdminList": [],
        "NumberList": [phone_number(served, facts, now) if full else {"Number": facts.number} for facts in numbers],
    }
