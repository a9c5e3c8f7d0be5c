"""The node types of the flow language, one module each; `NODE_TYPES` is the registry."""

from __future__ import annotations

from .answer import ANSWER
from .branch import BRANCH
from .gather import GATHER
from .hangup import HANGUP
from .hours import HOURS
from .kind import Branches, NodeType
from .menu import MENU
from .play import PLAY
from .queue import QUEUE
from .share import SHARE
from .transfer import TRANSFER
from .variables import SET
from .voicemail import VOICEMAIL

NODE_TYPES: dict[str, NodeType] = {
    kind.name: kind
    for kind in (
        ANSWER,
        PLAY,
        MENU,
        GATHER,
        SET,
        BRANCH,
        HOURS,
        SHARE,
        QUEUE,
        TRANSFER,
        VOICEMAIL,
        HANGUP,
    )
}

__all__ = ["NODE_TYPES", "Branches", "NodeType"]
