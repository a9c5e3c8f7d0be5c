"""What the vendor's API writes into the files: instances, queues, agents, flow files; all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.configuration import load
from router.configuration.company_edit import CompanyEdit
from router.configuration.edit import EditError
from router.configuration.files_on_disk import WriteError, write_together
from router.model import Configuration, InstanceText

FILES = {
    "line400.yaml": "company: 示例科技\n",
    "numbers.yaml": (
        "numbers:\n"
        "  - { instance: shop, number: 400-800-1234 }   # 总机\n"
        "  - number: 400-600-5678\n    instance: shop   # 客服\n    tier: 精选\n"
    ),
    "lines.yaml": "lines:\n  bj: { base_number: 010-88880001, trunk: t }\n",
    "queues.yaml": """\
# 队列
queues:
  sales: { strategy: ring_all, agents: ["1001"] }  # 销售
instances:
  shop: {}
""",
    "routes.yaml": "routes: { 400-800-1234: { line: bj, flow: welcome } }\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def written(edit: CompanyEdit) -> Configuration:
    edit.check()
    write_together(edit.writes)
    found = load(edit.folder).configuration
    assert found is not None
    return found


def test_an_instance_is_entered_with_words_that_need_quotes_described_and_removed(folder: Path) -> None:
    edit = CompanyEdit(folder)
    edit.enter_instance("hotline", "sales", "客服: 中心, {一} #1", 'a "quoted"\nline')
    edit.describe_instance("shop", "店铺")
    texts = written(edit).instance_texts
    assert texts["hotline"] == InstanceText("客服: 中心, {一} #1", 'a "quoted"\nline')
    assert texts["shop"] == InstanceText("", "店铺")
    off = CompanyEdit(folder)
    off.remove_instance("hotline")
    off.describe_instance("shop", "新描述")
    after = written(off)
    assert after.instances == {"shop": "default"}
    assert after.instance_texts["shop"].description == "新描述"
    assert "# 销售" in (folder / "queues.yaml").read_text("utf-8")


def test_a_number_leaves_its_instance_in_both_ways_of_writing(folder: Path) -> None:
    edit = CompanyEdit(folder)
    edit.leave_instance("4008001234")
    edit.leave_instance("4006005678")
    edit.leave_instance("4000001111")
    edit.set_flow("4008001234", None)
    after = written(edit)
    assert [facts.instance for facts in after.numbers] == [None, None]
    assert after.routes["4008001234"].flow is None
    assert (folder / "numbers.yaml").read_text("utf-8") == (
        "numbers:\n  - { number: 400-800-1234 }   # 总机\n  - number: 400-600-5678\n    tier: 精选\n"
    )


def test_queues_get_agents_and_go(folder: Path) -> None:
    edit = CompanyEdit(folder)
    edit.enter_queue("repair")
    edit.set_agents("repair", ["1001", "王"])
    edit.set_agents("sales", [])
    edit.set_agents("default", ["1009"])
    queues = written(edit).queues
    assert {name: queue.agents for name, queue in queues.items()} == {
        "repair": ("1001", "王"),
        "sales": (),
        "default": ("1009",),
    }
    assert queues["sales"].strategy == "ring_all"
    off = CompanyEdit(folder)
    off.remove_queue("repair")
    off.remove_queue("nothing")
    assert "repair" not in written(off).queues


def test_files_come_and_go_together_or_not_at_all(folder: Path) -> None:
    flow = "flow: hello\nstart: a\nnodes:\n  a: { play: 你好 }\n"
    edit = CompanyEdit(folder)
    edit.put_file("flows/hello.flow.yaml", flow.encode())
    assert "hello" in written(edit).flow_sources
    off = CompanyEdit(folder)
    off.remove_file("flows/hello.flow.yaml")
    off.describe_instance("shop", "x")
    (folder / "queues.yaml").write_text("instances: { shop: {} }\n", "utf-8")
    with pytest.raises(WriteError):
        write_together(off.writes)
    assert (folder / "flows/hello.flow.yaml").read_text("utf-8") == flow
    again = CompanyEdit(folder)
    again.remove_file("flows/hello.flow.yaml")
    assert "hello" not in written(again).flow_sources


def test_an_edit_with_which_the_configuration_is_wrong_is_refused(folder: Path) -> None:
    edit = CompanyEdit(folder)
    edit.remove_instance("shop")
    with pytest.raises(EditError):
        edit.check()


def test_a_first_queues_file_holds_what_was_there_by_itself(folder: Path) -> None:
    (folder / "queues.yaml").unlink()
    flow = "flow: help\nstart: a\nnodes:\n  a: { queue: repair, on: { timeout: b } }\n  b: { voicemail: complaints }\n"
    (folder / "flows").mkdir()
    (folder / "flows" / "help.flow.yaml").write_text(flow, "utf-8")
    before = load(folder).configuration
    assert before is not None
    edit = CompanyEdit(folder)
    edit.enter_instance("hotline", "default")
    after = written(edit)
    assert after.instances == {**before.instances, "hotline": "default"}
    assert after.queues.keys() == before.queues.keys()
    assert after.boxes == before.boxes
