"""Settings about the outside and what callers leave behind: services, folders, days."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.configuration import Loaded, load_files
from router.model import Retention, WebService

from .conftest import GOOD


def settings(text: str) -> Loaded:
    files = {name: content.encode() for name, content in GOOD.items()}
    return load_files({**files, "line400.yaml": text.encode()}, Path("/company/config"))


def codes(text: str) -> list[str]:
    return [finding.code for finding in settings(text).findings if finding.severity == "error"]


def test_a_service_is_read_with_its_limits() -> None:
    configuration = settings(
        "messages: { url: 'https://sms.example/send?v=2', secret_env: SMS_SECRET, timeout: 3s }\n"
        "speech: { url: 'http://127.0.0.1:9/asr' }\n"
    ).configuration
    assert configuration is not None
    assert configuration.settings.messages == WebService("https://sms.example/send?v=2", "SMS_SECRET", 3.0)
    assert configuration.settings.speech == WebService("http://127.0.0.1:9/asr", None, 5.0)
    assert configuration.settings.events is None


@pytest.mark.parametrize(
    "url",
    ["ftp://sms.example/", "https://", "https://user:pass@sms.example/", "sms.example", "https://a b/", "http://x:0/"],
)
def test_what_is_no_address_of_a_service_is_refused(url: str) -> None:
    assert codes(f"messages: {{ url: '{url}' }}\n") == ["bad-url"]


def test_a_folder_is_relative_to_the_parent_of_the_configuration() -> None:
    configuration = settings("recordings: [var/spool, /var/spool/asterisk]\n").configuration
    assert configuration is not None
    assert configuration.settings.recordings == ("/company/var/spool", "/var/spool/asterisk")


def test_where_the_switch_plays_from_and_what_speaks() -> None:
    text = "sounds: var/sounds\nspeech_command: [my-tts, --lang, '{language}', '--out={output}', -]\n"
    configuration = settings(text).configuration
    assert configuration is not None
    assert configuration.settings.sounds == "/company/var/sounds"
    assert configuration.settings.speech_command == ("my-tts", "--lang", "{language}", "--out={output}", "-")
    one = settings("speech_command: /opt/tts/speak\n").configuration
    assert one is not None
    assert one.settings.speech_command == ("/opt/tts/speak",)


@pytest.mark.parametrize(
    ("command", "line", "cure"),
    [
        ("speech_command: my-tts --out {output}", 2, "list"),
        ("speech_command: ['{text}', x]", 2, "list"),
        ("speech_command:\n  - my-tts\n  - '{txt}'", 4, "`{text}`"),
        ("speech_command:\n  - my-tts\n  - '{password}'", 4, "{output}"),
        ("speech_command: [my-tts, [x]]", 2, ""),
        ("sounds: [a, b]", 2, ""),
    ],
)
def test_a_command_that_could_not_run_is_refused_where_it_stands(command: str, line: int, cure: str) -> None:
    found = [finding for finding in settings(f"company: X\n{command}\n").findings if finding.severity == "error"]
    assert [finding.place.line for finding in found] == [line]
    assert cure in found[0].cure.en


def test_a_switch_behind_nat() -> None:
    text = "asterisk: { external_address: 203.0.113.5, local_networks: [10.1.0.0/16] }\n"
    configuration = settings(text).configuration
    assert configuration is not None
    assert configuration.settings.external_address == "203.0.113.5"
    assert configuration.settings.local_networks == ("10.1.0.0/16",)
    assert codes("asterisk: { local_networks: [10.1.0.0/40] }\n") == ["bad-network"]
    assert codes("asterisk: { external_address: 'a b' }\n") == ["bad-host"]


@pytest.mark.parametrize("account", ["username: x", "secret_env: SECRET"])
def test_the_account_of_a_trunk_is_a_name_and_a_password(account: str) -> None:
    files = {name: content.encode() for name, content in GOOD.items()}
    trunks = f"trunks:\n  bj: {{ peer: 192.0.2.1, {account} }}\n".encode()
    loaded = load_files({**files, "trunks.yaml": trunks}, Path("/company/config"))
    (finding,) = [finding for finding in loaded.findings if finding.place.file.endswith("trunks.yaml")]
    assert (finding.severity, finding.place.line) == ("error", 2)
    assert "`secret_env`" in finding.message.en


def test_days_are_written_with_or_without_their_letter() -> None:
    configuration = settings("retention: { voicemail: 30d, recordings: 7, surveys: never }\n").configuration
    assert configuration is not None
    assert configuration.settings.retention == Retention(voicemail=30, recordings=7, surveys=None)


@pytest.mark.parametrize("days", ["0d", "-3", "soon", "1e9"])
def test_what_is_no_number_of_days_is_refused(days: str) -> None:
    assert codes(f"retention: {{ voicemail: {days} }}\n") == ["bad-days"]


SPOKEN = """flow: later
nodes:
  ask: { speech: { prompt: 请说, intents: [报修] }, on: { 报修: sms, no_input: sms } }
  sms: { message: 您好, on: { sent: bye, failed: bye } }
  bye: { play: 再见 }
"""


def test_a_flow_that_needs_a_service_which_is_not_set_is_told_of() -> None:
    files = {**{name: content.encode() for name, content in GOOD.items()}, "flows/later.flow.yaml": SPOKEN.encode()}

    def told(text: str) -> list[tuple[str, str, str]]:
        loaded = load_files({**files, "line400.yaml": text.encode()}, Path("/company/config"))
        codes = ("speech-without-recogniser", "message-without-sender")
        return [
            (found.code, found.severity, str(found.place).rpartition("/")[2])
            for found in loaded.findings
            if found.code in codes
        ]

    assert told("company: x\n") == [
        ("speech-without-recogniser", "info", "later.flow.yaml:3:3"),
        ("message-without-sender", "info", "later.flow.yaml:4:3"),
    ]
    assert told("speech: { url: 'https://asr.example/' }\nmessages: { url: 'https://sms.example/' }\n") == []
