"""What is taken of files from outside, and what is not."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.paperwork import uploads
from router.paperwork.uploads import MOST_BYTES, UploadError, check_upload, read_upload
from tests import scans


@pytest.mark.parametrize(
    ("name", "content", "media", "pages"),
    [
        ("scan.png", scans.png(), "image/png", 1),
        ("scan.JPG", scans.jpeg(), "image/jpeg", 1),
        ("scan.pdf", scans.pdf(3), "application/pdf", 3),
        ("scan", scans.pdf(), "application/pdf", 1),
    ],
)
def test_scans_are_known_by_their_content(name: str, content: bytes, media: str, pages: int) -> None:
    taken = check_upload(name, content)
    assert (taken.media, taken.pages, taken.content) == (media, pages, content)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.png", b"", "file-empty"),
        ("a.pdf", scans.png(), "file-other-type"),
        ("a.png", scans.jpeg(), "file-other-type"),
        ("a.pdf", b"MZ\x90\x00", "file-unknown-type"),
        ("a.gif", b"GIF89a", "file-unknown-type"),
        ("a.pdf", b"%PDF-1.7\nhello", "file-damaged"),
        ("a.pdf", scans.pdf()[:200], "file-damaged"),
        ("a.png", scans.png()[:50], "file-damaged"),
        ("a.jpg", b"\xff\xd8\xff\xe0garbage", "file-damaged"),
        ("a.pdf", scans.pdf(21), "file-too-many-pages"),
        ("a.pdf", scans.encrypted(), "file-encrypted"),
        ("a.pdf", scans.encrypted(""), "file-encrypted"),
        ("a.pdf", scans.with_attachment(), "file-active-content"),
        *(("a.pdf", scans.with_javascript(where), "file-active-content") for where in ("open", "page", "name", "link")),
        ("a.pdf", scans.with_javascript().replace(b"/JavaScript", b"/Java#53cript"), "file-active-content"),
    ],
)
def test_what_is_not_taken_has_its_reason(name: str, content: bytes, code: str) -> None:
    with pytest.raises(UploadError) as caught:
        check_upload(name, content)
    assert caught.value.code == code
    assert caught.value.message.zh
    assert caught.value.cure.en


def test_a_picture_with_too_many_pixels_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_PIXELS", 100)
    with pytest.raises(UploadError) as caught:
        check_upload("a.png", scans.png(20, 20))
    assert caught.value.code == "file-too-large"


def test_a_file_of_100_megabytes_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(UploadError) as caught:
        read_upload(large)
    assert caught.value.code == "file-too-large"
    assert MOST_BYTES == 10 * 1024 * 1024


def test_only_plain_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "missing.pdf", tmp_path / "pipe"):
        with pytest.raises(UploadError) as caught:
            read_upload(path)
        assert caught.value.code == "file-no-file"
    (tmp_path / "scan.png").write_bytes(scans.png())
    assert read_upload(tmp_path / "scan.png").media == "image/png"


@settings(max_examples=120, deadline=None)
@given(st.sampled_from([scans.pdf(), scans.png(), scans.jpeg()]), st.data())
def test_any_damage_is_a_refusal_or_harmless(content: bytes, data: st.DataObject) -> None:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UploadError):
        assert check_upload("scan", bytes(changed)).pages >= 1
