"""The actions of ``line400 qualify``: what was asked is handed to the desk, what comes back is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import typer

from ivr_flows.findings import Text
from router.desk import Desk, persons, qualifying, reviewing
from router.desk.papers import write_private
from router.desk.persons import Over
from router.desk.qualifying import Submitting
from router.desk.showing import qualification_json

from ..problems import DONE, usage
from .at_desk import Counter, needed
from .days import day_given
from .views import show_qualification

EXAMPLE = (
    "line400 qualify submit --code 91110000600037341L --company 示例科技有限公司 --licence-until never "
    "--legal-name 张三 --legal-id … --licence a.pdf --id-front b.png --id-back c.png"
)
UNTIL = Text("Write 2036-10-12, or never for no fixed term.", "请写 2036-10-12；无固定期限写 never。")
NEVER = ("never", "无固定期限", "长期")


@dataclass(frozen=True, slots=True)
class Qualifying:
    """One use of ``line400 qualify``."""

    counter: Counter

    def submit(
        self,
        code: str | None,
        company: str | None,
        licence_until: str | None,
        legal: tuple[str | None, str | None, str | None, date | None],
        scans: dict[str, Path | None],
    ) -> int:
        """Hand a qualification in; ``legal`` is name, number, kind and birth of the legal person."""
        invocation = self.counter.invocation
        name, number, kind, born = legal
        if number is None and invocation.interactive:
            asks = Text("The legal person's ID number", "法人证件号码")
            number = str(typer.prompt(invocation.say(asks), hide_input=True))
        until = needed(licence_until, "--licence-until", EXAMPLE)
        wanted = Submitting(
            needed(code, "--code", EXAMPLE),
            needed(company, "--company", EXAMPLE),
            None if until.strip().lower() in NEVER else day_given(until, UNTIL),
            needed(name, "--legal-name", EXAMPLE),
            needed(number, "--legal-id", EXAMPLE),
            {scan: path for scan, path in scans.items() if path is not None},
            kind or "resident",
            born,
        )
        desk, shown = self.counter.change(lambda desk: qualifying.submit(desk, wanted))
        if invocation.json:
            invocation.document(
                {**qualification_json(desk, shown, invocation.language), "changed": shown.changed}
            )  # fmt: skip
        else:
            show_qualification(invocation, desk, shown)
        return DONE

    def show(self, named: str | None, reveal: bool) -> int:
        """One qualification, or all."""
        invocation = self.counter.invocation
        reading = self.counter.change if reveal else self.counter.read
        desk, known = reading(lambda desk: qualifying.show(desk, named, reveal=reveal))
        if invocation.json:
            invocation.document([qualification_json(desk, one, invocation.language) for one in known])
            return DONE
        for one in known:
            show_qualification(invocation, desk, one)
            invocation.line()
        if not known:
            invocation.line(invocation.say(Text("No qualification was submitted.", "尚未提交资质。")))
        return DONE

    def review(self, named: str | None, approve: bool, reject: bool) -> int:
        """Decide in the office's place."""
        invocation = self.counter.invocation
        if approve == reject:
            raise usage(
                "approve-or-reject",
                Text("Say --approve or --reject.", "请写 --approve 或 --reject。"),
                Text("line400 qualify review COMPANY --approve", "line400 qualify review 公司 --approve"),
            )
        desk, shown = self.counter.change(lambda desk: reviewing.review_company(desk, named, approve=approve))
        known = shown.qualification
        decided = "审核通过" if approve else "已驳回"
        said = Text(f"{known.company}: {known.state}.", f"{known.company}：{decided}。")
        return self._answer(qualification_json(desk, shown, invocation.language), said)

    def export(self, file: str | None, named: str | None, person: str | None) -> int:
        """All that is kept of a company, or of one person of it, in clear, as one ZIP, on their request."""

        async def work(desk: Desk) -> tuple[str, str, bytes]:
            company = await desk.company(named)
            return company.company, company.code, await persons.export(desk, company, person)

        _, (company, code, content) = self.counter.change(work)
        target = Path(file or f"qualification-{code}.zip")
        write_private(target, content)
        said = Text(f"{target} is written, in clear; keep it safe.", f"已写入 {target}（明文），请妥善保管。")
        return self._answer({"file": str(target), "bytes": len(content), "company": company, "person": person}, said)

    def delete(self, named: str | None, person: str | None) -> int:
        """Delete a company with its persons and scans, or one person of it, on their request."""

        async def work(desk: Desk) -> tuple[str, int]:
            company = await desk.company(named)
            if person is None:
                return company.company, await persons.delete_company(desk, company)
            await persons.delete_person(desk, company, person)
            return company.company, 0

        _, (company, gone) = self.counter.change(work)
        if person is not None:
            return self._answer(
                {"company": company, "person": person, "deleted": True},
                Text(f"{person} of {company} is deleted.", f"已删除 {company} 的 {person}。"),
            )
        said = Text(f"{company} is deleted, with {gone} scans.", f"已删除 {company} 及 {gone} 个附件。")
        return self._answer({"company": company, "deleted": True, "files": gone}, said)

    def reviewer(self, name: str | None) -> int:
        """Give somebody the role that reviews."""
        who = needed(name, "NAME", "line400 qualify reviewer li")
        self.counter.change(lambda desk: qualifying.make_reviewer(desk, who))
        said = Text(f"{who} has the role reviewer.", f"{who} 已具有 reviewer 角色。")
        return self._answer({"name": who, "role": "reviewer"}, said)

    def retention(self, dry_run: bool) -> int:
        """Delete, or count, what was kept for as long as the settings say."""
        if dry_run:
            _, found = self.counter.read(persons.over)
        else:
            _, found = self.counter.change(persons.purge)
        kept = self.counter.settings.retention
        counted = _counted(found)
        said = Text(f"Over: {counted.en}.", f"超过保留期：{counted.zh}。")
        if not dry_run:
            said = Text(f"Deleted: {counted.en}.", f"已删除：{counted.zh}。")
        document = {
            "dry_run": dry_run,
            "days": {"qualifications": kept.qualifications, "handlers": kept.handlers},
            "companies": [known.company for known in found.companies],
            "handlers": len(found.handlers),
        }
        return self._answer(document, said)

    def _answer(self, document: object, said: Text) -> int:
        invocation = self.counter.invocation
        if invocation.json:
            invocation.document(document)
        else:
            invocation.line(invocation.say(said))
        return DONE


def _counted(found: Over) -> Text:
    companies, people = len(found.companies), len(found.handlers)
    return Text(f"{companies} companies, {people} handlers", f"{companies} 家公司、{people} 名经办人")
