"""Telling receivers of webhooks what happens to calls, numbers and revisions: at least once, signed."""

from .forms import content_of
from .sending import WebhookSender
from .signing import signature_of
from .telling import CallTeller

__all__ = ["CallTeller", "WebhookSender", "content_of", "signature_of"]
