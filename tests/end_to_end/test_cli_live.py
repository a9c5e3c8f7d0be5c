"""``line400 live``: a table or a document of what the running service tells."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

DOCUMENT = {
    "now": 1790000000.0,
    "timezone": "Asia/Shanghai",
    "revision": "r1",
    "in_progress": 1,
    "calls": [
        {
            "call_id": "c-1",
            "test": False,
            "caller": "138****8000",
            "called": "4008001234",
            "line": "bj",
            "flow": "desk",
            "node": "wait\x1b[31m",
            "nodes": 3,
            "digits": ["•", "77"],
            "queue": "support",
            "agent": None,
            "started": 1789999937.0,
            "answered": 1789999938.0,
            "seconds": 63.0,
        }
    ],
    "queues": [
        {
            "name": "support",
            "waiting": [{"position": 1, "seconds": 42, "call_id": "c-1", "caller": "138****8000"}],
            "agents": [
                {"agent": "1001", "state": "ringing", "paused": False},
                {"agent": "1002", "state": "idle", "paused": True},
            ],
            "answered": 3,
            "abandoned": 1,
        }
    ],
}


@pytest.fixture
def service(cli) -> Iterator[list[str | None]]:
    """A service that tells `DOCUMENT` to who has no key or the right one; the keys that it was given."""
    keys: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = self.headers.get("Authorization")
            keys.append(key)
            right = self.path == "/api/v1/live" and key in (None, "Bearer k3y")
            self.send_response(200 if right else 403)
            self.end_headers()
            self.wfile.write(json.dumps(DOCUMENT).encode())

        def log_message(self, *words: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    cli.write(
        "line400.yaml", f"company: x\nstore: sqlite:///var/line400.db\napi: {{ port: {server.server_address[1]} }}\n"
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield keys
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_document_is_what_the_service_tells(cli, service) -> None:
    assert cli("live", "--json").json == DOCUMENT


def test_the_table_shows_calls_queues_and_agents(cli, service) -> None:
    said = cli("live", "--once")
    assert said.status == 0
    words = said.out.split()
    for word in ("1:03", "138****8000", "4008001234", "desk", "77", "support", "0:42"):
        assert word in words
    assert "\x1b[31m" not in said.out
    assert "1002 idle, paused" in " ".join(words)
    assert "1002 空闲" in " ".join(cli("live", "--once", lang="zh").out.split())


def test_revealing_wants_the_key(cli, service) -> None:
    said = cli("live", "--reveal")
    assert (said.status, "LINE400_LIVE_KEY" in said.err) == (2, True)
    assert cli("live", "--once", "--reveal", LINE400_LIVE_KEY="k3y").status == 0
    assert service == ["Bearer k3y"]
    assert "does not know this key" in cli("live", "--once", "--reveal", LINE400_LIVE_KEY="other").err


def test_a_service_that_is_not_there_is_named(cli) -> None:
    cli.write("line400.yaml", "company: x\nstore: sqlite:///var/line400.db\napi: { port: 1 }\n")
    said = cli("live")
    assert said.status not in (0, 2)
    assert "127.0.0.1:1" in said.err
    assert "line400 serve" in said.err
