"""The configuration of the far side: an Asterisk that is the carrier's network, its callers and everyone who answers.

It places calls on the switch under test over its one trunk, and answers what that switch dials: agents by their names,
everything else as a target. How they behave is in global variables, set before a call.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from router.asterisk.generated import fixed
from router.asterisk.generated.dialplan import CALL_HEADER
from router.asterisk.generated.names import telephone

MAIN = "main"
PLACING, EAR, SPEAK = "placing", "ear", "speak"
RINGS = 120
"""Seconds that a caller lets it ring."""
LONGEST = 7200


def far_files(
    folders: dict[str, str],
    agents: Iterable[str],
    *,
    sip_port: int,
    ami_port: int,
    main_port: int,
    secret: str,
    rtp: tuple[int, int],
    recordings: Path,
) -> dict[str, str]:
    """Its configuration files. ``recordings`` is where what callers hear is written, a file a call."""
    return {
        **fixed.FIXED,
        "asterisk.conf": fixed.asterisk(folders),
        "modules.conf": fixed.modules(),
        "cdr_custom.conf": "[mappings]\n",
        "rtp.conf": fixed.rtp(*rtp),
        "musiconhold.conf": "[general]\n",
        "queues.conf": "[general]\n",
        "voicemail.conf": "[general]\n[default]\n",
        "manager.conf": "\n".join(
            [
                "[general]",
                "enabled = yes",
                "bindaddr = 127.0.0.1",
                f"port = {ami_port}",
                "[far]",
                f"secret = {secret}",
                "read = call,user",
                "write = call,originate,system,command,reporting,dialplan",
                *(
                    f"eventfilter(action(include),name({name})) ="
                    for name in ("Newchannel", "Newstate", "DialBegin", "Hangup")
                ),
                "",
            ]
        ),
        "pjsip.conf": "\n".join(
            [
                "[global]",
                "type = global",
                "user_agent = line400-far-side",
                "[udp]",
                "type = transport",
                "protocol = udp",
                f"bind = 127.0.0.1:{sip_port}",
                f"[{MAIN}]",
                "type = endpoint",
                "transport = udp",
                "context = arriving",
                "disallow = all",
                "allow = alaw,ulaw",
                "direct_media = no",
                "dtmf_mode = rfc4733",
                "trust_id_inbound = yes",
                "trust_id_outbound = yes",
                f"aors = {MAIN}",
                f"[{MAIN}]",
                "type = aor",
                f"contact = sip:127.0.0.1:{main_port}",
                f"[{MAIN}]",
                "type = identify",
                f"endpoint = {MAIN}",
                "match = 127.0.0.1",
                "",
            ]
        ),
        "extensions.conf": _dialplan(agents, recordings),
    }


def _dialplan(agents: Iterable[str], recordings: Path) -> str:
    lines = [
        "[general]",
        "static = yes",
        "writeprotect = yes",
        "[globals]",
        "AGENT_AFTER = 5",
        "AGENT_TALK = 30",
        "TARGET_KIND = answer",
        "TARGET_AFTER = 5",
        "TARGET_TALK = 30",
        # The carrier dials; what the caller hears, early media too, goes into a file.
        f"[{PLACING}]",
        f"exten => s,1,Dial(PJSIP/${{FAR_BASE}}@{MAIN},{RINGS},b(headers^s^1))",
        " same => n,Hangup()",
        "[headers]",
        f"exten => s,1,Set(PJSIP_HEADER(add,{CALL_HEADER})=${{FAR_CALL}})",
        ' same => n,GotoIf($["${FAR_HEADER}" = ""]?record)',
        " same => n,Set(PJSIP_HEADER(add,${FAR_HEADER})=${FAR_VALUE})",
        f" same => n(record),MixMonitor({recordings}/${{FAR_CALL}}-both.wav,r({recordings}/${{FAR_CALL}}.wav))",
        " same => n,Return()",
        # The caller: silent, or speaking when told to.
        f"[{EAR}]",
        f"exten => s,1,Wait({LONGEST})",
        " same => n,Hangup()",
        f"exten => {SPEAK},1,Playback(voice)",
        " same => n,Goto(s,1)",
        "[arriving]",
    ]
    for agent in agents:
        lines.append(f"exten => {telephone(agent)},1,Goto(agent,s,1)")
    lines += [
        "exten => _[+0-9].,1,Goto(target,s,1)",
        "[agent]",
        "exten => s,1,Ringing()",
        " same => n,Wait(${AGENT_AFTER})",
        " same => n,Answer()",
        " same => n,Wait(${AGENT_TALK})",
        " same => n,Hangup(16)",
        "[target]",
        "exten => s,1,Goto(${TARGET_KIND},1)",
        "exten => answer,1,Ringing()",
        " same => n,Wait(${TARGET_AFTER})",
        " same => n,Answer()",
        " same => n,Wait(${TARGET_TALK})",
        " same => n,Hangup(16)",
        "exten => busy,1,Hangup(17)",
        f"exten => no_answer,1,Ringing()\n same => n,Wait({LONGEST})",
        "exten => failed,1,Hangup(38)",
        "",
    ]
    return "\n".join(lines)
