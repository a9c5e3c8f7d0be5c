"""The JSON Schema of a flow file, made of the models that read it: what editors complete, explain and underline.

It describes what is *written*. Scalars reach the models as texts (`ivr_flows.schema`), so a number may stand in quotes
and a text may look like a number. What only the whole flow knows (a target that no node has) is the linter's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel, BeforeValidator, StringConstraints, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from .descriptions import FLOW_KEYS, NODES, OPTIONS, WAYS, both, describe_branch, describe_option
from .findings import Text
from .loader import FlowFile
from .nodes import NODE_TYPES, NodeType
from .schema import parse_duration

Schema: TypeAlias = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that the common YAML language server knows best."""
_DURATION = r"^\s*(?=\d)(\d+(\.\d+)?[hH])?(\d+(\.\d+)?[mM])?(\d+(\.\d+)?[sS]?)?\s*$"
_WHOLE = r"^\s*[+-]?\d+\s*$"
_DECIMAL = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$"
_SWITCH = [True, False, "on", "off", "yes", "no", "true", "false"]
_NAME: Schema = {"type": ["string", "number", "boolean"]}
_KEYS = r"^[0-9*#]+$"


def flow_json_schema() -> Schema:
    """The schema of a whole ``*.flow.yaml``, with descriptions in both languages."""
    properties: Schema = {}
    for name, field in FlowFile.model_fields.items():
        properties[name] = _described(_of_field(field), FLOW_KEYS.get(name))
    properties["nodes"] = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"$ref": "#/definitions/node"},
        "description": both(FLOW_KEYS["nodes"]),
    }
    return {
        "$schema": DIALECT,
        "title": "line400 flow",
        "type": "object",
        "properties": properties,
        "required": ["flow", "nodes"],
        "additionalProperties": False,
        "definitions": {"node": _node(), **{f"node-{name}": node_schema(kind) for name, kind in NODE_TYPES.items()}},
    }


def _node() -> Schema:
    """A node: its type key decides which schema holds. A key that is a type and also an option of another type that
    stands there is that option."""
    owners = {
        name: [other for other in NODE_TYPES if other != name and name in options_of(NODE_TYPES[other])]
        for name in NODE_TYPES
    }
    cases = []
    for name, others in owners.items():
        condition: Schema = {"required": [name]}
        if others:
            condition["not"] = {"anyOf": [{"required": [other]} for other in others]}
        cases.append({"if": condition, "then": {"$ref": f"#/definitions/node-{name}"}})
    return {
        "type": "object",
        "properties": {name: {"description": both(NODES[name])} for name in NODE_TYPES if name in NODES},
        "anyOf": [{"required": [name]} for name in NODE_TYPES],
        "allOf": cases,
    }


def options_of(kind: NodeType) -> dict[str, FieldInfo]:
    """The options of a node type by the key that is written."""
    return {field.alias or name: field for name, field in kind.options.model_fields.items()}


def node_schema(kind: NodeType) -> Schema:
    """The schema of one node of type ``kind``."""
    options = {
        name: _described(_of_field(field), describe_option(kind.name, name)) for name, field in options_of(kind).items()
    }
    inside: Schema = {"type": "object", "properties": options, "additionalProperties": False}
    required = [name for name, field in options_of(kind).items() if field.is_required()]
    if kind.main_is_mapping and kind.main is not None:
        value: Schema = dict(options[kind.main])
        required = [name for name in required if name != kind.main]
    else:
        forms: list[Schema] = [inside, {"type": "null"}]
        if kind.main is not None:
            forms.insert(0, options[kind.main])
        value = {"anyOf": forms}
    value["description"] = both(NODES[kind.name]) if kind.name in NODES else ""
    properties: Schema = {kind.name: value}
    properties.update({name: schema for name, schema in options.items() if name != kind.name})
    properties.update(_ways(kind))
    found: Schema = {
        "type": "object",
        "properties": properties,
        "required": [kind.name, *(["on"] if kind.branches.required else [])],
        "additionalProperties": False,
    }
    if required:
        found["allOf"] = [_given(kind, name) for name in required]
    return found


def _given(kind: NodeType, option: str) -> Schema:
    """That ``option`` is written: inside of the type key, beside it, or as its bare value."""
    ways: list[Schema] = [
        {"required": [option]},
        {"properties": {kind.name: {"type": "object", "required": [option]}}},
    ]
    if kind.main == option:
        ways.append({"properties": {kind.name: {"not": {"type": ["object", "null"]}}}})
    return {"anyOf": ways}


def _ways(kind: NodeType) -> Schema:
    branches = kind.branches
    found: Schema = {}
    if branches.ways in ("next", "inside"):
        found["next"] = {**_NAME, "description": both(WAYS["next"])}
    if kind.name == "branch":
        found["else"] = {**_NAME, "description": both(WAYS["else"])}
    if branches.ways == "on":
        on: Schema = {
            "type": "object",
            "description": both(WAYS["on"]),
            "properties": {name: {**_NAME, "description": both(describe_branch(name))} for name in branches.known},
            "additionalProperties": _NAME if branches.any_name else False,
        }
        if branches.keys:
            on["patternProperties"] = {_KEYS: {**_NAME, "description": both(describe_branch("1"))}}
        if branches.required:
            on["required"] = list(branches.required)
        found["on"] = on
    return found


def _described(schema: Schema, text: Text | None) -> Schema:
    return schema if text is None else {**schema, "description": both(text)}


def _of_field(field: FieldInfo) -> Schema:
    schema = written(field.annotation, field.metadata)
    default = _default(field)
    return schema if default is None else {**schema, "default": default}


def _default(field: FieldInfo) -> object:
    default = field.default
    before = [item.func for item in field.metadata if isinstance(item, BeforeValidator)]
    if default is PydanticUndefined or default is None or (before and before != [parse_duration]):
        return None
    return f"{default:g}s" if before else default


def written(annotation: Any, metadata: Iterable[Any] = ()) -> Schema:
    """The schema of what is written for a value of type ``annotation``."""
    notes = list(metadata)
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        return written(annotation, [*inner, *notes])
    for note in reversed(notes):
        if isinstance(note, WithJsonSchema):
            return dict(note.json_schema or {})
    before = [note.func for note in notes if isinstance(note, BeforeValidator)]
    if parse_duration in before:
        return {"type": ["string", "number"], "pattern": _DURATION, "examples": ["5s", "1m30s"], **_limits(notes)}
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return {"anyOf": [written(part, notes) for part in get_args(annotation)]}
    if origin is Literal:
        values = list(get_args(annotation))
        return {"enum": [*values, *(value.lower() for value in values if before and value.lower() not in values)]}
    if origin is list:
        found: Schema = {"type": "array", "items": written(get_args(annotation)[0]), **_sizes(notes, "Items")}
        return {"anyOf": [found, _NAME]} if before else found
    if origin is dict:
        key, value = get_args(annotation)
        names = {"propertyNames": {"pattern": pattern}} if (pattern := _pattern_of(key)) else {}
        return {"type": "object", "additionalProperties": written(value), **names, **_sizes(notes, "Properties")}
    return _scalar(annotation, notes, bool(before))


def _scalar(annotation: Any, notes: list[Any], rewritten: bool) -> Schema:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _of_model(annotation)
    if annotation is NoneType:
        return {"type": "null"}
    if annotation is bool:
        return {"enum": _SWITCH}
    if annotation is str or (rewritten and annotation in (int, float)):
        patterns = _patterns(notes)
        return {**_NAME, **({"pattern": patterns[0]} if patterns else {}), **_sizes(notes, "Length")}
    if annotation is int:
        return {"type": ["integer", "string"], "pattern": _WHOLE, **_limits(notes)}
    if annotation is float:
        return {"type": ["number", "string"], "pattern": _DECIMAL, **_limits(notes)}
    return {}


def _of_model(model: type[BaseModel]) -> Schema:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    return {
        "type": "object",
        "properties": {name: _described(_of_field(field), _CASE.get(name)) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.is_required()],
        "additionalProperties": False,
    }


_CASE = OPTIONS["branch"]


def _limits(notes: list[Any]) -> Schema:
    found: Schema = {}
    for note in notes:
        if isinstance(note, Gt):
            found["exclusiveMinimum"] = note.gt
        elif isinstance(note, Ge):
            found["minimum"] = note.ge
        elif isinstance(note, Lt):
            found["exclusiveMaximum"] = note.lt
        elif isinstance(note, Le):
            found["maximum"] = note.le
    return found


def _sizes(notes: list[Any], what: str) -> Schema:
    found: Schema = {}
    for note in notes:
        if isinstance(note, MinLen):
            found[f"min{what}"] = note.min_length
        if isinstance(note, MaxLen):
            found[f"max{what}"] = note.max_length
    return found


def _pattern_of(annotation: Any) -> str | None:
    if get_origin(annotation) is not Annotated:
        return None
    patterns = _patterns(list(get_args(annotation)[1:]))
    return patterns[0] if patterns else None


def _patterns(notes: list[Any]) -> list[str]:
    """Patterns that mean the same to every reader of a schema: ``\\w`` is letters of all scripts for us and of one for
    others."""
    found = [note.pattern for note in notes if isinstance(note, StringConstraints) and isinstance(note.pattern, str)]
    found += [note.pattern for note in notes if not isinstance(note, StringConstraints) and _has_pattern(note)]
    return [pattern for pattern in found if "\\w" not in pattern.lower()]


def _has_pattern(note: Any) -> bool:
    return isinstance(getattr(note, "pattern", None), str)
