"""Names as hostile as a configuration allows: what Asterisk reads in the generated files is what was meant."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.asterisk.agents import interface_of
from router.asterisk.generated import Places, Secrets, generate
from router.asterisk.generated.names import leaves_by, line_context, telephone, trunk_context, trunk_endpoint
from router.asterisk.preferred import LONGEST, preferred_queue, queue_of, queue_on_switch
from router.book import RouteBook
from router.configuration import Loaded, load_files
from router.switch_names import alike, too_long

ODD = [
    *("general", "General", "global", "globals", "default", "system", "udp", "transport", "transport-udp", "default2"),
    *("out-bj", "watch-bj", "trunk-bj", "register-bj", "line-bj", "line400-guard", "line400-agents", "line400", "bj"),
    *("h", "s", "i", "t", "T", "e", "fallback", "1001", "0", ".", "..", "-", "_", "a.b", "n4906a49adc5c472b", "x" * 64),
    *(
        "客服",
        "客服热线" * 5,
        "客" * 21,
        "客" * 22,
        "热线" * 32,
        "member",
        "include",
        "type",
        "exten",
        "same",
        "static",
    ),
]
NAMES = st.one_of(st.sampled_from(ODD), st.from_regex(r"[A-Za-z0-9_.\-\u4e00-\u4e05]{1,64}", fullmatch=True))


REST = {
    "numbers.csv": "number\n4008001234\n",
    "routes.csv": "number,line,flow\n",
    "lines.yaml": "lines: { bj: { base_number: 010-88880001, trunk: bj } }\n",
}
"""Files that a configuration has besides."""


def configured(files: dict[str, str]) -> Loaded:
    """What `check` makes of ``files``."""
    return load_files({name: text.encode() for name, text in {**REST, **files}.items()}, Path("config"))


def listed(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(NAMES, min_size=least, max_size=most, unique=True)


def book_of(
    lines: list[str], trunks: list[str], queues: list[str], boxes: list[str], agents: list[str]
) -> RouteBook | None:
    """The company with these names as `check` sees it; None where it refuses them."""
    files = {
        "line400.yaml": "company: 示例科技\n",
        "lines.yaml": json.dumps(
            {
                "lines": {
                    name: {"base_number": f"0108888{place:04d}", "trunk": trunks[place % len(trunks)]}
                    for place, name in enumerate(lines)
                }
            }
        ),
        "trunks.yaml": json.dumps({"trunks": {name: {"peer": f"192.0.2.{n}"} for n, name in enumerate(trunks, 1)}}),
        "queues.yaml": json.dumps(
            {"queues": {name: {"agents": agents} for name in queues}, "voicemail": {name: {} for name in boxes}}
        ),
    }
    loaded = configured(files)
    if loaded.configuration is None:
        codes = {finding.code for finding in loaded.findings if finding.severity == "error"}
        assert codes <= {"names-alike", "name-too-long"}, codes
        kinds = (lines, trunks, queues, ["default", *queues], boxes, ["general", *boxes], agents)
        assert any(map(too_long, [*queues, *agents])) or any(map(alike, kinds))
        return None
    return RouteBook.compile(loaded.configuration, "r1")


Sections = dict[str, list[tuple[str, str]]]


def read(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """A file as Asterisk reads it: sections in order, a name cut off behind 79 bytes."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for line in text.splitlines():
        line = re.sub(r"(?<!\\);.*", "", line).strip()
        if line.startswith("["):
            found.append((line[1 : line.index("]")].encode()[:79].decode("utf-8", "replace"), []))
        elif line:
            key, _, value = line.partition("=")
            found[-1][1].append((key.strip(), value.removeprefix(">").strip()))
    return found


def unique(names: list[str]) -> bool:
    """Whether Asterisk tells ``names`` apart."""
    return len({name.lower() for name in names}) == len(names)


@given(listed(1, 3), listed(1, 3), listed(1, 3), listed(0, 2), listed(1, 3))
def test_whatever_check_lets_pass_is_read_as_it_was_meant(
    lines: list[str], trunks: list[str], queues: list[str], boxes: list[str], agents: list[str]
) -> None:
    book = book_of(lines, trunks, queues, boxes, agents)
    if book is None:
        return
    made = generate(book, Places({}, "/moh"), Secrets("line400", "x", dict.fromkeys(agents, "y")))

    # Every endpoint, address and account is one, and is there.
    by_type: dict[str, list[str]] = defaultdict(list)
    for name, pairs in read(made["pjsip.conf"]):
        by_type[dict(pairs)["type"]].append(name)
    assert all(unique(names) for names in by_type.values()), by_type
    endpoints = {*map(telephone, agents), *map(trunk_endpoint, trunks), *map(leaves_by, lines)}
    assert endpoints <= set(by_type["endpoint"])

    # Every queue is one, its members are the agents at their telephones, and its name leads back.
    sections = read(made["queues.conf"])
    assert sections[0][0] == "general"
    assert unique([name for name, _ in sections])
    for queue in queues:
        (pairs,) = [pairs for name, pairs in sections if name == queue_on_switch(queue)]
        members = [value.split(",") for key, value in pairs if key == "member"]
        assert [(interface, shown) for interface, _, shown in members] == [
            (interface_of(agent), agent) for agent in agents
        ]
        assert queue_of(queue_on_switch(queue)) == (queue, "")
    assert all(queue_of(name)[0] in book.queues for name, _ in sections[1:])

    # Every line and trunk has a context, and no context has two.
    contexts = [name for name, _ in read(made["extensions.conf"])]
    assert unique(contexts)
    assert {*map(line_context, lines), *map(trunk_context, trunks)} <= set(contexts)
    assert unique([key for _, pairs in read(made["voicemail.conf"])[1:] for key, _ in pairs])


@given(NAMES, NAMES)
def test_the_queue_of_one_agent_fits_and_leads_back(queue: str, agent: str) -> None:
    if too_long(queue) or too_long(agent):
        return
    name = preferred_queue(queue, agent)
    assert len(name.encode()) <= LONGEST
    found, alone = queue_of(name)
    assert found == queue
    assert alone
    assert name not in (queue, queue_on_switch(queue))


@pytest.mark.parametrize(
    ("agent", "shown"),
    [("1001", "1001"), ("Alice", "Alice"), ("out-bj", None), ("udp", None), ("张三", None), ("a.b", None)],
)
def test_a_telephone_is_called_as_its_agent_where_that_can_be(agent: str, shown: str | None) -> None:
    assert telephone(agent) == shown or (shown is None and re.fullmatch(r"n[0-9a-f]{16}", telephone(agent)))


def findings(queues: str) -> list[tuple[str, int]]:
    loaded = configured({"line400.yaml": "company: X\n", "queues.yaml": queues})
    return [(finding.code, finding.place.line) for finding in loaded.findings if finding.severity == "error"]


def test_check_says_where_a_name_is_that_a_switch_cannot_have() -> None:
    assert findings("queues:\n  support: {}\n  Support: {}\n") == [("names-alike", 3)]
    assert findings("queues:\n  Default: {}\n") == [("names-alike", 2)]
    assert findings('queues:\n  a: { agents: ["x1"] }\n  b: { agents: ["X1"] }\n') == [("names-alike", 3)]
    assert findings(f"queues:\n  {'客' * 22}: {{}}\n") == [("name-too-long", 2)]
    assert findings(f"queues:\n  {'客' * 21}: {{ agents: [{'服' * 22}] }}\n") == [("name-too-long", 2)]


@pytest.mark.parametrize("username", ["general", "管理员"])
def test_check_refuses_an_account_that_the_manager_interface_cannot_have(username: str) -> None:
    loaded = configured({"line400.yaml": f"company: X\nasterisk:\n  username: {username}\n"})
    wrong = [(finding.code, finding.place.line) for finding in loaded.findings if finding.severity == "error"]
    assert wrong == [("bad-manager-name", 3)]
