"""Hotlines as people write them, Chinese and English, with what the linter says of each (``hotlines.yaml``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ..flows.environment import nodes
from .rule_pages import judged

HOTLINES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("hotlines.yaml").read_text("utf-8"))
ENDS = {
    "zh": {
        "sales": "{ play: 销售部。, next: agent }",
        "message": "{ voicemail: { box: general, prompt: 请在提示音后留言。 }, next: bye }",
        "agent": "{ queue: support, on: { timeout: bye } }",
        "bye": "{ hangup: { text: 再见。 } }",
    },
    "en": {
        "sales": '{ play: "Sales.", next: agent }',
        "message": '{ voicemail: { box: general, prompt: "Please leave a message." }, next: bye }',
        "agent": "{ queue: support, on: { timeout: bye } }",
        "bye": '{ hangup: { text: "Goodbye." } }',
    },
}


def whole(hotline: dict[str, Any]) -> str:
    """The flow, with the ends that it leads to and does not define."""
    text: str = hotline["nodes"]
    for name, node in ENDS[hotline.get("language", "zh")].items():
        if f": {name}" in text and not any(line.startswith(f"{name}:") for line in text.splitlines()):
            text += f"{name}: {node}\n"
    return nodes(text)


@pytest.mark.parametrize("hotline", HOTLINES, ids=[hotline["name"] for hotline in HOTLINES])
def test_what_is_said_of_a_hotline(hotline: dict[str, Any]) -> None:
    assert {finding.code for finding in judged(whole(hotline))} == set(hotline["says"])


TEXTS = """
flow: example
texts:
  menu: { zh-CN: "%s", en: "%s" }
nodes:
  language: { menu: "中文请按1。For English, press 2.", on: { 1: ask, 2: english, no_input: ask } }
  english: { language: en, next: ask }
  ask: { menu: "{{ texts.menu }}", on: { 1: agent, 9: ask, no_input: agent } }
  agent: { queue: support, on: { timeout: bye } }
  bye: { hangup: }
"""
VARIANTS = {
    "both say the keys": ("人工请按1，重听请按9。", "For an agent press 1, to repeat press 9.", set()),
    "English offers one more": ("人工请按1，重听请按9。", "Press 1, 9 or 3.", {"key-not-handled"}),
    "English leaves one out": ("人工请按1，重听请按9。", "For an agent press 1.", {"key-not-offered"}),
    "neither offers a key": ("请选择。", "Please choose.", set()),
    "one too long": ("人工请按1，重听请按9。" + "请稍候。" * 60, "Press 1 or 9.", {"prompt-too-long"}),
}


@pytest.mark.parametrize(("chinese", "english", "codes"), VARIANTS.values(), ids=VARIANTS)
def test_every_language_of_a_text_is_read(chinese: str, english: str, codes: set[str]) -> None:
    assert {finding.code for finding in judged(TEXTS % (chinese, english))} == codes
