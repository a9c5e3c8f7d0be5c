"""Sending deliveries: for each receiver a task of its own, so that a slow one delays nobody else.

What fails is tried again after the pauses of `PAUSES`, then it is a dead letter. A receiver that answers *410 Gone* has
said that it wants no more of this one.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from ..clock import Clock
from ..happenings import wanted
from ..model import Settings, WebhookReceiver
from ..outside.client import Refused
from ..outside.service import ServiceClient
from ..store import Store, StoreError
from ..store.webhooks import Delivery, Outcome
from .forms import InstanceOf, content_of, kinds_of
from .signing import SHORTEST, headers_of, key_of

log = logging.getLogger("line400.webhooks")

PAUSES: Final = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 10_800.0, 21_600.0, 43_200.0)
"""Seconds between a failed try and the next: about a day in all."""
JITTER: Final = 0.2
"""Part of a pause by which it is longer or shorter, so that not everything comes back at once."""
AT_ONCE: Final = 4
"""Requests that a receiver gets at a time."""
TAKEN: Final = 20
LOOK_S: Final = 1.0
"""Real seconds between looks for something to send, while there is nothing."""
KEEP_S: Final = 30 * 86_400.0
"""Seconds for which what happened is kept, dead letters too."""
GONE: Final = "status 410"


class WebhookSender:
    """Sends what happened to the receivers of ``settings``. ``instance_of`` names the instance of a 400 number;
    ``environment`` holds the secrets; ``pauses`` and ``look`` are real seconds."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: Settings,
        instance_of: InstanceOf,
        environment: Mapping[str, str],
        *,
        seed: int = 400,
        pauses: Sequence[float] = PAUSES,
        look: float = LOOK_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._zone = ZoneInfo(settings.timezone)
        self._instance_of = instance_of
        self._random = random.Random(seed)  # noqa: S311 - spreads tries, guards nothing
        self._pauses = pauses
        self._look = look
        self._kinds = {one.name: kinds_of(one.form, wanted(one.events)) for one in settings.webhooks}
        self._keys = {one.name: _key(one, environment) for one in settings.webhooks}
        # What is signed shows no secret: the client gets none.
        self._clients = {
            one.name: ServiceClient(one.service, "webhooks", settings.fetch.networks, {}) for one in settings.webhooks
        }
        self._tasks: list[asyncio.Task[None]] = []
        self._away = False

    def start(self) -> None:
        """Begin sending."""
        if self._tasks:
            return
        self._tasks.append(asyncio.create_task(self._spread(), name="webhooks-spread"))
        for receiver in self._settings.webhooks:
            self._tasks.append(asyncio.create_task(self._serve(receiver), name=f"webhooks-{receiver.name}"))

    async def stop(self) -> None:
        """Stop; what is under way is tried again by whoever starts next."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self._clients.values():
            await client.close()

    async def _spread(self) -> None:
        forgotten = 0.0
        while True:
            spread = 0
            try:
                now = self._clock.now()
                spread = await self._store.spread(self._kinds, now)
                if now - forgotten > 3600.0:
                    await self._store.forget_happenings(now - KEEP_S)
                    forgotten = now
                self._away = False
            except StoreError as error:
                self._say_away(error)
            if not spread:
                await asyncio.sleep(self._look)

    async def _serve(self, receiver: WebhookReceiver) -> None:
        while True:
            sent = 0
            try:
                sent = await self.send_due(receiver)
            except StoreError as error:
                self._say_away(error)
            if not sent:
                await asyncio.sleep(self._look)

    async def send_due(self, receiver: WebhookReceiver) -> int:
        """Send what is due for ``receiver``; how many deliveries were tried. Raises `StoreError`."""
        taken = await self._store.take_deliveries(receiver.name, self._clock.now(), TAKEN)
        at_once = asyncio.Semaphore(AT_ONCE)

        async def one(delivery: Delivery) -> Outcome:
            async with at_once:
                return await self._send(receiver, delivery)

        outcomes = await asyncio.gather(*map(one, taken))
        if outcomes:
            await self._store.end_tries(outcomes, self._clock.now())
        return len(outcomes)

    async def _send(self, receiver: WebhookReceiver, delivery: Delivery) -> Outcome:
        happening = delivery.happening
        body, kind = content_of(happening, receiver.form, self._settings.company, self._zone, self._instance_of)
        now = self._clock.now()
        headers = headers_of(self._keys[receiver.name], happening.id, int(now), body)
        try:
            await self._clients[receiver.name].post(body, kind, headers, read=False)
        except Refused as refused:
            return self._failed(receiver, delivery, str(refused))
        return Outcome(delivery.id, "delivered", None, None)

    def _failed(self, receiver: WebhookReceiver, delivery: Delivery, reason: str) -> Outcome:
        if reason == GONE or delivery.tries >= len(self._pauses):
            log.warning("webhook %s: %s is a dead letter: %s", receiver.name, delivery.happening.kind, reason)
            return Outcome(delivery.id, "dead", reason, None)
        pause = self._pauses[delivery.tries] * (1 + self._random.uniform(-JITTER, JITTER))
        return Outcome(delivery.id, "waiting", reason, self._clock.now() + pause)

    def _say_away(self, error: StoreError) -> None:
        if not self._away:
            log.error("webhooks wait for the store: %s", error.code)
        self._away = True


def _key(receiver: WebhookReceiver, environment: Mapping[str, str]) -> bytes | None:
    """The key that deliveries to ``receiver`` are signed with; None where no secret is set."""
    variable = receiver.service.secret_env
    secret = environment.get(variable, "") if variable else ""
    if not secret:
        log.warning("webhook %s: no secret is set; deliveries go unsigned", receiver.name)
        return None
    try:
        key = key_of(secret)
    except ValueError:
        log.error("webhook %s: the secret in %s is no base64 behind whsec_; unsigned", receiver.name, variable)
        return None
    if len(key) < SHORTEST:
        log.warning("webhook %s: the secret in %s has less than %d bytes", receiver.name, variable, SHORTEST)
    return key
