"""A plan as one page of HTML: nothing is loaded from elsewhere, everything that stands in files is escaped."""

from __future__ import annotations

from html import escape

from ivr_flows.findings import Language, Text

from .pipeline import Judgement

_STYLE = """
body{font:15px/1.6 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #ccc;padding:.35rem .6rem;text-align:left;
vertical-align:top}th{background:#f4f4f4}pre{background:#f7f7f7;padding:.8rem;overflow:auto}code{font-size:.9em}
.add{color:#116329}.del{color:#a40e26}.bad{color:#a40e26;font-weight:600}
@media(prefers-color-scheme:dark){body{background:#1b1b1b;color:#ddd}th,pre{background:#2a2a2a}td,th{border-color:#444}
.add{color:#6fdd8b}.del,.bad{color:#ff8a8a}}
"""


def as_page(judged: Judgement, language: Language) -> str:
    """The whole page."""

    def say(en: str, zh: str) -> str:
        return escape(Text(en, zh).to(language))

    title = say("Plan", "变更计划")
    parts = [f"<h1>{title}</h1>", f"<p>{_against(judged, language)}</p>"]
    behaviour = judged.behaviour
    if behaviour is not None:
        parts.append(f"<h2>{say('Calls that go another way', '走不同路的来电')}</h2>")
        parts.append(f"<p>{escape(behaviour.sentence().to(language))}</p>")
        if behaviour.rows:
            heads = (
                Text("number", "号码"),
                Text("who", "来电"),
                Text("when", "时间"),
                Text("keys", "按键"),
                Text("before", "原来"),
                Text("after", "现在"),
            )
            parts.append("<table><tr>" + "".join(f"<th>{escape(head.to(language))}</th>" for head in heads) + "</tr>")
            for row in behaviour.as_json(language):
                cells = "".join(
                    f"<td>{escape(str(row[key]))}</td>" for key in ("who", "when", "keys", "before", "after")
                )
                more = f" (+{int(str(row['numbers'])) - 1})" if row["numbers"] != 1 else ""
                call = f"<br><code>{escape(str(row['call']))}</code>"
                parts.append(f"<tr><td>{escape(str(row['number']))}{more}{call}</td>{cells}</tr>")
            parts.append("</table>")
    if judged.gates:
        parts.append(f"<h2>{say('Gates', '关口')}</h2><ul>")
        for gate in judged.gates:
            kind = ' class="bad"' if gate.verdict == "failed" else ""
            parts.append(f"<li{kind}>{escape(gate.name)}: {escape(gate.said.to(language))}</li>")
        parts.append("</ul>")
    parts.extend(f"<p class='bad'>{escape(finding.message.to(language))}</p>" for finding in judged.warnings)
    parts.append(f"<h2>{say('Files', '文件')}</h2>")
    for change in judged.changes:
        parts.append(f"<h3>{escape(change.file)}</h3><pre>{_diff(change.diff)}</pre>")
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _against(judged: Judgement, language: Language) -> str:
    against = judged.base or Text("nothing (the first revision)", "空（第一个版本）").to(language)
    if judged.none:
        return escape(Text(f"No changes against {against}.", f"与 {against} 相比没有变化。").to(language))
    count = len(judged.changes)
    plural = "" if count == 1 else "s"
    said = Text(f"{count} file{plural} changed against {against}.", f"与 {against} 相比有 {count} 个文件变化。")
    return escape(said.to(language))


def _diff(text: str) -> str:
    lines = []
    for line in text.splitlines():
        kind = {"+": "add", "-": "del"}.get(line[:1])
        lines.append(f'<span class="{kind}">{escape(line)}</span>' if kind else escape(line))
    return "\n".join(lines)
