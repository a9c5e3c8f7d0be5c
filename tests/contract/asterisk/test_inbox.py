"""What a caller leaves on a real switch, a message and the recording of the call, is in `line400 inbox`: it is listed,
played, exported, deleted."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from router.app.main import run
from router.asterisk.host import Programs
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.clock import Clock
from router.configuration import load
from router.model import Endpoint
from router.record import CallRecord
from router.spool import Purged, Spool, purge
from router.store import AuditEntry, Store
from simulator.sip.sipp import hang_up, invite, pause, play, scenario
from simulator.sip.site import Site
from tests.contract.live.flow_company import compiled_book, number_of

from .tones import capture

NUMBER = number_of(0)
CALLED = {"P-Called-Party-ID": f"<sip:{NUMBER}@carrier.invalid>"}
PROMPT = "请留言。"
FLOW = f"tape: {{ recording: on, next: leave }}\nleave: {{ voicemail: {{ box: general, prompt: {PROMPT} }} }}"
VOICE = "159015901590"
"""The tones that the caller makes: two and a half seconds of them."""
LISTENS, SPEAKS = 2.0, 3.0
"""Seconds that the prompt and the tone behind it take at most, and for which the caller speaks."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inbox")


@pytest.fixture(scope="module")
def site(folder: Path, programs: Programs, sounds: Path) -> Iterator[Site]:
    with Site(compiled_book(folder / "config", [FLOW]), programs) as found:
        settings = folder / "config" / "line400.yaml"
        places = f"[{found.asterisk.data}, {found.asterisk.spool}]"
        settings.write_text(
            f"{settings.read_text()}store: sqlite:///{folder}/line400.db\nrecordings: {places}\n", encoding="utf-8"
        )
        yield found


@pytest.fixture(scope="module")
def record(site: Site, folder: Path) -> CallRecord:
    """The call: the caller speaks behind the prompt and hangs up."""
    loaded = load(folder / "config").configuration
    assert loaded is not None
    capture(folder / "voice.pcap", VOICE)

    async def call() -> CallRecord:
        ended: asyncio.Queue[CallRecord] = asyncio.Queue()
        settings = replace(
            RouteBook.compile(loaded, "r1").settings,
            fastagi=Endpoint("127.0.0.1", site.fastagi_port),
            asterisk=Endpoint("127.0.0.1", site.ami_port, site.secrets.ami_user),
        )
        async with await Store.open(settings.store) as store:
            router = LiveRouter(
                site.book, store, Clock(), settings, ami_secret=site.secrets.ami, on_record=ended.put_nowait
            )
            await router.start()
            try:
                steps = (invite(CALLED), pause(LISTENS), play(folder / "voice.pcap"), pause(SPEAKS), hang_up())
                with site.sipp(scenario(*steps), service="01088880001") as caller:
                    counted = await asyncio.to_thread(caller.wait, 30.0)
                assert counted.succeeded == 1, counted.said
                return await asyncio.wait_for(ended.get(), 10.0)
            finally:
                await router.stop()

    return asyncio.run(call())


@pytest.fixture
def inbox(folder: Path, record: CallRecord, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """`line400 inbox`, which succeeds; what it says as JSON."""

    def command(*words: str) -> Any:
        capsys.readouterr()
        status = run(["--config", str(folder / "config"), "inbox", *words, "--json"], {})
        out, err = capsys.readouterr()
        assert status == 0, out + err
        return json.loads(out)

    return command


def heard(path: Path) -> tuple[float, float]:
    """The seconds of a sound file, and those in which there is sound."""
    with wave.open(str(path)) as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)
    blocks = samples[: len(samples) // 400 * 400].reshape(-1, 400)
    return len(samples) / rate, float((blocks.std(axis=1) > 200).sum()) * 400 / rate


def test_both_are_listed_with_their_call(inbox: Callable[..., Any], record: CallRecord) -> None:
    assert (record.outcome, record.called) == ("voicemail", NUMBER)
    entries = {entry["kind"]: entry for entry in inbox()}
    assert set(entries) == {"voicemail", "recording"}
    for entry in entries.values():
        assert (entry["call_id"], entry["number"], entry["caller"], entry["test"]) == (
            *(record.call_id, NUMBER, "13800138000"),
            False,
        )
    assert entries["voicemail"]["box"] == "general"


def test_they_are_played_and_exported_and_hold_what_was_said(inbox: Callable[..., Any], tmp_path: Path) -> None:
    entries = {entry["kind"]: str(entry["id"]) for entry in inbox()}
    length: dict[str, float] = {}
    sound: dict[str, float] = {}
    for kind, entry in entries.items():
        played = inbox("play", entry)["file"]
        inbox("export", entry, str(tmp_path / f"{kind}.wav"))
        assert (tmp_path / f"{kind}.wav").read_bytes() == Path(played).read_bytes()
        length[kind], sound[kind] = heard(tmp_path / f"{kind}.wav")
    # The caller's tones are in both; in that of the call the prompt and the tone before the message are too.
    assert sound["voicemail"] >= 1.0
    assert length["recording"] >= length["voicemail"] + 0.5
    assert sound["recording"] >= sound["voicemail"] + 0.5


def test_deleting_one_deletes_its_sound(inbox: Callable[..., Any]) -> None:
    (entry,) = [entry for entry in inbox() if entry["kind"] == "voicemail"]
    path = Path(inbox("play", str(entry["id"]))["file"])
    assert inbox("delete", str(entry["id"]), "--reason", "来电者要求")["files"] == 1
    assert not path.exists()
    assert [entry["kind"] for entry in inbox()] == ["recording"]


def test_what_is_over_goes_with_its_sound_and_every_access_is_audited(
    inbox: Callable[..., Any], folder: Path, record: CallRecord
) -> None:
    (entry,) = inbox()
    path = Path(inbox("play", str(entry["id"]))["file"])
    loaded = load(folder / "config").configuration
    assert loaded is not None
    settings, ended = loaded.settings, record.ended
    assert ended is not None

    async def over(days: float) -> tuple[Purged, list[AuditEntry]]:
        async with await Store.open(settings.store) as store:
            done = await purge(
                store, Spool(settings.recordings), settings.retention, ended + days * 86400, "housekeeping"
            )
            return done, await store.audit_entries()

    assert settings.retention.recordings == 180
    done, _ = asyncio.run(over(179))
    assert (done.entries, path.exists()) == (0, True)
    done, audited = asyncio.run(over(181))
    assert (done.entries, done.files, done.stuck, path.exists()) == (1, 1, 0, False)
    assert inbox() == []
    assert {"inbox_list", "inbox_play", "inbox_export", "inbox_delete"} <= {entry.action for entry in audited}
    assert [entry.action for entry in audited if entry.actor == "housekeeping"] == ["inbox_delete"]
