"""The AGI codec: what goes out comes back, hostile text cannot become a command, hostile bytes cannot do more than
raise `AgiProtocolError`."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.asterisk import agi_codec
from router.asterisk.agi_codec import (
    AgiProtocolError,
    EnvironmentParser,
    HangupNotice,
    LineSplitter,
    Reply,
    ReplyParser,
    encode_command,
    encode_environment,
    encode_reply,
    escape_application_argument,
    parse_command,
    parse_environment,
    success,
    usage_error,
)
from simulator.switch.applications import split_arguments

plain_text = st.text().filter(lambda text: not set(text) & set("\r\n\0") and not _has_surrogates(text))


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


ENVIRONMENT = (
    b"agi_network: yes\nagi_network_script: inbound\nagi_callerid: 13800138000\n"
    b"agi_calleridname: \xe5\xbc\xa0\xe4\xb8\x89\n"
    b"agi_accountcode: \nagi_arg_1: bj-unicom\n\n"
)


def feed_replies(data: bytes, chunk: int) -> list[Reply | HangupNotice]:
    splitter, parser = LineSplitter(), ReplyParser()
    found = []
    for start in range(0, len(data), chunk):
        for line in splitter.feed(data[start : start + chunk]):
            answer = parser.line(line)
            if answer is not None:
                found.append(answer)
    assert splitter.pending == b""
    return found


# ---- environment


def test_an_environment_is_read_with_empty_and_chinese_values() -> None:
    values = parse_environment(ENVIRONMENT)
    assert values["agi_network_script"] == "inbound"
    assert values["agi_calleridname"] == "张三"
    assert values["agi_accountcode"] == ""
    assert list(values)[-1] == "agi_arg_1"


def test_an_environment_is_read_byte_by_byte_and_nothing_of_what_follows_is_lost() -> None:
    splitter, parser = LineSplitter(), EnvironmentParser()
    lines = [line for byte in ENVIRONMENT + b"200 result=0\n" for line in splitter.feed(bytes([byte]))]
    done = [parser.line(line) for line in lines[:-1]]
    assert done[:-1] == [None] * (len(done) - 1)
    assert done[-1] == parse_environment(ENVIRONMENT)
    assert lines[-1] == b"200 result=0"


def test_carriage_returns_before_line_feeds_are_part_of_the_line_end() -> None:
    assert parse_environment(ENVIRONMENT.replace(b"\n", b"\r\n")) == parse_environment(ENVIRONMENT)


@given(st.dictionaries(st.from_regex(r"agi_[a-z0-9_]{1,20}", fullmatch=True), plain_text))
def test_an_environment_comes_back_as_it_was_sent(values: dict[str, str]) -> None:
    assert parse_environment(encode_environment(values)) == values


@pytest.mark.parametrize("value", ["a\nagi_arg_1: x", "a\rb", "a\0b", "\n"])
def test_a_line_break_in_a_value_cannot_be_encoded(value: str) -> None:
    with pytest.raises(AgiProtocolError) as caught:
        encode_environment({"agi_calleridname": value})
    assert caught.value.code == "line-break"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"agi_network: yes\n", "unfinished"),
        (b"GET / HTTP/1.1\r\n\r\n", "bad-header"),
        (b"agi_arg_1: a\nagi_arg_1: b\n\n", "repeated-header"),
        (b"agi_x: " + b"a" * agi_codec.MAX_LINE + b"\n\n", "line-too-long"),
        (b"".join(b"agi_arg_%d: x\n" % n for n in range(agi_codec.MAX_HEADERS + 1)) + b"\n", "too-many-headers"),
    ],
)
def test_what_is_no_environment_is_refused_by_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(AgiProtocolError) as caught:
        parse_environment(data)
    assert caught.value.code == code
    assert caught.value.message.zh
    assert caught.value.cure.zh


# ---- commands


@given(st.lists(plain_text, max_size=20))
def test_quoted_arguments_come_back_from_the_switchs_own_parser(arguments: list[str]) -> None:
    line = encode_command("STREAM FILE", *arguments)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert parse_command(line[:-1]) == ["STREAM", "FILE", *arguments]


@pytest.mark.parametrize("argument", ["x\nEXEC System rm", "x\r\nHANGUP", "\0", "\n"])
def test_a_line_break_in_an_argument_cannot_become_a_second_command(argument: str) -> None:
    with pytest.raises(AgiProtocolError) as caught:
        encode_command("SET VARIABLE", "X", argument)
    assert caught.value.code == "line-break"


@pytest.mark.parametrize("command", ["", "ANSWER\nHANGUP", 'EXEC "x"', "A  B", " A"])
def test_a_command_name_is_words_and_nothing_else(command: str) -> None:
    with pytest.raises(AgiProtocolError):
        encode_command(command)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", []),
        (b"   \t ", []),
        (b"ANSWER", ["ANSWER"]),
        (b'STREAM FILE a ""', ["STREAM", "FILE", "a", ""]),
        (b'SET VARIABLE X "a b"', ["SET", "VARIABLE", "X", "a b"]),
        (rb'VERBOSE "say \"hi\" \\ there" 1', ["VERBOSE", r'say "hi" \ there', "1"]),
        (rb"SET VARIABLE X a\ b", ["SET", "VARIABLE", "X", "a b"]),
        (b'NOOP ab"c d"ef', ["NOOP", "abc def"]),
        (b'NOOP "never closed', ["NOOP", "never closed"]),
    ],
)
def test_command_lines_are_split_as_asterisk_splits_them(line: bytes, words: list[str]) -> None:
    assert parse_command(line) == words


def test_arguments_beyond_the_switchs_limit_are_dropped() -> None:
    assert len(parse_command(b"x " * 500)) == agi_codec.MAX_ARGUMENTS - 1


@given(st.binary())
def test_any_bytes_are_a_command_line(data: bytes) -> None:
    assert all(isinstance(word, str) for word in parse_command(data))


@given(plain_text)
def test_an_application_argument_stays_one_argument_whatever_it_holds(text: str) -> None:
    data = f"{escape_application_argument(text)},second"
    assert split_arguments(data) == [text, "second"]


# ---- replies

REPLIES = [
    (b"200 result=0\n", Reply(200, "0", text="result=0")),
    (b"200 result=-1\n", Reply(200, "-1", text="result=-1")),
    (b"200 result= (timeout)\n", Reply(200, "", "timeout", text="result= (timeout)")),
    (b"200 result=12 (timeout)\n", Reply(200, "12", "timeout", text="result=12 (timeout)")),
    (b"200 result=0007\n", Reply(200, "0007", text="result=0007")),
    (b"200 result=1 (a (b) c)\n", Reply(200, "1", "a (b) c", text="result=1 (a (b) c)")),
    (b"200 result=1 ()\n", Reply(200, "1", "", text="result=1 ()")),
    (b"200 result=49 endpos=8640\n", Reply(200, "49", None, 8640, "result=49 endpos=8640")),
    (b"200 result=35 (dtmf) endpos=99\n", Reply(200, "35", "dtmf", 99, "result=35 (dtmf) endpos=99")),
    (b"510 Invalid or unknown command\n", agi_codec.UNKNOWN_COMMAND),
    (b"511 Command Not Permitted on a dead channel or intercept routine\n", agi_codec.DEAD_CHANNEL),
    (b"520 Invalid command syntax.  Proper usage not available.\n", None),
    (b"HANGUP\n", HangupNotice()),
]


@pytest.mark.parametrize(("data", "expected"), REPLIES, ids=[data.decode().strip() for data, _ in REPLIES])
@pytest.mark.parametrize("chunk", [1, 3, 4096])
def test_each_form_of_reply_is_read_whole_and_in_pieces(
    data: bytes, expected: Reply | HangupNotice | None, chunk: int
) -> None:
    (found,) = feed_replies(data, chunk)
    if expected is None:
        expected = Reply(520, text="Invalid command syntax.  Proper usage not available.")
    assert found == expected


@pytest.mark.parametrize("chunk", [1, 7, 4096])
@pytest.mark.parametrize("glued", [b"\n", b""])
def test_a_usage_reply_of_several_lines_is_one_reply(chunk: int, glued: bytes) -> None:
    data = (
        b"520-Invalid command syntax.  Proper usage follows:\nUsage: GET DATA FILE\n\n200 result=0 is no reply here"
        + glued
        + b"520 End of proper usage.\nHANGUP\n200 result=0\n"
    )
    reply, notice, after = feed_replies(data, chunk)
    assert isinstance(reply, Reply)
    assert reply.code == 520
    assert reply.usage == ("Usage: GET DATA FILE", "", "200 result=0 is no reply here")
    assert notice == HangupNotice()
    assert after == success(0)


def test_a_usage_reply_without_an_end_is_refused() -> None:
    with pytest.raises(AgiProtocolError) as caught:
        feed_replies(b"520-x\n" + b"line\n" * (agi_codec.MAX_USAGE_LINES + 1), 4096)
    assert caught.value.code == "usage-too-long"


@pytest.mark.parametrize("line", [b"", b"hello", b"2000 result=0", b"20", b"HANGUP now", b"\xff\xfe", b"099 x"])
def test_a_line_that_is_no_reply_is_refused(line: bytes) -> None:
    with pytest.raises(AgiProtocolError) as caught:
        ReplyParser().line(line)
    assert caught.value.code == "bad-reply"


@pytest.mark.parametrize(
    "reply",
    [
        success(0),
        success("", "timeout"),
        success(1, "张三 (经办人)"),
        success(49, endpos=8000),
        success(-1, "hangup", 16000),
        agi_codec.UNKNOWN_COMMAND,
        agi_codec.DEAD_CHANNEL,
        usage_error("Usage: ANSWER"),
    ],
)
def test_replies_come_back_as_they_were_sent(reply: Reply) -> None:
    assert feed_replies(encode_reply(reply), 1) == [reply]


def test_a_reply_cannot_carry_a_line_break() -> None:
    with pytest.raises(AgiProtocolError):
        encode_reply(success(1, "a\n200 result=1"))


def test_a_result_says_what_it_is() -> None:
    assert success("0012").number == 12
    assert success("").number is None
    assert agi_codec.UNKNOWN_COMMAND.number is None
    assert not agi_codec.UNKNOWN_COMMAND.ok
    assert success("", "timeout").timed_out
    assert not success(0).timed_out


# ---- any bytes


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=8))
def test_any_bytes_in_any_pieces_give_the_same_lines(data: bytes, cuts: list[int]) -> None:
    def lines(pieces: list[bytes]) -> list[bytes | str]:
        splitter = LineSplitter(max_line=40)
        found: list[bytes | str] = []
        for piece in pieces:
            try:
                found.extend(splitter.feed(piece))
            except AgiProtocolError as error:
                found.append(error.code)
                break
        return found

    bounds = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in pairwise(bounds)]
    whole = lines([data])
    split = lines(pieces)
    assert whole == split


@given(st.lists(st.binary(max_size=60)))
def test_any_lines_give_replies_or_a_protocol_error(lines: list[bytes]) -> None:
    parser = ReplyParser()
    for line in lines:
        try:
            answer = parser.line(line)
        except AgiProtocolError:
            continue
        assert answer is None or isinstance(answer, (Reply, HangupNotice))


@given(st.binary(max_size=300))
def test_any_bytes_give_an_environment_or_a_protocol_error(data: bytes) -> None:
    try:
        values = parse_environment(data)
    except AgiProtocolError:
        return
    assert all(name.startswith("agi_") for name in values)


def test_a_splitter_that_broke_stays_broken() -> None:
    splitter = LineSplitter(max_line=5)
    lines = splitter.feed(b"ok\ntoo long\nok\n")
    assert next(lines) == b"ok"
    with pytest.raises(AgiProtocolError):
        next(lines)
    with pytest.raises(AgiProtocolError):
        list(splitter.feed(b"ok\n"))


def test_bytes_that_are_no_utf8_come_back_unchanged() -> None:
    data = b"caf\xe9 \xff"
    assert agi_codec.encode_text(agi_codec.decode_text(data)) == data
    assert agi_codec.encode_text("lone \ud800") == b"lone ?"
