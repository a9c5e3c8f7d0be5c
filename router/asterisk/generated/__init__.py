"""Asterisk's configuration, generated from the applied revision: trunks, lines, queues, voicemail, one AMI user.

`generate` is pure: a route book, where things lie, and secrets in; file name → text out. Every file begins with a line
that names the revision and the digest of what follows, so that drift is seen (`drift`).
"""

from __future__ import annotations

from .files import Drift, Places, Secrets, drift, generate, make_secrets

__all__ = ["Drift", "Places", "Secrets", "drift", "generate", "make_secrets"]
