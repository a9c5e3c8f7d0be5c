"""Uploads and streams: forms within their bounds, and an answer that breaks off in its middle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer

from ivr_flows.findings import Text
from router.api.application import API
from router.api.operation import Call, Operation
from router.api.server import make_app
from router.api.uploads import MOST_PARTS, parts_of
from router.app.rest.mounted import make_api
from tests.api import Asked

LIMIT = 1_000_000


async def take(call: Call[None, None, None], served: Any) -> Any:
    async with parts_of(call) as parts:
        return {
            "parts": [[part.name, part.filename, part.media, part.size, len(part.file.read())] for part in parts],
            "texts": [part.text() for part in parts if part.filename is None],
        }


async def stream(call: Call[None, None, None], served: Any) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(call.request)
    await answer.write(b"begun")
    raise RuntimeError("13800138000")


OPERATIONS = (
    Operation(
        "take", "POST", "/take", "t", Text("x", "x"), "self.read", take, upload="multipart/form-data", body_limit=LIMIT
    ),
    Operation("stream", "GET", "/stream", "t", Text("x", "x"), "self.read", stream, media="text/plain"),
)


@pytest.fixture
async def forms(api: Asked) -> AsyncIterator[Asked]:
    made = await make_api(api.served)
    made.table = OPERATIONS
    async with TestClient(TestServer(make_app(api.served.router, mounts=[made.mount]))) as client:
        assert client.app is not None
        assert client.app[API] is made
        api.client = client
        yield api


def form(*parts: tuple[str, Any, str | None, str | None]) -> FormData:
    made = FormData(default_to_multipart=True)
    for name, value, filename, media in parts:
        made.add_field(name, value, filename=filename, content_type=media)
    return made


async def test_a_form_arrives_whole(forms: Asked) -> None:
    sent = form(("kind", "licence", None, None), ("file", b"x" * 700_000, "营业执照.png", "image/png"))
    answer = await forms.ask("POST", "/take", data=sent)
    said = await answer.json()
    assert said["texts"] == ["licence"]
    assert said["parts"][1] == ["file", "营业执照.png", "image/png", 700_000, 700_000]


@pytest.mark.parametrize(
    ("filename", "label"),
    [("../../etc/passwd", "passwd"), ("C:\\scans\\a.png", "a.png"), ("/abs/b.pdf", "b.pdf"), ("..", "..")],
)
async def test_a_file_name_is_a_label_and_no_path(forms: Asked, filename: str, label: str) -> None:
    answer = await forms.ask("POST", "/take", data=form(("file", b"x", filename, None)))
    assert (await answer.json())["parts"][0][1] == label


async def test_names_with_invisible_characters_are_refused(forms: Asked) -> None:
    answer = await forms.ask("POST", "/take", data=form(("file", b"x", "a\u202egnp.exe", None)))
    assert (answer.status, (await answer.json())["code"]) == (422, "invisible-character")


async def test_more_than_the_bound_is_refused_while_it_arrives(forms: Asked) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n'
        for _ in range(200):
            yield b"x" * 10_000

    whole = await forms.ask("POST", "/take", data=form(("f", b"x" * (LIMIT + 1), "f", None)))
    assert (whole.status, (await whole.json())["code"]) == (413, "too-large")
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    bit_by_bit = await forms.ask("POST", "/take", data=drip(), headers=headers)
    assert (bit_by_bit.status, (await bit_by_bit.json())["code"]) == (413, "too-large")


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"{}", "application/json", 415),
        (b"x", "multipart/form-data", 400),
        (b"no form", "multipart/form-data; boundary=b", 400),
        (b"--b\r\n\r\n", "multipart/form-data; boundary=b", 400),
        (b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n", "multipart/form-data; boundary=b", 400),
        (b"--b\r\nContent-Transfer-Encoding: x\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b", 200),
    ],
)
async def test_what_is_no_form(forms: Asked, body: bytes, media: str, status: int) -> None:
    answer = await forms.ask("POST", "/take", data=body, headers={"Content-Type": media})
    assert answer.status == status, await answer.text()


async def test_too_many_parts(forms: Asked) -> None:
    answer = await forms.ask("POST", "/take", data=form(*((f"f{n}", "x", None, None) for n in range(MOST_PARTS + 1))))
    assert answer.status == 400


async def test_a_stream_that_fails_in_its_middle_is_cut_off(forms: Asked, caplog: pytest.LogCaptureFixture) -> None:
    answer = await forms.ask("GET", "/stream")
    with pytest.raises(aiohttp.ClientError):
        await answer.read()
    assert "13800138000" not in caplog.text
    assert "stream failed: RuntimeError" in caplog.text
    assert Path(__file__).name not in caplog.text
