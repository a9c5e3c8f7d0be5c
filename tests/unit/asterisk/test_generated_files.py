"""Asterisk's files: data that nobody can turn into a directive, the guard of legs, revision and drift."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.asterisk.generated import Places, Secrets, drift, generate, guard
from router.asterisk.generated.names import leaves_by, leg_target, line_context, trunk_context
from router.asterisk.generated.quoting import Unquotable, argument, section, section_name, value, word
from router.asterisk.generated.services import READ, WRITE, manager, queues, voicemail
from router.asterisk.handed_over import MAX_ARGUMENTS
from router.book import RouteBook
from router.model import Configuration, Fallback, Line, QueueSpec, Settings, TelephoneKind, Trunk
from router.number400 import presents_400
from router.switch_names import too_long
from tests.spellings import INNOCENT, PRESENTS_400

HOSTILE = [
    "a;b", "${SHELL(id)}", "$[1+1]", "a\nb", "a\r\n[b]", "#include x", "[x]", "a => b", "a,b", "a)b(", 'a"b', "a\\b",
    "a b", "\x00", "a\x7fb", "${", "a|b", "a&b", "a^b", "a'b", "<a>",
]  # fmt: skip
NAMES = st.one_of(
    st.from_regex(r"[A-Za-z0-9_.\-㐀-鿿]{1,64}", fullmatch=True),
    st.text(alphabet="客服热线中继一二三", min_size=60, max_size=64),
)
DIRECTIVES = re.compile(r"^\s*(#|\[.*\](\(.*\))?$|[A-Za-z0-9_ -]+ =>? )")


def company(line: str, trunk: str, queue: str, agent: str, box: str, announce: str = "系统繁忙") -> RouteBook:
    lines = {line: Line(line, "01088880001", trunk, fallback=Fallback(announce=announce))}
    return RouteBook.compile(
        Configuration(
            Settings(),
            lines=lines,
            trunks={trunk: Trunk(trunk, peer="192.0.2.1")},
            queues={queue: QueueSpec(queue, agents=(agent,))},
            boxes={box: 60.0},
        ),
        "r1",
    )


def files(book: RouteBook, places: Places | None = None) -> dict[str, str]:
    agents = {name: "phone" for queue in book.queues.values() for name in queue.agents}
    return generate(book, places or Places({"astetcdir": "/etc/x"}, "/moh"), Secrets("line400", "secret", agents))


PLAIN = files(company("bj", "unicom", "support", "1001", "general"))


def shape(text: str) -> list[str]:
    """What Asterisk makes of each line but its data: a section, a key, a comment."""
    found = []
    for line in text.splitlines():
        match = DIRECTIVES.match(line)
        found.append("section" if match and line.startswith("[") else match[0].strip() if match else line[:1])
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_no_argument_and_no_word(text: str) -> None:
    for form in (argument, word):
        with pytest.raises(Unquotable):
            form(text)


@pytest.mark.parametrize("text", [text for text in HOSTILE if any(ord(character) < 32 for character in text)])
def test_a_value_is_one_line(text: str) -> None:
    with pytest.raises(Unquotable):
        value(text)


@given(st.text())
def test_a_value_never_begins_another_line_or_a_comment(text: str) -> None:
    try:
        made = section("x", {"key": text})
    except Unquotable:
        return
    assert made.count("\n") == 2
    assert not re.search(r"(?<!\\);", made)


@given(st.text())
def test_the_name_of_a_section_is_plain_and_short(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", section_name(text))


@given(NAMES, NAMES)
def test_different_names_have_different_sections(first: str, second: str) -> None:
    assert (section_name(first) == section_name(second)) == (first == second)


@given(NAMES, NAMES, NAMES, NAMES, NAMES)
def test_whatever_names_are_used_the_files_have_the_same_directives(
    line: str, trunk: str, queue: str, agent: str, box: str
) -> None:
    if too_long(queue) or too_long(agent):
        return  # `check` refuses them
    made = files(company(line, trunk, queue, agent, box))
    assert made.keys() == PLAIN.keys()
    for name in ("extensions.conf", "pjsip.conf", "manager.conf"):
        assert shape(made[name]) == shape(PLAIN[name]), name
    for name, text in made.items():
        for row in text.splitlines():
            assert not row.lstrip().startswith("#"), (name, row)
            assert len(row.encode()) < 4000
        for context in re.findall(r"^\[([^\]]*)\]", text, re.MULTILINE):
            assert len(context.encode()) < 80, (name, context)


def test_a_name_that_no_configuration_allows_is_refused_and_not_altered() -> None:
    for text in HOSTILE:
        with pytest.raises(Unquotable):
            files(company(text, "unicom", "support", "1001", "general"))
        with pytest.raises(Unquotable):
            files(company("bj", "unicom", text, "1001", "general"))


@pytest.mark.parametrize("announce", HOSTILE)
def test_words_of_an_announcement_never_reach_the_dialplan(announce: str) -> None:
    made = files(company("bj", "unicom", "support", "1001", "general", announce))["extensions.conf"]
    assert announce not in made or announce in PLAIN["extensions.conf"]
    assert shape(made) == shape(PLAIN["extensions.conf"])


# ---- drift


def test_drift() -> None:
    edited = {**PLAIN, "pjsip.conf": PLAIN["pjsip.conf"] + "\n[evil]\n", "queues.conf": "[general]\n"}
    del edited["rtp.conf"]
    edited["cdr.conf"] = files(replace_revision("r2"))["cdr.conf"]
    assert {(found.file, found.kind) for found in drift(PLAIN, edited)} == {
        ("pjsip.conf", "edited"),
        ("queues.conf", "foreign"),
        ("rtp.conf", "missing"),
        ("cdr.conf", "outdated"),
    }
    assert drift(PLAIN, {**PLAIN, "other.conf": "x"}) == []


def replace_revision(revision: str) -> RouteBook:
    book = company("bj", "unicom", "support", "1001", "general")
    book.revision = revision
    return book


def test_every_file_tells_its_revision() -> None:
    assert all(text.startswith("; line400 revision=r1 sha256=") for text in PLAIN.values())


# ---- services


@pytest.mark.parametrize(
    ("strategy", "asterisk"),
    [
        ("longest_idle", "leastrecent"),
        ("round_robin", "rrmemory"),
        ("random", "random"),
        ("fewest_calls", "fewestcalls"),
        ("ring_all", "ringall"),
    ],
)
def test_queue_strategies(strategy: str, asterisk: str) -> None:
    made = queues([QueueSpec("support", strategy=strategy, agents=("1001", "客服"))])
    assert f"strategy = {asterisk}\n" in made
    assert "member = PJSIP/1001,0,1001\n" in made
    assert f"member = PJSIP/{section_name('客服')},0,客服\n" in made


@pytest.mark.parametrize(("auto_pause", "written"), [(True, "yes"), (False, "no")])
def test_who_does_not_answer_is_paused_where_the_queue_says_so(auto_pause: bool, written: str) -> None:
    made = queues([QueueSpec("support", agents=("1001",), auto_pause=auto_pause)])
    assert re.findall("^autopause = (.*)$", made, re.MULTILINE) == [written]


def test_voicemail_has_no_password_to_dial_in_with() -> None:
    assert "general = ,general,,,maxsecs=120\n" in voicemail({"general": 120.0})


def test_the_account_of_the_router_has_no_dangerous_class() -> None:
    dangerous = {"originate", "command", "config", "system", "call", "dialplan", "agi", "all"}
    assert not dangerous & set(WRITE.split(","))
    assert not {"command", "config", "all", "log", "verbose"} & set(READ.split(","))
    made = manager("127.0.0.1", 5038, "line400", "s;ecret")
    assert "secret = s\\;ecret\n" in made
    assert "deny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.0/255.0.0.0\n" in made


# ---- trunks and legs


def test_only_the_trunk_of_a_peer_is_identified_and_nobody_is_anonymous() -> None:
    made = PLAIN["pjsip.conf"]
    assert re.findall(r"^match = (.*)$", made, re.MULTILINE) == ["192.0.2.1"]
    assert "anonymous" not in made


def test_the_endpoint_of_a_line_has_no_address_and_pins_from() -> None:
    (own,) = re.findall(r"^\[out-bj\]\n((?:.+\n)+)", PLAIN["pjsip.conf"], re.MULTILINE)
    assert "from_user = 01088880001\n" in own
    assert "aors" not in own
    assert "context = line400-refused\n" in own


@given(NAMES)
def test_a_leg_is_dialled_the_same_way_by_router_and_dialplan(name: str) -> None:
    line, trunk = Line(name, "01088880001", name), Trunk(name, peer="192.0.2.1:5070")
    target = leg_target("13800138000", line, trunk)
    assert target == f"PJSIP/{leaves_by(name)}/sip:13800138000@192.0.2.1:5070"
    assert all(character not in target for character in ",&()|")
    assert len({leaves_by(name), line_context(name), trunk_context(name)}) == 3


def test_no_more_arguments_are_handed_over_than_are_read() -> None:
    headers = tuple(f"x-{place}" for place in range(20))
    book = company("bj", "unicom", "support", "1001", "general")
    trunks = {"unicom": replace(book.trunks["unicom"], original_called=headers)}
    made = files(book, Places({}, "/moh", trunks=trunks))["extensions.conf"]
    (handed,) = re.findall(r"AGI\(agi://[^)]*?/inbound,(.*)\)$", made, re.MULTILINE)
    assert handed.count(",") + 1 < MAX_ARGUMENTS


# ---- the guard


def test_the_guard_refuses_whatever_presents_a_400_number() -> None:
    assert [text for text in PRESENTS_400 if not guard.refuses(text)] == []
    passed_on = [text for text in INNOCENT if guard.refuses(text)]
    assert passed_on == ["01040080012转34", "02140080012转34", "+494008001234"]


AS_WRITTEN = st.text(alphabet="4008612355 -.()/+０４８（）－·客服转\u200b٤", min_size=1, max_size=20)
SPREAD_OUT = st.lists(st.text(alphabet="xOл客é _;&@<", max_size=2), min_size=10, max_size=10).map(
    lambda between: "".join(map("".join, zip("4008001234", between, strict=True)))
)
"""The ten digits with letters of any script and signs mixed between them."""


@given(st.one_of(AS_WRITTEN, SPREAD_OUT, st.tuples(AS_WRITTEN, st.sampled_from(PRESENTS_400), AS_WRITTEN).map("".join)))
def test_the_guard_refuses_more_than_the_router_never_less(text: str) -> None:
    if presents_400(text):
        assert guard.refuses(text)


@given(st.from_regex(r"(1[3-9][0-9]{9}|0[1-9][0-9]{9})", fullmatch=True))
def test_the_guard_lets_base_numbers_and_mobiles_pass(number: str) -> None:
    assert guard.refuses(number) == (re.search(r"400[0-9]{7}$", number) is not None)


def test_kinds_of_number_that_telephones_may_call() -> None:
    assert set(guard.DIAL) == set(get_args(TelephoneKind))
    lines = {"bj": Line("bj", "01088880001", "unicom")}
    home = {pattern for pattern, _ in guard.telephones(lines, ())}
    more = {pattern for pattern, _ in guard.telephones(lines, guard.DIAL)}
    assert "_00[1-9]X." not in home
    assert "_00[1-9]X." in more
    assert guard.telephones({}, ())[0][1][-1] == "Hangup(21)"


def test_only_keys_that_a_queue_node_offers_lead_out_of_a_queue() -> None:
    files = generate(
        company("bj", "unicom", "support", "1001", "general"), Places({}, "/music"), Secrets("line400", "x")
    )
    text = files["extensions.conf"]
    assert "[line400-queue-exit]\neswitch => Loopback/@line400-exit-keys/_[${LINE400_EXIT_KEYS}D]\n" in text
    assert "[line400-exit-keys]\nexten => _[0-9*#],1,Goto(line400-exit-key,${EXTEN},1)\n" in text
    assert "[line400-exit-key]\nexten => _[0-9*#],1,Set(LINE400_EXIT_KEY=${EXTEN})\n" in text
    assert "load = pbx_loopback.so\n" in files["modules.conf"]
    text = files["queues.conf"]
    assert text.count("context = line400-queue-exit\n") == text.count("strategy = ") > 0
    assert text.count("membergosub = line400-connected\n") == text.count("strategy = ")
