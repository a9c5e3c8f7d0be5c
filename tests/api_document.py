"""Requests made from the document of the API by schemathesis, against one that runs in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import missing_required_header, positive_data_acceptance

from router.api.limits import Limits
from router.api.openapi import document
from router.app.rest.registry import OPERATIONS
from tests.api import asking

FREELY = Limits(rate=1e9, burst=1e9, concurrent=10_000, attempts=1e9)
DOCUMENT = document(OPERATIONS, "test")
LONGEST_LINE = 8000
schema = schemathesis.openapi.from_dict(DOCUMENT)
EXCLUDED = [positive_data_acceptance, missing_required_header]
"""Not all that is wrong can be said in a schema: a time that is none, a cursor of another list. A missing If-Match is
answered 428 (RFC 6585), which the check does not know."""


class Running:
    """The API in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.url = self.token = ""

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(30)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        async with asking(self._folder, limits=FREELY) as api:
            self.url, self.token = f"{api.client.make_url('/api/v1')}", api.tokens["admin"]
            self._started.set()
            await self._stop.wait()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(tmp_path_factory.mktemp("api"))
    found.start()
    yield found
    found.stop()


def check(case: schemathesis.Case, running: Running) -> None:
    """Make the request; what is answered must be what the document says."""
    headers = {"Authorization": f"Bearer {running.token}"}
    answer = case.call(base_url=running.url, headers=headers, timeout=60)
    if answer.status_code == 400 and len(str(answer.request.url)) > LONGEST_LINE:
        return  # no request of HTTP: it is refused before there is anything to answer it
    excluded = list(EXCLUDED)
    if answer.status_code == 503 and answer.json()["code"] == "no-switch":
        excluded.append(not_a_server_error)  # there is none here, and the document says that this may be
    case.validate_response(answer, headers=headers, excluded_checks=excluded)
