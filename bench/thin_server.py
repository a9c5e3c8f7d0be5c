"""The least that a FastAGI server in Python does for the calls of the benchmark: the bar below which no router comes.
It knows no numbers, no flow, no records, no failures: it says the commands of one menu or of one answer.

Usage: python -m bench.thin_server MENU_PROMPT SECOND_PROMPT; prints its port.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress


async def _command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: str) -> str:
    writer.write(f"{line}\n".encode())
    while True:
        reply = (await reader.readline()).decode()
        if not reply or reply.startswith("HANGUP"):
            raise ConnectionResetError("the caller has gone")
        if reply.startswith("200"):
            return reply[4:].strip()


async def _digit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, prompt: str) -> str:
    """GET DATA: the prompt, then five seconds for one digit."""
    reply = await _command(reader, writer, f'GET DATA "{prompt}" 5000 1')
    return reply.removeprefix("result=")


async def _call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, prompts: tuple[str, str]) -> None:
    with suppress(OSError):
        script = ""
        while (line := (await reader.readline()).decode().strip()) != "":
            name, _, value = line.partition(": ")
            if name == "agi_network_script":
                script = value
        await _command(reader, writer, "ANSWER")
        cause = 16
        if script == "menu":
            for wanted, prompt in zip("12", prompts, strict=True):
                if await _digit(reader, writer, prompt) != wanted:
                    cause = 17
                    break
        await _command(reader, writer, f"EXEC Hangup {cause}")
    writer.close()


async def _serve(prompts: tuple[str, str]) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: _call(reader, writer, prompts), "127.0.0.1", 0, backlog=512
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve((sys.argv[1], sys.argv[2])))
