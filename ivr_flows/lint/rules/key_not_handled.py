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
from ..spoken_keys import ending_keys, offered_keys
from ..subject import Subject
from ..templates import plain_words


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every key."""
    for node in subject.live():
        takes_keys = node.type.branches.keys
        if takes_keys:
            yield from _branches(subject, node)
        elif facts.option(node, "terminator") is not None:
            yield from _ending(node)
        elif facts.option(node, "scale") is not None:
            yield from _scale(node)
        elif facts.speaks(node) and not facts.asks(node):
            yield from _before(subject, node)


def _offered(node: NodeDefinition) -> dict[str, facts.Words]:
    found: dict[str, facts.Words] = {}
    for words in facts.heard(node):
        for offered in offered_keys(plain_words(words.text)):
            found.setdefault(offered.key, words)
    return found


def _branches(subject: Subject, node: NodeDefinition) -> Iterator[Problem]:
    offered, handled = _offered(node), facts.keys(node)
    earlier = _announced(subject, node)
    for key, words in offered.items():
        if key not in handled:
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
        return
    for key in handled:
        if key not in offered and key not in earlier:
            yield Problem(
                node.on[key].place,
                Text(
                    f"`{node.id}` handles the key {key}, which no prompt offers.",
                    f"`{node.id}` 处理按键 {key}，但提示中没有提到。",
                ),
                Text(
                    "Offer it in the prompt, delete the branch, or allow it with the reason (`# line400: allow "
                    "key-not-offered because …`).",
                    "请在提示中说明，或删去该分支，或写明原因放行（`# line400: allow key-not-offered because …`）。",
                ),
                code="key-not-offered",
                show=partial(Probe.pressing, node=node.id, item=key),
            )


def _announced(subject: Subject, node: NodeDefinition) -> set[str]:
    """Keys that nodes offer which speak straight before ``node``."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(subject.before[node.id])
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        earlier = subject.flow.nodes[name]
        if facts.asks(earlier) or facts.person(earlier):
            continue
        found.update(_offered(earlier))
        waiting.extend(subject.before[name])
    return found


def _ending(node: NodeDefinition) -> Iterator[Problem]:
    terminator = facts.option(node, "terminator")
    for words in facts.heard(node):
        for offered in ending_keys(plain_words(words.text)):
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


def _scale(node: NodeDefinition) -> Iterator[Problem]:
    """A question for a score: the keys that its text offers against its scale."""
    lowest, dash, highest = str(facts.option(node, "scale")).partition("-")
    if not (dash and lowest.isdigit() and highest.isdigit()):
        return
    for key, words in _offered(node).items():
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
    offered = _offered(node)
    if not offered:
        return
    asking = _next_asking(subject, node)
    handled = set() if asking is None else set(facts.keys(asking))
    if asking is not None and not asking.type.branches.keys:
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
        if facts.asks(following) or (following.type.branches.keys and facts.keys(following)):
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
