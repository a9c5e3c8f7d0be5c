"""The vendor-compatible endpoint, put together for a running router."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import cast, get_args

from router.api.roles import Role, may
from router.api.server import Mount
from router.store import StoreError
from router.vendor import Call, KeyRing, Service, VendorEndpoint
from router.vendor.action import NEW, OLD

from ..served import Served
from .flows import Flows
from .instances import Instances
from .live import Live
from .numbers import Numbers
from .old import Old
from .queues import Queues
from .records import Records
from .refusals import in_vendor_form
from .writing import Writer, author

log = logging.getLogger("line400.vendor")


def services_of(served: Served) -> Mapping[tuple[str, str], Service]:
    """What each action does, by version and name."""
    writer = Writer(served)
    numbers, flows, records = Numbers(served, writer), Flows(served, writer), Records(served)
    parts = (Instances(served, writer), numbers, flows, Queues(served, writer), records, Live(served))
    found = {(NEW, name): service for part in parts for name, service in part.services().items()}
    old = Old(served, numbers, flows, records)
    found |= {(OLD, name): service for name, service in old.services().items()}
    return {name: in_vendor_form(service) for name, service in found.items()}


async def vendor_api(served: Served) -> Mount:
    """What `router.app.mounting` puts into the application: keys are those of the running revision."""

    async def refused(call: Call, presented: str, to: str) -> None:
        """A call out that would have shown a 400 number. The refusal stands whether or not it can be written down."""
        after = {"from": presented, "to": to[:80], "action": call.action.name}
        try:
            await served.store.audit(author(call), "outbound_refused", presented, call.now, "outbound_400", None, after)
        except StoreError as error:
            log.warning("a refusal is not audited: %s", error.code)

    keys = served.book.settings.access_keys
    for key in keys:
        if not served.invocation.environment.get(key.secret_env):
            log.warning("access key %s: %s is not set; its requests are refused", key.id, key.secret_env)
    endpoint = VendorEndpoint(
        lambda: KeyRing(served.book.settings.access_keys, served.invocation.environment),
        served.store,
        services_of(served),
        may_do,
        served.now,
        refused,
    )
    return endpoint.install


def may_do(role: str, action: str) -> bool:
    """Whether a key's role may do an action of `router.api.roles`; a word that is no role may nothing."""
    return role in get_args(Role) and may(cast(Role, role), action)
