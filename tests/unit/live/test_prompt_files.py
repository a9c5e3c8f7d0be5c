"""Texts and sound files: the same text is the same file everywhere."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.commands import Prompt
from router.asterisk import prompts
from router.asterisk.prompts import Catalogue, constant_prompts, prompt_file
from router.book import RouteBook
from router.configuration import load
from router.model import Configuration

COMPANY = Path(__file__).parents[3] / "config"


def company() -> Configuration:
    loaded = load(COMPANY)
    assert loaded.configuration is not None
    return loaded.configuration


def test_a_text_is_named_by_its_hash_and_language() -> None:
    digest = sha256("您好".encode()).hexdigest()[:20]
    assert prompt_file(Prompt("您好")) == f"line400/zh-CN/{digest}"
    assert prompt_file(Prompt("您好", language="en")) == f"line400/en/{digest}"


def test_a_recorded_prompt_keeps_its_name() -> None:
    assert prompt_file(Prompt("欢迎", file="company/welcome")) == "company/welcome"


@given(st.text(), st.text(max_size=20))
def test_every_text_in_every_language_is_a_plain_file_name(text: str, language: str) -> None:
    name = prompt_file(Prompt(text, language=language))
    folder, tag, digest = name.split("/")
    assert folder == "line400"
    assert tag
    assert tag.isascii()
    assert len(digest) == 20
    assert not set(name) & set('\r\n\0,&|" \\')
    assert ".." not in name


def test_what_was_used_is_known() -> None:
    catalogue = Catalogue()
    name = catalogue.use(Prompt("您的订单号是123。"))
    assert catalogue[name] == ("您的订单号是123。", Prompt("您的订单号是123。").seconds)
    assert catalogue[catalogue.use(Prompt("", file="jingle"))][0] == "file:jingle"
    assert catalogue.get("line400/zh-CN/nothing") is None


def test_passing_texts_do_not_grow_without_end_and_constants_stay() -> None:
    catalogue = Catalogue([Prompt("固定")])
    for number in range(prompts.MAX_PASSING + 10):
        catalogue.use(Prompt(f"您的号码是{number}。"))
    assert len(catalogue) == prompts.MAX_PASSING + 1
    assert prompt_file(Prompt("固定")) in catalogue
    assert prompt_file(Prompt("您的号码是0。")) not in catalogue


def test_a_book_s_constant_prompts_are_what_its_flows_say() -> None:
    book = RouteBook.compile(company())
    texts = {prompt.text for prompt in constant_prompts(book)}
    assert "请在提示音后留言，我们将在上班后回电。" in texts
    assert "系统繁忙，请稍后再拨。" in texts
    assert not any("{{" in text for text in texts)
    assert not texts & {"support", "sales", "010-88880009"}
