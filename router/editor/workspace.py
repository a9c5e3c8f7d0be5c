"""The files of a configuration with the names that stand in them: from a name to what defines it, to all that name it,
and another name for it everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ivr_flows.editing import Span, as_scalar, checked_name
from ivr_flows.findings import Text
from ivr_flows.schema import Refusal
from ivr_flows.yaml_source import MAX_BYTES, Document
from router.configuration.folder import FLOWS, KNOWN, ROUTES_CSV, SETTINGS, flow_stem
from router.configuration.values import read_name

from .names import FLOW, SCENARIO, Flows, Named, flows_among, kind_of_file, names_in, read

_WORDS = {
    "flow": Text("flow", "流程"),
    "node": Text("node", "节点"),
    "calendar": Text("calendar", "日历"),
    "queue": Text("queue", "队列"),
    "box": Text("box", "信箱"),
    "line": Text("line", "线路"),
    "trunk": Text("trunk", "中继"),
    "list": Text("list", "名单"),
    "instance": Text("instance", "实例"),
    "text": Text("text", "文本"),
}


def home_of(path: Path) -> Path | None:
    """The configuration folder of ``path``, scenarios included; None for a file that stands alone."""
    if path.name.endswith(SCENARIO):
        return next((folder for folder in path.parents if (folder / SETTINGS).is_file()), None)
    folder = path.parent.parent if path.parent.name == FLOWS else path.parent
    belongs = path.name in KNOWN or (path.name.endswith(FLOW) and path.parent.name == FLOWS)
    return folder if belongs and (folder / SETTINGS).is_file() else None


@dataclass(frozen=True, slots=True)
class Renaming:
    """What to write where so that a thing has another name: file → spans with what is written there; ``moved`` is the
    file that has to be called otherwise, old and new path."""

    edits: Mapping[Path, list[tuple[Span, str]]]
    moved: tuple[Path, Path] | None = None


@dataclass(slots=True)
class Workspace:
    """Reads the files of configurations when they are asked about; what was read is kept while its text is the same."""

    _read: dict[Path, tuple[str, Document]] = field(default_factory=dict)

    def name_at(self, path: Path, text: str, line: int, column: int, open_files: Mapping[Path, str]) -> Named | None:
        """The name under the cursor."""
        names = self.names(path, {**open_files, path: text})[path]
        return next((named for named in names if named.span.holds(line, column)), None)

    def all_of(self, named: Named, path: Path, open_files: Mapping[Path, str]) -> list[tuple[Path, Named]]:
        """Every place of what ``named`` in ``path`` names, what defines it first."""
        found = [
            (file, one)
            for file, names in self.names(path, open_files).items()
            for one in names
            if one.thing == named.thing
        ]
        return sorted(found, key=lambda item: (not item[1].defines, item[0], item[1].span))

    def rename(self, named: Named, name: str, path: Path, open_files: Mapping[Path, str]) -> Renaming:
        """Call what ``named`` in ``path`` names ``name``. Raises `Refusal` where that cannot be."""
        if named.kind in ("node", "text"):
            checked_name(name)
        else:
            read_name(name)
        word = _WORDS[named.kind]
        places = self.all_of(named, path, open_files)
        names = self.names(path, open_files)
        if named.name != name:
            taken = (named.kind, named.scope, name)
            if any(one.defines and one.thing == taken for found in names.values() for one in found):
                raise Refusal(
                    Text(f"There is a {word.en} `{name}` already.", f"已有{word.zh} `{name}`。"),
                    Text("Choose another name.", "请换一个名称。"),
                )
        if not any(one.defines for _, one in places):
            raise Refusal(
                Text(
                    f"The {word.en} `{named.name}` is not defined in this configuration.",
                    f"{word.zh} `{named.name}` 不在此配置中定义。",
                ),
                Text("Only what it defines can be renamed.", "只能重命名配置中定义的内容。"),
            )
        if named.kind == "text" and not name.isidentifier():
            raise Refusal(
                Text(f"`{name}` cannot be the name of a text.", f"`{name}` 不能作文本名。"),
                Text("Write letters, digits and `_`.", "请用字母、数字和 `_`。"),
            )
        folder = home_of(path)
        if named.kind in ("flow", "line") and folder is not None and _too_large(folder / ROUTES_CSV):
            raise Refusal(
                Text(f"{ROUTES_CSV} is too large to be changed here.", f"{ROUTES_CSV} 过大，无法在此修改。"),
                Text("Rename it there by a program of your own.", "请自行用程序修改该文件。"),
            )
        edits: dict[Path, list[tuple[Span, str]]] = {}
        for file, one in places:
            edits.setdefault(file, []).append((one.span, _written(named, one, name, self._read[file][0])))
        return Renaming(edits, self._moved(named, name, places))

    def _moved(self, named: Named, name: str, places: list[tuple[Path, Named]]) -> tuple[Path, Path] | None:
        if named.kind != "flow" or name == named.name:
            return None
        file = next(file for file, one in places if one.defines)
        return file, file.with_name(file.name.replace(flow_stem(file.name), name, 1))

    def names(self, path: Path, open_files: Mapping[Path, str]) -> dict[Path, list[Named]]:
        """The names in every file of the configuration of ``path``; of a file that stands alone, in itself."""
        folder = home_of(path)
        if folder is None:
            file = f"{FLOWS}/{path.name}" if path.name.endswith(FLOW) else path.name
            document = self._document(path, file, open_files)
            documents = {file: document} if document is not None else {}
            paths = {file: path}
        else:
            paths = {found.relative_to(folder).as_posix(): found for found in _files(folder, open_files)}
            documents = {
                file: document
                for file, found in paths.items()
                if (document := self._document(found, file, open_files)) is not None
            }
        known: list[Flows] = []

        def flows() -> Flows:
            if not known:
                known.append(flows_among(documents))
            return known[0]

        found = {paths[file]: names_in(file, document, partial(flows)) for file, document in documents.items()}
        return {path: [], **found}

    def _document(self, path: Path, file: str, open_files: Mapping[Path, str]) -> Document | None:
        text = open_files.get(path)
        if text is None:
            try:
                text = None if _too_large(path) else path.read_bytes().decode("utf-8-sig")
            except (OSError, UnicodeDecodeError):
                text = None  # `check` says what is wrong with it
        if text is None:
            return None
        known = self._read.get(path)
        if known is None or known[0] != text:
            known = self._read[path] = (text, read(file, text))
        return known[1]


def _files(folder: Path, open_files: Mapping[Path, str]) -> Iterator[Path]:
    found = [folder / name for name in KNOWN if (folder / name).is_file()]
    found += (folder / FLOWS).glob("*.yaml")
    found += (folder / "scenarios").rglob(f"*{SCENARIO}")
    found += (path for path in open_files if home_of(path) == folder)
    yield from (path for path in sorted(set(found)) if kind_of_file(path.relative_to(folder).as_posix()))


def _too_large(path: Path) -> bool:
    try:
        return path.stat().st_size > MAX_BYTES
    except OSError:
        return False


def _written(named: Named, one: Named, name: str, text: str) -> str:
    """``name`` as it is written where ``one`` stands: in quotes where YAML needs them, bare as a part of a value."""
    line = text.split("\n")[one.span.line]
    before, behind = line[: one.span.start][-1:], line[one.span.end :][:1]
    if named.kind == "text":
        return name
    if before in ('"', "'") or behind in ('"', "'"):
        return json.dumps(name, ensure_ascii=False)[1:-1]
    if not one.part:
        return as_scalar(name)
    if any(mark in name for mark in "/,[]{}#:\"'"):
        raise Refusal(
            Text(
                f"`{name}` would need quotes in a path of line {one.span.line + 1} of a scenario.",
                f"`{name}` 在场景第 {one.span.line + 1} 行的路径中需要引号。",
            ),
            Text("Choose a name without punctuation.", "请换一个不含标点的名称。"),
        )
    return name
