"""An AMI connection of the simulator: actions with their answers, every event in order. panoramisk does the talking."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from router.asterisk.ami_codec import encode_action
from router.asterisk.ami_connection import ConnectionManager, ConnectionProtocol

ANSWER_SECONDS = 10.0
NEVER = 10 * 365 * 86400


class SwitchUnavailable(Exception):
    """The switch under test, or the far side, does not answer."""


class Manager:
    """One connection. ``on_event`` is told of every event, a mapping of headers."""

    def __init__(self, port: int, username: str, secret: str, on_event: Callable[[Any], None]) -> None:
        self._port = port
        self._username = username
        self._secret = secret
        self._on_event = on_event
        self._manager: ConnectionManager | None = None

    async def start(self) -> None:
        """Log in. Raises `SwitchUnavailable`."""
        loop = asyncio.get_running_loop()
        manager = ConnectionManager(
            lambda: None,
            host="127.0.0.1",
            port=self._port,
            username=self._username,
            secret=self._secret,
            events="on",
            loop=loop,
            log=logging.getLogger("line400.sip.ami"),
            ping_delay=NEVER,
            ping_interval=NEVER,
        )
        manager.log.setLevel(logging.CRITICAL)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                opened = loop.create_task(loop.create_connection(ConnectionProtocol, "127.0.0.1", self._port))
                await opened
                manager.connection_made(opened)
                login = await manager.authenticated_future
        except (OSError, TimeoutError):
            raise SwitchUnavailable(f"AMI on port {self._port} does not answer") from None
        if not login.success:
            raise SwitchUnavailable(f"AMI on port {self._port} refused the login")
        manager.register_event("*", lambda _, message: self._on_event(message))
        self._manager = manager

    async def send(self, action: str, **headers: object) -> Any:
        """Send an action, wait for its answer. Raises `SwitchUnavailable`."""
        if self._manager is None:
            raise SwitchUnavailable("AMI is not connected")
        fields = {name: value if isinstance(value, list) else str(value) for name, value in headers.items()}
        flat = [
            (name, item) for name, value in fields.items() for item in (value if isinstance(value, list) else [value])
        ]
        encode_action(action, flat)  # raises for a line break
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._manager.send_action({"Action": action, **fields}, as_list=False)
        except TimeoutError:
            raise SwitchUnavailable(f"no answer to {action}") from None

    def stop(self) -> None:
        """Close the connection."""
        if self._manager is not None:
            self._manager.close()
            self._manager.awaiting_actions.clear()
            self._manager = None
