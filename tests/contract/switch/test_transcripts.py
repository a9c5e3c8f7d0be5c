"""The transcripts, run against the embedded switch."""

from __future__ import annotations

from pathlib import Path

import pytest

from .target import Bench
from .transcript import run_agi, run_ami, transcripts


@pytest.mark.parametrize("path", transcripts("ami"), ids=lambda path: path.stem)
async def test_manager_transcript(path: Path, target: Bench) -> None:
    await run_ami(path, target)


@pytest.mark.parametrize("path", transcripts("agi"), ids=lambda path: path.stem)
async def test_agi_transcript(path: Path, target: Bench) -> None:
    await run_agi(path, target)
