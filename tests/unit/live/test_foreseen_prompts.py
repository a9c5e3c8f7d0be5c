"""Prompts that are spoken before any call although they are templates, and those that cannot be."""

from __future__ import annotations

import pytest

from ivr_flows.commands import Prompt
from router.asterisk.prompts import constant_prompts, prompt_file
from router.book import RouteBook
from router.record import CallRecord
from simulator.call import TestCall
from simulator.script import PressScript
from simulator.virtual import run_virtual
from tests.contract.live.flow_case import OPEN
from tests.contract.live.flow_company import compiled_book, number_of

FLOWS = [
    'say: { play: "您好，欢迎致电{{ company }}。", next: bye }\nbye: { hangup: normal }',
    'say: { play: "请等待队列{{ instance.queue }}。" }',
    'say: { play: "您的号码是{{ caller.number }}。" }',
    'say: { play: "{{ texts.hello }}" }\n',
    'say: { play: "{{ texts.mine }}" }\n',
]
TEXTS = """texts:
  hello: { zh-CN: "{{ company }}为您服务", en: "{{ company }} at your service" }
  mine: { zh-CN: "{{ caller.number }}", en: "{{ caller.number }}" }
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    return compiled_book(tmp_path_factory.mktemp("known") / "config", FLOWS, headers={3: TEXTS, 4: TEXTS})


def called(book: RouteBook, flow: int) -> CallRecord:
    return run_virtual(book, TestCall(number_of(flow), "13800138000", OPEN, "c-1"), PressScript.parse(""))


def known(book: RouteBook) -> set[str]:
    return {prompt.text for prompt in constant_prompts(book)}


@pytest.mark.parametrize("flow", [0, 1, 3])
def test_what_the_configuration_says_is_known_before_the_call(book: RouteBook, flow: int) -> None:
    assert set(called(book, flow).heard) <= known(book)


def test_every_language_of_a_text_is_known(book: RouteBook) -> None:
    assert Prompt("示例科技 at your service", language="en") in set(constant_prompts(book))


@pytest.mark.parametrize("flow", [2, 4])
def test_what_the_call_says_is_not(book: RouteBook, flow: int) -> None:
    heard = called(book, flow).heard
    assert heard
    assert not set(heard) & known(book)


def test_names_are_those_that_calls_ask_for(book: RouteBook) -> None:
    files = {prompt_file(prompt) for prompt in constant_prompts(book)}
    assert prompt_file(Prompt("您好，欢迎致电示例科技。")) in files
