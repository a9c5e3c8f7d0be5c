"""Proofs as people read them: a table of each number on the terminal, or a page of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from ivr_flows.findings import Finding, Language, Text

from .invocation import Invocation, printable
from .presentation import show_findings

if TYPE_CHECKING:
    from simulator.proving import NumberProof, Prover, Row

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}td,th{border-bottom:1px solid #ddd;padding:.35rem .6rem;
text-align:left;vertical-align:top}h2{margin-bottom:0}.bad{color:#b00020;font-weight:600}small{color:#666}
code{background:#f4f4f4;padding:.1rem .3rem}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}
td,th{border-color:#333}code{background:#222}}"""


def row_texts(row: Row, language: Language) -> tuple[str, str, str, str]:
    """When, who, the way taken, and the ends of a row."""
    from simulator.proving.ends import in_words

    outcome = row.outcome
    way = " → ".join(
        part for part in (outcome.rule if outcome.rule != "default" else None, outcome.flow) if part
    ) or Text("not connected", "不接通").to(language)
    if row.share != 1:
        percent = f"{float(row.share * 100):.4g}%"
        way = f"{way} ({percent})"
    return row.when.to(language), row.who.to(language), way, in_words(outcome.ends).to(language)


def show_number(invocation: Invocation, prover: Prover, proof: NumberProof) -> None:
    """The table of one number."""
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text as Styled

    from router.number400 import Number400
    from simulator.proving import rows_of

    say = invocation.say
    company = prover.book.company_of(proof.number)
    cells = len(proof.partition.cells)
    invocation.line(
        f"{Number400.parse(proof.number).grouped}  {company}  "
        + say(
            Text(
                f"{cells} cell{'' if cells == 1 else 's'}, {proof.minutes:,} minutes",
                f"{cells} 个单元，{proof.minutes:,} 分钟",
            )
        )
    )
    table = Table(box=SIMPLE, show_edge=False, pad_edge=False)
    for heading in (Text("when", "时间"), Text("who", "来电"), Text("way", "走向"), Text("ends", "结束于")):
        table.add_column(say(heading), overflow="fold")
    for row in rows_of(proof, prover.book.zone):
        when, who, way, ends = row_texts(row, invocation.language)
        bad = any(end.kind == "nowhere" for end in row.outcome.ends)
        table.add_row(*(Styled(printable(text)) for text in (when, who, way)), Styled(ends, "bold red" if bad else ""))
    invocation.console().print(table)


def show_summary(
    invocation: Invocation, prover: Prover, numbers: int, proved: int, cells: int, findings: Sequence[Finding]
) -> None:
    """What was proved, then the findings."""
    times, zone = prover.survey.times, prover.book.zone
    first = datetime.fromtimestamp(times.first, zone).strftime("%Y-%m-%d %H:%M")
    last = datetime.fromtimestamp(times.last, zone).strftime("%Y-%m-%d %H:%M")
    minutes = round(times.last - times.first) // 60
    invocation.line(
        invocation.say(
            Text(
                f"{proved} of {numbers} numbers proved from {first} to {last}: {minutes:,} minutes each, every kind of "
                f"caller, {cells:,} cells.",
                f"{first} 至 {last}：{numbers} 个号码中 {proved} 个得到证明（每个 {minutes:,} 分钟、各类来电，"
                f"共 {cells:,} 个单元）。",
            )
        )
    )
    show_findings(invocation, findings)


class Page:
    """The page of HTML, number by number."""

    def __init__(self, prover: Prover, language: Language) -> None:
        self._prover = prover
        self._language = language
        self._parts: list[str] = []

    def add(self, proof: NumberProof) -> None:
        """The table of one number."""
        from router.number400 import Number400
        from simulator.proving import rows_of

        grouped = Number400.parse(proof.number).grouped
        company = self._prover.book.company_of(proof.number)
        self._parts.append(f"<h2>{escape(grouped)} <small>{escape(company)}</small></h2><table><thead><tr>")
        for heading in (Text("when", "时间"), Text("who", "来电"), Text("way", "走向"), Text("ends", "结束于")):
            self._parts.append(f"<th>{escape(heading.to(self._language))}</th>")
        self._parts.append("</tr></thead><tbody>")
        for row in rows_of(proof, self._prover.book.zone):
            bad = any(end.kind == "nowhere" for end in row.outcome.ends)
            *texts, ends = row_texts(row, self._language)
            cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
            self._parts.append(f"<tr>{cells}<td{' class=bad' if bad else ''}>{escape(ends)}</td></tr>")
        self._parts.append("</tbody></table>")

    def text(self, findings: Sequence[Finding]) -> str:
        """The whole page."""
        language = self._language
        title = Text("Where every call ends", "每一通来电的去向").to(language)
        listed = "".join(
            f"<li>{escape(str(finding.place))}: {escape(finding.message.to(language))} "
            f"{escape(finding.cure.to(language))}"
            + (f"<br><code>{escape(finding.counter_example)}</code>" if finding.counter_example else "")
            + "</li>"
            for finding in findings
        )
        found = f"<ul>{listed}</ul>" if listed else ""
        return (
            f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
            f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{found}{''.join(self._parts)}</html>\n"
        )
