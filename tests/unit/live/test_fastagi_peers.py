"""The FastAGI server against peers that behave and peers that do not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from router.asterisk.agi_codec import AgiProtocolError
from router.asterisk.fastagi import AgiChannel, CallerGone, FastAgiServer, Limits

PATIENCE = 30.0
"""Real seconds after which a test has failed; none waits for them to pass."""
ENVIRONMENT = b"agi_network: yes\nagi_request: agi://127.0.0.1/inbound\nagi_uniqueid: 1.1\n\n"


@asynccontextmanager
async def serving(
    handler: Callable[[AgiChannel], Awaitable[None]], limits: Limits | None = None
) -> AsyncIterator[FastAgiServer]:
    server = FastAgiServer(handler, limits)
    await server.start("127.0.0.1", 0)
    try:
        yield server
    finally:
        await server.stop()


async def connect(server: FastAgiServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", server.port)


async def closed_by_server(reader: asyncio.StreamReader) -> None:
    """Return once the server has ended the connection, whatever it sent before."""
    try:
        async with asyncio.timeout(PATIENCE):
            while await reader.read(4096):
                pass
    except ConnectionError:
        return


async def never(channel: AgiChannel) -> None:
    raise AssertionError("no call must begin")


async def test_a_call_has_its_environment_and_its_replies() -> None:
    seen: asyncio.Future[tuple[str, str | None, int | None]] = asyncio.get_running_loop().create_future()

    async def call(channel: AgiChannel) -> None:
        value = await channel.get_variable("LINE400_LINE")
        reply = await channel.command("STREAM FILE", "a b", "12")
        seen.set_result((channel.environment["agi_uniqueid"], value, reply.number))

    async with serving(call) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        assert await reader.readline() == b'GET VARIABLE "LINE400_LINE"\n'
        writer.write("200 result=1 (北京线路)\n".encode())
        assert await reader.readline() == b'STREAM FILE "a b" "12"\n'
        writer.write(b"200 result=49 endpos=800\n")
        assert await seen == ("1.1", "北京线路", 49)
        await closed_by_server(reader)
        writer.close()


async def test_bytes_in_any_pieces_are_one_call() -> None:
    numbers: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def call(channel: AgiChannel) -> None:
        numbers.set_result((await channel.command("ANSWER")).number)

    async with serving(call) as server:
        reader, writer = await connect(server)
        for byte in ENVIRONMENT:
            writer.write(bytes([byte]))
            await writer.drain()
        assert await reader.readline() == b"ANSWER\n"
        for byte in b"200 result=0\r\n":
            writer.write(bytes([byte]))
            await writer.drain()
        assert await numbers == 0
        writer.close()


async def test_what_comes_with_the_environment_is_not_lost() -> None:
    """HANGUP in the same packet as the blank line: panoramisk's server loses it."""
    gone: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def call(channel: AgiChannel) -> None:
        gone.set_result(channel.hung_up)

    async with serving(call) as server:
        _reader, writer = await connect(server)
        writer.write(ENVIRONMENT + b"HANGUP\n")
        assert await gone is True
        writer.close()


async def test_hangup_before_the_reply_leaves_the_command_its_reply() -> None:
    seen: asyncio.Future[tuple[int | None, bool]] = asyncio.get_running_loop().create_future()

    async def call(channel: AgiChannel) -> None:
        reply = await channel.command("STREAM FILE", "x", "")
        seen.set_result((reply.number, channel.hung_up))

    async with serving(call) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        await reader.readline()
        writer.write(b"HANGUP\n200 result=-1 endpos=80\n")
        assert await seen == (-1, True)
        writer.close()


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (b"510 Invalid or unknown command\n", 510),
        (b"520-Invalid command syntax.  Proper usage follows:\nUsage: X\n520 End of proper usage.\n", 520),
    ],
)
async def test_an_error_reply_is_a_reply(reply: bytes, code: int) -> None:
    codes: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def call(channel: AgiChannel) -> None:
        codes.set_result((await channel.command("NOOP")).code)

    async with serving(call) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        await reader.readline()
        writer.write(reply)
        assert await codes == code
        writer.close()


@pytest.mark.parametrize(
    ("ending", "reason", "hung_up"),
    [
        (b"511 Command Not Permitted on a dead channel or intercept routine\n", "refused", True),
        (b"HANGUP\n", "hangup", True),
        (b"", "closed", False),
        (b"200 resu", "protocol", False),
    ],
)
async def test_an_end_while_a_command_waits(ending: bytes, reason: str, hung_up: bool) -> None:
    seen: asyncio.Future[tuple[str, bool]] = asyncio.get_running_loop().create_future()

    async def call(channel: AgiChannel) -> None:
        try:
            await channel.command("WAIT FOR DIGIT", 5000)
        except CallerGone as gone:
            seen.set_result((gone.reason, channel.hung_up))

    async with serving(call) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        await reader.readline()
        writer.write(ending)
        await writer.drain()
        writer.write_eof()
        assert await seen == (reason, hung_up)
        writer.close()


async def test_a_command_on_a_closed_connection_says_so_at_once() -> None:
    reasons: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    async def call(channel: AgiChannel) -> None:
        found: list[str] = []
        for _ in range(2):
            try:
                await channel.command("NOOP")
            except CallerGone as gone:
                found.append(gone.reason)
        reasons.set_result(found)

    async with serving(call) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        await reader.readline()
        writer.close()
        assert await reasons == ["closed", "closed"]


async def test_a_switch_that_never_replies_is_left() -> None:
    reasons: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def call(channel: AgiChannel) -> None:
        try:
            await channel.command("ANSWER", within=0.02)
        except CallerGone as gone:
            reasons.set_result(gone.reason)

    async with serving(call) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        assert await reasons == "silent"
        await closed_by_server(reader)
        writer.close()


@pytest.mark.parametrize("value", ["x\nEXEC System reboot", "x\r\n", "x\0"])
async def test_a_line_break_in_a_value_is_never_sent(value: str) -> None:
    refused: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def call(channel: AgiChannel) -> None:
        try:
            await channel.set_variable("NAME", value)
        except AgiProtocolError as error:
            refused.set_result(error.code)

    async with serving(call) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        assert await refused == "line-break"
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "eof-in-headers"),
        (b"agi_network: yes\n", "eof-in-headers"),
        (b"agi_netw", "eof-in-headers"),
        (b"\n", "empty-headers"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "bad-header"),
        (bytes(range(256)) * 4 + b"\n", "bad-header"),
        (b"agi_x: " + b"1" * 9000, "line-too-long"),
        (b"".join(b"agi_h%d: 1\n" % n for n in range(300)) + b"\n", "too-many-headers"),
        (b"agi_callerid: 1\nagi_callerid: 2\n\n", "repeated-header"),
        (ENVIRONMENT.replace(b"1.1", b"1.1\nEXEC System x"), "bad-header"),
    ],
)
async def test_what_is_no_environment_is_closed_and_said_once(
    sent: bytes, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "line400.fastagi"):
        async with serving(never) as server:
            reader, writer = await connect(server)
            writer.write(sent)
            try:
                await writer.drain()
                writer.write_eof()
            except (ConnectionError, OSError):
                assert sent
            await closed_by_server(reader)
            assert dict(server.refused) == {code: 1}
            assert server.connections == 0
            writer.close()
    assert [record.getMessage() for record in caplog.records] == [f"FastAGI connection closed: {code}"]


async def test_a_peer_that_sends_nothing_is_closed() -> None:
    async with serving(never, Limits(headers_seconds=0.02)) as server:
        reader, writer = await connect(server)
        await closed_by_server(reader)
        assert dict(server.refused) == {"headers-too-slow": 1}
        writer.close()


@pytest.mark.parametrize(
    ("flood", "code"),
    [(b"HANGUP\n" * 1000, "flood"), (b"200 result=0\n" * 1000, "unasked-reply"), (b"hello\n" * 1000, "bad-reply")],
)
async def test_a_flood_ends_its_own_connection(flood: bytes, code: str) -> None:
    begun = asyncio.Event()

    async def call(channel: AgiChannel) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with serving(call) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        await begun.wait()
        writer.write(flood)
        await closed_by_server(reader)
        assert server.refused[code] == 1
        writer.close()


async def test_too_many_connections_are_closed_at_once_and_there_is_room_again_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def call(channel: AgiChannel) -> None:
        await channel.command("ANSWER")

    async with serving(call, Limits(max_connections=1)) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        await reader.readline()
        for _ in range(3):
            other, other_writer = await connect(server)
            await closed_by_server(other)
            other_writer.close()
        assert server.refused["too-many-connections"] == 3
        writer.write(b"200 result=0\n")
        await closed_by_server(reader)
        writer.close()
        again, again_writer = await connect(server)
        again_writer.write(ENVIRONMENT)
        assert await again.readline() == b"ANSWER\n"
        again_writer.close()
    assert len([record for record in caplog.records if "further ones" in record.getMessage()]) == 1


async def test_an_error_in_one_call_leaves_the_server_running(caplog: pytest.LogCaptureFixture) -> None:
    async def call(channel: AgiChannel) -> None:
        if channel.environment["agi_uniqueid"] == "1.1":
            raise ValueError("caller 13800138000")
        await channel.command("NOOP")

    async with serving(call) as server:
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT)
        await closed_by_server(reader)
        writer.close()
        reader, writer = await connect(server)
        writer.write(ENVIRONMENT.replace(b"1.1", b"1.2"))
        assert await reader.readline() == b"NOOP\n"
        writer.close()
    assert "13800138000" not in caplog.text


async def test_stopping_lets_a_call_end_within_the_bound() -> None:
    ended: list[str] = []

    async def call(channel: AgiChannel) -> None:
        await channel.command("ANSWER")
        ended.append("by itself")

    server = FastAgiServer(call)
    await server.start("127.0.0.1", 0)
    reader, writer = await connect(server)
    writer.write(ENVIRONMENT)
    await reader.readline()
    stopping = asyncio.create_task(server.stop(drain_seconds=PATIENCE))
    await asyncio.sleep(0)
    writer.write(b"200 result=0\n")
    await stopping
    assert ended == ["by itself"]
    writer.close()


async def test_stopping_closes_what_does_not_end() -> None:
    async def call(channel: AgiChannel) -> None:
        await channel.command("ANSWER")

    server = FastAgiServer(call)
    await server.start("127.0.0.1", 0)
    reader, writer = await connect(server)
    writer.write(ENVIRONMENT)
    await reader.readline()
    await server.stop(drain_seconds=0.01)
    await closed_by_server(reader)
    writer.close()
