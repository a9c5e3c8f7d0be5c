"""Names that imported flows use, added to a configuration that does not define them: queues, boxes, calendars.

Comments and order of the files stay. Opening hours cannot be known, so that a new calendar gets office hours, to be
corrected by its owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from router.configuration.text_edit import NotEditable, YamlText

QUEUES = "queues.yaml"
CALENDARS = "calendars.yaml"
OFFICE_HOURS = '{ holidays: CN, open: { workday: ["09:00-18:00"] } }'
EMPTY = "{}"
ALWAYS = {"queues": ("default",), "voicemail": ("general",)}


@dataclass(frozen=True, slots=True)
class Addition:
    """Names added under ``section`` of the file ``path``; ``text`` is the whole file with them."""

    path: Path
    section: str
    names: tuple[str, ...]
    text: str


def additions(
    folder: Path, queues: Sequence[str], boxes: Sequence[str], calendars: Sequence[str]
) -> tuple[list[Addition], list[str]]:
    """What to add to the configuration in ``folder``, and names that could not be added because a file is written in a
    way that cannot be edited. Without a ``queues.yaml`` queues and boxes need no definition."""
    made: list[Addition] = []
    left: list[str] = []
    texts: dict[str, str] = {}
    for file, section, names, value in (
        (QUEUES, "queues", queues, EMPTY),
        (QUEUES, "voicemail", boxes, EMPTY),
        (CALENDARS, "calendars", calendars, OFFICE_HOURS),
    ):
        path = folder / file
        if file == QUEUES and not path.exists():
            continue
        before = texts.get(file)
        if before is None:
            before = path.read_text(encoding="utf-8") if path.exists() else ""
        try:
            after, added = _with_names(
                before, section, [name for name in names if name not in ALWAYS.get(section, ())], value
            )
        except NotEditable:
            left.extend(names)
            continue
        texts[file] = after
        if added:
            made.append(Addition(path, section, tuple(added), after))
    return made, left


def _with_names(text: str, section: str, names: Sequence[str], value: str) -> tuple[str, list[str]]:
    """``text`` with the names that ``section`` lacks, and those names. Raises `NotEditable`."""
    edit = YamlText(text)
    found = edit.find(edit.root, section.__eq__)
    mapping = found[1] if found is not None and isinstance(found[1], yaml.MappingNode) else None
    known = {key.value for key, _ in mapping.value} if mapping is not None else set()
    missing = [name for name in names if name not in known]
    if not missing:
        return text, []
    if found is not None:
        if mapping is not None and known and not mapping.flow_style:
            return _before(text, mapping, missing, value), missing
        for name in missing:
            edit.put(found[0], found[1], name, value)
        return edit.result(), missing
    if edit.root is not None and (not isinstance(edit.root, yaml.MappingNode) or edit.root.flow_style):
        raise NotEditable(section)
    body = "".join(f"  {name}: {value}\n" for name in missing)
    return f"{edit.text}{section}:\n{body}", missing


def _before(text: str, mapping: yaml.MappingNode, names: Sequence[str], value: str) -> str:
    """``text`` with entries before the first one of a block mapping, in the order given."""
    first = mapping.value[0][0].start_mark
    lines = text.splitlines(keepends=True)
    indent = " " * first.column
    lines.insert(first.line, "".join(f"{indent}{name}: {value}\n" for name in names))
    return "".join(lines)
