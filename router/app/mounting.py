"""What is put into the HTTP application of ``serve``, in this order. To add something, write a function that makes a
`Mount` of what is served, and name it here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from router.api.server import Mount

from .metrics_mount import metrics
from .rest.mounted import rest_api
from .served import Served
from .vendor.mounted import vendor_api

Mounting = Callable[[Served], Awaitable[Mount]]

MOUNTED: tuple[Mounting, ...] = (rest_api, vendor_api, metrics)


async def mounts_of(served: Served) -> Sequence[Mount]:
    """The mounts of everything in `MOUNTED`. Raises `StoreError`."""
    return [await mounting(served) for mounting in MOUNTED]
