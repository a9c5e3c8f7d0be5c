"""The report of a run as one HTML page: self-contained, no script, every text escaped."""

from __future__ import annotations

from html import escape

from ivr_flows.findings import Language

from .running import Report
from .verdict import ScenarioResult

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Scenarios",
        "ok": "passed",
        "bad": "failed",
        "name": "scenario",
        "where": "place",
        "outcome": "outcome",
        "path": "path",
        "time": "call time",
        "seed": "seed",
        "on": "run on",
        "heard": "heard",
        "none": "No scenario was run.",
    },
    "zh": {
        "title": "场景测试",
        "ok": "通过",
        "bad": "失败",
        "name": "场景",
        "where": "位置",
        "outcome": "结果",
        "path": "路径",
        "time": "通话时长",
        "seed": "种子",
        "on": "方式",
        "heard": "听到",
        "none": "没有运行任何场景。",
    },
}

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
.sum { display: flex; gap: 1.5rem; margin: 1rem 0; }
.sum b { font-size: 1.3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .4rem .6rem; text-align: left; vertical-align: top; }
th { font-weight: 600; }
.ok { color: #197a3b; }
.bad { color: #b3261e; }
@media (prefers-color-scheme: dark) { .ok { color: #6cc58a; } .bad { color: #ff8a80; } }
pre { background: #8881; border-radius: .4rem; margin: .4rem 0; padding: .6rem; }
pre { overflow-x: auto; white-space: pre-wrap; }
td.time { font-variant-numeric: tabular-nums; white-space: nowrap; }
ol { margin: .3rem 0; padding-left: 1.4rem; }
"""


def as_html(report: Report, language: Language = "zh") -> str:
    """The page: the sums, one row per scenario, failed ones first in full."""
    words = _WORDS[language]
    ordered = sorted(report.results, key=lambda result: result.ok)
    rows = "\n".join(_row(result, words, language) for result in ordered)
    head = "".join(f"<th>{words[key]}</th>" for key in ("name", "where", "outcome", "path", "time"))
    table = (
        f"<table><thead><tr><th></th>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>"
        if ordered
        else f"<p>{words['none']}</p>"
    )
    title = f"{words['title']}: {report.passed} {words['ok']}, {report.failed} {words['bad']}"
    return f"""<!doctype html>
<html lang="{"zh-CN" if language == "zh" else "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{words["title"]}</h1>
<p class="sum"><span class="ok"><b>{report.passed}</b> {words["ok"]}</span>
<span class="bad"><b>{report.failed}</b> {words["bad"]}</span>
<span>{words["on"]} {escape(report.on)}</span><span>{words["seed"]} {report.seed}</span></p>
{table}
</body>
</html>
"""


def _row(result: ScenarioResult, words: dict[str, str], language: Language) -> str:
    place = result.failures[0].place if result.failures else result.place
    outcome = (result.record.outcome if result.record else None) or ""
    detail = ""
    if result.failures:
        detail = f"<pre>{escape(result.message(language))}</pre>"
    elif result.heard:
        heard = "".join(f"<li>{escape(text)}</li>" for text in result.heard)
        detail = f"<details><summary>{words['heard']}</summary><ol>{heard}</ol></details>"
    mark = "ok" if result.ok else "bad"
    return (
        f'<tr><td class="{mark}">{words[mark]}</td><td>{escape(result.name)}{detail}</td>'
        f"<td>{escape(place.file)}:{place.line}</td><td>{escape(outcome)}</td>"
        f'<td>{escape(" → ".join(result.path))}</td><td class="time">{result.duration_s:.1f} s</td></tr>'
    )
