"""What the errors of services mean to a client of the API: the same code, sentence, cure and findings that the command
line prints, with the HTTP status in the place of the exit status."""

from __future__ import annotations

from router.api.refusal import Refused

from ..problems import NOT_RIGHT, REFUSED, UNREACHABLE, USAGE, Problem, describe

_STATUS_OF_EXIT = {NOT_RIGHT: 409, USAGE: 422, REFUSED: 403, UNREACHABLE: 503}
_STATUS_OF_CODE = {
    "unknown_entry": 404,
    "unknown_revision": 404,
    "unknown_schedule": 404,
    "no-revision": 404,
    "unknown-number": 404,
    "no-qualification": 404,
    "not_empty": 409,
}
"""Codes whose status is not that of their exit status."""


def refusal_of(error: BaseException) -> Refused | None:
    """The refusal for ``error``; None: it is a mistake of ours. Faults of files and of the network that carry no
    message for users are mistakes too: paths and addresses of this machine are nobody's business."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, OSError) and not hasattr(error, "message"):
        return None
    problem = describe(error)
    return None if problem is None else refused(problem)


def refused(problem: Problem) -> Refused:
    """The refusal that a command's problem amounts to."""
    status = _STATUS_OF_CODE.get(problem.code) or _STATUS_OF_EXIT.get(problem.status, 500)
    headers = {"Retry-After": "1"} if status == 503 else None
    return Refused(status, problem.code, problem.message, problem.cure, problem.findings, headers)
