"""What a company and the back office do with qualifications and numbers, as functions with values in and out.

The command line and the HTTP API call the same functions: they read what was asked, call one, and show what comes back.
Everything that is refused is a `router.life.model.LifeError`: plain ones by the rules of a life, `Unclear` what was not
understood, `NotAllowed` what the role of whoever asks does not allow.
"""

from .desk import Desk, NotAllowed, Unclear

__all__ = ["Desk", "NotAllowed", "Unclear"]
