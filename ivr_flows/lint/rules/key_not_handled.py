"""``key-not-handled``: a prompt offers a key that nothing handles. ``key-not-offered``: a key is handled that no prompt
offers, so that no caller can know of it.

The keys are read from the words (`ivr_flows.lint.spoken_keys`). A prompt whose words offer no key at all, or that is
made up by a template, says nothing about keys, and nothing is said about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...definition import NodeDefinition
from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..spoken_keys import ending_keys, mentioned_keys, offered_keys
from ..subject import Subject
from ..templates import names

KNOWN = frozenset({"company", "instance", "caller", "called", "line", "now", "texts"})
"""Names whose values offer no keys."""
ENDS_A_RECORDING = "#"


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every key."""
    for node in subject.live():
        takes_keys = node.type.branches.keys
        if takes_keys:
            yield from _branches(subject, node)
        elif facts.option(node, "terminator") is not None:
            yield from _ending(subject, node)
        elif facts.option(node, "scale") is not None:
            yield from _scale(subject, node)
        elif facts.speaks(node) and not facts.asks(node):
            yield from _before(subject, node)


def _offered(subject: Subject, node: NodeDefinition, language: str) -> dict[str, facts.Words]:
    found: dict[str, facts.Words] = {}
    for words in subject.heard_plainly(node, language):
        for offered in offered_keys(words.text):
            found.setdefault(offered.key, words)
    return found


def _branches(subject: Subject, node: NodeDefinition) -> Iterator[Problem]:
    handled = facts.keys(node)
    told: set[str] = set()
    for language in sorted(subject.languages[node.id]):
        offered = _offered(subject, node, language)
        for key, words in offered.items():
            if key not in handled and key not in told:
                told.add(key)
                yield Problem(
                    node.option_place(*words.path),
                    Text(
                        f"`{node.id}` offers the key {key}, which nothing handles.",
                        f"`{node.id}` 提示按 {key}，但没有处理。",
                    ),
                    Text(
                        f'Add "{key}": NODE under `on:`, or take it out of the text.',
                        f'请在 `on:` 下补上 "{key}"，或从提示中删去。',
                    ),
                    show=partial(Probe.pressing, node=node.id, item=key),
                )
        if not offered or not facts.asks(node):
            continue
        mentioned = _mentioned(subject, node, language)
        for key in handled if mentioned is not None else ():
            if key not in (mentioned or ()) and key not in told:
                told.add(key)
                yield _not_offered(subject, node, key, language)


def _not_offered(subject: Subject, node: NodeDefinition, key: str, language: str) -> Problem:
    several = len(subject.languages[node.id]) > 1
    return Problem(
        node.on[key].place,
        Text(
            f"`{node.id}` handles the key {key}, which no prompt offers{f' in {language}' if several else ''}.",
            f"`{node.id}` 处理按键 {key}，但{f'{language} 的' if several else ''}提示中没有提到。",
        ),
        Text(
            "Offer it in the prompt, delete the branch, or allow it with the reason (`# line400: allow "
            "key-not-offered because …`).",
            "请在提示中说明，或删去该分支，或写明原因放行（`# line400: allow key-not-offered because …`）。",
        ),
        code="key-not-offered",
        show=partial(Probe.pressing, node=node.id, item=key),
    )


def _mentioned(subject: Subject, node: NodeDefinition, language: str) -> set[str] | None:
    """Keys that ``node`` speaks of, or nodes that speak straight before it; None where something is said there that is
    not known here: a variable, a recording without its words."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [node.id]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        earlier = subject.flow.nodes[name]
        if name != node.id and (facts.asks(earlier) or facts.person(earlier)):
            continue
        if facts.runs(earlier) is not None or (facts.option(earlier, "file") and not facts.heard(earlier)):
            return None
        for words, plainly in zip(facts.heard(earlier), subject.heard_plainly(earlier, language), strict=True):
            if any(variable not in KNOWN for variable, _ in names(words.text)):
                return None
            # Of a text with conditions every way counts.
            found |= mentioned_keys(plainly.text) | mentioned_keys(words.text)
        waiting.extend(subject.before[name])
    return found


def _ending(subject: Subject, node: NodeDefinition) -> Iterator[Problem]:
    terminator = facts.option(node, "terminator")
    for words in _in_every_language(subject, node):
        for offered in ending_keys(words.text):
            if offered.key in "*#" and offered.key != terminator:
                yield Problem(
                    node.option_place(*words.path),
                    Text(
                        f"`{node.id}` says that {offered.key} ends the entry; its terminator is `{terminator}`.",
                        f"`{node.id}` 提示以 {offered.key} 结束，但结束键是 `{terminator}`。",
                    ),
                    Text(f'Write `terminator: "{offered.key}"`.', f'请写 `terminator: "{offered.key}"`。'),
                    show=partial(Probe.reach, node=node.id),
                )
                return


def _in_every_language(subject: Subject, node: NodeDefinition) -> Iterator[facts.Words]:
    for language in sorted(subject.languages[node.id]):
        yield from subject.heard_plainly(node, language)


def _scale(subject: Subject, node: NodeDefinition) -> Iterator[Problem]:
    """A question for a score: the keys that its text offers against its scale."""
    lowest, dash, highest = str(facts.option(node, "scale")).partition("-")
    if not (dash and lowest.isdigit() and highest.isdigit()):
        return
    offered = {found.key: words for words in _in_every_language(subject, node) for found in offered_keys(words.text)}
    for key, words in offered.items():
        if not (key.isdigit() and int(lowest) <= int(key) <= int(highest)):
            yield Problem(
                node.option_place(*words.path),
                Text(
                    f"`{node.id}` offers the key {key}; its scale is {lowest}-{highest}.",
                    f"`{node.id}` 提示按 {key}，但评分范围是 {lowest}-{highest}。",
                ),
                Text("Make the text and `scale:` agree.", "请让提示语与 `scale:` 一致。"),
                show=partial(Probe.pressing, node=node.id, item=key),
            )


def _before(subject: Subject, node: NodeDefinition) -> Iterator[Problem]:
    """A text that offers keys before the node that takes them."""
    offered = {found.key: words for words in _in_every_language(subject, node) for found in offered_keys(words.text)}
    if not offered:
        return
    asking = node if facts.records(node) else _next_asking(subject, node)
    if asking is None:
        handled = set()
    elif asking.type.branches.keys:
        handled = set(facts.keys(asking))
    elif facts.records(asking):
        handled = {ENDS_A_RECORDING}
    else:
        return  # it takes any digits
    for key, words in offered.items():
        if key not in handled:
            yield Problem(
                node.option_place(*words.path),
                Text(
                    f"`{node.id}` offers the key {key}, and no node behind it handles it.",
                    f"`{node.id}` 提示按 {key}，但后面没有节点处理。",
                ),
                Text(
                    "Lead on to a menu that handles it, or take it out of the text.",
                    "请接到处理它的菜单，或从提示中删去。",
                ),
                show=partial(Probe.reach, node=node.id),
            )


def _next_asking(subject: Subject, node: NodeDefinition) -> NodeDefinition | None:
    seen = {node.id}
    waiting = list(subject.graph[node.id])
    for name in waiting:
        if name in seen:
            continue
        seen.add(name)
        following = subject.flow.nodes[name]
        takes_keys = following.type.branches.keys and facts.keys(following)
        if facts.asks(following) or facts.records(following) or takes_keys:
            return following
        waiting.extend(subject.graph[name])
    return None


RULE = Rule(
    "key-not-handled",
    "warning",
    Text("a prompt and the keys that are handled differ", "提示的按键与处理的按键不一致"),
    check,
    others=("key-not-offered",),
    behaviour=True,
)
