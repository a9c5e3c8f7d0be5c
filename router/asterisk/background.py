"""Tasks that run beside the calls. One that ends by a mistake of ours is said at once, not when somebody wonders."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("line400.service")


def in_background(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Start ``work`` as a task called ``name``. Whoever starts it keeps it, and cancels it in the end."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_say_failure)
    return task


def described(error: BaseException) -> str:
    """What kind of error and where, fit for a log: its text may hold a caller's number."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {where.name}:{where.lineno}"


def _say_failure(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.critical("%s runs no more: %s; restart the router", task.get_name(), described(error))
