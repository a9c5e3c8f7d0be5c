"""What a router of real calls asks and tells of the outside, put together from the settings."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from ..clock import Clock
from ..model import Settings, WebService
from ..outside.events import EventSender
from ..outside.fetch import HttpFetcher
from ..outside.messages import HttpMessenger
from ..outside.service import ServiceClient
from ..outside.speech import HttpRecogniser
from ..spool import Spool

log = logging.getLogger("line400.service")


class Outside:
    """The fetcher of a router, and the messenger, recogniser and announcer that ``settings`` name (None: none).
    ``environment`` holds the secrets (None: that of the process)."""

    def __init__(self, settings: Settings, clock: Clock, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._networks = settings.fetch.networks
        self.fetcher = HttpFetcher(settings.fetch, clock)
        self.messenger = self.recogniser = self.announcer = None
        if settings.messages is not None:
            self.messenger = HttpMessenger(self._client(settings.messages, "messages"), clock)
        if settings.speech is not None:
            spool = Spool(settings.recordings)
            self.recogniser = HttpRecogniser(self._client(settings.speech, "speech"), spool, clock)
        if settings.events is not None:
            self.announcer = EventSender(self._client(settings.events, "events"), ZoneInfo(settings.timezone))

    def _client(self, service: WebService, setting: str) -> ServiceClient:
        if service.secret_env and not self._environment.get(service.secret_env):
            log.warning(
                "%s: the environment variable %s is empty; requests go without a secret", setting, service.secret_env
            )
        return ServiceClient(service, setting, self._networks, self._environment)

    def start(self) -> None:
        """Begin telling events."""
        if self.announcer is not None:
            self.announcer.start()

    async def close(self) -> None:
        """Tell what waits, within a short time, and close every connection."""
        for part in (self.announcer, self.recogniser, self.messenger, self.fetcher):
            if part is not None:
                await part.close()
