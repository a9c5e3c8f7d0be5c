"""The node types of the flow language, one module each; `NODE_TYPES` is the registry."""

from __future__ import annotations

from .answer import ANSWER
from .branch import BRANCH
from .callback import CALLBACK
from .fetch import FETCH
from .gather import GATHER
from .goto_flow import GOTO_FLOW
from .hangup import HANGUP
from .hours import HOURS
from .kind import Branches, NodeType
from .language import LANGUAGE
from .leaving import RETURN
from .logging import LOGGING
from .loop import LOOP
from .menu import MENU
from .message import MESSAGE
from .notify import NOTIFY
from .opaque import OPAQUE
from .play import PLAY
from .queue import QUEUE
from .record import RECORD
from .recording import RECORDING
from .share import SHARE
from .speech import SPEECH
from .staffing import STAFFING
from .subflow import SUBFLOW
from .survey import SURVEY
from .transfer import TRANSFER
from .variables import SET
from .voicemail import VOICEMAIL
from .wait import WAIT

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
        RECORD,
        SURVEY,
        SPEECH,
        CALLBACK,
        STAFFING,
        FETCH,
        MESSAGE,
        SUBFLOW,
        RETURN,
        GOTO_FLOW,
        LOOP,
        LANGUAGE,
        WAIT,
        NOTIFY,
        RECORDING,
        LOGGING,
        OPAQUE,
        HANGUP,
    )
}

__all__ = ["NODE_TYPES", "Branches", "NodeType"]
