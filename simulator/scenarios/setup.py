"""From a configuration folder to the compiled book that scenarios run against."""

from __future__ import annotations

from pathlib import Path

from ivr_flows.findings import Finding, Language, Text, has_errors
from router.book import RouteBook
from router.configuration import load


class ConfigurationUnusable(Exception):
    """A configuration folder with error findings, or none at all."""

    def __init__(self, folder: Path, findings: list[Finding]) -> None:
        self.folder = folder
        self.findings = [finding for finding in findings if finding.severity == "error"]
        self.message = Text(
            f"The configuration {folder} cannot be used: {len(self.findings)} errors.",
            f"配置 {folder} 无法使用：{len(self.findings)} 个错误。",
        )
        self.cure = Text(f"Run `line400 check --config {folder}`.", f"请运行 `line400 check --config {folder}`。")
        super().__init__(self.message.en)

    def as_text(self, language: Language = "en") -> str:
        """The message and every finding."""
        return "\n".join([self.message.to(language), *(finding.as_text(language) for finding in self.findings)])


def book_from(folder: Path) -> RouteBook:
    """Load, check and compile ``folder``. Raises `ConfigurationUnusable`, and `ConfigurationMissing` of
    `router.configuration` where there is no such folder."""
    loaded = load(folder)
    if loaded.configuration is None or has_errors(loaded.findings):
        raise ConfigurationUnusable(folder, loaded.findings)
    return RouteBook.compile(loaded.configuration)
