"""The embedded virtual switch: AMI as a server, FastAGI as a client, as Asterisk 22 speaks them.

Nothing here carries sound. A sound file is its words and its seconds, a key is a key, time is `router.clock.Clock`.
What arrives goes through a dialplan as the generated one does: the router over FastAGI, then the line's fallback
unless the router set ``LINE400_DONE=1``.

The parts, from the wire inwards: ``ami_server`` (sessions), ``ami_actions`` and its neighbours (what actions do),
``event_bus`` and ``events``; ``agi_client`` (the connection to the router), ``agi_commands`` and ``agi_media``;
``dialplan``, ``applications``, ``queues``, ``legs``; ``channel`` (one leg, and the one way of waiting on it);
``caller`` (the far end, driven by a `simulator.script.CallerScript`).
"""

from .agi_client import AgiLimits
from .ami_server import AmiLimits
from .calls import Refused, SwitchCall, SwitchCallResult
from .spec import AgentBehaviour, AmiUser, Prompts, RefusedLeg, SwitchLine, TargetBehaviour
from .switch import VirtualSwitch

__all__ = [
    "AgentBehaviour",
    "AgiLimits",
    "AmiLimits",
    "AmiUser",
    "Prompts",
    "Refused",
    "RefusedLeg",
    "SwitchCall",
    "SwitchCallResult",
    "SwitchLine",
    "TargetBehaviour",
    "VirtualSwitch",
]
