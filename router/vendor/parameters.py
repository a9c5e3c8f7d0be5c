"""Parameters as typed values: what arrives is text, or a JSON array in a text, or a list flattened to ``Name.1``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal
from pydantic_core import ErrorDetails, PydanticCustomError

from . import errors
from .errors import VendorError

MOST_ITEMS: Final = 1000
LONGEST: Final = 4_000_000
_NUMBERED = re.compile(r"(?P<name>[A-Za-z0-9_\-]+)\.(?P<place>[1-9]\d{0,3})")
P = TypeVar("P", bound="Parameters")


class Parameters(BaseModel):
    """Base of every request. Names are the vendor's, ``InstanceId`` for ``instance_id``; parameters that an action does
    not know are passed over, as the vendor does."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True, str_max_length=LONGEST)


def _flag(value: object) -> object:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(value, bool):
        return value
    raise PydanticCustomError("vendor_format", "true or false is expected.")


def _whole(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, int):
        return value
    raise PydanticCustomError("vendor_format", "a whole number is expected.")


def _texts(value: object) -> object:
    if isinstance(value, tuple):
        return value
    read = read_json(value)
    if not isinstance(read, list) or not all(isinstance(item, str | int) for item in read):
        raise PydanticCustomError("vendor_format", 'a JSON array of texts is expected, such as ["4001234567"].')
    if len(read) > MOST_ITEMS:
        raise PydanticCustomError("vendor_format", "at most 1000 items are expected.")
    return tuple(str(item) for item in read)


def read_json(value: object) -> Any:
    """The JSON value in the text ``value``; a validator's error where it holds none."""
    try:
        return json.loads(str(value))
    except (ValueError, RecursionError):
        raise PydanticCustomError("vendor_format", "JSON is expected.") from None


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("vendor_blank", "blank")
    return value


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise PydanticCustomError("vendor_blank", "empty")
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
Whole = Annotated[int, BeforeValidator(_whole)]
Given = Annotated[str, AfterValidator(_not_blank)]
"""A text that may not be blank."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
SomeTexts = Annotated[Texts, AfterValidator(_some)]
PageNumber = Annotated[Whole, Field(ge=1, le=1_000_000)]
PageSize = Annotated[Whole, Field(ge=1, le=100)]
Millis = Annotated[Whole, Field(ge=0)]


class Paged(Parameters):
    """A page of a list."""

    page_number: PageNumber = 1
    page_size: PageSize = 10


class InInstance(Parameters):
    """Something of an instance."""

    instance_id: Given


class PagedInInstance(Paged):
    """A page of a list of an instance."""

    instance_id: Given


def read_parameters(model: type[P], given: Mapping[str, str]) -> P:
    """The request that ``given`` makes. Raises `VendorError`."""
    try:
        return model.model_validate(_unflattened(given))
    except ValidationError as error:
        raise _as_vendor_error(error.errors(include_url=False)[0]) from None


def _unflattened(given: Mapping[str, str]) -> dict[str, Any]:
    """``given`` with ``Name.1``, ``Name.2`` … as one tuple."""
    found: dict[str, Any] = {}
    lists: dict[str, dict[int, str]] = {}
    for name, value in given.items():
        numbered = _NUMBERED.fullmatch(name)
        if numbered is None:
            found[name] = value
        else:
            lists.setdefault(numbered["name"], {})[int(numbered["place"])] = value
    for name, items in lists.items():
        if name in found:
            raise errors.invalid(name, "it is given both as a list and as a text.")
        found[name] = tuple(items[place] for place in sorted(items))
    return found


def _as_vendor_error(found: ErrorDetails) -> VendorError:
    name = str(found["loc"][0]) if found["loc"] else "Parameters"
    context = found.get("ctx", {})
    match found["type"]:
        case "missing":
            return errors.missing(name)
        case "vendor_blank":
            return errors.blank(name)
        case "greater_than_equal":
            return errors.too_small(name, context["ge"])
        case "less_than_equal":
            return errors.too_large(name, context["le"])
        case "vendor_enumeration":
            return errors.not_enumerated(name, str(context["known"]).split(" "))
        case "vendor_format":
            return errors.wrong_format(name, found["msg"])
        case _:
            return errors.wrong_format(name, "")


def one_of(*known: str) -> Any:
    """A validator for a text that is one of ``known``, whatever the case of its letters."""

    def read(value: object) -> object:
        for word in known:
            if isinstance(value, str) and value.upper() == word.upper():
                return word
        raise PydanticCustomError("vendor_enumeration", "enumeration", {"known": " ".join(known)})

    return BeforeValidator(read)
