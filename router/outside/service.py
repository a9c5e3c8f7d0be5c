"""A web service that line400.yaml names: the one origin that may be asked, the secret that is shown there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..model import FetchAccess, WebService
from .client import HttpClient, Resolve


class ServiceClient:
    """Posts to ``service``, the value of the key ``setting`` of line400.yaml. ``networks`` are those of
    ``fetch.networks``; ``environment`` holds the secret (None: that of the process)."""

    def __init__(
        self,
        service: WebService,
        setting: str,
        networks: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self.service = service
        variables = os.environ if environment is None else environment
        self._secret = variables.get(service.secret_env, "") if service.secret_env else ""
        parts = urlsplit(service.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        self._client = HttpClient(FetchAccess((origin,), networks), resolve, f"{setting}.url")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def post(self, body: bytes, kind: str, headers: Mapping[str, str] | None = None, *, read: bool) -> bytes:
        """Post ``body`` of the media type ``kind``; what is answered, where it is to be ``read``. Raises `Refused`."""
        sent = {"Content-Type": kind, **(headers or {})}
        if self._secret:
            sent["Authorization"] = f"Bearer {self._secret}"
        return await self._client.ask(
            self.service.url, "POST", body, sent.items(), timeout=self.service.timeout, read=read
        )
