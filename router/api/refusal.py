"""A request that is refused: an HTTP status, a stable code, a sentence and its cure in two languages, findings.

Rendered as ``application/problem+json`` (RFC 9457) with the values that the command line prints; see `document`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from ivr_flows.findings import Finding, Language, Place, Text

NO_CURE: Final = Text("", "")
TYPE_PREFIX: Final = "urn:line400:problem:"
CONTENT_TYPE: Final = "application/problem+json"


class Refused(Exception):
    """Ends a request with ``status``. ``headers`` go into the answer (``Retry-After``, ``Allow``)."""

    def __init__(
        self,
        status: int,
        code: str,
        message: Text,
        cure: Text = NO_CURE,
        findings: Sequence[Finding] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message.en)
        self.status = status
        self.code = code
        self.message = message
        self.cure = cure
        self.findings = tuple(findings)
        self.headers = dict(headers or {})

    def document(self, language: Language, request_id: str | None = None) -> dict[str, Any]:
        """The problem document. ``findings`` have the form that ``check --json`` gives them; their ``file`` is
        ``body``, ``query``, ``path`` or ``header`` for what stands in the request itself."""
        return {
            "type": TYPE_PREFIX + self.code,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.message.to(language),
            "cure": self.cure.to(language) or None,
            "findings": [finding.as_json(language) for finding in self.findings],
            "request_id": request_id,
        }


def not_found(what: Text, name: str) -> Refused:
    """404: there is no ``what`` (``a call``, ``通话``) called ``name``."""
    shown = name[:60]
    return Refused(
        404,
        "not-found",
        Text(f"There is no {what.en} `{shown}`.", f"没有{what.zh} `{shown}`。"),
        Text("The list shows which there are.", "请在列表中查看现有条目。"),
    )


def bad_value(place: str, code: str, message: Text, cure: Text) -> Refused:
    """422: one value of the request is not right. ``place`` is ``query.since``, ``body.name`` …"""
    return Refused(422, code, message, cure, (Finding("error", code, Place(place), message, cure),))


def stale() -> Refused:
    """412: the resource is not what the client saw last."""
    return Refused(
        412,
        "changed-meanwhile",
        Text("Somebody else changed this meanwhile.", "该内容已被他人修改。"),
        Text(
            "Read it again, put your change into that, and send its ETag.",
            "请重新读取，合并您的修改，并使用新的 ETag。",
        ),
    )
