"""The life of a number that the configuration knows and the store does not run yet."""

from __future__ import annotations

from router.lifecycle import seeded_state
from router.model import Configuration

from .model import Life


def seed_of(configuration: Configuration, number: str) -> Life | None:
    """Where the life of ``number`` starts; None where the configuration does not know it.

    Its periods are those of the files: the store takes over its state with the first event, and nothing else."""
    facts = next((one for one in configuration.numbers if one.number == number), None)
    if facts is None:
        return None
    route = configuration.routes.get(number)
    return Life(
        number,
        seeded_state(facts, route),
        carrier=facts.carrier,
        tier=facts.tier,
        instance=facts.instance,
        flow=route.flow if route else None,
    )
