"""A real Asterisk on generated files with a carrier beside it: what the carrier's side receives is what counts.

The carrier has an address of loopback of its own, from which SIPp calls and at which a socket listens; telephones of
agents have another. The router is left out: the lines' fallback takes calls, and the guard is the switch's own.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from router.asterisk.ami_codec import encode_action
from router.asterisk.generated import Places, Secrets, generate
from router.asterisk.host import Programs, RunningAsterisk
from router.asterisk.sounds import audio
from router.book import RouteBook
from simulator.sip.switch import free_ports

TEMPLATES = Path(__file__).parent / "sipp"
CARRIER, SECOND, STRANGER, PHONE = "127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14"
CARRIER_PORT = 5070


OTHERS_LAST = 90.0
"""Real seconds to wait for a carrier's address, which another module's tests may hold on another worker."""


def _bound(host: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    until = time.monotonic() + OTHERS_LAST
    while True:
        try:
            opened.bind((host, port))
        except OSError:
            if time.monotonic() > until:
                opened.close()
                raise
            time.sleep(0.2)
        else:
            return opened


class CarrierSide:
    """What the carrier is sent. Every INVITE is refused with 503, so that a call which leaves is over at once."""

    def __init__(self, host: str, port: int) -> None:
        self.messages: list[str] = []
        self._socket = _bound(host, port)
        self._socket.settimeout(0.1)
        self._stopping = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def invites(self) -> list[str]:
        """The INVITE requests received so far, retransmissions left out."""
        found = {
            message.partition("Call-ID:")[2].partition("\r\n")[0]: message
            for message in self.messages
            if message.startswith("INVITE ")
        }
        return list(found.values())

    def requests(self, method: str) -> list[str]:
        """The requests of ``method`` received so far."""
        return [message for message in self.messages if message.startswith(f"{method} ")]

    def _listen(self) -> None:
        while not self._stopping:
            try:
                data, peer = self._socket.recvfrom(65535)
            except TimeoutError:
                continue
            message = data.decode("utf-8", "replace")
            self.messages.append(message)
            method = message.partition(" ")[0]
            if method == "REGISTER" and "\r\nAuthorization:" not in message:
                self._socket.sendto(answer(message, "401 Unauthorized", CHALLENGE).encode(), peer)
            elif method in ("INVITE", "OPTIONS", "REGISTER", "CANCEL", "BYE"):
                status = "503 Service Unavailable" if method == "INVITE" else "200 OK"
                self._socket.sendto(answer(message, status).encode(), peer)

    def stop(self) -> None:
        self._stopping = True
        self._thread.join()
        self._socket.close()


CHALLENGE = 'WWW-Authenticate: Digest realm="carrier", nonce="0123456789", algorithm=MD5'


def answer(request: str, status: str, *headers: str) -> str:
    """A SIP answer to ``request``."""
    copied = [
        line
        for line in request.split("\r\n\r\n")[0].split("\r\n")[1:]
        if line.split(":")[0].lower() in ("via", "from", "to", "call-id", "cseq", "contact", "expires")
    ]
    copied = [
        f"{line};tag=carrier" if line.lower().startswith("to:") and "tag=" not in line else line for line in copied
    ]
    return "\r\n".join([f"SIP/2.0 {status}", *copied, *headers, "Content-Length: 0", "", ""])


class Ami:
    """A little AMI client: one account, actions with their answers, user events kept."""

    def __init__(self, port: int, username: str, secret: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._file = self._socket.makefile("rb")
        self._file.readline()
        self.events: list[dict[str, str]] = []
        self.logged_in = self.send("Login", Username=username, Secret=secret)["Response"] == "Success"

    def send(self, action: str, **fields: object) -> dict[str, str]:
        """Send, and return the answer."""
        pairs = [
            (name, item) for name, value in fields.items() for item in (value if isinstance(value, list) else [value])
        ]
        self._socket.sendall(encode_action(action, [(name, str(value)) for name, value in pairs]))
        while True:
            message = self._message()
            if "Event" not in message:
                return message
            self.events.append(message)

    def events_until(self, done: Callable[[list[dict[str, str]]], bool], within: float = 10.0) -> list[dict[str, str]]:
        """Read events until ``done`` says so of all those read. Raises TimeoutError."""
        until = time.monotonic() + within
        while not done(self.events):
            # A ping answers when nothing else comes: a read never waits for long.
            if time.monotonic() > until:
                raise TimeoutError
            self.send("Ping")
            time.sleep(0.02)
        return self.events

    def _message(self) -> dict[str, str]:
        message: dict[str, str] = {}
        while True:
            line = self._file.readline().decode("utf-8", "replace")
            if not line:
                raise ConnectionError("AMI ended")
            if line == "\r\n":
                if message:
                    return message
                continue
            name, _, value = line.rstrip("\r\n").partition(": ")
            message[name] = value

    def close(self) -> None:
        self._file.close()
        self._socket.close()


class Lab:
    """A running Asterisk. ``extra`` is text added behind generated files, ``modules`` more modules to load."""

    SECRET = "lab-secret"

    def __init__(
        self,
        programs: Programs,
        book: RouteBook,
        *,
        routers: tuple[str, ...] = ("127.0.0.1:9",),
        extra: Mapping[str, str] = {},
        modules: tuple[str, ...] = (),
        qualify: bool = False,
    ) -> None:
        self.programs = programs
        self.book = book
        self._folder = Path(tempfile.mkdtemp(prefix="line400-lab-"))
        self.asterisk = RunningAsterisk(programs, self._folder / "main")
        self.sip_port, self.ami_port = free_ports(2)
        agents = sorted({name for queue in book.queues.values() for name in queue.agents})
        registering = {name: "trunk-secret" for name, trunk in book.trunks.items() if trunk.username}
        places = Places(
            self.asterisk.folders,
            str(self.asterisk.data / "moh"),
            sip_host="127.0.0.1",
            sip_port=self.sip_port,
            ami_port=self.ami_port,
            routers=routers,
            qualify=qualify,
        )
        self.secrets = Secrets("line400", self.SECRET, dict.fromkeys(agents, "phone-secret"), registering)
        self.files = generate(book, places, self.secrets)
        files = dict(self.files)
        others = "\n".join(
            f"[{name}]\nsecret = {self.SECRET}\nread = user,call\nwrite = {write}\n"
            for name, write in {"other": "originate", "reader": "reporting"}.items()
        )
        files["manager.conf"] += "\n" + others
        files["modules.conf"] += "".join(f"load = {name}.so\n" for name in modules)
        for name, text in extra.items():
            files[name] += text
        self.asterisk.write(files)
        (self.asterisk.data / "moh" / "silence.wav").write_bytes(audio.wav(np.zeros(8000, dtype=np.int16)))
        self.asterisk.start()

    def ami(self, username: str = "line400") -> Ami:
        return Ami(self.ami_port, username, self.SECRET)

    def log(self) -> list[str]:
        """Warnings and errors of its log."""
        path = self.asterisk.log / "messages"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        return [line for line in lines if " WARNING[" in line or " ERROR[" in line]

    def sipp(
        self, scenario: str, number: str, host: str, *, keys: Mapping[str, str] = {}, timeout: int = 20, port: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run SIPp with the template ``scenario`` from ``host``, calling ``number`` once. ``keys`` replace ``{{name}}``
        of the template."""
        text = (TEMPLATES / f"{scenario}.xml").read_text()
        for name, value in keys.items():
            text = text.replace("{{" + name + "}}", value)
        with tempfile.TemporaryDirectory(prefix="line400-sipp-") as folder:
            path = Path(folder) / "scenario.xml"
            path.write_text(text)
            command = [*self.programs.sipp, f"127.0.0.1:{self.sip_port}", "-sf", str(path), "-s", number, "-m", "1"]
            command += ["-i", host, "-timeout", str(timeout), "-timeout_error", "-nostdin", "-trace_err", "-trace_msg"]
            command += ["-message_file", f"{folder}/messages", "-error_file", f"{folder}/errors"]
            command += ["-p", str(port)] if port else []
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=timeout + 10, check=False, cwd=folder
            )
            messages = Path(folder, "messages")
            heard = messages.read_text(errors="replace") if messages.exists() else ""
        return subprocess.CompletedProcess(command, done.returncode, heard, done.stdout + done.stderr)

    def close(self) -> None:
        self.asterisk.remove()
        shutil.rmtree(self._folder, ignore_errors=True)
