"""A desk over a store and a small configuration, for tests of what is done there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from router.configuration import load
from router.desk import Desk, buying, owning, qualifying, reviewing
from router.desk.buying import Materials
from router.desk.owning import RouteOrder
from router.desk.papers import HandlerGiven
from router.desk.qualifying import Submitting
from router.life.materials import KINDS
from router.model import Settings
from router.paperwork.sealing import Sealer
from router.store import Store
from tests import scans
from tests.unit.life.lives import moment

CODE = "91110000600037341L"
OTHER_CODE = "91310000MA1FL0000N"
ID = "11010519491231002X"
HANDLER = HandlerGiven("李四", ID, mobile="13800138000", email="li@example.com")
SCANS = {kind: (f"{kind}.png", scans.png()) for kind in ("licence", "id-front", "id-back")}
FILES = {kind: (f"{kind}.pdf", scans.pdf()) for kind in KINDS}
COMPANY = {
    "line400.yaml": "company: 示例科技\nstore: sqlite:///var/line400.db\n",
    "lines.yaml": "lines:\n  bj: { base_number: 010-88880001, trunk: bj }\n"
    "  sh: { base_number: 021-66660002, trunk: sh }\n",
    "numbers.yaml": "numbers: []\n",
    "routes.yaml": "routes: {}\n",
}


@dataclass
class Office:
    """Makes desks over one store and one folder."""

    store: Store
    folder: Path
    settings: Settings

    def desk(self, at: str, author: str = "li", reason: str = "", **settings: object) -> Desk:
        """The desk at a moment."""
        configuration = load(self.folder).configuration
        now = moment(at)
        wanted = replace(self.settings, **settings)  # type: ignore[arg-type]
        key = Sealer("a key of many letters")
        return Desk(wanted, self.folder, configuration, self.store, lambda: key, author, reason, now, now)

    async def qualified(self, code: str = CODE, company: str = "示例科技有限公司") -> None:
        """A company with an approved qualification."""
        wanted = Submitting(code, company, None, "张三", ID, SCANS)
        await qualifying.submit(self.desk("2026-10-12T10:00"), wanted)
        await reviewing.review_company(self.desk("2026-10-15T10:00"), code, approve=True)

    async def bring(self, state: str, company: str | None = None) -> str:
        """A number of the company in ``state``: reserved submitted opened ordered routed bound."""
        found = await buying.search(self.desk("2026-10-16T10:00"), buying.Wanted(tier="普通"))
        number = found[0].number
        await buying.apply(self.desk("2026-10-16T10:00"), number, company)
        steps = {
            "submitted": lambda: buying.materials(
                self.desk("2026-10-17T10:00"), number, Materials(HANDLER, FILES, submit=True)
            ),
            "opened": lambda: reviewing.review_number(self.desk("2026-10-20T10:00"), number, approve=True),
            "ordered": lambda: owning.order_route(self.desk("2026-10-20T12:00"), number, RouteOrder(["bj"])),
            "routed": lambda: reviewing.finish_route(self.desk("2026-10-21T10:00"), number),
            "bound": lambda: owning.take_into_instance(self.desk("2026-10-21T11:00"), number, "hotline"),
        }
        if state != "reserved":
            for name, act in steps.items():
                await act()
                if name == state:
                    break
        return number


async def open_office(folder: Path) -> Office:
    """A new store and the files of a company without numbers."""
    home = folder / "company"
    home.mkdir()
    for name, content in COMPANY.items():
        (home / name).write_text(content, "utf-8")
    configuration = load(home).configuration
    assert configuration is not None
    return Office(await Store.open(f"sqlite:///{folder / 'store.db'}"), home, configuration.settings)
