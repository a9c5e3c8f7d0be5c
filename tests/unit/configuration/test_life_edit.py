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


TABLE = 'number,company,tier\n400-800-1234,示例科技,普通\n\n4006001111,"甲, 公司",金牌\n400-600-2222,乙公司,普通\n'


def facts_of(folder: Path, number: str = NUMBER):
    configuration = load(folder).configuration
    assert configuration is not None
    return next(facts for facts in configuration.numbers if facts.number == number)


def test_a_number_of_a_table_is_corrected_in_its_row_and_nowhere_else(folder: Path) -> None:
    (folder / "numbers.yaml").unlink()
    (folder / "numbers.csv").write_bytes(b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode())
    edit = ConfigurationEdit(folder)
    edit.enter_number(NUMBER, {"company": "丙, 公司", "tier": "金牌"})
    assert edit.write() == [folder / "numbers.csv"]
    written = (folder / "numbers.csv").read_bytes()
    assert written == b"\xef\xbb\xbf" + TABLE.replace("甲", "丙").replace("\n", "\r\n").encode()
    again = ConfigurationEdit(folder)
    again.enter_number(NUMBER, {"company": "丙, 公司", "tier": "金牌"})
    assert again.write() == []


def test_a_column_that_the_table_lacks_is_added(folder: Path) -> None:
    (folder / "numbers.yaml").unlink()
    (folder / "numbers.csv").write_text(TABLE, "utf-8")
    (folder / "queues.yaml").write_text("instances: { main: { queue: default } }\n", "utf-8")
    edit = ConfigurationEdit(folder)
    edit.enter_number(NUMBER, {"company": "丁公司", "purchased": "2026-10-20"})
    edit.set_instance_of(NUMBER, "main")
    edit.write()
    assert (folder / "numbers.csv").read_text("utf-8") == (
        "number,company,tier,purchased,instance\n400-800-1234,示例科技,普通,,\n\n"
        "4006001111,丁公司,金牌,2026-10-20,main\n400-600-2222,乙公司,普通,,\n"
    )
    assert facts_of(folder).instance == "main"


def test_a_route_of_a_table_stays_there_or_moves_where_it_needs_more_than_a_line(folder: Path) -> None:
    (folder / "routes.yaml").unlink()
    (folder / "routes.csv").write_text("number,line,flow\n400-800-1234,bj,welcome\n", "utf-8")
    edit = ConfigurationEdit(folder)
    edit.set_route("4008001234", [("hunt", None), ("line", "sh")], {})
    edit.set_flow("4008001234", "welcome")
    assert edit.write() == [folder / "routes.csv"]
    assert (folder / "routes.csv").read_text("utf-8") == "number,line,flow\n400-800-1234,sh,welcome\n"
    edit = ConfigurationEdit(folder)
    edit.set_route("4008001234", [("line", None), ("hunt", "{ lines: { bj: 60, sh: 40 } }")], {"四川": "bj"})
    edit.write()
    assert (folder / "routes.csv").read_text("utf-8") == "number,line,flow\n"
    configuration = load(folder).configuration
    assert configuration is not None
    route = configuration.routes["4008001234"]
    assert (route.flow, [rule.line for rule in route.rules]) == ("welcome", ["bj"])


def test_a_table_that_cannot_be_read_is_not_edited(folder: Path) -> None:
    (folder / "routes.csv").write_text('number,line,flow\n400-800-1234,"bj,welcome\n', "utf-8")
    with pytest.raises(EditError):
        ConfigurationEdit(folder).set_flow("4008001234", "welcome")


def test_a_first_instance_leaves_the_queues_that_flows_name(folder: Path) -> None:
    flow = "flow: help\nstart: a\nnodes:\n  a: { queue: repair, on: { timeout: b } }\n  b: { voicemail: complaints }\n"
    (folder / "flows").mkdir()
    (folder / "flows" / "help.flow.yaml").write_text(flow, "utf-8")
    edit = ConfigurationEdit(folder)
    edit.enter_instance("hotline", "default")
    edit.write()
    configuration = load(folder).configuration
    assert configuration is not None
    assert set(configuration.queues) == {"default", "repair"}
    assert set(configuration.boxes) == {"general", "complaints"}
