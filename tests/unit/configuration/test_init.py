"""A new configuration for one's own company passes the check, or nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.configuration import load
from router.configuration.init import InitError, Options, write_new

MINE = Options(company="我的: 公司 #1", number="4006001234", base_number="0571-88880001")


def test_it_passes_the_check_and_routes_the_number_to_welcome(tmp_path: Path) -> None:
    written = write_new(tmp_path / "new" / "config", MINE)
    assert all(path.is_file() for path in written)
    loaded = load(tmp_path / "new" / "config")
    assert loaded.findings == []
    assert loaded.configuration is not None
    assert loaded.configuration.settings.company == "我的: 公司 #1"
    assert [facts.number for facts in loaded.configuration.numbers] == ["4006001234"]
    route = loaded.configuration.routes["4006001234"]
    assert (route.line, route.flow) == ("main", "welcome")
    line = loaded.configuration.lines["main"]
    assert (line.base_number, line.carrier, line.province, line.city) == ("057188880001", "unicom", "浙江", "杭州")


@pytest.mark.parametrize(
    ("folder", "store"), [("mine", "mine"), ("示例", "示例"), ("config", "line400"), ("a b", "line400")]
)
def test_folders_side_by_side_keep_stores_of_their_own(tmp_path: Path, folder: str, store: str) -> None:
    write_new(tmp_path / folder, MINE)
    configuration = load(tmp_path / folder).configuration
    assert configuration is not None
    assert configuration.settings.store == f"sqlite:///{tmp_path}/var/{store}.db"


def test_what_is_given_is_not_guessed(tmp_path: Path) -> None:
    write_new(tmp_path / "c", Options("x", "400-300-1234", "13800138000", "电信", "广东省", "深圳市"))
    configuration = load(tmp_path / "c").configuration
    assert configuration is not None
    line = configuration.lines["main"]
    assert (line.carrier, line.province, line.city) == ("telecom", "广东", "深圳")


@pytest.mark.parametrize(
    ("options", "option"),
    [
        (Options("", "4006001234", "0571-88880001"), "company"),
        (Options("a\x00b", "4006001234", "0571-88880001"), "company"),
        (Options("x", "400600123", "0571-88880001"), "number"),
        (Options("x", "4006001234", "4006001234"), "base_number"),
        (Options("x", "4006001234", "88880001"), "base_number"),
        (Options("x", "4006001234", "0571-88880001", "vodafone"), "carrier"),
        (Options("x", "4003001234", "0571-88880001"), "carrier"),
        (Options("x", "4006001234", "0571-88880001", province="Atlantis"), "province"),
    ],
)
def test_a_wrong_option_is_named_and_nothing_is_written(tmp_path: Path, options: Options, option: str) -> None:
    with pytest.raises(InitError) as caught:
        write_new(tmp_path / "c", options)
    assert caught.value.option == option
    assert caught.value.message.zh
    assert caught.value.cure.zh
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(InitError):
        write_new(tmp_path, MINE)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    place = tmp_path / "c"
    place.mkdir()
    write_new(place, MINE)
    assert load(place).configuration is not None
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("mine")
    with pytest.raises(InitError):
        write_new(tmp_path / "c", MINE)
    assert (tmp_path / "c").read_text() == "mine"
