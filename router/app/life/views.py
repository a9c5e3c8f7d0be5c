"""Qualifications and lives for people. What is personal is masked."""

from __future__ import annotations

from ivr_flows.findings import Text
from router.configuration.consistency import grouped
from router.desk import Desk
from router.desk.happening import Outcome
from router.desk.qualifying import Known
from router.desk.showing import life_json, qualification_json
from router.life.identity import ID_KINDS
from router.life.machine import kept_until
from router.life.model import CARRIER_TEXTS
from router.life.qualification import STATE_TEXTS as QUALIFICATION_TEXTS
from router.life.qualification import state_at
from router.life.reminding import life_reminders
from router.life.table import STATE_TEXTS

from ..invocation import Invocation
from ..moments import show_time
from ..presentation import show_diff, show_rows


def show_qualification(invocation: Invocation, desk: Desk, shown: Known) -> None:
    """A qualification for people."""
    known = shown.qualification
    facts = qualification_json(desk, shown, invocation.language)
    state = QUALIFICATION_TEXTS[state_at(known, desk.at, desk.zone)]
    term = Text("no fixed term: ten years from the submission", "无固定期限：按提交日起 10 年填写")
    until = f"{known.licence_until}" + (f" ({invocation.say(term)})" if known.open_ended else "")
    expected = f"{known.earliest} – {known.latest}" if known.state == "review" and known.earliest else ""
    paper = ""
    if shown.legal is not None:
        kind = "" if shown.legal.kind == "resident" else f"{invocation.say(ID_KINDS[shown.legal.kind])} "
        paper = f"  {kind}{facts['legal_id']}"
    show_rows(
        invocation,
        (
            (Text("company", "公司"), known.company),
            (Text("credit code", "统一社会信用代码"), known.code),
            (Text("state", "状态"), invocation.say(state)),
            (Text("reasons", "原因"), known.said),
            (Text("submitted", "提交日期"), f"{known.submitted}  {known.reference}"),
            (Text("decision expected", "预计审核完成"), expected),
            (Text("licence until", "执照有效期至"), until),
            (Text("legal person", "法人"), f"{known.legal_name}{paper}"),
            (Text("handlers", "经办人"), ", ".join(shown.handlers)),
            (Text("scans", "附件"), ", ".join(file.kind for file in shown.files)),
            (Text("warning", "提醒"), facts["warning"] or ""),
            (Text("next", "下一步"), facts["next"]),
        ),
    )


def tell(invocation: Invocation, desk: Desk, made: Outcome, **more: object) -> int:
    """Show a life and what else is told."""
    if invocation.json:
        invocation.document({**life_json(desk, made, invocation.language), **made.more, **more})
        return 0
    if made.diff:
        show_diff(invocation, made.diff)
    show_life(invocation, desk, made)
    if made.written:
        files = ", ".join(made.written)
        invocation.note(
            Text(
                f"{files}: changed. `line400 apply` puts it in force.", f"已修改 {files}。用 `line400 apply` 使其生效。"
            )
        )
    return 0


def show_life(invocation: Invocation, desk: Desk, made: Outcome) -> None:
    """A life for people; what is due soon is warned of."""
    life, say = made.life, invocation.say
    facts = life_json(desk, made, invocation.language)
    ticket = ""
    if life.ticket is not None:
        done = Text("done", "已完成") if life.ticket.done is not None else Text("not done yet", "未完成")
        ticket = f"{life.ticket.id}: {', '.join(life.ticket.plan.lines)} ({say(done)})"
    waiting = Text("in force when the route ticket is done", "路由工单完成后生效")
    flow = life.flow or ""
    if facts["binding"] == "waiting":
        flow = f"{flow} ({say(waiting)})"
    released = show_time(kept_until(life, desk.rules), desk.zone) if facts["released_at"] else ""
    offered = show_time(life.free_from, desk.zone) if life.free_from and facts["on_offer_from"] else ""
    renewal = (
        Text("renews by itself", "自动续费") if life.auto_renew else Text("does not renew by itself", "不自动续费")
    )
    show_rows(
        invocation,
        (
            (Text("number", "号码"), grouped(life.number)),
            (Text("state", "状态"), f"{life.state}: {say(STATE_TEXTS[life.state])}"),
            (Text("since", "自"), show_time(life.since, desk.zone) if life.since else ""),
            (Text("company", "使用公司"), facts["company"] or ""),
            (Text("carrier", "运营商"), say(CARRIER_TEXTS[life.carrier]) if life.carrier else ""),
            (Text("tier", "档位"), say(Text(f"{life.tier}, at least {facts['minimum']:,} yuan a month", f"{life.tier}，月最低消费 {facts['minimum']:,} 元"))),  # noqa: E501
            (Text("materials until", "材料截止"), show_time(life.deadline, desk.zone) if life.deadline else ""),
            (Text("paid until", "到期日"), f"{life.expires} ({say(renewal)})" if life.expires else ""),
            (Text("released at", "释放时间"), released),
            (Text("on offer from", "重新上架"), offered),
            (Text("route ticket", "路由工单"), ticket),
            (Text("instance", "实例"), life.instance or ""),
            (Text("flow", "流程"), flow),
            (Text("transferred to", "过户至"), facts["transfer_to"] or ""),
            (Text("reason", "原因"), life.said),
            (Text("routes without a number", "残留路由"), "; ".join(made.orphans)),
            (Text("next", "下一步"), facts["next"]),
        ),
    )  # fmt: skip
    for reminder in life_reminders(life, desk.at, desk.rules):
        invocation.warn(reminder.text)
