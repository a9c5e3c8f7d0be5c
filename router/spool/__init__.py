"""The files that a switch makes of what callers say."""

from .files import Spool

__all__ = ["Spool"]
