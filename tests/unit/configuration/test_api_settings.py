"""``api`` in ``line400.yaml``: where it listens, its certificate, how much may be asked of it."""

from __future__ import annotations

from pathlib import Path

from router.configuration import load_files
from router.model import ApiEndpoint


def loaded(api: str) -> tuple[ApiEndpoint | None, list[tuple[str, int]]]:
    files = {
        "line400.yaml": f"company: x\napi: {api}\n",
        "numbers.yaml": "numbers: []\n",
        "lines.yaml": "lines: {}\n",
        "routes.yaml": "routes: {}\n",
    }
    found = load_files({name: text.encode() for name, text in files.items()}, Path("/srv/line400/config"))
    findings = [(finding.code, finding.place.line) for finding in found.findings if finding.severity == "error"]
    return (found.configuration.settings.api if found.configuration else None), findings


def test_nothing_said_is_loopback_without_tls() -> None:
    endpoint, findings = loaded("{}")
    assert findings == []
    assert endpoint == ApiEndpoint("127.0.0.1", 8400)
    assert endpoint.tls_cert is None


def test_paths_are_those_of_the_folder_above() -> None:
    endpoint, findings = loaded("{ tls_cert: tls/cert.pem, tls_key: /etc/key.pem, rate: 50, concurrent: 5 }")
    assert findings == []
    assert endpoint is not None
    assert (endpoint.tls_cert, endpoint.tls_key) == ("/srv/line400/tls/cert.pem", "/etc/key.pem")
    assert (endpoint.rate, endpoint.concurrent) == (50.0, 5)


def test_a_certificate_without_its_key_is_an_error_with_a_place() -> None:
    for api in ("{ tls_cert: a.pem }", "{ tls_key: a.pem }"):
        endpoint, findings = loaded(api)
        assert endpoint is None
        assert findings == [("tls-incomplete", 2)]


def test_limits_are_limits() -> None:
    for api in ("{ rate: 0 }", "{ concurrent: 0 }", "{ rate: many }"):
        assert loaded(api)[1], api
