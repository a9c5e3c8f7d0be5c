"""The dialplan: every line's way to the router and, without it, to the line's fallback; the guard of outgoing legs.

A call on a trunk enters the trunk's context at its base number. The line's context hands the router everything over
AGI in one go (the arguments of the request; headers percent-encoded, so that a hostile one stays an argument), and
waits for ``LINE400_DONE=1``, the router's last act: ``AGISTATUS`` says SUCCESS also of a router that was killed. The
router lengthens the absolute timeout before it does anything but answer or refuse. Until then the call waits
`FIRST_SIGN` seconds at most and goes on to the next router; behind that sign a router that is lost leaves the caller to
the line's fallback, never to another router: the caller may have pressed keys, left a message or spoken with somebody,
which must not happen twice.

What was handed over is kept in the call record of the switch itself, from which `router.switch_calls` learns of calls
that no router recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ivr_flows.commands import Prompt

from ...model import Line, Trunk
from ...original_called import sip_name
from ...switch_calls import FELL_BACK, FULL, TALKED
from ..handed_over import REQUEST_URI
from ..prompts import prompt_file
from ..waiting_sound import CLASSES, WaitingSound
from . import guard
from .fixed import CDR_HANDED
from .names import AGENTS, leg_guard, leg_target, line_context, trunk_context
from .quoting import argument, section_name, word

LONGEST_CALL = 4 * 3600
FIRST_SIGN = 8
"""Seconds within which a router that accepted a call must have answered; behind them the fallback takes it."""
STILL_FIRST = FIRST_SIGN + 30
"""Seconds behind handing a call over within which an absolute timeout can only be that of the first sign."""
FALLBACK_RINGS = 60
NO_FALLBACK_CAUSE = 41
HANDED = "LINE400_HANDED"
"""The variable with what the router is handed."""
HISTORY_ENTRIES = 3
"""History-Info headers read of one call, each of which may hold several entries."""

CALL_HEADER = "X-Line400-Call"
"""SIP header by which a test call names its call id, percent-encoded."""
QUEUE_EXIT, EXIT_KEYS, EXIT_KEY = "line400-queue-exit", "line400-exit-keys", "line400-exit-key"
CONNECTED = "line400-connected"


def extensions(
    lines: Mapping[str, Line],
    trunks: Mapping[str, Trunk],
    routers: Sequence[str],
    revision: str,
    *,
    test: bool = False,
    dial: Iterable[str] = (),
    waiting: Iterable[WaitingSound] = (),
) -> str:
    """``extensions.conf``. ``routers`` are FastAGI addresses (``127.0.0.1:4573``), tried in order. ``test`` believes
    the header `CALL_HEADER` of who calls, for a switch of test calls only. ``dial`` are the kinds of number (see
    `guard.DIAL`) that agents' telephones may call besides those at home. ``waiting`` is what callers in queues can
    hear; the router is told by a variable of each that this switch has it."""
    names = dict.fromkeys([*trunks, *(line.trunk for line in lines.values())])
    peers = {name: (trunks.get(name) or Trunk(name)).peer.partition(":")[0] for name in names}
    # Trunks that share a peer cannot be told apart by address: a call on one reaches the lines of all.
    by_trunk = {name: [line for line in lines.values() if peers[line.trunk] == peers[name]] for name in names}
    parts = [
        _context("general", ["static = yes", "writeprotect = yes", "autofallthrough = yes", "clearglobalvars = yes"]),
        _context(
            "globals",
            [f"LINE400_REVISION = {argument(revision or 'none')}", *(f"{sound.variable} = 1" for sound in waiting)],
        ),
        *(_trunk(name, found) for name, found in by_trunk.items()),
        *(_line(line, trunks.get(line.trunk) or Trunk(line.trunk), routers, test) for line in lines.values()),
        *_outgoing(lines, trunks, dial),
        *_queue_exit(),
        _connected(),
    ]
    return "\n".join(parts)


def _context(name: str, body: Iterable[str]) -> str:
    return "\n".join([f"[{name}]", *body, ""])


def _extension(pattern: str, steps: Iterable[str]) -> list[str]:
    """Steps of one extension; a step ``label: application`` carries a label."""
    out: list[str] = []
    for place, step in enumerate(steps):
        label, separator, application = step.partition(": ")
        if not separator or not label.isidentifier():
            label, application = "", step
        mark = f"({label})" if label else ""
        out.append(f"exten => {pattern},1{mark},{application}" if place == 0 else f" same => n{mark},{application}")
    return out


def _trunk(name: str, lines: Sequence[Line]) -> str:
    body: list[str] = []
    for line in lines:
        target = f"Goto({line_context(line.name)},s,1)"
        for spelling in _spellings(line.base_number):
            body += _extension(spelling, [target])
    first = next(iter(lines), None)
    if first is not None:
        # A carrier that does not translate: the 400 number is asked for itself, and arrives on the trunk's first line.
        steps = ["Set(LINE400_REQUEST_URI=${EXTEN})", f"Goto({line_context(first.name)},s,1)"]
        for prefix in ("", "86", "+86", "0086"):
            body += _extension(f"_{prefix}400XXXXXXX", steps)
    # Any other number does not end here: Q.850 cause 1, unallocated.
    body += _extension("_[+0-9].", ["Hangup(1)"])
    body += _extension("s", ["Hangup(1)"])
    return _context(trunk_context(name), body)


def _spellings(base_number: str) -> list[str]:
    """How carriers write a base number in the request URI: national, without the trunk prefix 0, with the country."""
    number = word(base_number)
    bare = number[1:] if number.startswith("0") else number
    return list(dict.fromkeys([number, bare, f"86{bare}", f"+86{bare}", f"0086{bare}", f"086{bare}"]))


def _line(line: Line, trunk: Trunk, routers: Sequence[str], test: bool) -> str:
    name = argument(line.name)
    facts = {
        "GROUP(line)": section_name(line.name),
        "AGIEXITONHANGUP": "yes",
        "LINE400_BASE": word(line.base_number),
        "LINE400_LINE": name,
        "LINE400_TRUNK": argument(line.trunk),
        "LINE400_CONTEXT": line_context(line.name),
        "LINE400_CALL_ID": "${UNIQUEID}",
    }
    if test:
        del facts["LINE400_CALL_ID"]
    steps = [
        _set(facts),
        # A full line is busy to the carrier, which then overflows as it was ordered to.
        f"GotoIf($[${{GROUP_COUNT({section_name(line.name)}@line)}} > {line.channels}]?full)",
        *_trunk_limit(trunk),
        *([f"Set(LINE400_CALL_ID=${{URIDECODE(${{PJSIP_HEADER(read,{CALL_HEADER})}})}})"] if test else []),
        *_hand_over(trunk),
    ]
    kept = {CDR_HANDED: "&".join(["${URIENCODE(${LINE400_LINE})}", f"${{{HANDED}}}", *_CALLER])}
    for place, address in enumerate(routers, 1):
        behind = f"router{place + 1}" if place < len(routers) else "lost"
        first_sign = {"LINE400_BEHIND": behind, "LINE400_SINCE": "${EPOCH}", "TIMEOUT(absolute)": str(FIRST_SIGN)}
        steps += [
            f"router{place}: {_set({**(kept if place == 1 else {}), **first_sign})}",
            f"AGI(agi://{word(address)}/inbound,{name},${{{HANDED}}})",
            'GotoIf($["${LINE400_DONE}" = "1"]?done)',
            f"GotoIf($[${{TIMEOUT(absolute)}} > {FIRST_SIGN}]?lost)",
        ]
    steps += [
        # Who has spoken with somebody is not told that nobody can be reached.
        'lost: GotoIf($["${QUEUESTATUS}" = "CONTINUE" | "${DIALSTATUS}" = "ANSWER"]?talked)',
        "Goto(fallback,1)",
        f"talked: Set(CDR(userfield)={TALKED})",
        "Hangup(16)",
        "done: Hangup(16)",
        # No record of ours: the carrier brings the call again on the line to which this one overflows.
        f"full: Set(CDR(userfield)={FULL})",
        "Hangup(17)",
    ]
    body = _extension("s", steps)
    body += _extension("fallback", _fallback(line, trunk))
    # The absolute timeout ended the request: a router that accepted the call and then said nothing, or, long behind
    # that, the longest call there may be.
    body += _extension(
        "T",
        [
            'GotoIf($["${LINE400_DONE}" = "1"]?done)',
            f"GotoIf($[${{EPOCH}} - ${{LINE400_SINCE}} < {STILL_FIRST}]?s,${{LINE400_BEHIND}})",
            "done: Hangup(16)",
        ],
    )
    return _context(line_context(line.name), body)


def _trunk_limit(trunk: Trunk) -> list[str]:
    """A full trunk is busy to the carrier too; the calls that arrived on it count, on whatever line."""
    if trunk.max_calls is None:
        return []
    group = section_name(trunk.name)
    return [
        f"Set(GROUP(trunk)={group})",
        f"GotoIf($[${{GROUP_COUNT({group}@trunk)}} > {trunk.max_calls}]?full)",
    ]


def _set(values: Mapping[str, str]) -> str:
    """One step that sets all of ``values``, none of which holds a comma, a quote or an unpaired bracket: each step of a
    dialplan costs the switch as much as an exchange with the router."""
    return f"MSet({','.join(f'{name}={value}' for name, value in values.items())})"


def _hand_over(trunk: Trunk) -> list[str]:
    """Steps that put what is handed over into `HANDED`: pairs ``name=value`` with ``&`` between them, values
    percent-encoded. `router.asterisk.handed_over` reads them.

    Reading a header is a visit to the thread of its SIP dialogue, so of those that few calls have only their names are
    looked at first.
    """
    facts = [("base", "BASE"), ("call", "CALL_ID"), ("trunk", "TRUNK"), (REQUEST_URI, "REQUEST_URI")]
    plain = [f"{name}=${{URIENCODE(${{LINE400_{variable}}})}}" for name, variable in facts]
    headers = list(trunk.original_called)
    rare = [word(sip_name(header)).lower() for header in headers if header != "to"]
    with_all = f"Set({HANDED}={'&'.join([*plain, *map(_header, headers)])})"
    if len(rare) < 2:
        return [with_all]
    usual = "&".join([*plain, *(_header(header) for header in headers if header == "to")])
    names = "|".join(name.replace(".", "[.]").replace("+", "[+]").replace("*", "[*]") for name in rare)
    return [
        f'GotoIf($[${{REGEX("(^|,)({names})(,|$)" ${{TOLOWER(${{PJSIP_HEADERS()}})}})}} = 1]?named)',
        f"Set({HANDED}={usual})",
        "Goto(router1)",
        f"named: {with_all}",
    ]


def _header(header: str) -> str:
    """The pair of one header; of History-Info its first entries."""
    name = word(sip_name(header))
    if header != "history-info":
        return f"{header}=${{URIENCODE(${{PJSIP_HEADER(read,{name})}})}}"
    entries = ", ".join(f"${{PJSIP_HEADER(read,{name},{place})}}" for place in range(1, HISTORY_ENTRIES + 1))
    return f"{header}=${{URIENCODE({entries})}}"


_CALLER = ("from=${URIENCODE(${CALLERID(num)})}", "shown=${CALLERID(num-pres)}")
"""Of the caller, the call record of the switch shows what a leg presents once there is one."""


def _fallback(line: Line, trunk: Trunk) -> list[str]:
    fallback = line.fallback
    steps = ["Set(TIMEOUT(absolute)=0)", f"Set(CDR(userfield)={FELL_BACK})", "Set(LINE400_FALLBACK=1)"]
    if fallback.number:
        return [
            *steps,
            f"Set(CALLERID(num)={word(line.base_number)})",
            *guard.cleared(),
            f"Dial({leg_target(word(fallback.number), line, trunk)},{FALLBACK_RINGS},{leg_guard()})",
            "Hangup(16)",
        ]
    if fallback.announce:
        sound = prompt_file(Prompt(fallback.announce))
        return [*steps, "Answer()", f"Playback({argument(sound)})", "Hangup(16)"]
    return [*steps, f"Hangup({NO_FALLBACK_CAUSE})"]


def _outgoing(lines: Mapping[str, Line], trunks: Mapping[str, Trunk], dial: Iterable[str]) -> list[str]:
    """What an agent's telephone may dial, the ways out of the lines, and the guard of both."""
    parts = [
        _context(
            AGENTS, [row for pattern, steps in guard.telephones(lines, dial) for row in _extension(pattern, steps)]
        )
    ]
    for name, steps in guard.ways_out(lines, trunks).items():
        parts.append(_context(name, _extension("_[+0-9].", steps)))
    for name, found in guard.contexts().items():
        parts.append(_context(name, [row for pattern, steps in found for row in _extension(pattern, steps)]))
    return parts


def _connected() -> str:
    """What the telephone of an agent does as it is connected with a caller: whom the agent puts on hold later is not to
    hear the announcements of the queue."""
    music = "MASTER_CHANNEL(CHANNEL(musicclass))"
    return _context(
        CONNECTED,
        _extension("s", [f'ExecIf($["${{{music}:0:8}}" = "{CLASSES}"]?Set({music}=default))', "Return()"]),
    )


def _queue_exit() -> list[str]:
    """Where a key leads that a caller presses in a queue. Only those that the queue node offers lead anywhere, so that
    no other ends the ringing of an agent; ``D``, a key of no telephone, stands in the pattern where it offers none. The
    router goes on by itself; a router that died there leaves the channel here, and the line's fallback takes it."""
    ended = ['GotoIf($["${LINE400_DONE}" = "1"]?done)', "Goto(${LINE400_CONTEXT},fallback,1)", "done: Hangup(16)"]
    return [
        _context(
            QUEUE_EXIT,
            [f"eswitch => Loopback/@{EXIT_KEYS}/_[${{LINE400_EXIT_KEYS}}D]", *_extension("T", ended)],
        ),
        # Labels are not looked for through a switch.
        _context(EXIT_KEYS, _extension("_[0-9*#]", [f"Goto({EXIT_KEY},${{EXTEN}},1)"])),
        _context(
            EXIT_KEY,
            [*_extension("_[0-9*#]", ["Set(LINE400_EXIT_KEY=${EXTEN})", *ended]), *_extension("T", ended)],
        ),
    ]
