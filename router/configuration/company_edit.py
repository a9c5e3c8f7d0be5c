"""Editing what a company is made of, in place: instances with their texts, queues with their agents, flow files.

As `router.configuration.life_edit`, on which it stands: comments and order stay, everything is written together or
nothing, and an edit that is there already changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ivr_flows.findings import has_errors

from .edit import EditError
from .folder import NUMBERS, QUEUES
from .life_edit import ConfigurationEdit, _same, _with_named
from .loader import load_files
from .text_edit import NotEditable, YamlText


def quoted(text: str) -> str:
    """A text as YAML holds it anywhere, inside brackets and braces too."""
    return json.dumps(text, ensure_ascii=False)


@dataclass
class CompanyEdit(ConfigurationEdit):
    """Edits of several files and files that go; ``removed`` are names that stood in the folder."""

    removed: set[str] = field(default_factory=set)

    @property
    def result(self) -> dict[str, bytes]:
        """The files of the configuration as they would be."""
        kept = {**self.files, **self.changed}
        return {name: content for name, content in kept.items() if name not in self.removed}

    @property
    def writes(self) -> list[tuple[Path, bytes | None, bytes | None]]:
        """What to write: path, content it must still have (None: no file), content to be (None: no file)."""
        before, after = self.files, self.result
        changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
        return [(self.folder / name, before.get(name), after.get(name)) for name in changed]

    def check(self) -> None:
        """See that the configuration is right with the edits. Raises `EditError` with its errors."""
        findings = load_files(self.result, self.folder, lint=False).findings
        if has_errors(findings):
            raise EditError([finding for finding in findings if finding.severity == "error"])

    def enter_instance(self, name: str, queue: str, title: str = "", description: str = "") -> None:
        """Add an instance to queues.yaml, unless it is there."""
        self._write_down_queues()
        entries = [("queue", queue)]
        entries += [(key, quoted(text)) for key, text in (("title", title), ("description", description)) if text]
        self._edit(QUEUES, lambda text: _with_named(text, "instances", name, entries))

    def describe_instance(self, name: str, description: str) -> None:
        """Set the description of an instance."""
        self._write_down_queues()
        self._edit(QUEUES, lambda text: _with_value(text, "instances", name, "description", quoted(description)))

    def remove_instance(self, name: str) -> None:
        """Take an instance out of queues.yaml."""
        self._edit(QUEUES, lambda text: _without(text, "instances", name))

    def leave_instance(self, number: str) -> None:
        """Take the instance off a number of numbers.yaml."""
        self._edit(NUMBERS, lambda text: _number_without(text, number, "instance"))

    def enter_queue(self, name: str) -> None:
        """Add a queue to queues.yaml, unless it is there."""
        self._write_down_queues()
        self._edit(QUEUES, lambda text: _with_named(text, "queues", name, [("agents", "[]")]))

    def remove_queue(self, name: str) -> None:
        """Take a queue out of queues.yaml."""
        self._edit(QUEUES, lambda text: _without(text, "queues", name))

    def set_agents(self, queue: str, agents: Sequence[str]) -> None:
        """Set the agents of a queue, which is added where it is only a default one."""
        self._write_down_queues()
        listed = f"[{', '.join(quoted(agent) for agent in agents)}]"
        self._edit(QUEUES, lambda text: _with_value(text, "queues", queue, "agents", listed))

    def put_file(self, name: str, content: bytes) -> None:
        """Set the content of a file (path relative to the folder)."""
        self.removed.discard(name)
        self.changed[name] = content

    def remove_file(self, name: str) -> None:
        """Let a file go."""
        self.removed.add(name)


def _with_value(text: str, section: str, name: str, key: str, value: str) -> str:
    text = _with_named(text, section, name, [(key, value)])
    document = YamlText(text)
    found = document.find(document.root, section.__eq__)
    entry = document.find(found[1], name.__eq__) if found else None
    if entry is None:
        raise NotEditable(name)
    owner, inner = entry
    if isinstance(inner, yaml.MappingNode) and not inner.value:  # {}
        document.open_up(owner, inner, f"{' ' * (owner.start_mark.column + 2)}{key}: {value}\n")
    else:
        document.put_value(owner, inner, key, value)
    return document.result()


def _without(text: str, section: str, name: str) -> str:
    document = YamlText(text)
    found = document.find(document.root, section.__eq__)
    if found is None or document.find(found[1], name.__eq__) is None:
        return text
    if isinstance(found[1], yaml.MappingNode) and len(found[1].value) == 1 and document.root is not None:
        document.drop(document.root, section)  # an empty section would be one without a value
    else:
        document.drop(found[1], name)
    return document.result()


def _number_without(text: str, number: str, key: str) -> str:
    document = YamlText(text)
    found = document.find(document.root, "numbers".__eq__)
    if found is None or not isinstance(found[1], yaml.SequenceNode):
        return text
    for item in found[1].value:
        named = document.find(item, "number".__eq__)
        if named is not None and _same(named[1].value, number) and document.find(item, key.__eq__) is not None:
            document.drop(item, key)
    return document.result()
