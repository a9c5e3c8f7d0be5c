"""Understanding what callers say by a web service of the company's own (``speech`` of line400.yaml).

The recording of one attempt is posted and then deleted: it is nothing that the caller meant to leave.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ivr_flows.commands import Listen
from ivr_flows.results import Failed, Result, Said

from ..clock import Clock
from ..spool import Spool
from .client import Refused
from .fetch import decoded
from .service import ServiceClient

log = logging.getLogger("line400.call")

MOST_BYTES = 8 * 1024 * 1024
"""Longest recording that is sent."""
SURE = 0.5
"""Confidence from which a named intent decides."""
LONGEST_TEXT = 1000


class HttpRecogniser:
    """Understands the recordings of `Listen` commands, which lie in ``spool``."""

    def __init__(self, client: ServiceClient, spool: Spool, clock: Clock) -> None:
        self._client = client
        self._spool = spool
        self._clock = clock

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def __call__(self, command: Listen, recording: str, call_id: str) -> Result:
        """`Said`, or `Failed` with the reason. Never raises for what the outside or a file does."""
        try:
            sound = await asyncio.to_thread(self._spool.read, recording, MOST_BYTES)
            if sound is None:
                raise Refused("the recording is not in the folders of `recordings`, or is too long")
            answer = await self._client.post(sound, "audio/wav", _about(command, call_id), read=True)
            text, intent = understood(decoded(answer), command.intents)
        except Refused as refused:
            return Failed(str(refused), self._clock.now())
        except OSError as error:
            return Failed(f"the recording cannot be read ({type(error).__name__})", self._clock.now())
        finally:
            await self._forget(recording)
        return Said(text, self._clock.now(), intent=intent)

    async def _forget(self, recording: str) -> None:
        try:
            await asyncio.to_thread(self._spool.delete, recording)
        except OSError as error:
            log.warning("a recording of words could not be deleted: %s", type(error).__name__)


def _about(command: Listen, call_id: str) -> dict[str, str]:
    language = command.prompts[0].language if command.prompts else "zh-CN"
    return {
        "X-Line400-Call": quote(call_id),
        "X-Line400-Language": quote(language),
        "X-Line400-Intents": quote(json.dumps(command.intents, ensure_ascii=False)),
    }


def understood(answer: Any, intents: tuple[str, ...]) -> tuple[str, str]:
    """The text of an answer and the intent that it is sure of, empty for none. Raises `Refused` for an answer of
    another form than ``{text, intent, confidence}``."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("text"), str):
        raise Refused("the answer has no `text`")
    intent, confidence = answer.get("intent"), answer.get("confidence", 0.0)
    if intent is not None and not isinstance(intent, str):
        raise Refused("the `intent` of the answer is no text")
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not math.isfinite(confidence):
        raise Refused("the `confidence` of the answer is no number")
    sure = intent in intents and confidence >= SURE
    return answer["text"][:LONGEST_TEXT], intent if sure and intent else ""
