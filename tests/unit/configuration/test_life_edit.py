"""What a number's life writes into the files: everything else stays as its author typed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.configuration import load
from router.configuration.edit import EditError
from router.configuration.life_edit import ConfigurationEdit

FILES = {
    "line400.yaml": "company: 示例科技\n",
    "numbers.yaml": "# 号码\nnumbers:\n  - { number: 400-800-1234 }   # 总机\n",
    "lines.yaml": "lines:\n  bj: { base_number: 010-88880001, trunk: t }\n"
    "  sh: { base_number: 021-66660002, trunk: t }\n",
    "routes.yaml": "routes:\n  400-800-1234:  # 总机\n    line: bj\n    flow: welcome\n    rules:\n"
    "      - name: 黑名单\n        when: { caller: { list: blocked } }\n        reject: blocked\n"
    'lists:\n  blocked: ["13900000000"]\n',
}
NUMBER = "4006001111"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_a_number_is_entered_once_and_corrected_later(folder: Path) -> None:
    edit = ConfigurationEdit(folder)
    edit.enter_number(NUMBER, {"company": "甲: 公司", "tier": "金牌", "purchased": "2026-10-20"})
    assert edit.write() == [folder / "numbers.yaml"]
    text = (folder / "numbers.yaml").read_text("utf-8")
    assert text.startswith(FILES["numbers.yaml"])
    assert "  - number: 400-600-1111\n    company: '甲: 公司'\n" in text
    again = ConfigurationEdit(folder)
    again.enter_number(NUMBER, {"company": "甲: 公司", "tier": "金牌", "purchased": "2026-10-20"})
    assert again.write() == []
    other = ConfigurationEdit(folder)
    other.enter_number(NUMBER, {"company": "乙公司"})
    other.write()
    configuration = load(folder).configuration
    assert configuration is not None
    assert {facts.number: facts.company for facts in configuration.numbers}[NUMBER] == "乙公司"


def test_a_ticket_becomes_a_line_a_hunting_and_rules_of_regions_and_another_ticket_replaces_them(folder: Path) -> None:
    for entries, regions, expected in (
        ([("line", None), ("hunt", "{ lines: { bj: 60, sh: 40 } }")], {"上海": "sh"}, ("bj", "sh")),
        ([("hunt", None), ("line", "sh")], {"北京": "bj", "四川": "bj"}, None),
        ([("line", None), ("hunt", "{ lines: [sh, bj], strategy: sequential }")], {}, ("sh", "bj")),
    ):
        edit = ConfigurationEdit(folder)
        edit.set_route("4008001234", entries, regions)
        edit.write()
        configuration = load(folder).configuration
        assert configuration is not None
        route = configuration.routes["4008001234"]
        assert (route.hunt.lines if route.hunt else None) == expected
        assert [rule.name for rule in route.rules] == ["黑名单", *(f"地区-{province}" for province in regions)]
        assert route.flow == "welcome"
    assert "# 总机" in (folder / "routes.yaml").read_text("utf-8")


@pytest.mark.parametrize("text", ["routes: {}\n", "routes:\n", "", "# 路由\nroutes: {}   # 空\nlists: {}\n"])
def test_the_first_route_and_instance_of_a_company(folder: Path, text: str) -> None:
    (folder / "routes.yaml").write_text(text, "utf-8")
    (folder / "numbers.yaml").write_text("numbers: []\n", "utf-8")
    (folder / "queues.yaml").write_text("instances: {}\n", "utf-8")
    edit = ConfigurationEdit(folder)
    edit.enter_number(NUMBER, {"tier": "普通"})
    edit.enter_instance("hotline", "default")
    edit.set_instance_of(NUMBER, "hotline")
    edit.set_flow(NUMBER, "welcome")
    edit.set_route(NUMBER, [("hunt", None), ("line", "bj")], {})
    edit.write()
    loaded = load(folder)
    assert loaded.configuration is not None
    route = loaded.configuration.routes[NUMBER]
    assert (route.line, route.flow) == ("bj", "welcome")
    assert loaded.configuration.instances == {"hotline": "default"}
    assert [facts.instance for facts in loaded.configuration.numbers] == ["hotline"]
    off = ConfigurationEdit(folder)
    off.set_flow(NUMBER, None)
    off.write()
    configuration = load(folder).configuration
    assert configuration is not None
    assert configuration.routes[NUMBER].flow is None


def test_what_would_be_wrong_or_cannot_be_edited_safely_changes_nothing(folder: Path) -> None:
    edit = ConfigurationEdit(folder)
    edit.set_flow("4008001234", "nothing")
    with pytest.raises(EditError):
        edit.write()
    assert (folder / "routes.yaml").read_text("utf-8") == FILES["routes.yaml"]
    (folder / "routes.yaml").write_text(
        "routes: { 400-800-1234: { line: bj, flow: welcome, rules: [{ reject: busy }] } }\n", "utf-8"
    )
    inline = ConfigurationEdit(folder)
    with pytest.raises(EditError) as caught:
        inline.set_route("4008001234", [], {"上海": "bj"})
    assert caught.value.findings[0].code == "not-editable"
