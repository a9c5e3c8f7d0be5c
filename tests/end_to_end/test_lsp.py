"""``line400 lsp`` as an editor talks to it: JSON-RPC over the standard streams of a process of its own."""

from __future__ import annotations

import asyncio
import builtins
import importlib.util
import json
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from router.app.main import run

ROOT = Path(__file__).resolve().parents[2]

FLOW = """\
flow: talk
title: 交谈
start: menu
nodes:
  menu:
    menu: 😀业务请按1。
    on: { "1": agent, no_input: bye, no_match: bye }
  agent:
    queue: support
    on: { answered: bye, timeout: bye }
  bye: { hangup: }
"""


class Editor:
    """A client of the protocol: `ask` awaits an answer, `diagnostics` the next findings of a file."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.published: dict[str, asyncio.Queue[list[dict[str, Any]]]] = {}
        self.count = 0
        self.reading = asyncio.create_task(self.read())

    async def read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        while True:
            length = 0
            while line := (await stdout.readline()).strip():
                name, _, value = line.decode().partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            if not length:
                for waiting in self.answers.values():
                    waiting.set_exception(EOFError("the server has ended"))
                return
            message = json.loads(await stdout.readexactly(length))
            if "id" in message and "method" not in message:
                self.answers.pop(message["id"]).set_result(message)
            elif message.get("method") == "textDocument/publishDiagnostics":
                found = message["params"]
                self.published.setdefault(found["uri"], asyncio.Queue()).put_nowait(found["diagnostics"])

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def tell(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    async def ask(self, method: str, params: Any) -> dict[str, Any]:
        self.count += 1
        answer = self.answers[self.count] = asyncio.get_running_loop().create_future()
        self.send({"id": self.count, "method": method, "params": params})
        return await answer

    async def result(self, method: str, params: Any) -> Any:
        answer = await self.ask(method, params)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, path: Path, text: str) -> str:
        uri = path.as_uri()
        self.tell(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}},
        )
        return uri

    def change(self, uri: str, text: str, version: int = 2) -> None:
        self.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]},
        )

    async def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        return await self.published.setdefault(uri, asyncio.Queue()).get()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


@pytest_asyncio.fixture
async def editor(config: Path) -> AsyncIterator[Editor]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", "from router.app.main import main; main()", "--lang", "en", "lsp"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    editor = Editor(process)
    await editor.result(
        "initialize",
        {
            "processId": None,
            "rootUri": config.as_uri(),
            "capabilities": {"workspace": {"workspaceEdit": {"resourceOperations": ["rename"]}}},
            "locale": "en-GB",
        },
    )
    editor.tell("initialized", {})
    yield editor
    await editor.result("shutdown", None)
    editor.tell("exit", None)
    assert await process.wait() == 0
    await editor.reading


def position(text: str, mark: str, inside: int = 1) -> dict[str, int]:
    """Where the first ``mark`` is, in UTF-16 units as the protocol counts."""
    before = text[: text.index(mark) + inside]
    line = before.rpartition("\n")[2]
    return {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}


def of(uri: str, text: str, mark: str, inside: int = 1, **more: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": position(text, mark, inside), **more}


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda edit: (-edit["range"]["start"]["line"], -edit["range"]["start"]["character"])):
        line = edit["range"]["start"]["line"]
        units = lines[line].encode("utf-16-le")
        start, end = (2 * edit["range"][side]["character"] for side in ("start", "end"))
        lines[line] = (units[:start] + edit["newText"].encode("utf-16-le") + units[end:]).decode("utf-16-le")
    return "\n".join(lines)


async def test_findings_come_while_somebody_types(editor: Editor, config: Path) -> None:
    uri = editor.open(config / "flows" / "talk.flow.yaml", FLOW)
    assert await editor.diagnostics(uri) == []
    wrong = FLOW.replace("queue: support", "queue: suport").replace('"1": agent', '"1": agnet')
    editor.change(uri, wrong)
    found = {diagnostic["code"]: diagnostic for diagnostic in await editor.diagnostics(uri)}
    assert {"unknown-node"} <= found.keys()
    unknown = found["unknown-node"]
    assert unknown["severity"] == 1
    assert unknown["range"]["start"] == position(wrong, "agnet", 0)
    assert unknown["range"]["end"] == position(wrong, "agnet", 5)
    assert "`agnet`" in unknown["message"]
    assert "Did you mean `agent`?" in unknown["message"]
    editor.change(uri, "flow: talk\nnodes: [", 3)
    assert [diagnostic["severity"] for diagnostic in await editor.diagnostics(uri)] == [1]
    editor.change(uri, FLOW, 4)
    assert await editor.diagnostics(uri) == []
    editor.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert await editor.diagnostics(uri) == []


async def test_names_of_the_configuration_are_known_and_follow_what_is_saved(editor: Editor, config: Path) -> None:
    flow = FLOW.replace("queue: support", "hours: night").replace(
        "answered: bye, timeout: bye", "open: bye, closed: bye"
    )
    uri = editor.open(config / "flows" / "talk.flow.yaml", flow)
    assert "unknown-calendar" in [diagnostic["code"] for diagnostic in await editor.diagnostics(uri)]
    calendars = config / "calendars.yaml"
    text = calendars.read_text(encoding="utf-8").replace(
        "calendars:\n", "calendars:\n  night: { open: { workday: 18:00-23:00 } }\n"
    )
    other = editor.open(calendars, text)
    assert [d["code"] for d in await editor.diagnostics(other) if d["severity"] == 1] == []
    calendars.write_text(text, encoding="utf-8")
    editor.tell("textDocument/didSave", {"textDocument": {"uri": other}})
    assert "unknown-calendar" not in [diagnostic["code"] for diagnostic in await editor.diagnostics(uri)]


async def test_other_files_of_the_configuration_and_scenarios_are_checked_too(editor: Editor, config: Path) -> None:
    routes = config / "routes.yaml"
    text = routes.read_text(encoding="utf-8")
    uri = editor.open(routes, text.replace("flow: ", "flow: no-such-", 1))
    assert "unknown-name" in [diagnostic["code"] for diagnostic in await editor.diagnostics(uri)]
    scenario = config / "scenarios" / "holiday.scenario.yaml"
    uri = editor.open(
        scenario, scenario.read_text(encoding="utf-8").replace("presses:", "pushes:").replace("hears:", "haers:")
    )
    assert "unknown-key" in [diagnostic["code"] for diagnostic in await editor.diagnostics(uri)]
    uri = editor.open(config.parent / "notes.yaml", "a: [")
    assert await editor.diagnostics(uri) == []


async def test_from_a_way_to_its_node_and_back(editor: Editor, config: Path) -> None:
    uri = editor.open(config / "flows" / "talk.flow.yaml", FLOW)
    place = await editor.result("textDocument/definition", of(uri, FLOW, "no_input: bye", 11))
    assert place == {"uri": uri, "range": {"start": position(FLOW, "bye: {", 0), "end": position(FLOW, "bye: {", 3)}}
    assert await editor.result("textDocument/definition", of(uri, FLOW, "业务")) is None
    context = {"context": {"includeDeclaration": False}}
    places = await editor.result("textDocument/references", of(uri, FLOW, "bye: {", **context))
    assert len(places) == 4
    symbols = await editor.result("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert [symbol["name"] for symbol in symbols] == ["menu", "agent", "bye"]


async def test_a_node_is_renamed_everywhere(editor: Editor, config: Path) -> None:
    text = FLOW.replace('{ "1": agent,', '{ "1": "😀", ').replace("  agent:", '  "😀":')
    uri = editor.open(config / "flows" / "talk.flow.yaml", text)
    ready = await editor.result("textDocument/prepareRename", of(uri, text, '  "😀":', 3))
    assert ready["placeholder"] == "😀"
    edit = await editor.result("textDocument/rename", of(uri, text, '  "😀":', 3, newName="人工"))
    renamed = applied(text, edit["changes"][uri])
    assert renamed == text.replace('"😀"', "人工")
    refused = await editor.ask("textDocument/rename", of(uri, text, '  "😀":', 3, newName="menu"))
    assert "There is a node `menu` already." in refused["error"]["message"]
    assert await editor.result("textDocument/prepareRename", of(uri, text, "title")) is None


async def test_what_is_heard_and_what_keys_mean_is_shown(editor: Editor, config: Path) -> None:
    uri = editor.open(config / "flows" / "talk.flow.yaml", FLOW)
    shown = await editor.result("textDocument/hover", of(uri, FLOW, "start: menu", 8))
    assert "😀业务请按1。" in shown["contents"]["value"]
    assert "`1` → `agent`" in shown["contents"]["value"]
    shown = await editor.result("textDocument/hover", of(uri, FLOW, "no_input"))
    assert "The caller pressed nothing" in shown["contents"]["value"]
    assert await editor.result("textDocument/hover", of(uri, FLOW, "交谈")) is None


async def test_nodes_keys_and_names_of_the_configuration_are_offered(editor: Editor, config: Path) -> None:
    uri = editor.open(config / "flows" / "talk.flow.yaml", FLOW)
    text = FLOW.replace("no_match: bye", "no_match: ")
    editor.change(uri, text)
    items = await editor.result("textDocument/completion", of(uri, text, "no_match: ", 10))
    assert [item["label"] for item in items] == ["agent", "bye", "menu"]
    chosen = items[0]["textEdit"]
    assert applied(text, [chosen]) == FLOW.replace("no_match: bye", "no_match: agent")
    text = FLOW.replace("queue: support", "queue: ")
    editor.change(uri, text, 3)
    items = await editor.result("textDocument/completion", of(uri, text, "queue: ", 7))
    assert "support" in [item["label"] for item in items]
    text = FLOW.replace("    queue: support\n", "    queue: support\n    prio\n")
    editor.change(uri, text, 4)
    (item,) = await editor.result("textDocument/completion", of(uri, text, "prio", 4))
    assert item["detail"].startswith("1 (lowest) to 99")
    assert "    priority: \n" in applied(text, [item["textEdit"]])


async def actions(editor: Editor, uri: str, line: int, **context: Any) -> dict[str, dict[str, Any]]:
    place = {"line": line, "character": 0}
    found = await editor.result(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": uri},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": [], **context},
        },
    )
    return {action["title"]: action for action in found}


async def test_quick_fixes_are_offered_where_a_finding_is(editor: Editor, config: Path) -> None:
    wrong = FLOW.replace('"1": agent', '"1": agnet').replace("queue: support", "queue: suport")
    uri = editor.open(config / "flows" / "talk.flow.yaml", wrong)
    (meant,) = (await actions(editor, uri, 6)).values()
    assert meant["title"] == "Write `agent`"
    assert meant["isPreferred"]
    once = applied(wrong, meant["edit"]["changes"][uri])
    assert once == FLOW.replace("queue: support", "queue: suport")
    assert await actions(editor, uri, 0) == {}
    braces = FLOW.replace("menu: 😀业务请按1。", 'menu: "😀{ company }业务请按1。"')
    editor.change(uri, braces)
    offered = await actions(editor, uri, 5)
    cure = offered["Write `{{ company }}`."]
    assert applied(braces, cure["edit"]["changes"][uri]) == braces.replace("{ company }", "{{ company }}")
    allow = offered["Allow `unclosed-template` here (write the reason)"]
    assert "isPreferred" not in allow or not allow["isPreferred"]
    (everything,) = (await actions(editor, uri, 0, only=["source.fixAll"])).values()
    assert everything["edit"]["changes"][uri][0]["newText"] == braces.replace("{ company }", "{{ company }}")
    routes = config / "routes.yaml"
    text = routes.read_text(encoding="utf-8").replace("flow: sales", "flow: salse", 1)
    other = editor.open(routes, text)
    line = text[: text.index("salse")].count("\n")
    edits = (await actions(editor, other, line))["Write `sales`"]["edit"]["changes"][other]
    assert applied(text, edits) == text.replace("salse", "sales")


async def test_names_lead_to_other_files(editor: Editor, config: Path) -> None:
    uri = editor.open(config / "flows" / "talk.flow.yaml", FLOW)
    queues = config / "queues.yaml"
    place = await editor.result("textDocument/definition", of(uri, FLOW, "queue: support", 8))
    assert place["uri"] == queues.as_uri()
    assert place["range"]["start"] == position(queues.read_text(encoding="utf-8"), "support:", 0)
    routes = config / "routes.yaml"
    text = routes.read_text(encoding="utf-8")
    other = editor.open(routes, text)
    place = await editor.result("textDocument/definition", of(other, text, "flow: service", 7))
    assert place["uri"] == (config / "flows" / "service.flow.yaml").as_uri()
    place = await editor.result("textDocument/definition", of(other, text, "hours: office", 8))
    assert place["uri"] == (config / "calendars.yaml").as_uri()
    context = {"context": {"includeDeclaration": True}}
    places = await editor.result("textDocument/references", of(other, text, "hours: office", 8, **context))
    assert {Path(place["uri"]).name for place in places} >= {"calendars.yaml", "routes.yaml", "service.flow.yaml"}


async def test_a_flow_is_renamed_with_its_file(editor: Editor, config: Path) -> None:
    flow, scenario = config / "flows" / "holiday.flow.yaml", config / "scenarios" / "holiday.scenario.yaml"
    text = flow.read_text(encoding="utf-8")
    uri = editor.open(flow, text)
    edit = await editor.result("textDocument/rename", of(uri, text, "flow: holiday", 7, newName="feier"))
    *changes, moved = edit["documentChanges"]
    assert (moved["kind"], moved["oldUri"], moved["newUri"]) == (
        "rename",
        uri,
        (config / "flows" / "feier.flow.yaml").as_uri(),
    )
    changed = {change["textDocument"]["uri"]: change["edits"] for change in changes}
    assert changed.keys() == {uri, scenario.as_uri(), (config / "routes.yaml").as_uri()}
    before = scenario.read_text(encoding="utf-8")
    assert applied(before, changed[scenario.as_uri()]) == before.replace("flow: holiday", "flow: feier")
    edit = await editor.result("textDocument/rename", of(uri, text, "  choice:", 3, newName="wahl"))
    assert applied(before, edit["changes"][scenario.as_uri()]) == before.replace("choice", "wahl")
    refused = await editor.ask("textDocument/rename", of(uri, text, "flow: holiday", 7, newName="service"))
    assert "There is a flow `service` already." in refused["error"]["message"]


async def test_names_and_filters_are_offered_in_expressions(editor: Editor, config: Path) -> None:
    text = FLOW.replace("menu: 😀业务请按1。", 'menu: "😀{{ called | dig"')
    uri = editor.open(config / "flows" / "talk.flow.yaml", text)
    (item,) = await editor.result("textDocument/completion", of(uri, text, "| dig", 5))
    assert (item["label"], item["detail"]) == ("digits", "read digit by digit")


async def test_odd_requests_are_answered(editor: Editor, config: Path) -> None:
    uri = editor.open(config / "flows" / "talk.flow.yaml", FLOW)
    for line, character in ((0, 999), (999, 0), (5, 13)):
        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        for method in ("definition", "hover", "completion", "prepareRename"):
            await editor.result(f"textDocument/{method}", place)
    untitled = "untitled:new.flow.yaml"
    editor.tell(
        "textDocument/didOpen",
        {"textDocument": {"uri": untitled, "languageId": "yaml", "version": 1, "text": FLOW}},
    )
    assert await editor.result("textDocument/definition", of(untitled, FLOW, "no_input: bye", 11))


def test_without_the_library_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *more: None if name == "pygls" else found(name, *more))
    monkeypatch.delitem(sys.modules, "router.app.commands.lsp", raising=False)
    original = builtins.__import__

    def refuse(name: str, *more: Any, **named: Any) -> Any:
        assert not name.startswith(("pygls", "lsprotocol"))
        return original(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert run(["--lang", "en", "lsp"], {}) == 4
    written = capsys.readouterr()
    assert written.out == ""
    assert 'pip install "line400[lsp]"' in written.err
    assert run(["--lang", "zh", "--json", "lsp"], {}) == 4
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "lsp-not-installed"
