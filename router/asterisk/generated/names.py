"""How the parts of the generated configuration call each other: contexts, endpoints, and what is dialled for a leg.

Endpoints of trunks, of lines and of agents' telephones share one space of names, in which Asterisk does not tell
capitals from small letters: all but those of telephones begin with a word of ours. A telephone is called as its agent,
since that is what people type into it, unless that name begins so or is one that Asterisk keeps for itself.
"""

from __future__ import annotations

from ...model import Line, Trunk
from .quoting import digest_name, section_name, word

GUARD = "line400-guard"
AGENTS = "line400-agents"
REFUSED = "line400-refused"
REFUSED_EVENT = "Line400OutboundRefused"
"""The AMI user event that tells of a refused leg: ``Code``, ``Where``, ``Source``, ``Presented``."""


_OURS = ("trunk-", "watch-", "register-", "out-", "line-", "line400", "transport")
_KEPT = frozenset({"global", "globals", "general", "default", "system", "udp", "tcp", "tls", "ws", "wss", "acl"})


def telephone(agent: str) -> str:
    """The endpoint of the telephone of ``agent``, which is also the account that it registers with."""
    plain = section_name(agent)
    folded = plain.lower()
    return digest_name(agent) if folded in _KEPT or folded.startswith(_OURS) else plain


def trunk_endpoint(trunk: str) -> str:
    """The endpoint on which calls of ``trunk`` arrive."""
    return f"trunk-{section_name(trunk)}"


def line_context(line: str) -> str:
    """The context that carries calls of ``line``."""
    return f"line-{section_name(line)}"


def trunk_context(trunk: str) -> str:
    """The context in which calls of ``trunk`` arrive."""
    return f"trunk-{section_name(trunk)}"


def leaves_by(line: str) -> str:
    """The endpoint over which a leg leaves by ``line``: From is always its base number. Also the context that dials
    over it, guarded, for whoever places calls on the switch (``Local/NUMBER@out-LINE``)."""
    return f"out-{section_name(line)}"


def leg_target(number: str, line: Line, trunk: Trunk) -> str:
    """What `Dial` is given for a leg to ``number`` out of ``line``. ``number`` may be an expression of the dialplan.

    The address is written out, for the endpoint has none of its own: ``PJSIP/NUMBER@ENDPOINT``, by which another
    client of the switch would go round the guard, reaches nobody.
    """
    return f"PJSIP/{leaves_by(line.name)}/sip:{number}@{word(trunk.peer)}"


def leg_guard() -> str:
    """The option of `Dial` that has the guard judge what a leg is about to show, before it is dialled."""
    return f"b({GUARD}^leg^1)"
