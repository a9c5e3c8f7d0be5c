"""``pjsip.conf``: trunks, legs out of lines, agents' telephones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...model import Line, Trunk
from .names import AGENTS, REFUSED, leaves_by, telephone, trunk_context, trunk_endpoint
from .quoting import section, section_name, word

_DTMF = {"rfc4733": "rfc4733", "inband": "inband", "info": "info"}
KEEP_ALIVE = 60
"""Seconds between the OPTIONS that ask whether a trunk's peer is there."""


REGISTERED_FOR = 300
"""Seconds for which a trunk registers at its carrier; renewed before they are over."""


def pjsip(
    lines: Mapping[str, Line],
    trunks: Mapping[str, Trunk],
    agents: Mapping[str, str],
    *,
    bind: str,
    port: int,
    qualify: bool = True,
    agents_at: str | None = None,
    passwords: Mapping[str, str] = {},
    external: str | None = None,
    local_networks: Iterable[str] = (),
) -> str:
    """``pjsip.conf``. ``agents`` maps the name of each agent's telephone to its password; it registers from anywhere,
    or is at the address ``agents_at``. ``passwords`` are those of trunks that have an account, by name. Whoever is not
    in ``local_networks`` is told the address ``external``, where one is given: the switch is behind NAT."""
    nat = [(f"external_{kind}_address", word(external)) for kind in ("media", "signaling")] if external else []
    nat += [("local_net", word(network)) for network in local_networks] if external else []
    parts = [
        section(
            "global",
            {"type": "global", "user_agent": "line400", "endpoint_identifier_order": "ip,username,auth_username"},
        ),
        section("system", {"type": "system", "timer_t1": "500"}),
        section("udp", [("type", "transport"), ("protocol", "udp"), ("bind", f"{word(bind)}:{port}"), *nat]),
    ]
    by_trunk: dict[str, list[Line]] = {}
    for line in lines.values():
        by_trunk.setdefault(line.trunk, []).append(line)
    for name in dict.fromkeys([*trunks, *by_trunk]):
        parts += _trunk(trunks.get(name) or Trunk(name), by_trunk.get(name, ()), qualify, passwords.get(name, ""))
    for agent, password in agents.items():
        parts += _agent(agent, password, agents_at)
    return "\n".join(parts)


def _trunk(trunk: Trunk, lines: Iterable[Line], qualify: bool, password: str) -> list[str]:
    """The endpoint on which calls arrive, and one a line for legs that leave by it.

    ``from_user`` together with no asserted identity is what holds against an originate that no dialplan sees: From is
    the base number whatever the caller ID says. A trunk with ``caller_passthrough`` cannot have it.
    """
    name = trunk_endpoint(trunk.name)
    host = trunk.peer.partition(":")[0]
    common = {
        "type": "endpoint",
        "transport": "udp",
        "disallow": "all",
        "allow": ",".join(word(codec) for codec in trunk.codecs),
        "direct_media": "no",
        "rtp_symmetric": "yes",
        "force_rport": "yes",
        "rewrite_contact": "yes",
        "dtmf_mode": _DTMF[trunk.dtmf],
        "send_pai": "no",
        "send_rpid": "no",
        "send_diversion": "no",
        "trust_id_outbound": "no",
    }
    lines = list(lines)
    if trunk.username:
        common["outbound_auth"] = name
    backstop = {"from_user": word(lines[0].base_number)} if lines and not trunk.caller_passthrough else {}
    parts = [
        section(
            name,
            {
                **common,
                **backstop,
                "identify_by": "ip",
                "context": trunk_context(trunk.name),
                "trust_id_inbound": "yes",
            },
        ),
        section(
            name,
            {
                "type": "aor",
                "contact": f"sip:{word(trunk.peer)}",
                "qualify_frequency": str(KEEP_ALIVE if qualify else 0),
            },
        ),
        section(name, {"type": "identify", "endpoint": name, "match": word(host)}),
        section(
            f"watch-{section_name(trunk.name)}",
            {
                "type": "endpoint",
                "transport": "udp",
                "disallow": "all",
                "aors": name,
                "from_user": word(lines[0].base_number) if lines else "line400",
                "context": REFUSED,
                "identify_by": "ip",
            },
        ),
    ]
    if trunk.username:
        account = {"auth_type": "userpass", "username": word(trunk.username), "password": password}
        parts.append(section(name, {"type": "auth", **account}))
    if trunk.username and trunk.auth == "register":
        parts.append(_registration(trunk, name, lines))
    for line in lines:
        base = word(line.base_number)
        shown = [("from_user", base)]
        if trunk.caller_passthrough:
            # What a leg shows that the guard did not judge; the guard takes it away, and the caller is shown.
            shown = [("set_var", f"CONNECTEDLINE(priv-num,i)={base}"), ("set_var", "CONNECTEDLINE(priv-name,i)=")]
        own = [*common.items(), *shown, ("identify_by", "ip"), ("context", REFUSED)]
        parts.append(section(leaves_by(line.name), own))
    return parts


def _registration(trunk: Trunk, name: str, lines: list[Line]) -> str:
    """Register at the carrier. It then calls the first line's base number."""
    registrar, username = word(trunk.registrar or trunk.peer), word(trunk.username or "")
    return section(
        f"register-{section_name(trunk.name)}",
        {
            "type": "registration",
            "transport": "udp",
            "outbound_auth": name,
            "server_uri": f"sip:{registrar}",
            "client_uri": f"sip:{username}@{registrar}",
            "contact_user": word(lines[0].base_number) if lines else username,
            "expiration": str(REGISTERED_FOR),
            "retry_interval": "30",
            "forbidden_retry_interval": "300",
            "max_retries": "1000000",
        },
    )


def _agent(name: str, password: str, at: str | None) -> list[str]:
    endpoint = telephone(name)
    return [
        section(
            endpoint,
            {
                "type": "endpoint",
                "transport": "udp",
                "disallow": "all",
                "allow": "alaw,ulaw",
                # By its account also where From says something else: that call is refused with a reason.
                "identify_by": "username,auth_username",
                "context": AGENTS,
                "aors": endpoint,
                "auth": endpoint,
                "direct_media": "no",
                "rtp_symmetric": "yes",
                "force_rport": "yes",
                "rewrite_contact": "yes",
                "dtmf_mode": "rfc4733",
                "callerid": f"<{word(name)}>" if name.isascii() else "<>",
            },
        ),
        section(
            endpoint,
            {"type": "aor", "contact": f"sip:{endpoint}@{word(at)}"}
            if at is not None
            else {"type": "aor", "max_contacts": "1", "remove_existing": "yes", "qualify_frequency": "30"},
        ),
        section(endpoint, {"type": "auth", "auth_type": "userpass", "username": endpoint, "password": password}),
    ]
