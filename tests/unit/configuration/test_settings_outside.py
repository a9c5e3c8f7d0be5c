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


def test_days_are_written_with_or_without_their_letter() -> None:
    configuration = settings("retention: { voicemail: 30d, recordings: 7, surveys: never }\n").configuration
    assert configuration is not None
    assert configuration.settings.retention == Retention(voicemail=30, recordings=7, surveys=None)


@pytest.mark.parametrize("days", ["0d", "-3", "soon", "1e9"])
def test_what_is_no_number_of_days_is_refused(days: str) -> None:
    assert codes(f"retention: {{ voicemail: {days} }}\n") == ["bad-days"]
