"""The life of a number that the configuration knows and the store does not run yet."""

from __future__ import annotations

from router.lifecycle import expiry, seeded_state
from router.model import NumberFacts, Route

from .model import Life


def seeded_life(facts: NumberFacts, route: Route | None) -> Life:
    """Where the life of a number of the files starts. It is paid as they say: until ``expires``, or three months from
    the purchase on."""
    return Life(
        facts.number,
        seeded_state(facts, route),
        carrier=facts.carrier,
        tier=facts.tier,
        purchased=facts.purchased,
        expires=expiry(facts),
        auto_renew=facts.auto_renew,
        instance=facts.instance,
        flow=route.flow if route else None,
    )
