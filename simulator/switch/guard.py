"""No leg leaves the switch presenting a 400 number: what a leg would present, judged by the one policy.

400 numbers are inbound only; the judgement itself is `router.number400.presents_400`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from router.asterisk.generated.names import REFUSED_EVENT
from router.number400 import presents_400

from . import events
from .channel import Channel
from .core import Core, log
from .functions import parse_caller_id
from .spec import RefusedLeg

REFUSED_MESSAGE = "Originate refused: 400 numbers are inbound only (outbound_400)"
REFUSED_CAUSE = 21
"""Q.850 call rejected."""

_PRESENTING = re.compile(r"_{0,2}(CALLERID|CONNECTEDLINE|REDIRECTING|PJSIP_HEADER|SIPADDHEADER[0-9]*)(\(.*\))?\Z", re.I)


def _candidates(text: str) -> list[str]:
    """The texts to judge of one value: itself, and the two halves of a caller id or of a ``Header: value``."""
    name, number = parse_caller_id(text)
    header, colon, value = text.partition(":")
    found = [text, name, number]
    if colon and re.fullmatch(r"\s*[A-Za-z-]+\s*", header) and header.strip().lower() not in ("sip", "sips", "tel"):
        found += [value, *parse_caller_id(value)]
    return [candidate for candidate in found if candidate.strip()]


def presented(values: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The first of (where it stands, text) that presents a 400 number."""
    for where, text in values:
        if any(presents_400(candidate) for candidate in _candidates(text)):
            return where, text
    return None


def of_channel(channel: Channel, override: str | None = None) -> tuple[str, str] | None:
    """What a leg dialled from ``channel`` would present; ``override`` is the number of Dial's option ``f``."""
    return presented(
        [
            ("CALLERID(num)", channel.caller_number if override is None else override),
            ("CALLERID(name)", channel.caller_name),
            ("CALLERID(ani)", channel.ani if override is None else override),
            ("REDIRECTING(from-num)", channel.redirecting_from),
            ("REDIRECTING(from-name)", channel.redirecting_name),
            *((f"PJSIP_HEADER({name})", value) for name, value in channel.added_headers),
        ]
    )


def of_variables(assignments: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """What variables given to an Originate would present."""
    return presented((name, value) for name, value in assignments if _PRESENTING.match(name))


def refuse(core: Core, where: str, source: str, found: tuple[str, str]) -> None:
    """Tell everybody of a refusal: the audit hook, the manager event ``UserEvent: Line400OutboundRefused``."""
    header, text = found
    leg = RefusedLeg(where, source, text, header)
    log.warning("outbound leg refused: it would present a 400 number in %s (%s)", header, where)
    core.bus.send(
        "UserEvent",
        events.USER,
        [
            ("UserEvent", REFUSED_EVENT),
            ("Code", leg.code),
            ("Where", where),
            ("Source", source),
            ("Header", header),
            ("Presented", text),
        ],
    )
    core.on_refused(leg)
