"""``/configuration/files``: the YAML of the configuration folder, read and edited; ``/configuration/routes``: binding.

An edit is written where the whole configuration passes the check with it, and nobody changed the file since it was
read. It comes into force by ``POST /apply``, as with the command line.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field

from ivr_flows.findings import Text
from router.api.application import version_of
from router.api.fields import Input, Line, ListQuery, OneQuery, Output
from router.api.operation import Answer, Call, Operation, Page
from router.api.refusal import not_found
from router.configuration.edit import bind
from router.desk.owning import bound_by_files
from router.number400 import Number400

from ..folder_edits import LONGEST, FolderFile
from ..loading import load_folder
from ..plain import plain
from ..served import Served
from .desks import desk_of

WHAT = Text("a file", "文件")
FileName = Annotated[Line, Field(min_length=1, max_length=200, examples=["routes.yaml"])]


class FileModel(Output):
    """A file of the configuration folder; ``applied``: as the running revision has it (null for scenarios, which no
    revision holds)."""

    name: str
    bytes: int
    version: str
    applied: bool | None
    text: str | None = None


class FilePath(Input):
    """A file's name below the configuration folder; ``/`` is written ``%2F``."""

    name: FileName


class NewFile(Input):
    """A file to make."""

    name: FileName
    text: Annotated[str, Field(max_length=LONGEST)]
    reason: Line | None = None


class FileBody(Input):
    """What the file is to hold."""

    text: Annotated[str, Field(max_length=LONGEST)]
    reason: Line | None = None


class WhyQuery(Input):
    """Why it goes."""

    reason: Line | None = None


class RoutePath(Input):
    """A 400 number in any spelling."""

    number: Annotated[Line, Field(min_length=1, examples=["4008001234"])]


class RouteModel(Output):
    """The route of a number as the files say it, not as the running revision does."""

    number: str
    route: dict[str, Any]


class BindBody(Input):
    """What the number is bound to; ``line`` where it has none yet, or another one."""

    flow: Annotated[Line, Field(min_length=1, examples=["welcome"])]
    line: Line | None = None
    reason: Line | None = None


async def list_files(call: Call[None, ListQuery, None], served: Served) -> Page:
    """The files, by name, without their text."""
    files = await served.edits.files()
    behind = "" if call.after is None else str(call.after[0])
    rest = [file for name, file in files.items() if name > behind]
    shown = rest[: call.query.limit]
    after = (shown[-1].name,) if len(rest) > len(shown) else None
    return Page([_file(file, served, text=False) for file in shown], after)


async def get_file(call: Call[FilePath, OneQuery, None], served: Served) -> Answer:
    """One file."""
    file = (await served.edits.files()).get(call.path.name)
    if file is None:
        raise not_found(WHAT, call.path.name)
    return Answer(_file(file, served), version=file.version)


async def create_file(call: Call[None, None, NewFile], served: Served) -> Answer:
    """A new file."""
    wanted = call.body
    file = await served.edits.put(wanted.name, wanted.text, None)
    await _audit(call, served, "create_file", file.name, wanted.reason, None, file.version)
    return Answer(_file(file, served), version=file.version, location=f"/configuration/files/{file.name}")


async def change_file(call: Call[FilePath, None, FileBody], served: Served) -> Answer:
    """Another content."""
    seen: list[str] = []

    def expect(version: str) -> None:
        seen.append(version)
        call.expects(version)

    file = await served.edits.put(call.path.name, call.body.text, expect)
    await _audit(call, served, "change_file", file.name, call.body.reason, seen[-1], file.version)
    return Answer(_file(file, served), version=file.version)


async def remove_file(call: Call[FilePath, WhyQuery, None], served: Served) -> None:
    """A file that goes."""
    await served.edits.remove(call.path.name, call.expects)
    await _audit(call, served, "remove_file", call.path.name, call.query.reason, "there", None)


async def get_route(call: Call[RoutePath, OneQuery, None], served: Served) -> Answer:
    """The route of a number in the files."""
    number = Number400.parse(call.path.number).digits
    document = await asyncio.to_thread(_route, served, number)
    return Answer(document, version=version_of(document))


async def bind_number(call: Call[RoutePath, None, BindBody], served: Served) -> Answer:
    """Bind a number to a flow in the files, as ``line400 bind`` does: its life is asked, comments stay."""
    number, wanted = Number400.parse(call.path.number).digits, call.body
    desk = desk_of(call, served, reason=wanted.reason)
    await bound_by_files(desk, number, wanted.flow, wanted.line, judge_only=True)

    def work() -> tuple[str, bytes | None, bytes]:
        call.expects(version_of(_route(served, number)))
        change = bind(served.folder, number, wanted.flow, wanted.line)
        name = change.file.relative_to(served.folder).as_posix()
        return name, change.before if change.file.exists() else None, change.after

    file = await served.edits.change(work)
    await bound_by_files(desk, number, wanted.flow, wanted.line, judge_only=False)
    await _audit(call, served, "bind", number, wanted.reason, None, {"flow": wanted.flow, "line": wanted.line})
    document = await asyncio.to_thread(_route, served, number)
    return Answer(document, version=version_of(document), headers={"X-File": quote(file.name)})


def _route(served: Served, number: str) -> dict[str, Any]:
    route = load_folder(served.invocation).routes.get(number)
    return {"number": number, "route": {} if route is None else plain(route)}


def _file(file: FolderFile, served: Served, *, text: bool = True) -> dict[str, Any]:
    running = served.configuration.files
    document: dict[str, Any] = {
        "name": file.name,
        "bytes": len(file.content),
        "version": file.version,
        "applied": None if Path(file.name).parts[0] == "scenarios" else running.get(file.name) == file.content,
    }
    if text:
        document["text"] = file.content.decode("utf-8-sig", "replace")
    return document


async def _audit(
    call: Call[Any, Any, Any], served: Served, action: str, subject: str, reason: str | None, before: Any, after: Any
) -> None:
    await served.store.audit(
        call.who.name, action, subject, call.now, reason, before and {"version": before}, after and {"version": after}
    )


OPERATIONS = (
    Operation(
        "list_files",
        "GET",
        "/configuration/files",
        "configuration",
        Text("Files of the configuration folder", "配置目录的文件"),
        "configuration.read",
        list_files,
        query=ListQuery,
        answer=FileModel,
        paged=True,
    ),
    Operation(
        "get_file",
        "GET",
        "/configuration/files/{name}",
        "configuration",
        Text("One file", "一个文件"),
        "configuration.read",
        get_file,
        path_model=FilePath,
        query=OneQuery,
        answer=FileModel,
        versioned=True,
    ),
    Operation(
        "create_file",
        "POST",
        "/configuration/files",
        "configuration",
        Text("Make a file", "新建文件"),
        "configuration.edit",
        create_file,
        body=NewFile,
        answer=FileModel,
        creates=True,
        versioned=True,
        body_limit=2 * LONGEST,
        errors=(409,),
        body_example={"name": "flows/hello.flow.yaml", "text": "flow: hello\n", "reason": "a new menu"},
    ),
    Operation(
        "change_file",
        "PUT",
        "/configuration/files/{name}",
        "configuration",
        Text("Change a file", "修改文件"),
        "configuration.edit",
        change_file,
        path_model=FilePath,
        body=FileBody,
        answer=FileModel,
        edits=True,
        versioned=True,
        body_limit=2 * LONGEST,
        errors=(409,),
        body_example={"text": "routes: {}\n"},
    ),
    Operation(
        "remove_file",
        "DELETE",
        "/configuration/files/{name}",
        "configuration",
        Text("Remove a file", "删除文件"),
        "configuration.edit",
        remove_file,
        path_model=FilePath,
        query=WhyQuery,
        edits=True,
        status=204,
        errors=(409,),
    ),
    Operation(
        "get_route",
        "GET",
        "/configuration/routes/{number}",
        "configuration",
        Text("The route of a number in the files", "文件中号码的路由"),
        "configuration.read",
        get_route,
        path_model=RoutePath,
        query=OneQuery,
        answer=RouteModel,
        versioned=True,
    ),
    Operation(
        "bind_number",
        "PUT",
        "/configuration/routes/{number}/binding",
        "configuration",
        Text("Bind a number to a flow, in the files", "在文件中把号码绑定到流程"),
        "configuration.edit",
        bind_number,
        path_model=RoutePath,
        body=BindBody,
        answer=RouteModel,
        edits=True,
        versioned=True,
        errors=(409,),
        body_example={"flow": "welcome"},
    ),
)
