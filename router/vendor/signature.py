"""Signatures of requests as the vendor's SDKs make them: ``ACS3-HMAC-SHA256`` in headers, the older HMAC-SHA1 in the
query. Free of I/O; the moment, the secrets and the request are passed in.

What is signed is exactly what is read: the values that the services see come out of the text that was verified here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote

from . import errors
from .errors import VendorError

ALGORITHM: Final = "ACS3-HMAC-SHA256"
OTHER_ALGORITHMS: Final = ("ACS3-HMAC-SM3", "ACS3-RSA-SHA256")
MUST_SIGN: Final = (
    "host",
    "x-acs-action",
    "x-acs-version",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-content-sha256",
)
CLOCK_SECONDS: Final = 900.0
MOST_PARAMETERS: Final = 200
SIGNING: Final = frozenset(
    {
        *("Action", "Format", "Version", "Timestamp", "SignatureNonce", "SignatureMethod", "SignatureVersion"),
        *("AccessKeyId", "Signature", "SecurityToken", "SignatureType", "BearerToken"),
    }
)
"""Parameters of the older signature that are no business of an action."""
_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,128}")
_NONCE = re.compile(r"[\x21-\x7e]{8,128}")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_CREDENTIALS = re.compile(
    r"(?P<algorithm>[A-Za-z0-9\-]{1,40}) +Credential=(?P<key>[^,\s]{1,128}), *"
    r"SignedHeaders=(?P<headers>[a-z0-9\-;]{1,2000}), *Signature=(?P<signature>[0-9A-Fa-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived. ``query`` is the raw text behind the question mark, header names are in lower case; a
    header that came twice has both values, joined by a comma."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of itself before it is believed. ``parameters`` are query and form together, those of the
    signature left out. ``date`` in epoch seconds."""

    key: str
    action: str
    version: str
    date: float
    nonce: str
    parameters: Mapping[str, str]
    string_to_sign: str
    signature: str
    legacy: bool

    def made_by(self, secret: str) -> bool:
        """Whether ``secret`` makes this signature."""
        if self.legacy:
            made = hmac.new(f"{secret}&".encode(), self.string_to_sign.encode(), hashlib.sha1).digest()
            return hmac.compare_digest(base64.b64encode(made), self.signature.encode())
        made = hmac.new(secret.encode(), self.string_to_sign.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(made.hex().encode(), self.signature.lower().encode())


def read_claim(received: Received) -> Claim:
    """What ``received`` claims. Raises `VendorError` for whatever is not whole, and for ways of signing that are not
    offered here."""
    headers = received.headers
    if "x-acs-bearer-token" in headers:
        raise errors.invalid("BearerToken", "bearer tokens are not offered here; sign with an access key.")
    if "x-acs-security-token" in headers:
        raise errors.invalid("SecurityToken", "STS tokens are not offered here; sign with an access key.")
    query = _pairs(received.query, "query")
    form = _form(received)
    twice = query.keys() & form.keys()
    if twice:
        raise errors.invalid(min(twice), "it is given twice, in the query and in the body.")
    if "authorization" in headers:
        return _read_v3(received, query, form)
    if query.get("SignatureType", "") not in ("", "HMAC-SHA1"):
        raise errors.invalid("SignatureType", "only signatures by access key are offered here.")
    if "Signature" in query:
        return _read_v2(received, query, form)
    raise errors.missing("Authorization")


def check_date(claim: Claim, now: float) -> None:
    """See that the date of ``claim`` is near ``now``. Raises `VendorError`."""
    if abs(claim.date - now) > CLOCK_SECONDS:
        raise errors.expired_date()


def _read_v3(received: Received, query: dict[str, str], form: dict[str, str]) -> Claim:
    headers = received.headers
    found = _CREDENTIALS.fullmatch(headers["authorization"].strip())
    if found is None:
        scheme = headers["authorization"].split(" ", 1)[0]
        if scheme.upper() == "BEARER":
            raise errors.invalid("BearerToken", "bearer tokens are not offered here; sign with an access key.")
        if scheme in OTHER_ALGORITHMS:
            raise errors.invalid("SignatureMethod", f"{scheme} is not offered here; use {ALGORITHM}.")
        raise errors.invalid("Authorization", f"expected {ALGORITHM} Credential=…,SignedHeaders=…,Signature=…")
    if found["algorithm"] != ALGORITHM:
        raise errors.invalid("SignatureMethod", f"{found['algorithm']} is not offered here; use {ALGORITHM}.")
    signed = found["headers"].split(";")
    for name in MUST_SIGN:
        if name not in headers:
            raise errors.missing(name)
        if name not in signed:
            raise errors.invalid("SignedHeaders", f"{name} must be signed.")
    if len(set(signed)) != len(signed):
        raise errors.invalid("SignedHeaders", "a name stands there twice.")
    for name in signed:
        if name not in headers:
            raise errors.missing(name)
    if received.body and "content-type" not in signed:
        raise errors.invalid("SignedHeaders", "content-type must be signed where there is a body.")
    digest = hashlib.sha256(received.body).hexdigest()
    if not hmac.compare_digest(digest.encode(), headers["x-acs-content-sha256"].strip().lower().encode()):
        raise errors.wrong_signature()
    canonical_query = "&".join(f"{name}={_quoted(query[name])}" for name in sorted(query))
    canonical_headers = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(signed))
    canonical = "\n".join((received.method, "/", canonical_query, canonical_headers, ";".join(sorted(signed)), digest))
    return Claim(
        key=found["key"],
        action=headers["x-acs-action"].strip(),
        version=headers["x-acs-version"].strip(),
        date=_read_date(headers["x-acs-date"].strip()),
        nonce=_read_nonce(headers["x-acs-signature-nonce"].strip()),
        parameters={**query, **form},
        string_to_sign=f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}",
        signature=found["signature"],
        legacy=False,
    )


def _read_v2(received: Received, query: dict[str, str], form: dict[str, str]) -> Claim:
    for name in ("Action", "Version", "AccessKeyId", "Timestamp", "SignatureNonce", "SignatureMethod"):
        if not query.get(name):
            raise errors.missing(name)
    if "SecurityToken" in query or "SecurityToken" in form:
        raise errors.invalid("SecurityToken", "STS tokens are not offered here; sign with an access key.")
    if query["SignatureMethod"] != "HMAC-SHA1" or query.get("SignatureVersion", "1.0") != "1.0":
        raise errors.invalid("SignatureMethod", "only HMAC-SHA1, version 1.0, is offered here in the query.")
    if query.get("Format", "JSON").upper() != "JSON":
        raise errors.invalid("Format", "answers are JSON.")
    everything = {**query, **form}
    signed = "&".join(
        f"{_quoted(name)}={_quoted(everything[name])}" for name in sorted(everything) if name != "Signature"
    )
    return Claim(
        key=query["AccessKeyId"],
        action=query["Action"],
        version=query["Version"],
        date=_read_date(query["Timestamp"]),
        nonce=_read_nonce(query["SignatureNonce"]),
        parameters={name: value for name, value in everything.items() if name not in SIGNING},
        string_to_sign=f"{received.method}&%2F&{_quoted(signed)}",
        signature=query["Signature"],
        legacy=True,
    )


def _pairs(text: str, where: str) -> dict[str, str]:
    """The parameters of a query or form. Raises `VendorError` for what can be read in two ways."""
    try:
        pairs: Sequence[tuple[str, str]] = parse_qsl(
            text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError:  # UnicodeDecodeError is one
        raise errors.invalid("Parameters", f"the {where} is not UTF-8, or has over {MOST_PARAMETERS} fields.") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if not _NAME.fullmatch(name):
            raise errors.invalid("Parameters", "a name has characters that no parameter has.")
        if name in found:
            raise errors.invalid(name, "it is given twice.")
        found[name] = value
    return found


def _form(received: Received) -> dict[str, str]:
    if not received.body:
        return {}
    kind = received.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise errors.invalid("ContentType", "a body is application/x-www-form-urlencoded.")
    try:
        text = received.body.decode("ascii")
    except UnicodeDecodeError:
        raise errors.invalid("Parameters", "the form is not percent-encoded.") from None
    return _pairs(text, "form")


def _quoted(value: str) -> str:
    return quote(value, safe="~", encoding="utf-8")


def _read_date(text: str) -> float:
    if not _DATE.fullmatch(text):
        raise errors.bad_date()
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise errors.bad_date() from None


def _read_nonce(text: str) -> str:
    if not _NONCE.fullmatch(text):
        raise errors.invalid("SignatureNonce", "8 to 128 visible ASCII characters are expected.")
    return text


__all__ = ["ALGORITHM", "CLOCK_SECONDS", "MUST_SIGN", "Claim", "Received", "VendorError", "check_date", "read_claim"]
