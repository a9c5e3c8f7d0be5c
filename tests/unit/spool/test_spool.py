"""Files of recordings are found in their folders and nowhere else, whatever their name says."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.spool import Spool


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    inside = tmp_path / "spool"
    (inside / "voicemail" / "default" / "general" / "INBOX").mkdir(parents=True)
    (inside / "monitor" / "line400-recordings").mkdir(parents=True)
    (inside / "voicemail" / "default" / "general" / "INBOX" / "msg0000.wav").write_bytes(b"message")
    (inside / "voicemail" / "default" / "general" / "INBOX" / "msg0000.txt").write_text("about it")
    (inside / "voicemail" / "default" / "general" / "INBOX" / "msg0001.wav").write_bytes(b"another")
    (inside / "monitor" / "line400-recordings" / "c-0.gsm").write_bytes(b"call")
    (tmp_path / "secret.wav").write_bytes(b"secret")
    (inside / "plain").write_bytes(b"no sound")
    (inside / "away.wav").symlink_to(tmp_path / "secret.wav")
    (inside / "out").symlink_to(tmp_path)
    return Spool([inside, tmp_path / "not-there"])


MESSAGE = "voicemail/default/general/INBOX/msg0000"


def test_a_name_is_found_with_and_without_its_extension(spool: Spool, tmp_path: Path) -> None:
    file = tmp_path / "spool" / f"{MESSAGE}.wav"
    assert spool.find(MESSAGE) == spool.find(f"{MESSAGE}.wav") == spool.find(str(file.with_suffix(""))) == file
    assert spool.read(MESSAGE, 100) == b"message"


def test_the_recording_of_a_call_is_found_where_the_switch_puts_it(spool: Spool) -> None:
    assert spool.read("line400-recordings/c-0", 100) == b"call"


@pytest.mark.parametrize(
    "name",
    [
        *("../secret", "voicemail/../../secret", "/etc/passwd", "//etc/passwd", "plain", "away", "out/secret", "out"),
        *("", ".", "..", "/", "a\0b", "a\nb", "x" * 5000, "voicemail", "C:\\secret", "~root/x", "not-there"),
    ],
)
def test_nothing_else_is_ever_found_read_or_deleted(spool: Spool, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert spool.find(name) is None
    assert spool.read(name, 100) is None
    assert spool.copy(name, tmp_path / "copy") is None
    assert spool.delete(name) == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_an_absolute_name_outside_is_not_found(spool: Spool, tmp_path: Path) -> None:
    assert spool.find(str(tmp_path / "secret")) is None
    assert spool.delete(str(tmp_path / "secret")) == 0


def test_a_recording_is_deleted_with_what_lies_beside_it(spool: Spool, tmp_path: Path) -> None:
    assert spool.delete(MESSAGE) == 2
    left = sorted(path.name for path in (tmp_path / "spool" / "voicemail").rglob("*") if path.is_file())
    assert left == ["msg0001.wav"]
    assert spool.delete(MESSAGE) == 0


def test_a_copy_is_the_same(spool: Spool, tmp_path: Path) -> None:
    assert spool.copy(MESSAGE, tmp_path / "copy.wav") is not None
    assert (tmp_path / "copy.wav").read_bytes() == b"message"


def test_one_that_is_too_long_is_not_read(spool: Spool) -> None:
    assert spool.read(MESSAGE, 6) is None
    assert spool.read(MESSAGE, 7) == b"message"
