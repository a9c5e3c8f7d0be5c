"""Errors in the vendor's form: its codes, its sentences (with the names filled in), its HTTP statuses.

Codes that the vendor documents carry its own templates. The few that are ours are named in docs/vendor-api.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ivr_flows.findings import Text

VENDOR_400_RULE = "400号码不支持外呼"
"""The vendor's words for it, in its guide to numbers."""


class VendorError(Exception):
    """An error answer. ``description`` is a second sentence (Chinese, where the first is English), ``params`` the names
    that the sentence is about, ``retry_after`` seconds makes the SDKs raise a ``ThrottlingException``."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        description: str = "",
        params: Sequence[str] = (),
        detail: Any = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.description = description
        self.params = tuple(params)
        self.detail = detail
        self.retry_after = retry_after


# ---- the gateway


def missing(name: str) -> VendorError:
    """A parameter or header that is not there."""
    return VendorError(400, f"Missing{name}", f"{name} is mandatory for this action.", params=(name,))


def invalid(name: str, why: str) -> VendorError:
    """A parameter that the gateway does not take."""
    return VendorError(400, f"Invalid{name}", f"The specified parameter {name} is not valid: {why}", params=(name,))


def no_action(name: str, version: str, known: bool) -> VendorError:
    """An action that is not there: one of the vendor's that is not offered here, or a word that is none."""
    said = (
        "the vendor has it, line400 does not offer it; docs/vendor-api.md lists what there is"
        if known
        else "please check its name and version"
    )
    return VendorError(404, "InvalidApi.NotFound", f"Specified api is not found: {name} {version}, {said}.")


def wrong_signature(string_to_sign: str | None = None) -> VendorError:
    """A signature that the secret does not make of the request."""
    said = "Specified signature does not match our calculation."
    if string_to_sign is not None:
        said += f" server StringToSign is [{string_to_sign}]"
    return VendorError(400, "SignatureDoesNotMatch", said)


def unknown_key() -> VendorError:
    """No such access key."""
    return VendorError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")


def inactive_key() -> VendorError:
    """A key that is switched off, or whose secret is not set."""
    return VendorError(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")


def used_nonce() -> VendorError:
    """A request that was there already."""
    return VendorError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")


def expired_date() -> VendorError:
    """A date too far from the server's."""
    return VendorError(
        400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired: it differs by over 15 minutes."
    )


def bad_date() -> VendorError:
    """No date."""
    return VendorError(
        400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted: 2026-11-24T02:06:24Z"
    )


def throttled(seconds: int) -> VendorError:
    """Too many requests of one user."""
    return VendorError(
        400, "Throttling.User", "Request was denied due to user flow control.", retry_after=max(1, seconds)
    )


def not_allowed(action: str, role: str) -> VendorError:
    """The role of the key does not reach so far."""
    return VendorError(
        403,
        "NoPermission",
        f"You are not authorized to do this action: the role {role} of this access key may not {action}.",
        detail={"AuthAction": f"ccc:{action}", "NoPermissionType": "ImplicitDeny", "Role": role},
    )


# ---- parameters


def blank(name: str) -> VendorError:
    """An empty text."""
    return VendorError(400, "Parameter.Blank", f"The parameter {name} may not be null or blank.", params=(name,))


def wrong_format(name: str, why: str, description: str = "") -> VendorError:
    """A value that is not of its kind."""
    said = f"The format of parameter {name} is invalid. {why}".rstrip()
    return VendorError(400, "Parameter.Format", said, description=description, params=(name,))


def not_enumerated(name: str, known: Iterable[str], why: Text | None = None) -> VendorError:
    """A value that is none of those known."""
    listed = ", ".join(known)
    said = f"The parameter {name} must be one of the value of enumeration [{listed}]."
    return VendorError(
        400,
        "Parameter.Enumeration",
        said if why is None else f"{said} {why.en}",
        description="" if why is None else why.zh,
        params=(name, listed),
    )


def too_large(name: str, bound: object) -> VendorError:
    """A number that is too large."""
    return VendorError(
        400, "Parameter.Maximum", f"The parameter {name} must be less than or equal to {bound}.", params=(name,)
    )


def too_small(name: str, bound: object) -> VendorError:
    """A number that is too small."""
    return VendorError(
        400, "Parameter.Minimum", f"The parameter {name} must be greater than or equal to {bound}.", params=(name,)
    )


# ---- what the parameters name


def no_instance(name: str) -> VendorError:
    """No such instance."""
    return VendorError(404, "NotExists.InstanceId", f"The specified instance {name} does not exist.", params=(name,))


def no_number(number: str, instance: str) -> VendorError:
    """A number that is not one of the instance."""
    return VendorError(
        404,
        "NotExists.Number",
        f"The specified number {number} does not exist in instance {instance}.",
        params=(number, instance),
    )


def no_flow(flow: str, instance: str) -> VendorError:
    """No such flow; a code of ours in the vendor's style."""
    return VendorError(
        404,
        "NotExists.ContactFlowId",
        f"The specified contact flow {flow} does not exist in instance {instance}.",
        params=(flow, instance),
    )


def no_draft(draft: str, flow: str) -> VendorError:
    """No draft of that id is open; a code of ours in the vendor's style."""
    return VendorError(
        404,
        "NotExists.DraftId",
        f"The specified draft {draft} does not exist in contact flow {flow}.",
        params=(draft, flow),
    )


def no_skill_group(group: str, instance: str) -> VendorError:
    """No such queue; a code of ours in the vendor's style."""
    return VendorError(
        404,
        "NotExists.SkillGroupId",
        f"The specified skill group {group} does not exist in instance {instance}.",
        params=(group, instance),
    )


def no_user(user: str, instance: str) -> VendorError:
    """No such agent."""
    return VendorError(
        404, "NotExists.UserId", f"The user {user} does not exist in instance {instance}.", params=(user, instance)
    )


def no_contact(contact: str, instance: str) -> VendorError:
    """No such call; a code of ours in the vendor's style."""
    return VendorError(
        404,
        "NotExists.ContactId",
        f"The specified contact {contact} does not exist in instance {instance}.",
        params=(contact, instance),
    )


def there_already(kind: str, name: str) -> VendorError:
    """Something of that name is there."""
    return VendorError(
        409,
        f"AlreadyExists.{kind}",
        f"The specified {kind[0].lower()}{kind[1:]} {name} already exists.",
        params=(name,),
    )


def number_taken(number: str) -> VendorError:
    """A number that belongs to an instance already."""
    return VendorError(
        409,
        "AlreadyExists.PhoneNumber",
        f"The specified number {number} already exists in the instance.",
        params=(number,),
    )


def in_use(kind: str, name: str, by: Sequence[str]) -> VendorError:
    """Something that others stand on; a code of ours in the vendor's style."""
    listed = ", ".join(by[:5])
    return VendorError(
        409, f"InUse.{kind}", f"The specified {kind} {name} is used by {listed}.", params=(name, *by[:5])
    )


def conflict(code: str, message: Text) -> VendorError:
    """A state in which the request cannot be done; the codes are ours."""
    return VendorError(409, f"Conflict.{code}", message.en, description=message.zh)


def unsupported(action: str, why: Text) -> VendorError:
    """Something that line400 does not do; a code of ours."""
    return VendorError(
        400, "UnsupportedOperation", f"line400 does not do {action}: {why.en}", description=why.zh, params=(action,)
    )


def internal(kind: str, why: Text) -> VendorError:
    """``kind`` is ``Common``, ``CTI`` (the switch) or ``DB``."""
    word = {"Common": "", "CTI": "CTI ", "DB": "DB "}[kind]
    return VendorError(
        500, f"InternalService.{kind}", f"An internal {word}service error occurred. {why.en}", description=why.zh
    )
