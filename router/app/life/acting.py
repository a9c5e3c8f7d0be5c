"""The actions of ``line400 numbers``: what was asked is handed to the desk, what comes back is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ivr_flows.findings import Text
from router.configuration.consistency import grouped
from router.desk import Desk, buying, owning, reviewing
from router.desk.buying import Handed, Materials
from router.desk.happening import Outcome
from router.desk.owning import RouteOrder
from router.desk.papers import write_private
from router.desk.showing import file_json, life_json, offer_json
from router.life.grading import OWN_DESIGN, Wanted
from router.life.materials import KINDS
from router.life.model import CARRIER_TEXTS
from router.life.office import Offer

from ..problems import DONE, usage
from .at_desk import Counter, needed
from .views import show_life, tell


@dataclass(frozen=True, slots=True)
class Acting:
    """One use of ``line400 numbers``; ``number`` as it was written."""

    counter: Counter
    number: str | None

    def search(self, wanted: Wanted, limit: int) -> int:
        """What is on offer and belongs to nobody."""
        invocation = self.counter.invocation

        async def work(desk: Desk) -> list[Offer]:
            carrier, tier = buying.carrier_of(wanted.carrier), buying.tier_of(wanted.tier)
            return await buying.search(desk, replace(wanted, carrier=carrier, tier=tier))

        _, found = self.counter.read(work)
        chosen = found[:limit]
        if invocation.json:
            numbers = [offer_json(offer) for offer in chosen]
            invocation.document({"numbers": numbers, "found": len(found), "note": invocation.say(OWN_DESIGN)})
            return DONE
        for offer in chosen:
            price = invocation.say(Text(f"{offer.minimum:,} yuan/month", f"月最低消费 {offer.minimum:,} 元"))
            labels = " ".join(offer.features.labels)
            carrier = invocation.say(CARRIER_TEXTS[offer.carrier])
            invocation.line(f"{grouped(offer.number)}  {carrier}  {offer.tier}  {price}  {labels}".rstrip())
        shown = Text(f"{len(chosen)} of {len(found)} shown", f"显示 {len(chosen)} 个，共 {len(found)} 个")
        invocation.line(invocation.say(shown))
        invocation.note(OWN_DESIGN)
        return DONE

    def apply(self, company: str | None, carrier: str | None, tier: str | None) -> int:
        """Reserve the number for a company."""
        number = self._number()
        desk, made = self.counter.change(lambda desk: buying.apply(desk, number, company, carrier, tier))
        return tell(self.counter.invocation, desk, made, changed=made.changed)

    def materials(self, asked: Materials, given: list[str], folder: Path | None, bundle: Path | None) -> int:
        """Generate, upload, hand in."""
        number = self._number()
        wanted = replace(asked, files=dict(_kind_and_file(word) for word in given))
        desk, handed = self.counter.change(lambda desk: buying.materials(desk, number, wanted))
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for kind, content in handed.documents.items():
                path = folder / f"{handed.outcome.life.number}-{kind}.pdf"
                write_private(path, content)
                self.counter.invocation.note(Text(str(path), str(path)))
        if bundle is not None and handed.bundle is not None:
            write_private(bundle, handed.bundle)
        return self._tell_of_materials(desk, handed)

    def _tell_of_materials(self, desk: Desk, handed: Handed) -> int:
        invocation = self.counter.invocation
        for kind in handed.missing:
            invocation.note(Text(f"missing: {kind} ({KINDS[kind].en})", f"还缺：{kind}（{KINDS[kind].zh}）"))
        shown = None if handed.handler is None else handed.handler.masked()
        if shown is not None:
            said = f"{shown['name']} {shown['id_number']} {shown['mobile']}"
            invocation.note(Text(f"handler: {said}", f"经办人：{said}"))
        files = [file_json(desk, file) for file in handed.files]
        return tell(invocation, desk, handed.outcome, handler=shown, files=files, missing=list(handed.missing))

    def review(self, approve: bool, return_: bool) -> int:
        """Decide in the carrier's place."""
        number = self._number()
        if approve == return_:
            raise usage(
                "approve-or-return",
                Text("Say --approve or --return.", "请写 --approve 或 --return。"),
                Text(f"line400 numbers review {number} --approve", f"line400 numbers review {number} --approve"),
            )
        return self._change(lambda desk: reviewing.review_number(desk, number, approve=approve))

    def withdraw(self) -> int:
        """Give up an application."""
        number = self._number()
        return self._change(lambda desk: buying.withdraw(desk, number))

    def route(self, order: RouteOrder, done: bool) -> int:
        """Order a route, or take in that it is done."""
        number = self._number()
        if done:
            return self._change(lambda desk: reviewing.finish_route(desk, number))
        return self._change(lambda desk: owning.order_route(desk, number, order))

    def instance(self, name: str | None, queue: str, flow: str | None) -> int:
        """Take the number into an instance."""
        number = self._number()
        chosen = needed(name, "--name", f"line400 numbers instance {number} --name support-center")
        return self._change(lambda desk: owning.take_into_instance(desk, number, chosen, queue, flow))

    def unbind(self) -> int:
        """Take the binding off."""
        number = self._number()
        return self._change(lambda desk: owning.unbind(desk, number))

    def renew(self, months: int | None, auto: bool | None) -> int:
        """Pay ahead, or set automatic renewal."""
        number = self._number()
        return self._change(lambda desk: owning.renew(desk, number, months, auto))

    def release(self) -> int:
        """Give the number back."""
        number = self._number()
        return self._change(lambda desk: owning.release(desk, number))

    def transfer(self, to: str | None, done: bool, refuse: bool) -> int:
        """Ask for a transfer, or decide it in the carrier's place."""
        number = self._number()
        if done or refuse:
            return self._change(lambda desk: reviewing.decide_transfer(desk, number, done=done))
        target = needed(to, "--to", f"line400 numbers transfer {number} --to 示例科技")
        return self._change(lambda desk: owning.transfer(desk, number, target))

    def suspend(self, resume: bool) -> int:
        """Suspend, or take that back."""
        number = self._number()
        return self._change(lambda desk: owning.resume(desk, number) if resume else owning.suspend(desk, number))

    def show(self) -> int:
        """One life, or all of them, with what is due soon."""
        invocation, number = self.counter.invocation, self.number
        if number is not None:
            desk, made = self.counter.read(lambda desk: owning.show(desk, number))
            return tell(invocation, desk, made)
        desk, lives = self.counter.read(owning.show_all)
        if invocation.json:
            invocation.document([life_json(desk, made, invocation.language) for made in lives])
            return DONE
        for made in lives:
            show_life(invocation, desk, made)
            invocation.line()
        if not lives:
            invocation.line(invocation.say(Text("No number was applied for.", "尚未申请号码。")))
        return DONE

    def _change(self, action: Callable[[Desk], Awaitable[Outcome]]) -> int:
        desk, made = self.counter.change(action)
        return tell(self.counter.invocation, desk, made)

    def _number(self) -> str:
        from router.desk.desk import number_of

        from .at_desk import refusals

        with refusals():
            return number_of(self.number)


def _kind_and_file(word: str) -> tuple[str, Path]:
    kind, equals, file = word.partition("=")
    if not equals:
        raise usage(
            "bad-file-option",
            Text(f"`{word[:60]}` is not KIND=FILE.", f"`{word[:60]}` 不是 种类=文件。"),
            Text("--file authorisation=stamped.pdf", "--file authorisation=盖章.pdf"),
        )
    return kind, Path(file)
