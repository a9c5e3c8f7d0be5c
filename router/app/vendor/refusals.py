"""What the parts of line400 refuse, in the vendor's form. The codes beside the vendor's own are ours."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

from ivr_flows.findings import Finding, Text
from ivr_flows.interchange.reading import UnreadableFile
from router.asterisk.agents import AgentRefused, SwitchAway
from router.asterisk.ami_link import AmiUnavailable
from router.callers import CallerError
from router.configuration.edit import EditError
from router.configuration.files_on_disk import WriteError
from router.life.model import LifeError
from router.number400 import NumberError
from router.store import Conflict, StoreError
from router.vendor import Answer, Call, Service, VendorError, errors

from ..problems import Problem

SHOWN = 5


def in_vendor_form(service: Service) -> Service:
    """``service`` with everything that it refuses told in the vendor's form."""

    @wraps(service)
    async def told(call: Call, given: Any) -> Answer:
        try:
            return await service(call, given)
        except VendorError:
            raise
        except Exception as error:
            translated = translate(error)
            if translated is None:
                raise
            raise translated from error

    return told


def translate(error: Exception) -> VendorError | None:
    """The vendor's form of a refusal; None for what is no refusal."""
    match error:
        case Conflict():
            return errors.conflict("Revision", error.message)
        case StoreError():
            return errors.internal("DB", error.message)
        case SwitchAway():
            return errors.internal("CTI", error.message)
        case AmiUnavailable():
            return errors.internal("CTI", Text(str(error), str(error)))
        case AgentRefused():
            return errors.conflict("Agent", error.message)
        case LifeError():
            return errors.conflict(pascal(error.code), joined(error.message, error.cure))
        case EditError():
            return errors.conflict("Configuration", of_findings(error.findings, error.message))
        case WriteError():
            return errors.conflict("Files", joined(error.message, error.cure))
        case UnreadableFile():
            said = joined(error.message, error.cure)
            return errors.wrong_format("Definition", said.en, said.zh)
        case NumberError() | CallerError():
            return errors.wrong_format("Number", error.message.en, error.message.zh)
        case Problem():
            code = "Refused" if error.code == "refused" else "Configuration"
            return errors.conflict(code, of_findings(error.findings, error.message))
    return None


def of_findings(findings: Sequence[Finding], message: Text) -> Text:
    """A message with the first findings, each with its place."""
    shown = findings[:SHOWN]
    return Text(
        " ".join((message.en, *(finding.as_text("en") for finding in shown))),
        "".join((message.zh, *(finding.as_text("zh") for finding in shown))),
    )


def joined(message: Text, cure: Text) -> Text:
    """What is wrong, and what to do."""
    return Text(f"{message.en} {cure.en}".strip(), f"{message.zh}{cure.zh}")


def pascal(code: str) -> str:
    """``route-pending`` as ``RoutePending``."""
    return "".join(word.capitalize() for word in code.replace("_", "-").split("-"))
