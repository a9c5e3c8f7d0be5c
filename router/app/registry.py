"""The commands of ``line400``: where each stands, what it does in one line, and under which heading it is listed."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ivr_flows.findings import Text

from .problems import Problem, usage

START = Text("Start", "开始")
CONFIGURATION = Text("Configuration", "配置")
CALLS = Text("Calls", "呼叫")
OPERATION = Text("Operation", "运行")
LIFE = Text("Life of numbers", "号码办理")


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: ``module`` below `router.app.commands` and its ``function``."""

    name: str
    module: str
    function: str
    heading: Text
    summary: Text

    def load(self) -> Callable[..., Any]:
        """The function, its module imported now."""
        found: Callable[..., Any] = getattr(import_module(f"router.app.commands.{self.module}"), self.function)
        return found


COMMANDS: tuple[Entry, ...] = (
    Entry(
        "demo",
        "demo",
        "demo",
        START,
        Text("A test call over the embedded switch, shown live", "用内置交换机打一通测试电话，实时显示"),
    ),
    Entry("init", "init", "init", START, Text("A new configuration for your own company", "为自己的公司新建一套配置")),
    Entry("serve", "serve", "serve", START, Text("Run the live router", "运行线上路由")),
    Entry(
        "asterisk",
        "asterisk",
        "asterisk",
        OPERATION,
        Text("The real switch: provide, configure, run and check it", "真实交换机：提供、配置、运行、检查"),
    ),
    Entry("check", "check", "check", CONFIGURATION, Text("Check the configuration", "检查配置")),
    Entry(
        "fmt",
        "fmt",
        "fmt",
        CONFIGURATION,
        Text("Lay flows, routes and scenarios out", "统一流程、路由和场景文件的排版"),
    ),
    Entry(
        "bind",
        "bind",
        "bind",
        CONFIGURATION,
        Text("Bind a number to a flow, in the YAML file", "在 YAML 文件里把号码绑定到流程"),
    ),
    Entry("pin", "pin", "pin", CONFIGURATION, Text("The hash of a PIN, for a route", "生成密码的哈希值，供路由使用")),
    Entry(
        "plan",
        "plan",
        "plan",
        CONFIGURATION,
        Text("What applying would change", "查看应用配置会改变什么"),
    ),
    Entry(
        "apply",
        "apply",
        "apply",
        CONFIGURATION,
        Text("Check, test and put the configuration in force", "检查、测试并让配置生效"),
    ),
    Entry("history", "revisions", "history", CONFIGURATION, Text("Applied revisions", "已应用的版本")),
    Entry(
        "rollback",
        "revisions",
        "rollback",
        CONFIGURATION,
        Text("Return to an earlier revision", "回退到以前的版本"),
    ),
    Entry(
        "prove",
        "prove",
        "prove",
        CONFIGURATION,
        Text("Where every call ends: every minute, every kind of caller", "逐分钟、逐类来电证明每通电话的去向"),
    ),
    Entry(
        "trace",
        "trace",
        "trace",
        CONFIGURATION,
        Text(
            "Who reaches a line, flow or queue, and what is hit if it dies",
            "谁会到达某线路、流程或队列；它失效会影响什么",
        ),
    ),
    Entry(
        "replay",
        "replay",
        "replay",
        CONFIGURATION,
        Text("Recorded calls of a day through a candidate", "用候选配置重放一天的来电记录"),
    ),
    Entry(
        "import",
        "import_flows",
        "import_flows",
        CONFIGURATION,
        Text("Flows of other systems, or numbers from CSV and Excel", "导入其他系统的流程，或 CSV、Excel 号码表"),
    ),
    Entry(
        "export",
        "export_flows",
        "export",
        CONFIGURATION,
        Text(
            "A flow as the vendor's JSON, or the numbers as CSV or Excel", "导出流程（厂商 JSON）或号码表（CSV、Excel）"
        ),
    ),
    Entry(
        "schema",
        "schema",
        "schema",
        CONFIGURATION,
        Text("The JSON Schema of a kind of file, for editors", "某种文件的 JSON Schema，供编辑器使用"),
    ),
    Entry(
        "lsp",
        "lsp",
        "lsp",
        CONFIGURATION,
        Text(
            "The language server for flow files, over standard input and output", "流程文件的语言服务器（标准输入输出）"
        ),
    ),
    Entry("resolve", "resolve", "resolve", CALLS, Text("Where a call would go, and why", "一通来电会去哪里，为什么")),
    Entry("call", "call", "call", CALLS, Text("One test inbound call", "打一通测试来电")),
    Entry(
        "originate",
        "originate",
        "originate",
        CALLS,
        Text("Ask for an outbound call; a 400 number is refused", "请求外呼；400 号码会被拒绝"),
    ),
    Entry("test", "scenarios", "run", CALLS, Text("Run scenarios", "运行测试场景")),
    Entry(
        "explore",
        "explore",
        "explore",
        CALLS,
        Text("Every path of a flow or a number, with the call that takes it", "列出流程或号码的所有路径及重放命令"),
    ),
    Entry(
        "diagram",
        "diagram",
        "diagram",
        CALLS,
        Text("A picture of a flow or of a whole number", "画出流程或整个号码的流程图"),
    ),
    Entry("cdr", "cdr", "cdr", CALLS, Text("Call records", "呼叫记录")),
    Entry(
        "inbox",
        "inbox",
        "inbox",
        CALLS,
        Text("What callers left: voicemail, recordings, callbacks, surveys", "来电者留下的留言、录音、回呼请求和评分"),
    ),
    Entry(
        "qualify",
        "qualify",
        "qualify",
        LIFE,
        Text("A company's qualification for 400 numbers", "公司的 400 资质：提交、查看、审核"),
    ),
    Entry(
        "numbers",
        "numbers",
        "numbers",
        LIFE,
        Text("400 numbers from purchase to release", "400 号码：选号、申请、材料、路由工单、续费、释放"),
    ),
    Entry(
        "bill",
        "bill",
        "bill",
        LIFE,
        Text("What numbers cost: bills, voice packs, tariffs, estimates", "号码费用：账单、语音包、资费、估算"),
    ),
    Entry(
        "announce",
        "emergency",
        "announce",
        OPERATION,
        Text("An emergency announcement on a number", "号码的紧急通知"),
    ),
    Entry("block", "emergency", "block", OPERATION, Text("Block a nuisance caller", "拦截骚扰来电")),
    Entry("unblock", "emergency", "unblock", OPERATION, Text("End a block", "解除拦截")),
    Entry("agents", "agents", "agents", OPERATION, Text("Agents: signed in, paused", "座席签入、签出与暂停")),
    Entry(
        "live",
        "live",
        "live",
        OPERATION,
        Text("Calls, queues and agents as they are now", "当前通话、队列与座席状态"),
    ),
    Entry("token", "token", "token", OPERATION, Text("Tokens of the HTTP API", "HTTP API 的令牌")),
    Entry("user", "user", "user", OPERATION, Text("Who may sign in to the console", "可登录控制台的用户")),
    Entry(
        "webhooks",
        "webhooks",
        "webhooks",
        OPERATION,
        Text("Receivers of events, deliveries, dead letters", "事件接收方、投递与死信"),
    ),
    Entry("backup", "backup", "backup", OPERATION, Text("Save the store to a file", "把数据备份到文件")),
    Entry("restore", "backup", "restore", OPERATION, Text("Bring the store back from a file", "从文件恢复数据")),
)

_BY_NAME = {entry.name: entry for entry in COMMANDS}


def find(name: str) -> Entry:
    """The command called ``name``. Raises `Problem` (status 2) with the nearest known one."""
    entry = _BY_NAME.get(name)
    if entry is None:
        raise unknown_command(name)
    return entry


def unknown_command(name: str) -> Problem:
    """The problem for a word that is no command."""
    close = difflib.get_close_matches(name, list(_BY_NAME), n=1)
    cure = (
        Text(f"Did you mean `line400 {close[0]}`?", f"是否想输入 `line400 {close[0]}`？")
        if close
        else Text("`line400 --help` lists the commands.", "`line400 --help` 列出所有命令。")
    )
    return usage("unknown-command", Text(f"There is no command `{name}`.", f"没有命令 `{name}`。"), cure)
