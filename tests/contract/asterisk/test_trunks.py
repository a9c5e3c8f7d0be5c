"""Trunks on a real Asterisk: codecs, the ways in which digits come, registration, keep-alive, full lines."""

from __future__ import annotations

import hashlib
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.asterisk.generated import trunks
from router.asterisk.generated.names import leaves_by
from router.asterisk.host import Programs

from .company import company
from .lab import CARRIER, CarrierSide, Lab
from .tones import capture, silence

KEYS = "1590"
TRUNKS = """\
trunks:
  bj: { peer: "127.0.0.11:5070" }
  info: { peer: "127.0.0.15:5070", dtmf: info, codecs: [ulaw, alaw] }
  inband: { peer: "127.0.0.16:5070", dtmf: inband }
  provider:
    { peer: "127.0.0.17:5070", auth: register, username: account, secret_env: PROVIDER_SECRET, max_calls: 1 }
"""
LINES = """\
lines:
  bj: { base_number: 010-88880001, trunk: bj, channels: 1 }
  info: { base_number: 010-88880005, trunk: info }
  inband: { base_number: 010-88880006, trunk: inband }
  provider: { base_number: 010-88880007, trunk: provider }
  other: { base_number: 010-88880008, trunk: provider }
"""
READ = "\n".join(
    f"""
[trunk-{name}](+)
exten => 7001,1,Answer()
 same => n,Read(KEYS,,{len(KEYS)},,1,5)
 same => n,UserEvent(Keys,Pressed: ${{KEYS}})
 same => n,Hangup(16)
"""
    for name in ("bj", "info", "inband")
)
EVENTS = "a=rtpmap:96 telephone-event/8000\na=fmtp:96 0-15\n"


class Hanging:
    """A router that accepts and says nothing, until it is let go."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._taken: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self._taken.append(self._socket.accept()[0])
            except OSError:
                return

    def wait(self, calls: int) -> None:
        until = time.monotonic() + 10
        while len(self._taken) < calls and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self._taken) >= calls

    def let_go(self) -> None:
        while self._taken:
            self._taken.pop().close()

    def stop(self) -> None:
        self.let_go()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture(scope="module")
def router() -> Iterator[Hanging]:
    hanging = Hanging()
    yield hanging
    hanging.stop()


@pytest.fixture(scope="module")
def provider() -> Iterator[CarrierSide]:
    side = CarrierSide("127.0.0.17", 5070)
    yield side
    side.stop()


@pytest.fixture(scope="module")
def lab(
    programs: Programs, tmp_path_factory: pytest.TempPathFactory, router: Hanging, provider: CarrierSide
) -> Iterator[Lab]:
    routes = "number,line,flow\n4008001234,bj,busy\n4008005678,bj,away\n4008009999,bj,busy\n"
    book = company(tmp_path_factory.mktemp("company"), trunks__yaml=TRUNKS, lines__yaml=LINES, routes__csv=routes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trunks, "KEEP_ALIVE", 1)
        lab = Lab(programs, book, routers=(f"127.0.0.1:{router.port}",), extra={"extensions.conf": READ}, qualify=True)
    yield lab
    lab.close()


def talk(lab: Lab, host: str, digits: str, payloads: str = "0 8 96", event: str = EVENTS) -> tuple[str, str]:
    """Call, send ``digits``; the keys that were read, and the answer's line of the audio."""
    ami = lab.ami("other")
    keys = {"digits": digits, "payloads": payloads, "telephone-event": event}
    done = lab.sipp("talk", "7001", host, keys=keys)
    assert done.returncode == 0, done.stderr[-500:]
    events = ami.events_until(lambda events: any(event.get("UserEvent") == "Keys" for event in events))
    (pressed,) = [event["Pressed"] for event in events if event.get("UserEvent") == "Keys"]
    ami.close()
    received = done.stdout.partition("SIP/2.0 200 OK")[2]
    return pressed, next(line for line in received.splitlines() if line.startswith("m=audio"))


def test_telephone_events_and_a_law_first(lab: Lab) -> None:
    pressed, audio = talk(lab, CARRIER, f'<nop><action><exec play_dtmf="{KEYS}"/></action></nop>')
    assert pressed == KEYS
    assert audio.split()[3] == "8"


def info(key: str, number: int) -> str:
    return f"""<send retrans="500"><![CDATA[
INFO [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:13800138000@[local_ip]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: {number} INFO
Max-Forwards: 70
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal={key}
Duration=160
]]></send><recv response="200"/>"""


def test_sip_info(lab: Lab, tmp_path: Path) -> None:
    """As from a carrier: sound goes on, by whose packets the switch goes on with keys that came close together."""
    silence(tmp_path / "silence.pcap", 6.0)
    digits = f'<nop><action><exec play_pcap_audio="{tmp_path}/silence.pcap"/></action></nop>'
    digits += '<pause milliseconds="250"/>'.join(info(key, place + 2) for place, key in enumerate(KEYS))
    pressed, audio = talk(lab, "127.0.0.15", digits)
    assert pressed == KEYS
    assert audio.split()[3] == "0"


def test_tones_in_the_audio(lab: Lab, tmp_path: Path) -> None:
    capture(tmp_path / "keys.pcap", KEYS)
    play = f'<nop><action><exec play_pcap_audio="{tmp_path}/keys.pcap"/></action></nop>'
    pressed, _ = talk(lab, "127.0.0.16", play, payloads="8", event="")
    assert pressed == KEYS


def test_a_trunk_registers_and_answers_the_challenge(lab: Lab, provider: CarrierSide) -> None:
    until = time.monotonic() + 10
    while len(provider.requests("REGISTER")) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    first, second = provider.requests("REGISTER")[:2]
    assert "From: <sip:account@127.0.0.17>" in first
    assert "Contact: <sip:01088880007@" in second
    assert 'Authorization: Digest username="account"' in second
    until = time.monotonic() + 5
    while "Registered" not in (shown := lab.asterisk.cli("pjsip show registrations")) and time.monotonic() < until:
        time.sleep(0.1)
    assert "Registered" in shown


def test_a_trunk_is_asked_whether_it_is_there(lab: Lab, provider: CarrierSide) -> None:
    until = time.monotonic() + 10
    while not provider.requests("OPTIONS") and time.monotonic() < until:
        time.sleep(0.05)
    assert provider.requests("OPTIONS")[0].startswith("OPTIONS sip:127.0.0.17:5070 SIP/2.0")


@pytest.mark.parametrize(
    ("host", "first", "second"),
    [(CARRIER, "01088880001", "01088880001"), ("127.0.0.17", "01088880007", "01088880008")],
    ids=["channels of the line", "calls of the trunk"],
)
def test_a_call_too_many_is_busy_so_that_the_carrier_overflows(
    lab: Lab, router: Hanging, host: str, first: str, second: str
) -> None:
    keys = {"from": "<sip:13800138000@carrier>", "to": "<sip:x@y>", "headers": "", "expect": "486"}
    waiting = threading.Thread(
        target=lab.sipp, args=("carrier", first, host), kwargs={"keys": {**keys, "expect": "503"}}
    )
    waiting.start()
    router.wait(1)
    done = lab.sipp("carrier", second, host, keys=keys)
    router.let_go()
    waiting.join()
    assert done.returncode == 0, done.stdout[-500:]
    assert "Reason: Q.850;cause=17" in done.stdout


def originated(lab: Lab, line: str) -> None:
    """Have the switch call out by ``line``, showing its base number."""
    ami = lab.ami("other")
    fields = {"Channel": f"Local/13800138000@{leaves_by(line)}/n", "Application": "Wait", "Data": "1", "Async": "true"}
    base = lab.book.lines[line].base_number
    assert ami.send("Originate", CallerID=base, **fields)["Response"] == "Success"
    ami.close()


@pytest.fixture(scope="module")
def challenged(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A switch that sends its carrier calls, and nothing besides them."""
    known = 'trunks:\n  bj: { peer: "127.0.0.18:5070", username: account, secret_env: PROVIDER_SECRET }\n'
    lab = Lab(programs, company(tmp_path_factory.mktemp("challenged"), trunks__yaml=known))
    yield lab
    lab.close()


@pytest.mark.parametrize(
    ("status", "header"),
    [("401 Unauthorized", "WWW-Authenticate"), ("407 Proxy Authentication Required", "Proxy-Authenticate")],
)
def test_a_call_that_the_carrier_challenges_is_answered_with_the_trunk_s_account(
    challenged: Lab, status: str, header: str
) -> None:
    keys = {"status": status, "header": header}
    done: list[subprocess.CompletedProcess[str]] = []
    carrier = threading.Thread(
        target=lambda: done.append(challenged.sipp("challenge", "x", "127.0.0.18", keys=keys, port=5070))
    )
    carrier.start()
    time.sleep(0.5)  # SIPp does not say when it listens; an INVITE before it does is sent again
    originated(challenged, "bj")
    carrier.join()
    assert done[0].returncode == 0, done[0].stderr[-800:]
    answer = "Authorization" if status.startswith("401") else "Proxy-Authorization"
    (told,) = re.findall(rf"^{answer}: Digest (.*?)\r?$", done[0].stdout, re.MULTILINE)
    assert re.search(r'username="account"', told)
    assert proved(told, "trunk-secret")
    assert not proved(told, "another")
    assert done[0].stdout.count("From: <sip:01088880001@") >= 2
    assert "trunk-secret" not in done[0].stdout


def proved(told: str, password: str) -> bool:
    """Whether a digest (RFC 2617, without qop) is that of ``password``."""
    said: dict[str, str] = dict(re.findall(r'(\w+)="?([^",]*)"?', told))
    account = _md5(f"{said['username']}:{said['realm']}:{password}")
    return said["response"] == _md5(f"{account}:{said['nonce']}:{_md5('INVITE:' + said['uri'])}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


# ---- behind NAT

OUTSIDE, INSIDE, EXTERNAL = "127.0.0.21", "127.0.0.22", "203.0.113.5"
BEHIND = f"""\
company: 示例科技
timezone: Asia/Shanghai
asterisk: {{ external_address: {EXTERNAL}, local_networks: [127.0.0.1/32, {INSIDE}/32] }}
"""


@pytest.mark.parametrize(("host", "shown"), [(OUTSIDE, EXTERNAL), (INSIDE, "127.0.0.1")])
def test_peers_outside_are_told_the_external_address_and_those_inside_the_own(
    programs: Programs, tmp_path: Path, host: str, shown: str
) -> None:
    trunks = f'trunks:\n  bj: {{ peer: "{host}:5070" }}\n  上海中继: {{ peer: "127.0.0.12:5070" }}\n'
    lab = Lab(programs, company(tmp_path, trunks__yaml=trunks, line400__yaml=BEHIND))
    side = CarrierSide(host, 5070)
    originated(lab, "bj")
    until = time.monotonic() + 10
    while not side.invites() and time.monotonic() < until:
        time.sleep(0.02)
    side.stop()
    lab.close()
    (invite,) = side.invites()
    contact = next(line for line in invite.splitlines() if line.startswith("Contact:"))
    media = next(line for line in invite.splitlines() if line.startswith("c="))
    assert f"@{shown}:{lab.sip_port}" in contact
    assert media == f"c=IN IP4 {shown}"
    assert f"Via: SIP/2.0/UDP {shown}:{lab.sip_port};rport" in invite
