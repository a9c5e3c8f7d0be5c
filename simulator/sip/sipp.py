"""SIPp as callers and as agents' telephones: scenarios put together from steps, and what a run of one counted.

Digits are RFC 4733 events of payload type 96, which SIPp sends over a raw socket: it must run as root for them. One
process plays one scenario, as many times and as fast as it is told.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

EVENT_TYPE = 96
"""Payload type of digits."""
_SDP = """v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 96
a=rtpmap:8 PCMA/8000
a=rtpmap:96 telephone-event/8000
a=fmtp:96 0-15
a=ptime:20
"""
_REPEATED = "[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
MOST_CALLS = 9000
"""Calls of one process at a time, below what it may open."""
ANSWER_SECONDS = 20.0
"""How long a caller waits for the answer, and for the other side's hang-up where the step names no time."""


def _send(message: str, attributes: str = "") -> str:
    return f"<send{attributes}><![CDATA[\n{message}\n]]></send>"


def _request(method: str, number: int, more: str = "", body: str = "") -> str:
    # Behind the answer a request goes to the contact of who answered.
    target = "sip:[service]@[remote_ip]:[remote_port]" if method == "INVITE" else "[next_url]"
    to_tag = "" if method == "INVITE" else "[peer_tag_param]"
    content = f"Content-Type: application/sdp\nContent-Length: [len]\n\n{body}" if body else "Content-Length: 0\n"
    return (
        f"{method} {target} SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        "From: <sip:[caller]@[local_ip]:[local_port]>;tag=[pid]c[call_number]\n"
        f"To: <sip:[service]@[remote_ip]:[remote_port]>{to_tag}\n"
        "Call-ID: [call_id]\n"
        f"CSeq: {number} {method}\n"
        "Contact: <sip:[caller]@[local_ip]:[local_port]>\n"
        f"Max-Forwards: 70\n{more}{content}"
    )


def invite(headers: Mapping[str, str] | None = None) -> str:
    """Call ``[service]`` as ``[caller]`` and wait for the answer, which is timed as response time 1."""
    more = "".join(f"{name}: {value}\n" for name, value in (headers or {}).items())
    provisional = "".join(f'<recv response="{code}" optional="true"/>\n' for code in (100, 180, 181, 183))
    return (
        _send(_request("INVITE", 1, more, _SDP), ' retrans="500" start_rtd="1"')
        + f'\n{provisional}<recv response="200" rtd="1" rrs="true" timeout="{round(ANSWER_SECONDS * 1000)}"/>\n'
        + _send(_request("ACK", 1))
    )


def pause(seconds: float) -> str:
    """Do nothing for ``seconds``."""
    return f'<pause milliseconds="{round(seconds * 1000)}"/>'


def press(digits: str) -> str:
    """Press ``digits`` (``[field0]`` for a column of the run's table)."""
    return f'<nop><action><exec play_dtmf="{digits}"/></action></nop>'


def play(capture: Path) -> str:
    """Send the RTP packets of a pcap file; the step is over at once."""
    return f'<nop><action><exec play_pcap_audio="{capture}"/></action></nop>'


def hung_up(cause: int | None = None, within: float = ANSWER_SECONDS) -> str:
    """Wait until the other side hangs up; with ``cause`` the call fails unless its Q.850 cause is that."""
    check = ""
    if cause is not None:
        check = (
            f'<action><ereg regexp="cause={cause}([^0-9]|$)" search_in="hdr" header="Reason:" check_it="true" '
            'assign_to="1"/></action>'
        )
    reference = "" if cause is None else '<Reference variables="1"/>\n'
    return (
        f'<recv request="BYE" timeout="{round(within * 1000)}">{check}</recv>\n'
        + _send(f"SIP/2.0 200 OK\n{_REPEATED}Content-Length: 0\n")
        + f"\n{reference}"
    )


def hang_up() -> str:
    """Hang up."""
    return _send(_request("BYE", 2), ' retrans="500"') + '\n<recv response="200"/>'


def register(contact_port: str = "[local_port]", seconds: int = 3600) -> str:
    """Register as ``[caller]`` with the password of the run, at this address and ``contact_port``."""

    def message(number: int, more: str) -> str:
        return (
            "REGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n"
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
            "From: <sip:[caller]@[remote_ip]>;tag=[pid]r[call_number]\n"
            "To: <sip:[caller]@[remote_ip]>\n"
            "Call-ID: [call_id]\n"
            f"CSeq: {number} REGISTER\n"
            f"Contact: <sip:[caller]@[local_ip]:{contact_port}>\n"
            f"Expires: {seconds}\nMax-Forwards: 70\n{more}Content-Length: 0\n"
        )

    return (
        _send(message(1, ""), ' retrans="500"')
        + '\n<recv response="401" auth="true"/>\n'
        + _send(message(2, "[authentication username=[caller] password=[password]]\n"), ' retrans="500"')
        + '\n<recv response="200"/>'
    )


def rung(answer_after: float | None, talk: float | None = None) -> str:
    """Be called: ring, answer behind ``answer_after`` seconds, hang up behind ``talk`` (None: the other side does).
    ``answer_after`` None: ring until the other side gives up."""
    tag = ";tag=[pid]a[call_number]"
    repeated = _REPEATED.replace("[last_To:]", f"[last_To:]{tag}")

    def answer(line: str, body: str = "") -> str:
        content = f"Content-Type: application/sdp\nContent-Length: [len]\n\n{body}" if body else "Content-Length: 0\n"
        return _send(f"SIP/2.0 {line}\n{repeated}Contact: <sip:agent@[local_ip]:[local_port]>\n{content}")

    steps = [
        '<recv request="INVITE" rrs="true"><action>'
        '<ereg regexp="[^ ].*" search_in="hdr" header="From:" assign_to="1"/>'
        '<ereg regexp="[^ ].*" search_in="hdr" header="To:" assign_to="2"/>'
        "</action></recv>",
        '<Reference variables="1,2"/>',
        answer("180 Ringing"),
    ]
    if answer_after is None:
        steps += [
            '<recv request="CANCEL"/>',
            _send(f"SIP/2.0 200 OK\n{_REPEATED}Content-Length: 0\n"),
            _send(
                "SIP/2.0 487 Request Terminated\n[last_Via:]\nFrom: [$1]\n"
                f"To: [$2]{tag}\n[last_Call-ID:]\nCSeq: [cseq] INVITE\nContent-Length: 0\n"
            ),
            '<recv request="ACK"/>',
        ]
        return "\n".join(steps)
    steps += [pause(answer_after), answer("200 OK", _SDP), '<recv request="ACK"/>']
    if talk is None:
        return "\n".join([*steps, hung_up(within=3600.0)])
    bye = (
        "BYE [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: [$2]{tag}\nTo: [$1]\n[last_Call-ID:]\nCSeq: 1 BYE\nMax-Forwards: 70\nContent-Length: 0\n"
    )
    return "\n".join([*steps, pause(talk), _send(bye, ' retrans="500"'), '<recv response="200"/>'])


def scenario(*steps: str) -> str:
    """The document of ``steps``."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="line400">\n' + "\n".join(steps) + "\n</scenario>\n"


@dataclass(frozen=True, slots=True)
class Counted:
    """What one run came to: calls that went as the scenario says, calls that did not, real seconds from the first call
    to the last one's end, and the seconds from INVITE to 200 of each call that was answered."""

    succeeded: int
    failed: int
    seconds: float
    answered_after: tuple[float, ...] = ()
    said: str = ""

    def answered_within(self, share: float) -> float:
        """Within how many seconds ``share`` of the answered calls were answered; infinite where none was."""
        ordered = sorted(self.answered_after)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


class SippRun:
    """One process. ``with`` ends it; `wait` waits for its end. It serves (``remote`` None) or calls."""

    def __init__(
        self,
        program: Sequence[str],
        document: str,
        *,
        port: int,
        media_port: int,
        remote: str | None = None,
        service: str = "s",
        caller: str = "13800138000",
        calls: int | None = 1,
        per_second: float = 10.0,
        password: str = "",
        table: Iterable[Sequence[str]] = (),
        timed: bool = False,
        host: str = "127.0.0.1",
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="line400-sipp-"))
        (self._folder / "scenario.xml").write_text(document.replace("[password]", password), encoding="utf-8")
        command = [*program, "-sf", "scenario.xml", "-i", host, "-p", str(port), "-mp", str(media_port)]
        command += ["-nostdin", "-aa", "-s", service, "-key", "caller", caller, "-trace_stat", "-stf", "stat.csv"]
        command += ["-fd", "1", "-trace_err", "-error_file", "errors.log", "-l", str(MOST_CALLS), "-timeout", "7200s"]
        if calls is not None:
            command += ["-m", str(calls)]
        if timed:
            command += ["-trace_rtt", "-rtt_freq", "1"]
        rows = [";".join(row) + ";" for row in table]
        if rows:
            (self._folder / "table.csv").write_text("\n".join(["SEQUENTIAL", *rows, ""]), encoding="utf-8")
            command += ["-inf", "table.csv"]
        if remote is not None:
            # Fractions of a call per second: calls per ten seconds.
            command += ["-r", str(max(1, round(per_second * 10))), "-rp", "10000", remote]
        with (self._folder / "said.log").open("wb") as said:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> Counted:
        """What it came to, once it ended; after ``seconds`` it is ended, and calls in progress count as failed."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._end()
        return self.counted()

    def counted(self) -> Counted:
        """What it has come to so far (its own count of a second ago while it runs)."""
        rows = list(csv.DictReader(_lines(self._folder / "stat.csv"), delimiter=";"))
        last = rows[-1] if rows else {}
        created, succeeded = (
            sum(int(last.get(f"{name}(C)") or 0) for name in names)
            for names in (("OutgoingCall", "IncomingCall"), ("SuccessfulCall",))
        )
        answered = [
            float(row[1]) / 1000
            for path in self._folder.glob("*_rtt.csv")
            for row in csv.reader(_lines(path), delimiter=";")
            if len(row) > 1 and row[1][:1].isdigit()
        ]
        path = self._folder / "errors.log"
        said = path.read_text(errors="replace") if path.exists() else ""
        return Counted(
            succeeded,
            created - succeeded,
            _seconds(last.get("ElapsedTime(C)", "")),
            tuple(answered),
            said[:4000] or (self._folder / "said.log").read_text(errors="replace")[-2000:],
        )

    def _end(self) -> None:
        if self.running:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """End it where it runs, and remove what it wrote."""
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> SippRun:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _seconds(text: str) -> float:
    """``00:00:07:123456`` (or with milliseconds) as seconds."""
    parts = text.split(":")
    if len(parts) < 3 or not all(part.isdigit() for part in parts):
        return 0.0
    fraction = int(parts[3]) / 10 ** len(parts[3]) if len(parts) > 3 else 0.0
    return int(parts[0]) * 3600 + int(parts[1]) * 60 + int(parts[2]) + fraction
