"""Reports of a run for people and for CI: text, JUnit XML. The HTML page is in `simulator.scenarios.page`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from ivr_flows.findings import Language

from .running import Report
from .verdict import ScenarioResult

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_text(report: Report, language: Language = "en", *, verbose: bool = True) -> str:
    """The report for a terminal: one line per scenario (failed ones only unless ``verbose``), a block below each failed
    one, and the sum."""
    return "\n".join([*_lines(report, language, verbose), summary(report, language)])


def summary(report: Report, language: Language = "en") -> str:
    """The closing sentence: how many passed and failed, the way and the seed."""
    if language == "zh":
        return f"{report.passed} 个通过，{report.failed} 个失败（方式 {report.on}，种子 {report.seed}）"
    return f"{report.passed} passed, {report.failed} failed (on {report.on}, seed {report.seed})"


def result_line(result: ScenarioResult, language: Language = "en") -> str:
    """One line for one scenario."""
    word = {"en": ("ok  ", "FAIL"), "zh": ("通过", "失败")}[language][not result.ok]
    return f"{word} {result.name}"


def _lines(report: Report, language: Language, verbose: bool) -> Iterator[str]:
    for result in report.results:
        if verbose or not result.ok:
            yield result_line(result, language)
        if not result.ok:
            yield from (f"  {line}" for line in result.message(language).splitlines())


def as_junit(report: Report, language: Language = "en") -> str:
    """The report as JUnit XML: one test case per scenario, ``time`` in seconds of call time, no timestamp."""
    suite = ElementTree.Element(
        "testsuite",
        name="line400",
        tests=str(len(report.results)),
        failures=str(report.failed),
        errors="0",
        skipped="0",
        time=f"{sum(result.duration_s for result in report.results):.3f}",
    )
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (("seed", str(report.seed)), ("on", report.on)):
        ElementTree.SubElement(properties, "property", name=name, value=value)
    for result in report.results:
        line = (result.failures[0].place if result.failures else result.place).line
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=_xml(_class_name(result.place.file)),
            name=_xml(result.name),
            file=_xml(result.place.file),
            line=str(line),
            time=f"{result.duration_s:.3f}",
        )
        if result.failures:
            first = result.failures[0]
            short = " · ".join(part for part in (first.expected, first.why.to(language)) if part)
            failure = ElementTree.SubElement(case, "failure", message=_xml(short), type="scenario")
            failure.text = _xml(result.message(language))
    suites = ElementTree.Element("testsuites", name="line400")
    suites.append(suite)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _class_name(file: str) -> str:
    return file.removesuffix(".scenario.yaml").strip("/").replace("/", ".")


def _xml(text: str) -> str:
    """``text`` without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
