"""``message``: send a text message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from ..commands import SendMessage
from ..findings import Text
from ..results import Done, Failed
from ..schema import Strict
from .kind import Branches, Enter, NodeType

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step


class MessageOptions(Strict):
    """``text`` is sent ``to`` a number (the caller's own where none is given) over ``channel``, as the sender knows
    it."""

    to: str = "{{ caller.number }}"
    text: str = Field(min_length=1, max_length=1000)
    channel: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,32}$")] = "sms"


def _texts(options: MessageOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    yield ("to",), options.to
    yield ("text",), options.text


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: MessageOptions = node.options
    sent = wiring.branch(node, "sent")
    failed = wiring.branch(node, "failed")
    assert sent is not None
    assert failed is not None
    path_id = wiring.prefix + node.id

    def build(to: str, text: str) -> SendMessage:
        return SendMessage(to, text, options.channel)

    made = wiring.command((wiring.text(options.to), wiring.text(options.text)), build)

    def after(session: Session, result: Result) -> Command | Step:
        if isinstance(result, Done):
            return sent
        reason = result.reason if isinstance(result, Failed) else type(result).__name__
        session.note_fault(
            "message_failed",
            "configuration",
            Text(f"The message of `{path_id}` was not sent: {reason}.", f"`{path_id}` 的消息未能发送：{reason}。"),
        )
        return failed

    def enter(session: Session, at: float) -> Command | Step:
        session.wait_for(after)
        command: SendMessage = made(session, at) if callable(made) else made
        return command

    return enter


MESSAGE = NodeType(
    "message",
    MessageOptions,
    _compile,
    Branches("on", ("sent", "failed"), ("sent", "failed")),
    main="text",
    needs_caller=False,
    texts=_texts,
)
