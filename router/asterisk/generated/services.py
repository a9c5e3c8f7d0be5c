"""``queues.conf``, ``voicemail.conf`` and ``manager.conf``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...model import QueueSpec
from ..preferred import preferred_queue, queue_on_switch
from ..wanted_events import WANTED_EVENTS
from .dialplan import CONNECTED, QUEUE_EXIT
from .names import telephone
from .quoting import argument, section_name, value, word

_STRATEGIES = {
    "longest_idle": "leastrecent",
    "ring_all": "ringall",
    "round_robin": "rrmemory",
    "random": "random",
    "fewest_calls": "fewestcalls",
    "linear": "linear",
}
AGENT_RINGS = 15
"""Seconds that one agent's telephone rings before the next is tried."""
READ = "system,call,agent,user,dtmf"
WRITE = "user,reporting,agent"
"""What the router's AMI account may do: be told of calls, read variables and channels, sign agents in and out. It may
not originate, run commands, or change the configuration."""


def queues(specs: Iterable[QueueSpec]) -> str:
    """``queues.conf``; ``setinterfacevar`` lets the router know who answered when AMI is away."""
    parts = ["[general]\npersistentmembers = yes\nautofill = yes\nshared_lastcall = yes\n"]
    for queue in specs:
        lines = [
            f"[{argument(queue_on_switch(queue.name))}]",
            f"strategy = {_STRATEGIES.get(queue.strategy, 'leastrecent')}",
            f"timeout = {AGENT_RINGS}",
            "retry = 1",
            f"wrapuptime = {round(queue.wrap_up)}",
            f"maxlen = {queue.max_waiting}",
            "ringinuse = no",
            "joinempty = unavailable,invalid,unknown",
            "leavewhenempty = no",
            # By `leastrecent` app_queue would ring the same idle agent for ever: who does not answer is paused, and the
            # next one rung.
            f"autopause = {'yes' if queue.auto_pause else 'no'}",
            "setinterfacevar = yes",
            "musicclass = default",
            f"context = {QUEUE_EXIT}",
            f"membergosub = {CONNECTED}",
            "announce-position = no",
            "announce-holdtime = no",
            *(f"member = PJSIP/{telephone(agent)},0,{argument(agent)}" for agent in queue.agents),
            "",
        ]
        parts.append("\n".join(lines))
        parts += [_alone(queue, agent) for agent in queue.agents]
    return "\n".join(parts)


def _alone(queue: QueueSpec, agent: str) -> str:
    """The queue of one agent, see `router.asterisk.preferred`."""
    not_free = "paused,penalty,inuse,ringing,unavailable,invalid,unknown,wrapup"
    lines = [
        f"[{argument(preferred_queue(queue.name, agent))}]",
        "strategy = linear",
        f"timeout = {AGENT_RINGS}",
        "retry = 1",
        f"wrapuptime = {round(queue.wrap_up)}",
        f"maxlen = {queue.max_waiting}",
        "ringinuse = no",
        f"joinempty = {not_free}",
        "leavewhenempty = paused,unavailable,invalid,unknown",
        "setinterfacevar = yes",
        "musicclass = default",
        f"context = {QUEUE_EXIT}",
        f"membergosub = {CONNECTED}",
        "announce-position = no",
        "announce-holdtime = no",
        f"member = PJSIP/{telephone(agent)},0,{argument(agent)}",
        "",
    ]
    return "\n".join(lines)


def voicemail(boxes: Mapping[str, float]) -> str:
    """``voicemail.conf``: one mailbox a box; no password, since nobody dials in to listen."""
    lines = ["[general]", "format = wav", "maxmsg = 9999", "minsecs = 1", "maxsilence = 0", "", "[default]"]
    lines += [f"{section_name(name)} = ,{argument(name)},,,maxsecs={round(seconds)}" for name, seconds in boxes.items()]
    return "\n".join([*lines, ""])


def manager(host: str, port: int, username: str, secret: str) -> str:
    """``manager.conf``: one account with the fewest permissions that work, from loopback only."""
    return "\n".join(
        [
            "[general]",
            "enabled = yes",
            f"bindaddr = {word(host)}",
            f"port = {port}",
            "webenabled = no",
            "displayconnects = no",
            "timestampevents = yes",
            "authtimeout = 5",
            "authlimit = 20",
            "",
            f"[{word(username)}]",
            f"secret = {value(secret)}",
            "deny = 0.0.0.0/0.0.0.0",
            "permit = 127.0.0.0/255.0.0.0",
            f"read = {READ}",
            f"write = {WRITE}",
            "writetimeout = 5000",
            # What is sent is filtered here: the router's own request to filter would need the right to shut down.
            *(f"eventfilter(action(include),name({name})) =" for name in WANTED_EVENTS),
            "",
        ]
    )
