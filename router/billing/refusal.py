"""What billing refuses, with a stable code, the reason and the cure."""

from __future__ import annotations

from router.life.model import LifeError


class BillingError(LifeError):
    """Something that the rules of billing do not allow. Nothing was changed."""
