"""Placing an outbound call that the policy allows: over AMI, on the trunk of the line whose base number it presents."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ivr_flows.findings import Text

from .invocation import Invocation
from .loading import load_folder
from .problems import Problem, unreachable

if TYPE_CHECKING:
    from router.model import Endpoint, Line

CONNECT_SECONDS = 3.0
ANSWERED_BY = "default"
"""The queue whose agents talk to the called party once it answers."""


def place_outbound(invocation: Invocation, from_: str, to: str) -> Text:
    """Have the configured switch call ``to``, presenting ``from_``, and connect who answers to the queue
    `ANSWERED_BY`. Returns what to tell the user.

    Raises `Problem` (status 4) where no line has that base number, the AMI secret is not set, or the switch cannot be
    reached or does not take the call.
    """
    from router.callers import CallerError, base_number

    configuration = load_folder(invocation)
    try:
        presented = base_number(from_)
    except CallerError as error:
        raise unreachable("no-line", error.message, error.cure) from None
    line = next((line for line in configuration.lines.values() if line.base_number == presented), None)
    if line is None:
        raise unreachable(
            "no-line",
            Text(f"No line has the base number {presented}.", f"没有底号为 {presented} 的线路。"),
            Text("Call from the base number of a line in lines.yaml.", "请使用 lines.yaml 中某条线路的底号外呼。"),
        )
    access = configuration.settings.asterisk
    variable = access.secret_env or "LINE400_AMI_SECRET"
    secret = invocation.environment.get(variable, "")
    if not secret:
        raise _away(access, Text(f"{variable} is not set", f"未设置 {variable}"))
    asyncio.run(_originate(access, secret, line, presented, to))
    return Text(
        f"The switch was asked to call {to} over trunk {line.trunk}, presenting {presented}.",
        f"已请求交换机经中继 {line.trunk} 呼叫 {to}，主叫显示 {presented}。",
    )


async def _originate(access: Endpoint, secret: str, line: Line, presented: str, to: str) -> None:
    from router.asterisk.ami_link import AmiAccess, AmiLink, AmiUnavailable
    from router.asterisk.generated.names import leaves_by

    link = AmiLink(AmiAccess(access.host, access.port, access.username, secret))
    link.start()
    try:
        if not await link.wait_connected(CONNECT_SECONDS):
            raise _away(access, Text("there was no login", "登录未成功"))
        digits = "".join(character for character in to if character.isascii() and character.isdigit())
        _, answer = await link.originate(
            # The guarded way out of the line: it dials, and shows the line's base number.
            channel=f"Local/{digits}@{leaves_by(line.name)}",
            from_=presented,
            headers={"Application": "Queue", "Data": ANSWERED_BY},
        )
        if answer is None or answer.get("Response") != "Success":
            said = "" if answer is None else str(answer.get("Message") or "")
            raise _away(access, Text(f"the switch answered: {said}", f"交换机回复：{said}"))
    except AmiUnavailable:
        raise _away(access, Text("it gave no answer in time", "未在限定时间内应答")) from None
    finally:
        await link.stop()


def _away(access: Endpoint, why: Text) -> Problem:
    return unreachable(
        "no-switch",
        Text(
            f"The policy allows this call, but the switch at {access.host}:{access.port} does not place it: {why.en}.",
            f"政策允许这通外呼，但 {access.host}:{access.port} 的交换机未能呼出：{why.zh}。",
        ),
        Text(
            "Start Asterisk, and check `asterisk` in line400.yaml and its secret.",
            "请启动 Asterisk，并检查 line400.yaml 中的 `asterisk` 及其密码。",
        ),
    )
