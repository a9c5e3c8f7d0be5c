"""``line400 numbers search|apply|materials|review|withdraw``: from the stock to a number that is purchased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from ivr_flows.findings import Text
from router.configuration.consistency import grouped
from router.life.grading import OWN_DESIGN, Wanted
from router.life.machine import refusal
from router.life.materials import KINDS, REQUIRED
from router.life.model import Life, LifeError, Request
from router.life.qualification import Qualification, masked
from router.model import Carrier, Tier

from ..problems import DONE, usage
from .desk import Desk
from .files import enter_purchased
from .lives import answer, companies_of, happen, life_of, number_of
from .papers import bundled, generate, handler_of, upload_materials, write_private
from .views import file_json

if TYPE_CHECKING:
    from ..commands.numbers import Asked


def _carrier(given: str | None) -> Carrier | None:
    from router.configuration.number_values import read_carrier

    if given is None or read_carrier(given) in get_args(Carrier):
        return None if given is None else cast(Carrier, read_carrier(given))
    raise usage(
        "unknown-carrier",
        Text(f"There is no carrier `{given[:20]}`.", f"没有运营商 `{given[:20]}`。"),
        Text("One of: unicom, mobile, telecom.", "可选：unicom（联通）、mobile（移动）、telecom（电信）。"),
    )


def _tier(given: str | None) -> Tier | None:
    if given is None or given in get_args(Tier):
        return cast("Tier | None", given)
    raise usage(
        "unknown-tier",
        Text(f"There is no tier `{given[:20]}`.", f"没有档位 `{given[:20]}`。"),
        Text(f"One of: {', '.join(get_args(Tier))}.", f"可选：{'、'.join(get_args(Tier))}。"),
    )


def search(desk: Desk, asked: Asked) -> int:
    """What is on offer and belongs to nobody."""
    if asked.ending is not None and not (asked.ending.isascii() and asked.ending.isdecimal()):
        raise usage(
            "bad-ending",
            Text("--ending takes digits.", "--ending 应为数字。"),
            Text("--ending 888", "--ending 888"),
        )
    wanted = Wanted(
        _carrier(asked.carrier),
        _tier(asked.tier),
        asked.ending,
        asked.repeated,
        asked.ascending,
        asked.no_four,
        asked.pattern,
    )
    taken = {life.number for life in desk.read(lambda store: store.lives(desk.at)) or [] if life.owned}
    if desk.configuration is not None:
        taken |= {facts.number for facts in desk.configuration.numbers}
    found = [offer for offer in desk.office.offers(wanted) if offer.number not in taken]
    found.sort(key=lambda offer: (offer.minimum, offer.number))
    chosen = found[: asked.limit]
    if desk.invocation.json:
        shown: list[dict[str, Any]] = [
            {
                "number": offer.number,
                "carrier": offer.carrier,
                "tier": offer.tier,
                "minimum": offer.minimum,
                "labels": list(offer.features.labels),
            }
            for offer in chosen
        ]
        desk.invocation.document({"numbers": shown, "found": len(found), "note": desk.invocation.say(OWN_DESIGN)})
        return DONE
    for offer in chosen:
        price = desk.invocation.say(Text(f"{offer.minimum:,} yuan/month", f"月最低消费 {offer.minimum:,} 元"))
        labels = " ".join(offer.features.labels)
        desk.invocation.line(f"{grouped(offer.number)}  {offer.carrier:8}{offer.tier}  {price}  {labels}".rstrip())
    desk.invocation.line(
        desk.invocation.say(Text(f"{len(chosen)} of {len(found)} shown", f"显示 {len(chosen)} 个，共 {len(found)} 个"))
    )
    desk.invocation.note(OWN_DESIGN)
    return DONE


def apply(desk: Desk, asked: Asked) -> int:
    """Reserve a number for a company: at once, for nobody else."""
    number = number_of(asked.number)
    company = desk.company(asked.company)
    offer = desk.office.offer(number)
    request = Request(
        owner=company.id,
        carrier=_carrier(asked.carrier),
        tier=_tier(asked.tier),
        offered=None if offer is None else (offer.tier, offer.carrier),
    )
    happened = happen(desk, number, "apply", request)
    last = handler_name(desk, company)
    if last is not None:
        desk.invocation.note(
            Text(f"The last handler is offered again: {last}.", f"可沿用上次的经办人：{last}。"),
        )
    return answer(desk, happened.life, changed=bool(happened.steps), handler=last)


def handler_name(desk: Desk, company: Qualification) -> str | None:
    """The handler that was used last."""
    known = desk.read(lambda store: store.handlers(company.id)) or []
    return known[0].name if known else None


def _owner(desk: Desk, life: Life) -> Qualification:
    found = companies_of(desk).get(life.owner) if life.owner is not None else None
    if found is None:
        raise LifeError(
            "not-applied-for",
            Text(f"{life.number} was not applied for here.", f"{life.number} 不是在此申请的号码。"),
            Text("Materials belong to an application: line400 numbers apply.", "材料属于申请：line400 numbers apply。"),
        )
    return found


def materials(desk: Desk, asked: Asked) -> int:
    """The handler, the four documents, what is stamped and uploaded; handing them in."""
    number = number_of(asked.number)
    desk.change(lambda store: store.settle_lives(desk.at, desk.now))
    life = life_of(desk, number)
    repeated = asked.submit and life.state in ("submitted", "review")
    changes = asked.generate is not None or asked.file or asked.submit or asked.handler
    if changes and life.state != "reserved" and not repeated:
        raise refusal(life, "materials", desk.rules)
    company = _owner(desk, life)
    handler = None
    if life.state == "reserved":
        handler = handler_of(desk, company, asked.handler, asked.id_number, asked.mobile, asked.email)
    if asked.generate is not None:
        if handler is None:
            raise usage(
                "no-handler",
                Text("The documents name the handler.", "文件中需填写经办人。"),
                Text(
                    "--handler 李四 --id-number … --mobile 13800138000 --email li@example.com",
                    "--handler 李四 --id-number … --mobile 13800138000 --email li@example.com",
                ),
            )
        for path in generate(desk, life, company, handler, asked.generate):
            desk.invocation.note(Text(str(path), str(path)))
    if not repeated:
        upload_materials(desk, life, asked.file)
    if asked.bundle is not None:
        write_private(asked.bundle, bundled(desk, life))
    if asked.submit and not repeated:
        happened = happen(desk, number, "materials", Request(handler=handler.name if handler else None))
        life = happened.life
        desk.office.take_materials(number, life.application, bundled(desk, life))
    files = desk.read(lambda store: store.files(life.application)) or []
    there = {file.kind for file in files}
    missing = [kind for kind in REQUIRED if kind not in there]
    shown = None
    if handler is not None:
        shown = {"name": handler.name, "id_number": masked(handler.id_number), "mobile": masked(handler.mobile)}
    for kind in missing:
        desk.invocation.note(Text(f"missing: {kind} ({KINDS[kind].en})", f"还缺：{kind}（{KINDS[kind].zh}）"))
    if shown is not None:
        desk.invocation.note(
            Text(
                f"handler: {shown['name']} {shown['id_number']} {shown['mobile']}",
                f"经办人：{shown['name']} {shown['id_number']} {shown['mobile']}",
            )
        )
    return answer(desk, life, handler=shown, files=[file_json(desk, file) for file in files], missing=missing)


def review(desk: Desk, asked: Asked) -> int:
    """What the carrier decides, by support's hand; purchased, the number enters the configuration."""
    number = number_of(asked.number)
    if asked.approve == asked.return_:
        raise usage(
            "approve-or-return",
            Text("Say --approve or --return.", "请写 --approve 或 --return。"),
            Text(f"line400 numbers review {number} --approve", f"line400 numbers review {number} --approve"),
        )
    if asked.return_ and not desk.reason:
        raise usage(
            "no-reason",
            Text("Materials are returned with a reason.", "退回必须说明原因。"),
            Text("--reason 公章不清晰", "--reason 公章不清晰"),
        )
    desk.office.decide(number, "approve" if asked.approve else "return", desk.reason)
    life = life_of(desk, number)
    written: list[str] = []
    for decision in desk.office.decisions():
        event = "approve" if decision.kind == "approve" else "return"
        life = happen(desk, decision.subject, event, before=("forward",)).life  # type: ignore[arg-type]
    if asked.approve:
        written = enter_purchased(desk, life, companies_of(desk))
        desk.invocation.note(
            Text(
                f"{number} is purchased and not yet live: callers hear the busy tone until its route ticket is done.",
                f"{number} 已购买，尚不能接通：路由配置工单完成前，来电听到忙音。",
            )
        )
    return answer(desk, life, written=written)


def withdraw(desk: Desk, asked: Asked) -> int:
    """Give up an application before it is decided."""
    return answer(desk, happen(desk, number_of(asked.number), "withdraw").life)
