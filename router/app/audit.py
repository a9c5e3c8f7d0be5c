"""Refused outbound requests are audited: who asked, for what, and why not."""

from __future__ import annotations

import time

from ivr_flows.findings import Text

from .invocation import Invocation
from .problems import Problem


def record_refusal(invocation: Invocation, from_: str, to: str, code: str) -> None:
    """Write a refused ``originate`` into the audit of the configured store. The refusal stands whether or not this can
    be done; what prevents it costs one warning."""
    from router.configuration import ConfigurationMissing
    from router.store import StoreError

    from .loading import load_settings
    from .stores import author_of, change

    try:
        settings, _ = load_settings(invocation)
        change(
            settings.store,
            lambda store: store.audit(
                author_of(None),
                "outbound_refused",
                from_[:80],
                time.time(),
                code,
                None,
                {"from": from_[:80], "to": to[:80]},
            ),
        )
    except (ConfigurationMissing, Problem, StoreError) as error:
        invocation.warn(
            Text(f"The refusal is not audited. {error.message.en}", f"本次拒绝未写入审计。{error.message.zh}")
        )
