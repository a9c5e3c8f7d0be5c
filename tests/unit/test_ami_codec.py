"""The AMI codec: messages come back as they were sent, in any pieces; hostile text cannot add a header; hostile bytes
cannot do more than raise `AmiProtocolError`."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.asterisk.ami_codec import AmiParser, AmiProtocolError, Message, encode_action, encode_message

keys = st.from_regex(r"[A-Za-z0-9_\-]{1,20}", fullmatch=True)
values = st.text().filter(
    lambda text: not set(text) & set("\r\n\0") and not text.startswith(" ") and not _has_surrogates(text)
)


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def feed(data: bytes, chunk: int, parser: AmiParser | None = None) -> list[Message]:
    parser = parser or AmiParser()
    return [message for start in range(0, len(data), chunk) for message in parser.feed(data[start : start + chunk])]


SESSION = (
    b"Asterisk Call Manager/11.0.0\r\n"
    b"Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n"
    b"Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n"
    b"Response: Success\r\nActionID: 2\r\nMessage: Command output follows\r\n"
    b"Output: a: b\r\nOutput:  c\r\nOutput: \r\n\r\n"
)


@pytest.mark.parametrize("chunk", [1, 2, 17, 4096])
def test_a_session_is_read_whole_and_in_pieces(chunk: int) -> None:
    parser = AmiParser(banner=True)
    login, booted, command = feed(SESSION, chunk, parser)
    assert parser.banner == "Asterisk Call Manager/11.0.0"
    assert (login.kind, login.action_id, login.get("message")) == ("response", "1", "Authentication accepted")
    assert (booted.kind, booted.get("EVENT")) == ("event", "FullyBooted")
    assert command.output == ["a: b", "c", ""]


@pytest.mark.parametrize("chunk", [1, 5, 4096])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_may_end_in_lf_or_cr_lf(chunk: int, end: bytes) -> None:
    (message,) = feed(end.join([b"Action: Ping", b"ActionID: 7", b"", b""]), chunk)
    assert message == Message((("Action", "Ping"), ("ActionID", "7")))


def test_repeated_keys_keep_their_order_and_their_place() -> None:
    (message,) = feed(b"Action: Originate\r\nVariable: a=1\r\nChannel: x\r\nvariable: b=2\r\n\r\n", 4096)
    assert message.get_all("Variable") == ["a=1", "b=2"]
    assert message.get("VARIABLE") == "a=1"
    assert [key for key, _ in message.headers] == ["Action", "Variable", "Channel", "variable"]
    assert "channel" in message
    assert "exten" not in message
    assert message.get("exten", "none") == "none"


@pytest.mark.parametrize("chunk", [1, 9, 4096])
def test_old_command_output_is_the_body_up_to_its_mark(chunk: int) -> None:
    data = (
        b"Response: Follows\r\nPrivilege: Command\r\nActionID: 3\r\n"
        b"Name: not a header\n\nlast line\n--END COMMAND--\r\n\r\n"
        b"Event: Next\r\n\r\n"
    )
    output, following = feed(data, chunk)
    assert output.get("ActionID") == "3"
    assert output.output == ["Name: not a header", "", "last line"]
    assert following.get("Event") == "Next"
    assert feed(encode_message(output), 1) == [output]


def test_lines_without_a_colon_are_kept_apart() -> None:
    (message,) = feed(b"Action: Ping\r\nnonsense\r\n\r\n", 4096)
    assert message.headers == (("Action", "Ping"),)
    assert message.body == ("nonsense",)


def test_blank_lines_between_messages_are_skipped_or_told() -> None:
    assert feed(b"\r\n\r\nAction: Ping\r\n\r\n", 4096) == [Message((("Action", "Ping"),))]
    assert feed(b"\r\nAction: Ping\r\n\r\n", 1, AmiParser(blank=True)) == [Message(), Message((("Action", "Ping"),))]


@given(st.lists(st.tuples(keys, values), min_size=1, max_size=12))
def test_messages_come_back_as_they_were_sent(headers: list[tuple[str, str]]) -> None:
    if headers[0][0].lower() == "response" and headers[0][1].strip().lower() == "follows":
        return
    message = Message(tuple(headers))
    assert feed(encode_message(message), 4096) == [message]


@pytest.mark.parametrize("value", ["a\r\nAction: Command", "a\nb", "a\rb", "\0"])
def test_a_line_break_in_a_value_cannot_be_encoded(value: str) -> None:
    with pytest.raises(AmiProtocolError) as caught:
        encode_action("Setvar", [("Variable", "x"), ("Value", value)])
    assert caught.value.code == "line-break"
    assert caught.value.message.zh
    with pytest.raises(AmiProtocolError):
        encode_message(Message((("Response", "Success"),), (value,)))


@pytest.mark.parametrize("key", ["", "a b", "a:b", "a\nb", "键"])
def test_a_key_is_a_word(key: str) -> None:
    with pytest.raises(AmiProtocolError) as caught:
        encode_message(Message(((key, "x"),)))
    assert caught.value.code == "bad-key"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"Action: " + b"x" * 200 + b"\r\n\r\n", "line-too-long"),
        (b"x" * 200, "line-too-long"),
        (b"a: b\r\n" * 11 + b"\r\n", "too-many-lines"),
        (b"nonsense\r\n" * 11, "too-many-lines"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 4096])
def test_what_breaks_a_limit_is_refused_and_stays_refused(data: bytes, code: str, chunk: int) -> None:
    parser = AmiParser(max_line=100, max_lines=10)
    with pytest.raises(AmiProtocolError) as caught:
        feed(data, chunk, parser)
    assert caught.value.code == code
    with pytest.raises(AmiProtocolError):
        list(parser.feed(b"Action: Ping\r\n\r\n"))


def test_messages_before_a_fault_are_delivered() -> None:
    parser = AmiParser(max_line=20)
    messages = parser.feed(b"Action: Ping\r\n\r\n" + b"x" * 100)
    assert next(messages).get("Action") == "Ping"
    with pytest.raises(AmiProtocolError):
        next(messages)


@pytest.mark.parametrize("data", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\r\n"])
def test_a_peer_without_a_banner_is_no_manager(data: bytes) -> None:
    with pytest.raises(AmiProtocolError) as caught:
        feed(data, 1, AmiParser(banner=True))
    assert caught.value.code == "no-banner"


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=8), st.booleans(), st.booleans())
def test_any_bytes_in_any_pieces_give_the_same_messages_or_a_protocol_error(
    data: bytes, cuts: list[int], banner: bool, blank: bool
) -> None:
    def run(pieces: list[bytes]) -> list[Message | str]:
        parser = AmiParser(banner=banner, blank=blank, max_line=60, max_lines=5)
        found: list[Message | str] = []
        for piece in pieces:
            try:
                found.extend(parser.feed(piece))
            except AmiProtocolError as error:
                return [*found, error.code]
        return found

    bounds = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in pairwise(bounds)]
    assert run([data]) == run(pieces)


lines = st.sampled_from(
    [
        b"Response: Follows",
        b"Event: x",
        b"Action: y",
        b"--END COMMAND--",
        b"",
        b"a:b",
        b"x--END COMMAND--",
        b"\xff: \xff",
    ]
)


@given(st.lists(lines, max_size=30))
def test_any_order_of_plausible_lines_gives_messages_or_a_protocol_error(parts: list[bytes]) -> None:
    data = b"".join(part + b"\r\n" for part in parts)
    try:
        whole = feed(data, 4096)
    except AmiProtocolError:
        return
    assert whole == feed(data, 1)
    for message in whole:
        encode_message(message)


def test_bytes_that_are_no_utf8_come_back_unchanged() -> None:
    data = b"Event: x\r\nName: caf\xe9\r\n\r\n"
    (message,) = feed(data, 4096)
    assert encode_message(message) == data
