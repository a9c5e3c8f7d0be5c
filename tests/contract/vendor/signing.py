"""Requests signed by hand, so that a test can bend one thing at a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from .stage import SECRET


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def headers_of(
    address: str,
    now: float,
    *,
    action: str = "ListPhoneNumbers",
    nonce: str = "nonce-0001",
    version: str = "2020-07-01",
    body: bytes = b"",
) -> dict[str, str]:
    """The headers that the SDK sets."""
    found = {
        "host": address,
        "x-acs-action": action,
        "x-acs-version": version,
        "x-acs-date": iso(now),
        "x-acs-signature-nonce": nonce,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
    }
    if body:
        found["content-type"] = "application/x-www-form-urlencoded"
    return found


def sign(
    headers: Mapping[str, str],
    query: Mapping[str, str],
    *,
    method: str = "POST",
    secret: str = SECRET,
    key: str = "testkey",
    signed: list[str] | None = None,
    algorithm: str = "ACS3-HMAC-SHA256",
) -> str:
    """The value of ``Authorization``."""
    names = sorted(headers if signed is None else signed)
    canonical = "\n".join(
        (
            method,
            "/",
            "&".join(f"{name}={quote(query[name], safe='~')}" for name in sorted(query)),
            "".join(f"{name}:{headers[name]}\n" for name in names),
            ";".join(names),
            headers["x-acs-content-sha256"],
        )
    )
    text = f"{algorithm}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{algorithm} Credential={key},SignedHeaders={';'.join(names)},Signature={made}"


def sign_v2(query: Mapping[str, str], form: Mapping[str, str] | None = None, secret: str = SECRET) -> str:
    """The value of ``Signature`` of the older way."""
    everything = {**query, **(form or {})}
    text = "&".join(f"{quote(name, safe='~')}={quote(everything[name], safe='~')}" for name in sorted(everything))
    made = hmac.new(f"{secret}&".encode(), f"POST&%2F&{quote(text, safe='~')}".encode(), hashlib.sha1).digest()
    return base64.b64encode(made).decode()


def send(
    address: str,
    headers: Mapping[str, str],
    query: Mapping[str, str] | str,
    *,
    method: str = "POST",
    body: bytes = b"",
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, document and headers of the answer."""
    text = query if isinstance(query, str) else urlencode(query)
    connection = http.client.HTTPConnection(address, timeout=20)
    try:
        connection.putrequest(method, f"/?{text}" if text else "/", skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()
