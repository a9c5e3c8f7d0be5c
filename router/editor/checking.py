"""What is wrong in a file that is being edited: the findings of ``line400 check``, for the text in the editor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr_flows.findings import Finding
from ivr_flows.lint import family, lint
from ivr_flows.lint.settings import LintSettings
from router.configuration import ConfigurationMissing, load_files
from router.configuration.flow_files import CheckEnvironment, Surroundings, read_flow_files
from router.configuration.folder import FLOWS, KNOWN, SETTINGS, read_folder
from router.model import Settings

FLOW = ".flow.yaml"
SCENARIO = ".scenario.yaml"

CheckScenario = Callable[[str, str], list[Finding]]
"""Findings of a scenario, given its text and how findings call the file."""


def folder_of(path: Path) -> Path | None:
    """The configuration folder that ``path`` belongs to; None for a file that stands alone."""
    folder = path.parent.parent if path.parent.name == FLOWS else path.parent
    belongs = path.name in KNOWN or (path.name.endswith(FLOW) and path.parent.name == FLOWS)
    return folder if belongs and (folder / SETTINGS).is_file() else None


@dataclass(slots=True)
class Checker:
    """Checks files as they are in the editor. What a flow may name is read from its folder when a file is opened or
    saved (`refresh`), not at every key; ``scenario`` checks scenarios, where there is anything to check them with."""

    scenario: CheckScenario | None = None
    _known: dict[Path, Surroundings | None] = field(default_factory=dict)

    def refresh(self, path: Path, open_files: Mapping[Path, str]) -> None:
        """Read the folder of ``path`` anew, ``open_files`` as they are in the editor."""
        folder = folder_of(path)
        if folder is not None:
            self._load(folder, open_files)

    def environment(self, path: Path) -> CheckEnvironment:
        """What a flow at ``path`` may name."""
        return self._surroundings(path).environment

    def findings(self, path: Path, text: str, open_files: Mapping[Path, str]) -> list[Finding]:
        """What is wrong in ``path``, whose text is ``text``; nothing for files that are none of ours."""
        if path.name.endswith(SCENARIO):
            return self.scenario(text, str(path)) if self.scenario is not None else []
        if path.name.endswith(FLOW):
            return self._flow(path, text)
        folder = folder_of(path)
        if folder is None:
            return []
        found = self._load(folder, {**open_files, path: text})
        return [finding for finding in found if finding.place.file == str(path)]

    def _flow(self, path: Path, text: str) -> list[Finding]:
        known = self._surroundings(path)
        name = f"{FLOWS}/{path.name}"
        flows = read_flow_files({name: text.encode("utf-8", "surrogatepass")}, {name: str(path)})
        found = [finding for finding in flows.findings if finding.place.file == str(path)]
        stem = path.name.removesuffix(FLOW)
        definition = flows.definitions.get(stem)
        if definition is None:
            return found
        definitions = {**known.environment.definitions, stem: definition}
        environment = replace(known.environment, definitions=definitions)
        found.extend(lint(definition, environment, known.settings, among=family(definitions)))
        return sorted(dict.fromkeys(found), key=lambda finding: finding.place)

    def _surroundings(self, path: Path) -> Surroundings:
        folder = folder_of(path)
        if folder is not None and folder not in self._known:
            self._load(folder, {})
        known = self._known.get(folder) if folder is not None else None
        if known is not None:
            return known
        alone = CheckEnvironment(None, None, None, None, None, ZoneInfo(Settings().timezone))
        return Surroundings(alone, LintSettings())

    def _load(self, folder: Path, open_files: Mapping[Path, str]) -> list[Finding]:
        try:
            content, findings = read_folder(folder)
        except ConfigurationMissing:
            # The folder went away under an open file: what is in the editor can still be checked by itself.
            self._known[folder] = None
            return []
        for path, text in open_files.items():
            if folder_of(path) == folder:
                content[path.relative_to(folder).as_posix()] = text.encode("utf-8", "surrogatepass")
        loaded = load_files(content, folder)
        self._known[folder] = loaded.surroundings
        return [*findings, *loaded.findings]
