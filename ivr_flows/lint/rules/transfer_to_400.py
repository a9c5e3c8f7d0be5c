"""``transfer-to-400``: a call is sent on to a 400 number: it leaves for the carrier and comes back as a new call.

``presents-400``: what the node shows to the far side, a display name or a number of its own, is a 400 number; that is
refused (a 400 number is inbound only), so the leg would never be placed as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...expressions import is_template
from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject
from ..templates import names

DIALLED = ("to", "number")
SHOWN = ("from", "from_", "caller_id", "present", "presents", "display", "display_name")
"""Options by which a leg shows a number to the far side."""


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every node that dials."""
    for node in subject.live():
        for name in SHOWN:
            shown = facts.option(node, name)
            if isinstance(shown, str) and _is_400(subject, shown):
                yield _presents(node.id, shown, node.option_place(name))
        if not facts.person(node):
            continue
        for name in DIALLED:
            target = facts.option(node, name)
            if not isinstance(target, str):
                continue
            display, bracket, _ = target.partition("<")
            if bracket and display.strip() and _is_400(subject, display.strip().strip('"')):
                yield _presents(node.id, display.strip(), node.option_place(name))
            elif _is_400(subject, target):
                yield Problem(
                    node.option_place(name),
                    Text(
                        f"`{node.id}` transfers to the 400 number {target}: "
                        "the call leaves and comes back as a new one.",
                        f"`{node.id}` 转接到 400 号码 {target}：呼叫会先送出再作为新来电进入。",
                    ),
                    Text("Transfer to a base number or a line instead.", "建议改为转接到底号或线路。"),
                    show=partial(Probe.reach, node=node.id),
                )


def _presents(node: str, shown: str, place: object) -> Problem:
    return Problem(
        place,  # type: ignore[arg-type]
        Text(
            f"`{node}` would present the 400 number {shown}; a 400 number takes calls and makes none.",
            f"`{node}` 会外显 400 号码 {shown}；400 号码仅支持呼入，不能外呼或外显。",
        ),
        Text(
            "Leave it out: a leg presents the base number of the line it leaves by.",
            "请删去：外呼会显示所走线路的底号。",
        ),
        severity="error",
        code="presents-400",
    )


def _is_400(subject: Subject, text: str) -> bool:
    if is_template(text):
        return any(name == "called" for name, _ in names(text)) and text.strip().startswith("{{")
    return subject.environment.presents_400(text)


RULE = Rule(
    "transfer-to-400",
    "info",
    Text("a transfer to a 400 number, or one that would present one", "转接到 400 号码，或会外显 400 号码"),
    check,
    others=("presents-400",),
    behaviour=True,
)
