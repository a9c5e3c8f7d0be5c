"""Who may watch a running router, on loopback and elsewhere; and TLS."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from router.api import ApiServer, make_app
from router.app.rest.mounted import make_api
from router.asterisk.service import ServiceError
from router.model import ApiEndpoint
from tests.api import Asked


@asynccontextmanager
async def served_at(api: Asked, host: str) -> AsyncIterator[TestClient[Any, Any]]:
    app = make_app(api.served.router, host=host, mounts=[(await make_api(api.served)).mount])
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/live"])
async def test_on_loopback_whoever_is_there_may_watch(api: Asked, path: str) -> None:
    answer = await api.client.get(path)
    assert answer.status == 200


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/live"])
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
async def test_through_a_proxy_a_token_is_needed(api: Asked, path: str, header: str) -> None:
    assert (await api.client.get(path, headers={header: "198.51.100.7"})).status == 401
    token = {"Authorization": f"Bearer {api.tokens['viewer']}"}
    assert (await api.client.get(path, headers={header: "198.51.100.7", **token})).status == 200


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/live"])
async def test_on_another_address_a_token_is_needed(api: Asked, path: str) -> None:
    async with served_at(api, "192.0.2.1") as client:
        answer = await client.get(path)
        assert (answer.status, answer.content_type) == (401, "application/problem+json")
        token = {"Authorization": f"Bearer {api.tokens['viewer']}"}
        assert (await client.get(path, headers=token)).status == 200
        narrow = await api.token("narrow", "viewer", scope=("numbers.read",))
        assert (await client.get(path, headers={"Authorization": f"Bearer {narrow}"})).status == 403
        assert (await client.get("/healthz")).status == 200
        assert (await client.get("/")).status == 200, "the page itself says nothing"


async def test_without_an_api_nobody_may_watch_from_elsewhere(api: Asked) -> None:
    async with TestClient(TestServer(make_app(api.served.router, host="192.0.2.1"))) as client:
        assert (await client.get("/api/v1/status")).status == 401


async def test_callers_are_shown_to_who_may_see_them(api: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    async def live(*, reveal: bool = False) -> dict[str, Any]:
        return {"reveal": reveal}

    monkeypatch.setattr(api.served.router, "live", live)
    for role, reveal in (("support", True), ("viewer", False)):
        answer = await api.ask("GET", "/live", role=role)  # type: ignore[arg-type]
        assert await answer.json() == {"reveal": reveal}


async def test_on_loopback_a_session_that_is_over_is_nobody_s(api: Asked) -> None:
    for cookie in ("line400_session=x", "line400_session=" + "x" * 500):
        assert (await api.client.get("/api/v1/status", headers={"Cookie": cookie})).status == 200


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate of its own for ``name`` and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return cert_file, key_file


async def test_tls_by_file(api: Asked, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    endpoint = ApiEndpoint(port=0, tls_cert=str(cert), tls_key=str(key))
    server = ApiServer(api.served.router, endpoint, [(await make_api(api.served)).mount])
    await server.start()
    assert server.url.startswith("https://")
    trusted = ssl.create_default_context(cafile=str(cert))
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"https://localhost:{server.port}/healthz", ssl=trusted) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"]
    await server.stop()


async def test_files_that_are_no_certificate_are_one_clear_message(api: Asked, tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("not PEM")
    for name in ("x.pem", "missing.pem"):
        endpoint = ApiEndpoint(port=0, tls_cert=str(tmp_path / name), tls_key=str(tmp_path / name))
        with pytest.raises(ServiceError) as caught:
            await ApiServer(api.served.router, endpoint).start()
        assert name in caught.value.message.en
        assert "api.tls_cert" in caught.value.cure.zh
