"""The company of these tests: two lines on two trunks, an agent, and numbers whose flows end before answer."""

from __future__ import annotations

from pathlib import Path

from router.book import RouteBook
from router.configuration import load

FILES = {
    "line400.yaml": "company: 示例科技\ntimezone: Asia/Shanghai\n",
    "lines.yaml": """\
lines:
  bj: { base_number: 010-88880001, trunk: bj, channels: 2, fallback: { number: 010-88880009 } }
  上海: { base_number: 021-66660002, trunk: 上海中继, fallback: { announce: 系统繁忙 } }
""",
    "trunks.yaml": """\
trunks:
  bj:
    { peer: "127.0.0.11:5070", original_called: [x-called-400, p-called-party-id, history-info, diversion, to] }
  上海中继: { peer: "127.0.0.12:5070", caller_passthrough: true, original_called: [diversion] }
""",
    "queues.yaml": 'queues: { support: { agents: ["1001"] } }\n',
    "numbers.csv": "number\n4008001234\n4008005678\n4008009999\n",
    "routes.csv": "number,line,flow\n4008001234,bj,busy\n4008005678,bj,away\n4008009999,上海,busy\n",
    "flows/busy.flow.yaml": "flow: busy\nnodes:\n  end: { hangup: busy }\n",
    "flows/away.flow.yaml": "flow: away\nnodes:\n"
    "  move:\n    transfer: { to: 010-88880009, timeout: 3s }\n"
    "    on: { answered: end, busy: end, no_answer: end, failed: end }\n"
    "  end: { hangup: busy }\n",
}


def company(folder: Path, **files: str) -> RouteBook:
    """Its book; ``files`` replace those of the same name, ``.`` written as ``__``."""
    (folder / "flows").mkdir(parents=True, exist_ok=True)
    for name, text in {**FILES, **{name.replace("__", "."): text for name, text in files.items()}}.items():
        (folder / name).write_text(text, encoding="utf-8")
    loaded = load(folder)
    wrong = [finding.as_text() for finding in loaded.findings if finding.severity == "error"]
    assert loaded.configuration is not None, wrong
    assert not wrong, wrong
    return RouteBook.compile(loaded.configuration, "r1")
