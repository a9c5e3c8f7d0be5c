"""The OpenAPI 3.1 document, made from the table of operations and its pydantic models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from ivr_flows.findings import Language, Text

from .fields import Nothing, Output
from .operation import Operation
from .refusal import CONTENT_TYPE
from .roles import ACTIONS

REF: Final = "#/components/schemas/{model}"
_PARAMETER: Final = re.compile(r"{(\w+)}")

STATUS_TEXTS: Final[dict[int, Text]] = {
    200: Text("Done.", "成功。"),
    201: Text("Made.", "已创建。"),
    202: Text("Begun; follow the operation.", "已开始，请跟踪操作进度。"),
    204: Text("Done; nothing to say.", "成功，无内容。"),
    101: Text("A WebSocket.", "WebSocket。"),
    304: Text("Not changed since the ETag given.", "自给定 ETag 以来未变化。"),
    400: Text("The request is not understood.", "无法理解该请求。"),
    401: Text("Who asks is not known.", "身份未知。"),
    403: Text("The role or the scope does not allow this.", "角色或令牌范围不允许。"),
    404: Text("There is no such thing.", "不存在。"),
    408: Text("The body did not arrive in time.", "请求正文未及时到达。"),
    409: Text("It cannot be done as things are.", "当前状态下无法执行。"),
    412: Text("Somebody else changed it meanwhile.", "已被他人修改。"),
    413: Text("The body is too large.", "请求正文过大。"),
    415: Text("The body is of another type.", "请求正文类型不符。"),
    422: Text("Something in the request is not right; the findings say what.", "请求内容有误，详见各条提示。"),
    428: Text("If-Match is missing.", "缺少 If-Match。"),
    429: Text("Too many requests.", "请求过于频繁。"),
    500: Text("A mistake of line400.", "line400 内部错误。"),
    503: Text("A service that is needed does not answer, or too much is going on.", "所需服务无响应，或负载过高。"),
}


class FindingModel(Output):
    """One thing that is wrong. ``file`` is a file of the configuration, or the place in the request:
    ``body.name``, ``query.since``."""

    file: str
    line: int
    column: int
    severity: str
    code: str
    message: str
    cure: str
    counter_example: str | None


class Problem(Output):
    """Why a request was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    cure: str | None
    findings: list[FindingModel]
    request_id: str | None


def statuses(operation: Operation) -> list[int]:
    """Every status that the operation may answer with, besides its success."""
    found = {400, 429, 500, 503, *operation.errors}
    if operation.action is not None:
        found |= {401, 403}
    if operation.path_model is not Nothing:
        found |= {404, 422}
    if operation.query is not Nothing:
        found.add(422)
    if operation.body is not None or operation.upload:
        found |= {408, 413, 415, 422}
    if operation.edits:
        found |= {412, 428}
    if operation.takes_key:
        found |= {409, 422}
    return sorted(found)


def document(table: Sequence[Operation], version: str, language: Language = "en") -> dict[str, Any]:
    """The document of ``table``, its sentences in ``language``."""
    names = _schemas(table)
    paths: dict[str, dict[str, Any]] = {}
    for operation in table:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, language)
    tags = dict.fromkeys(operation.tag for operation in table)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "line400",
            "version": version,
            "description": Text(
                "Everything that the command line does. Errors are problem documents with findings.",
                "命令行的全部功能。错误以 problem 文档返回，并附提示。",
            ).to(language),
        },
        "servers": [{"url": "/api/v1"}],
        "tags": [{"name": tag} for tag in tags],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": names,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "line400_session"},
            },
        },
    }


def _schemas(table: Sequence[Operation]) -> dict[str, Any]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for operation in table:
        if operation.body is not None:
            wanted[operation.body, "validation"] = None
        if operation.answer is not None:
            wanted[operation.answer, "serialization"] = None
    _, definitions = models_json_schema(list(wanted), ref_template=REF)
    found: dict[str, Any] = definitions.get("$defs", {})
    return found


def _described(operation: Operation, language: Language) -> dict[str, Any]:
    action = operation.action
    found: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary.to(language),
        "parameters": list(_parameters(operation)),
        "responses": _responses(operation, language),
    }
    if action is None:
        found["security"] = []
    else:
        found["x-action"] = action
        found["x-roles"] = sorted(ACTIONS[action].roles)
    if operation.body is not None:
        content: dict[str, Any] = {"schema": _ref(operation.body)}
        if operation.body_example is not None:
            content["example"] = operation.body_example
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    elif operation.upload is not None:
        schema = {"type": "object"} if operation.upload.startswith("multipart/") else {}
        found["requestBody"] = {"required": True, "content": {operation.upload: {"schema": schema}}}
    return found


def _parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for where, model in (("path", operation.path_model), ("query", operation.query)):
        if model is Nothing:
            continue
        schema = model.model_json_schema(ref_template=REF)
        for name, described in schema.get("properties", {}).items():
            described = _inline(described, schema.get("$defs", {}))
            known = {"name": name, "in": where, "required": where == "path" or name in schema.get("required", ())}
            if text := described.pop("description", None):
                known["description"] = text
            described.pop("title", None)
            if where == "query":  # an absent parameter is what null would be
                described = _without_null(described)
            yield {**known, "schema": described}
    if operation.edits:
        yield _header("If-Match", required=True, text="The ETag of what is changed.", pattern=r'^"[!#-~]{1,80}"$')
    if operation.takes_key:
        yield _header("Idempotency-Key", required=False, text="Makes repeating harmless.", pattern=r"^[!-~]{1,200}$")


def _header(name: str, *, required: bool, text: str, pattern: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "required": required, "description": text, "schema": schema}


def _inline(described: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    reference = described.get("$ref")
    if reference is None:
        return dict(described)
    return {**definitions[reference.rpartition("/")[2]], **{k: v for k, v in described.items() if k != "$ref"}}


def _without_null(described: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in described.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1 and len(described["anyOf"]) == 2:
        rest = {key: value for key, value in described.items() if key != "anyOf"}
        if rest.get("default", 0) is None:
            del rest["default"]
        return {**options[0], **rest}
    return described


def _responses(operation: Operation, language: Language) -> dict[str, Any]:
    success = 101 if operation.socket else operation.success
    answer: dict[str, Any] = {"description": STATUS_TEXTS[success].to(language)}
    if operation.media is not None:
        answer["content"] = {operation.media: {"schema": {}}}
    elif operation.answer is not None:
        schema: dict[str, Any] = _ref(operation.answer)
        if operation.paged:
            schema = {
                "type": "object",
                "required": ["items", "next"],
                "properties": {
                    "items": {"type": "array", "items": _partial(operation)},
                    "next": {"type": ["string", "null"]},
                },
                "additionalProperties": False,
            }
        elif "fields" in operation.query.model_fields:
            schema = _partial(operation)
        content: dict[str, Any] = {"schema": schema}
        if operation.answer_example is not None:
            example = operation.answer_example
            content["example"] = {"items": [example], "next": None} if operation.paged else example
        answer["content"] = {"application/json": content}
    elif success in (200, 204) and not operation.socket:
        success, answer = 204, {"description": STATUS_TEXTS[204].to(language)}
    headers = {}
    if operation.versioned:
        headers["ETag"] = {"schema": {"type": "string"}}
    if operation.creates or operation.long:
        headers["Location"] = {"schema": {"type": "string"}}
    if headers:
        answer["headers"] = headers
    found = {str(success): answer}
    if operation.versioned and operation.method == "GET":
        found["304"] = {"description": STATUS_TEXTS[304].to(language)}
    refusal = {CONTENT_TYPE: {"schema": _ref(Problem)}}
    for status in statuses(operation):
        found[str(status)] = {"description": STATUS_TEXTS[status].to(language), "content": refusal}
    return found


def _partial(operation: Operation) -> dict[str, Any]:
    """The answer with any of its fields left out, as ``fields`` does."""
    assert operation.answer is not None
    schema = operation.answer.model_json_schema(ref_template=REF, mode="serialization")
    return {key: value for key, value in schema.items() if key not in ("required", "$defs")}


def _ref(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": REF.format(model=model.__name__)}
