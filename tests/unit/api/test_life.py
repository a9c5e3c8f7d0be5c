"""The life of a number over HTTP: from nothing to a number that answers, each right where it belongs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pypdf import PdfReader

from tests import scans
from tests.api import Asked
from tests.unit.api.test_configuration import serving

COMPANY = {
    "code": "91110000600037341L",
    "company": "示例科技有限公司",
    "licence_until": "never",
    "legal_name": "张三",
    "id_number": "11010519491231002X",
    "at": "2026-10-12T10:00",
}
HANDLER = {"handler": "李四", "id_number": "11010519491231002X", "mobile": "13800138000", "email": "li@e.com"}
KINDS = (
    *("authorisation", "acceptance", "security-agreement", "security-commitment"),
    *("handler-id-front", "handler-id-back"),
)


def form(fields: dict[str, str], *kinds: str, content: bytes | None = None) -> aiohttp.FormData:
    found = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        found.add_field(name, value)
    for kind in kinds:
        data = scans.png() if content is None else content
        found.add_field(kind, io.BytesIO(data), filename=f"{kind}.png", content_type="image/png")
    return found


async def sent(api: Asked, path: str, role: Any, status: int = 200, **more: Any) -> Any:
    answer = await api.ask("POST", path, role=role, **more)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def qualified(api: Asked) -> None:
    made = await sent(api, "/qualifications", "support", 201, data=form(COMPANY, "licence", "id-front", "id-back"))
    assert (made["state"], made["legal_id"]) == ("review", "1101**********002X") or "*" in made["legal_id"]
    decision = {"approve": True, "at": "2026-10-15T10:00"}
    await sent(api, "/qualifications/91110000600037341L/review", "support", 403, json=decision)
    await sent(api, "/qualifications/91110000600037341L/review", "reviewer", json=decision)


async def offered(api: Asked) -> str:
    page = await api.get("/stock?tier=普通&limit=1", role="support")
    assert page["next"] is not None
    return str(page["items"][0]["number"])


async def test_a_company_that_has_nothing_ends_with_a_number_that_is_bound(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        await qualified(api)
        number = await offered(api)
        asked = {"number": number, "company": "示例科技有限公司", "at": "2026-10-16T10:00"}
        reserved = await sent(api, "/lives", "support", 201, json=asked)
        assert reserved["state"] == "reserved"
        fields = {**HANDLER, "submit": "true", "at": "2026-10-17T10:00"}
        handed = await sent(api, f"/lives/{number}/materials", "support", data=form(fields, *KINDS))
        assert (handed["state"], handed["missing"]) == ("submitted", []) or handed["state"] == "review"
        assert "11010519491231002X" not in str(handed)
        await sent(api, f"/lives/{number}/review", "support", 403, json={"approve": True})
        opened = await sent(
            api, f"/lives/{number}/review", "reviewer", json={"approve": True, "at": "2026-10-20T10:00"}
        )
        assert opened["state"] == "opened"
        line = (await api.get("/lines"))["items"][0]["name"]
        early = {"name": "hotline", "at": "2026-10-20T11:00"}
        order = {"lines": [line], "at": "2026-10-20T12:00"}
        ordered = await sent(api, f"/lives/{number}/route", "support", json=order)
        assert ordered["ticket"]["id"]
        assert ordered["said"]
        assert early
        done = await sent(api, f"/lives/{number}/route/done", "reviewer", json={"at": "2026-10-21T10:00"})
        assert done["state"] == "routed"
        bound = await sent(
            api, f"/lives/{number}/instance", "support", json={"name": "hotline", "at": "2026-10-21T11:00"}
        )
        assert bound["state"] == "bound"
        assert (await api.get(f"/configuration/routes/{number}"))["route"]["flow"] == "welcome"
        listed = await api.get("/lives?state=bound&at=2026-10-22", role="support")
        assert [life["number"] for life in listed["items"]] == [number]
        released = await sent(api, f"/lives/{number}/release", "support", json={"at": "2026-10-23T10:00"})
        assert released["state"] == "released"
        actors = {entry.actor for entry in await api.store.audit_entries() if entry.subject == number}
        assert {"token:support", "token:reviewer"} <= actors


async def test_the_documents_are_made_with_the_data_of_the_application(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        await qualified(api)
        number = await offered(api)
        at = "2026-10-16T10:00"
        await sent(api, "/lives", "support", 201, json={"number": number, "company": "示例科技有限公司", "at": at})
        path = f"/lives/{number}/documents/authorisation"
        made = await api.ask("POST", path, role="support", json={**HANDLER, "at": "2026-10-17T10:00"})
        assert (made.status, made.headers["Content-Type"]) == (200, "application/pdf")
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(await made.read())).pages)
        assert "示例科技有限公司" in text
        assert "李四" in text
        again = await api.ask("POST", path, role="support", json={"at": "2026-10-17T10:00"})
        assert again.status == 200  # the handler is known by now
        late = form({**HANDLER, "submit": "true", "at": "2026-10-24T10:00"}, *KINDS)
        await sent(api, f"/lives/{number}/materials", "support", 409, data=late)  # seven days are over
        await api.get(f"/lives/{number}/bundle", role="support", status=403)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file-empty"), (b"MZ not a picture", "file-unknown-type"), (b"%PDF-1.7 broken", "file-damaged")],
)
async def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_kept(
    tmp_path: Path, content: bytes, code: str
) -> None:
    async with serving(tmp_path) as api:
        refused = await sent(
            api,
            "/qualifications",
            "support",
            409,
            data=form(COMPANY, "licence", "id-front", "id-back", content=content),
        )
        assert refused["code"] in (code, "file-other-type")
        assert (await api.get("/qualifications"))["items"] == []


async def test_a_file_larger_than_is_kept_is_cut_off(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        large = b"\x89PNG" + b"x" * (11 * 1024 * 1024)
        refused = await sent(api, "/qualifications", "support", 413, data=form(COMPANY, "licence", content=large))
        assert refused["code"] == "too-large"


async def test_a_form_that_is_none_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        await sent(api, "/qualifications", "support", 415, json={"code": "x"})
        broken = {"Content-Type": "multipart/form-data; boundary=x"}
        await sent(api, "/qualifications", "support", 400, data=b"no form at all", headers=broken)
        await sent(api, "/qualifications", "support", 400, data=b"--x\r\nno header\r\n--x--\r\n", headers=broken)
        missing = await sent(api, "/qualifications", "support", 422, data=form({"code": "x"}))
        assert missing["code"] == "missing-value"
        wrong = await sent(
            api,
            "/qualifications",
            "support",
            409,
            data=form({**COMPANY, "code": "91110000600037341X"}, "licence", "id-front", "id-back"),
        )
        assert "code" in wrong["code"]


async def test_personal_data_are_revealed_to_who_reviews_alone_and_that_is_audited(tmp_path: Path) -> None:
    async with serving(tmp_path) as api:
        await qualified(api)
        path = "/qualifications/91110000600037341L"
        assert "*" in (await api.get(path, role="support"))["legal_id"]
        await api.get(f"{path}?reveal=true", role="support", status=403)
        assert (await api.get(f"{path}?reveal=true", role="reviewer"))["legal_id"] == "11010519491231002X"
        assert "qualification_reveal" in {entry.action for entry in await api.store.audit_entries()}
        await api.get(path, role="viewer", status=403)
