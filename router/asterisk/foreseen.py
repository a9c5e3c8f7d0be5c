"""Texts whose words follow from the configuration alone: ``{{ company }}``, ``{{ instance.name }}`` and the flow's own
``texts`` are known for every number before the first call, and are spoken ahead as constants are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ivr_flows.commands import Prompt
from ivr_flows.environment import Context, Instance
from ivr_flows.expressions import ExpressionError, compile_text, names_used
from ivr_flows.session import Session
from ivr_flows.ssml import is_ssml

from ..callers import HIDDEN

if TYPE_CHECKING:
    from ivr_flows import Flow

    from ..book import RouteBook

KNOWN = frozenset({"company", "instance"})
MOST_OWNERS = 200
"""Call centres for which a text is enumerated; with more of them the rest is spoken when it is needed."""

Owner = tuple[str, Instance]


def owners(book: RouteBook) -> list[Owner]:
    """The company and call centre of every number, each pair once."""
    found = {(book.company_of(number), book.instance_of(number)): None for number in book.numbers()}
    return list(found)[:MOST_OWNERS] or [(book.company_of(None), book.instance_of(None))]


def foreseen(text: str, flow: Flow, of: list[Owner]) -> Iterator[Prompt]:
    """The prompts that the template ``text`` of ``flow`` can become, for every owner and in every language of the flow;
    none where its words depend on the call."""
    if is_ssml(text) or not _known_ahead(text, flow, ()):
        return
    compiled = compile_text(text)
    own = flow.definition.language
    spoken = {own, *(language for variants in flow.definition.texts.values() for language in variants)}
    for company, instance in of:
        session = Session(flow, Context("", 0.0, "", HIDDEN, company=company, instance=instance))
        session.path.append("")  # no node in particular: the flow's own texts
        for language in sorted(spoken):
            session.language = None if language == own else language
            try:
                words = compiled if isinstance(compiled, str) else compiled(session, 0.0)
            except ExpressionError:
                continue  # the call itself will say so
            yield Prompt(words, language=language)


def _known_ahead(text: str, flow: Flow, within: tuple[str, ...]) -> bool:
    for name, attribute in names_used(text):
        if name in KNOWN:
            continue
        if name != "texts" or attribute is None or attribute in within:
            return False
        variants = flow.definition.texts.get(attribute, {})
        if not all(_known_ahead(variant, flow, (*within, attribute)) for variant in variants.values()):
            return False
    return True
