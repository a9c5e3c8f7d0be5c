"""The application ``Dial``: a leg to a number, presenting what the channel's caller id says, never a 400 number.

``Dial(PJSIP/number@trunk[&…][,timeout[,options]])``, or with the address written out, as the generated dialplan does:
``PJSIP/endpoint/sip:number@host``. It sets ``DIALSTATUS`` (``ANSWER``, ``BUSY``, ``NOANSWER``,
``CANCEL``, ``CHANUNAVAIL``, ``CONGESTION``), ``HANGUPCAUSE``, ``DIALEDPEERNUMBER``, ``ANSWEREDTIME``. Options that
are understood: ``g`` (go on behind Dial when the far side hangs up), ``D(digits)``, ``f(number)``.
"""

from __future__ import annotations

import re

from router.asterisk.generated.names import leaves_by
from simulator.parties import TargetScript

from . import guard
from .channel import AbsoluteTimeout, Channel, ChannelHungUp
from .legs import Leg, place, ring, talk
from .quantities import seconds

_TECHNOLOGY = re.compile(r"(PJSIP|SIP|Local|DAHDI|IAX2)/(.+)\Z", re.IGNORECASE)
_OPTION = re.compile(r"([A-Za-z])(?:\(([^)]*)\))?")
_STATUS = {"busy": ("BUSY", 17), "failed": ("CHANUNAVAIL", 20), "no_answer": ("NOANSWER", 19), "key": ("CANCEL", 16)}
LONGEST_RING = 3600.0


def number_of(resource: str) -> tuple[str, str]:
    """The number and the trunk of ``number@trunk``, ``number@context/n``, ``trunk/number`` or
    ``endpoint/sip:number@host``, where the endpoint stands for the trunk."""
    resource = resource.split("/n")[0] if resource.endswith("/n") else resource
    endpoint, explicit, address = resource.partition("/sip:")
    if explicit:
        return address.partition("@")[0], endpoint
    number, at, trunk = resource.partition("@")
    if not at and "/" in number:
        trunk, _, number = number.partition("/")
    if number.lower().startswith("sip:"):
        number = number[4:]
    return number, trunk


async def dial(channel: Channel, arguments: list[str]) -> int:
    """Run the application. Returns 0 when the dialplan goes on, -1 when the call is over."""
    core = channel.core
    targets = [target for target in (arguments[0] if arguments else "").split("&") if target]
    options = {match[1]: match[2] for match in _OPTION.finditer(arguments[2] if len(arguments) > 2 else "")}
    found = guard.of_channel(channel, options.get("f"))
    if found is not None:
        guard.refuse(core, "dial", channel.name, found)
        return _failed(channel, "CHANUNAVAIL", guard.REFUSED_CAUSE)
    resources = [match[2] for target in targets if (match := _TECHNOLOGY.match(target))]
    if not resources:
        return _failed(channel, "CHANUNAVAIL", 20)
    # A leg out of a line leaves by the line's own endpoint, and counts for its trunk.
    ways = {leaves_by(line.name): line.trunk for line in core.lines.values()}
    numbers = [(number, ways.get(trunk, trunk)) for number, trunk in map(number_of, resources)]
    if any(core.trunk_full(trunk) for _, trunk in numbers):
        return _failed(channel, "CONGESTION", 34)
    trunks = [trunk for _, trunk in numbers if trunk in core.trunks]
    for trunk in trunks:
        core.trunk_calls[trunk] += 1
    try:
        return await _dial(channel, numbers, _timeout(arguments), options)
    finally:
        for trunk in trunks:
            core.trunk_calls[trunk] -= 1


async def _dial(
    channel: Channel, numbers: list[tuple[str, str]], timeout: float, options: dict[str, str | None]
) -> int:
    legs = [_leg(channel, number, trunk) for number, trunk in numbers]
    channel.set_variable("DIALEDPEERNUMBER", numbers[0][0])
    if channel.ear is not None:
        channel.ear.transferred(numbers[0][0])
    try:
        rang = await ring(channel, legs, timeout)
    except (ChannelHungUp, AbsoluteTimeout):
        channel.set_variable("DIALSTATUS", "CANCEL")
        raise
    if rang.leg is None:
        return _failed(channel, *_STATUS[rang.end])
    channel.set_variable("DIALSTATUS", "ANSWER")
    digits = options.get("D") or ""
    if digits and channel.ear is not None:
        channel.ear.digits_sent(digits.split(":")[0])
    answered = channel.core.clock.now()
    far_left = await talk(channel, rang.leg, "target")
    channel.set_variable("ANSWEREDTIME", str(int(channel.core.clock.now() - answered)))
    if channel.timed_out:
        raise AbsoluteTimeout
    if channel.gone:
        return -1
    channel.set_variable("HANGUPCAUSE", "16")
    if far_left and "g" in options:
        return 0
    channel.hang_up("target", 16)
    return -1


def _leg(channel: Channel, number: str, trunk: str) -> Leg:
    script: TargetScript = channel.core.target_script(number)
    leg = place(channel.core, channel, f"PJSIP/{trunk or number}", number)
    after = script.after_s if script.kind == "answer" else None
    fails = script.kind if script.kind in ("busy", "failed") else None
    return Leg(leg, f"{number}@{trunk}" if trunk else number, after, script.talk_s, fails)


def _failed(channel: Channel, status: str, cause: int) -> int:
    channel.set_variable("DIALSTATUS", status)
    channel.set_variable("HANGUPCAUSE", str(cause))
    return 0


def _timeout(arguments: list[str]) -> float:
    timeout = seconds(arguments[1], LONGEST_RING) if len(arguments) > 1 else LONGEST_RING
    return timeout if 0 < timeout < LONGEST_RING else LONGEST_RING
