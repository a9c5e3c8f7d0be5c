"""``trunks.yaml``: the SIP peers over which lines' calls arrive."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, Strict

from .setting_values import Peer, Variable
from .trunk_values import AccountName, CalledHeader
from .values import Name, OneOrMore


class TrunkEntry(Strict):
    """The SIP peer over which lines' calls arrive."""

    peer: Peer = "127.0.0.1"
    auth: Literal["ip", "register"] = "ip"
    username: AccountName | None = None
    secret_env: Variable | None = None
    registrar: Peer | None = None
    codecs: Annotated[
        tuple[Literal["alaw", "ulaw", "g722", "g729", "gsm", "ilbc", "opus"], ...], OneOrMore, Field(min_length=1)
    ] = ("alaw", "ulaw")
    dtmf: Literal["rfc4733", "inband", "info"] = "rfc4733"
    max_calls: Annotated[int, Field(ge=1, le=100_000)] | None = None
    original_called: Annotated[tuple[CalledHeader, ...], OneOrMore] = (
        "p-called-party-id",
        "history-info",
        "diversion",
        "to",
    )
    caller_passthrough: bool = False

    @model_validator(mode="after")
    def _account(self) -> TrunkEntry:
        if self.auth == "register" and (self.username is None or self.secret_env is None):
            raise Refusal(
                Text(
                    "A trunk that registers needs `username` and `secret_env`.",
                    "注册方式的中继需要 `username` 和 `secret_env`。",
                ),
                Text(
                    "Write the account that the carrier gave, and the environment variable that holds its password.",
                    "请写运营商提供的账号，以及存放其密码的环境变量名。",
                ),
            )
        if (self.username is None) != (self.secret_env is None):
            raise Refusal(
                Text(
                    "`username` and `secret_env` belong together: the account that the carrier challenges.",
                    "`username` 与 `secret_env` 必须同时填写：运营商鉴权所用的账号。",
                ),
                Text("Write both, or neither.", "请同时填写，或都不填。"),
            )
        return self


class TrunksFile(Strict):
    """``trunks.yaml``."""

    trunks: dict[Name, TrunkEntry] = Field(default={})
