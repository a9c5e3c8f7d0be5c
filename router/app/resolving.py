"""Where a call would go, and why: what ``line400 resolve`` prints and the API answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr_flows.findings import Language, Text
from ivr_flows.schema import nearest
from router.book import RouteBook
from router.callers import Caller, caller_facts
from router.overlay import Overlay
from router.resolution import Inbound, Resolution
from router.tried import Tried

from .problems import Problem, usage


@dataclass(frozen=True, slots=True)
class Explained:
    """Where a call goes: ``tried`` are the lines that the carrier tries for it, ``caller`` what is known of the
    caller."""

    resolution: Resolution
    tried: tuple[Tried, ...]
    caller: Caller

    @property
    def unknown(self) -> bool:
        """Whether the number is valid and not configured."""
        fault = self.resolution.fault
        return fault is not None and fault.code == "unknown_number"

    def as_json(self, language: Language) -> dict[str, object]:
        """What ``resolve --json`` prints (CONTRACT)."""
        facts = self.caller
        return {
            **self.resolution.as_json(language),
            "tried": [one.as_json(language) for one in self.tried],
            "caller": {
                "number": facts.number,
                "kind": facts.kind,
                **facts.place._asdict(),
                "unsure": [*facts.unsure],
            },
        }


def explained(book: RouteBook, overlay: Overlay, inbound: Inbound) -> Explained:
    """Where ``inbound`` goes. Raises `Problem` for a trunk that is not configured, `NumberError` for what is no
    number."""
    if inbound.trunk is not None and inbound.trunk not in book.trunks:
        raise unknown_trunk(inbound.trunk, list(book.trunks))
    resolution = book.resolve(inbound, overlay)
    return Explained(resolution, _tried(book, overlay, inbound), caller_facts(inbound.caller, resolution.base_number))


def _tried(book: RouteBook, overlay: Overlay, inbound: Inbound) -> tuple[Tried, ...]:
    """The lines that the carrier tries for a call that is dialled; none for one that arrives over a trunk."""
    from simulator.carrier import Carrier
    from simulator.placing import tried_of

    if inbound.trunk is not None or inbound.original_called is not None:
        return ()
    carrier = Carrier(book, traffic=inbound.traffic)
    return tried_of(carrier.translate(inbound.dialled, inbound.caller, inbound.at, inbound.call_id, overlay))


def unknown_trunk(name: str, known: Sequence[str]) -> Problem:
    """The problem of a trunk that the configuration does not have."""
    close = nearest(name, known)
    listed = ", ".join(known)
    return usage(
        "unknown-trunk",
        Text(f"There is no trunk `{name}`.", f"没有中继 `{name}`。"),
        Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
        if close
        else Text(f"Known: {listed}.", f"已有：{listed}。"),
    )
