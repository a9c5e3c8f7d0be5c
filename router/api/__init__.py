"""The HTTP side of a live router: its status as a page and as JSON, liveness and readiness."""

from .server import ApiServer, make_app

__all__ = ["ApiServer", "make_app"]
