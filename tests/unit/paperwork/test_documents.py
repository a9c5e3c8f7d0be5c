"""The documents of an application: drawn, readable, bundled; what is personal sealed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pypdf import PdfReader

from router.life.identity import Identity
from router.life.materials import DOCUMENTS, OWN_FIELDS, HandlerDetails, papers
from router.life.model import Life
from router.life.qualification import Qualification
from router.paperwork.bundle import bundle
from router.paperwork.drawing import draw, undrawable
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
LEGAL = Identity("resident", "11010519491231002X")
HANDLER = HandlerDetails("李四", LEGAL, "13800138000", "li@example.com")


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")


def test_the_four_documents_hold_the_data_as_text_and_say_whose_fields_they_have() -> None:
    made = papers(LIFE, COMPANY, LEGAL, HANDLER, date(2026, 10, 12))
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


def font_with(path: Path, letters: str) -> Path:
    """A font that has ``letters`` as boxes and nothing else."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 800), (900, 800), (900, 0)):
        pen.lineTo(point)
    pen.closePath()
    box, empty = pen.glyph(), TTGlyphPen(None).glyph()
    names = {ord(letter): f"u{ord(letter):05X}" for letter in letters}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    builder.setupGlyf({".notdef": empty, **dict.fromkeys(names.values(), box)})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", *names.values()), (1000, 0)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path


LONG = "中国（上海）自由贸易试验区" + "国际信息技术与电子商务服务" * 6 + "股份有限公司北京第一分公司"
ENGLISH = "Example Technology & Communications International Holdings (Shanghai) Company Limited"


@pytest.mark.parametrize(("company", "person"), [(LONG, "阿卜杜热合曼·买买提依明"), (ENGLISH, "Jean-François D'Arcy")])
def test_long_and_foreign_names_stay_on_the_page_as_text(company: str, person: str) -> None:
    named = replace(COMPANY, company=company, legal_name=person)
    for paper in papers(LIFE, named, LEGAL, replace(HANDLER, name=person), date(2026, 10, 12)):
        page = PdfReader(io.BytesIO(draw(paper, []))).pages
        assert len(page) == 1
        text = page[0].extract_text().replace("\n", "").replace(" ", "")
        assert company.replace(" ", "") in text
        assert person.replace(" ", "") in text


def test_rare_characters_come_from_a_font_of_the_machine_embedded_and_searchable(tmp_path: Path) -> None:
    fonts = [font_with(tmp_path / "one.ttf", "𠮷"), font_with(tmp_path / "two.ttf", "䶮𬭎")]
    named = replace(COMPANY, company="𠮷野家餐饮有限公司", legal_name="𠮷䶮")
    paper = papers(LIFE, named, LEGAL, HANDLER, date(2026, 10, 12))[0]
    content = draw(paper, fonts)
    text = text_of(content)
    assert "𠮷野家餐饮有限公司" in text
    assert "𠮷䶮" in text
    assert undrawable(paper, fonts) == ()
    assert draw(paper, fonts) == content
    described = [font.get_object() for font in PdfReader(io.BytesIO(content)).pages[0]["/Resources"]["/Font"].values()]
    embedded = [font for font in described if "/FontDescriptor" in font and "/FontFile2" in font["/FontDescriptor"]]
    assert len(embedded) == 2  # Latin and the rare ones; Chinese is a CID font that readers bring
    assert check_upload("a.pdf", content).pages == 1


def test_what_no_font_has_is_a_placeholder_and_told(tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"\x00\x01\x00\x00 no font")
    paper = papers(
        LIFE, replace(COMPANY, legal_name="𠮷䶮"), LEGAL, HANDLER, date(2026, 10, 12)
    )[0]  # fmt: skip
    for fonts in ([], [tmp_path / "broken.ttf", tmp_path / "missing.ttf"]):
        assert undrawable(paper, fonts) == ("䶮", "𠮷")
        assert "〓〓" in text_of(draw(paper, fonts))


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
