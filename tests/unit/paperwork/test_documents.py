"""The documents of an application: drawn, readable, bundled; what is personal sealed."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from router.life.materials import DOCUMENTS, OWN_FIELDS, HandlerDetails, papers
from router.life.model import Life
from router.life.qualification import Qualification
from router.paperwork.bundle import bundle
from router.paperwork.drawing import draw
from router.paperwork.sealing import Sealer, SealingError, sealer_of
from router.paperwork.uploads import check_upload
from tests import scans

COMPANY = Qualification(
    1,
    "91110000600037341L",
    "示例<科技>&有限公司",
    "approved",
    0.0,
    date(2026, 1, 1),
    date(2036, 1, 1),
    True,
    "张三",
    "m",
)
LIFE = Life("4008001234", "reserved", 0.0, 1, "4008001234-1-5", "telecom", "金牌")
HANDLER = HandlerDetails("李四", "11010519491231002X", "13800138000", "li@example.com")


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")


def test_the_four_documents_hold_the_data_as_text_and_say_whose_fields_they_have() -> None:
    made = papers(LIFE, COMPANY, "11010519491231002X", HANDLER, date(2026, 10, 12))
    assert [paper.kind for paper in made] == list(DOCUMENTS)
    for paper in made:
        content = draw(paper)
        assert check_upload(f"{paper.kind}.pdf", content).pages == 1
        text = text_of(content)
        for expected in (
            *(paper.title, "示例<科技>&有限公司", "91110000600037341L", "400-800-1234", "中国电信"),
            *("月最低消费 2,500 元", "2026-10-12", OWN_FIELDS, "公司（盖章）"),
        ):
            assert expected in text
        assert draw(paper) == content
    assert "李四" in text_of(draw(made[0]))
    assert "13800138000" in text_of(draw(made[1]))


def test_a_bundle_is_one_document_with_a_bookmark_each() -> None:
    parts = [
        ("办理授权书", check_upload("a.pdf", scans.pdf(2))),
        ("身份证", check_upload("b.png", scans.png(900, 300))),
        ("反面", check_upload("c.jpg", scans.jpeg())),
    ]
    made = bundle(parts)
    assert check_upload("bundle.pdf", made).pages == 4
    reader = PdfReader(io.BytesIO(made))
    assert [(item.title, reader.get_destination_page_number(item)) for item in reader.outline] == [
        *(("办理授权书", 0), ("身份证", 2)),
        ("反面", 3),
    ]


def test_what_is_sealed_opens_with_its_key_for_its_subject_alone() -> None:
    sealer = Sealer("a key of many letters")
    sealed = sealer.seal("身份证".encode(), "handler:1")
    assert "身份证".encode() not in sealed
    assert sealer.open(sealed, "handler:1") == "身份证".encode()
    assert sealer.seal(b"x", "s") != sealer.seal(b"x", "s")
    for other, subject, content in (
        (sealer, "handler:2", sealed),
        (Sealer("another key of letters"), "handler:1", sealed),
        (sealer, "handler:1", sealed[:-1]),
        (sealer, "handler:1", b""),
    ):
        with pytest.raises(SealingError) as caught:
            other.open(content, subject)
        assert caught.value.code == "wrong-key"
    assert sealer.mark("x") == Sealer("a key of many letters").mark("x") != Sealer("another key of letters").mark("x")


def test_the_key_comes_from_the_environment_or_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "var" / "life.key"
    sealed = sealer_of("KEY", file, {"KEY": "a key of many letters"})[0].seal(b"x", "s")
    assert Sealer("a key of many letters").open(sealed, "s") == b"x"
    assert not file.exists()
    first, made = sealer_of(None, file, {})
    again, made_again = sealer_of(None, file, {})
    assert (made, made_again) == (True, False)
    assert again.open(first.seal(b"x", "s"), "s") == b"x"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["life.key"]


def test_a_key_that_is_missing_weak_or_unreadable_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.key").write_text("\n")
    for variable, file, environment, code in (
        ("KEY", tmp_path / "k", {}, "no-key"),
        ("KEY", tmp_path / "k", {"KEY": "short"}, "weak-key"),
        (None, tmp_path / "empty.key", {}, "weak-key"),
        (None, tmp_path, {}, "key-file"),
    ):
        with pytest.raises(SealingError) as caught:
            sealer_of(variable, file, environment)
        assert caught.value.code == code
