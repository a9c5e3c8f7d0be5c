"""Addresses, the store, the time zone and names of environment variables; see `router.configuration.values`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from ipaddress import ip_network
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal
from router.happenings import KINDS, is_pattern

from .values import as_text, kind

MOST_DAYS = 36_500
_DAYS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:d|days?|天)?")
_FOR_EVER = frozenset({"never", "forever", "永久"})


def read_time_zone(value: object) -> str:
    """A name of the IANA time zone database."""
    text = as_text(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise Refusal(
            Text(f"There is no time zone `{text[:40]}`.", f"没有时区 `{text[:40]}`。"),
            Text("Write an IANA name, such as Asia/Shanghai.", "请写 IANA 时区名，如 Asia/Shanghai。"),
            "bad-time-zone",
        ) from error
    return text


def read_store(value: object) -> str:
    """The URL of the store; its path may be relative (see `router.configuration.settings`)."""
    text = as_text(value)
    scheme, separator, rest = text.partition("://")
    if separator and scheme.partition("+")[0] == "sqlite" and (not rest or rest.startswith("/")):
        return text
    if separator and scheme.partition("+")[0] == "postgresql" and rest:
        return text
    raise Refusal(
        Text("The store's URL is not of a known kind.", "存储地址的形式不对。"),
        Text(
            "Write sqlite:///var/line400.db or postgresql://user@host/database.",
            "请写 sqlite:///var/line400.db 或 postgresql://用户@主机/库名。",
        ),
        "bad-store-url",
    )


def _matching(pattern: str, code: str, message: Text, cure: Text) -> Callable[[object], str]:
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        text = as_text(value)
        if not compiled.fullmatch(text):
            raise Refusal(
                Text(f"`{text[:60]}` {message.en}", f"`{text[:60]}` {message.zh}"),
                cure,
                code,
            )
        return text

    return read


read_variable = _matching(
    r"[A-Z_][A-Z0-9_]{0,63}",
    "bad-variable",
    Text("is no name of an environment variable.", "不是环境变量名。"),
    Text(
        "Write the variable's name, such as LINE400_AMI_SECRET; the secret itself never stands in a file.",
        "请写变量名，如 LINE400_AMI_SECRET；密钥本身不写在文件里。",
    ),
)
read_host = _matching(
    r"[A-Za-z0-9.\-]{1,253}|\[?[0-9A-Fa-f:.]{2,45}\]?",
    "bad-host",
    Text("is no host name or address.", "不是主机名或地址。"),
    Text("Write a name or an address, such as 127.0.0.1.", "请写主机名或地址，如 127.0.0.1。"),
)
read_peer = _matching(
    r"([A-Za-z0-9.\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?",
    "bad-host",
    Text("is no address of a peer.", "不是对端地址。"),
    Text("Write an address, or one with a port: 10.0.0.1:5060.", "请写地址，可带端口，如 10.0.0.1:5060。"),
)


def read_origin(value: object) -> str:
    """An origin of the web: scheme, host and port, without a path."""
    text = as_text(value).rstrip("/")
    try:
        parts = urlsplit(text)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if right and text == f"{parts.scheme}://{parts.netloc}" and "@" not in text and "*" not in text:
        return text
    raise Refusal(
        Text(f"`{text[:60]}` is no origin of a web service.", f"`{text[:60]}` 不是网络服务的来源地址。"),
        Text(
            "Write scheme and host, with a port where it is not the usual one: https://erp.example.",
            "请写协议和主机，非默认端口时加端口，如 https://erp.example。",
        ),
        "bad-origin",
    )


def read_network(value: object) -> str:
    """A network or an address, as ``10.0.0.0/8``."""
    text = as_text(value)
    try:
        return str(ip_network(text))
    except ValueError:
        raise Refusal(
            Text(f"`{text[:60]}` is no network.", f"`{text[:60]}` 不是网段。"),
            Text("Write a network or an address, such as 10.0.0.0/8.", "请写网段或地址，如 10.0.0.0/8。"),
            "bad-network",
        ) from None


def read_service_url(value: object) -> str:
    """The address of a web service: http or https, a host, any path; no password in it."""
    text = as_text(value)
    try:
        parts = urlsplit(text)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if right and parts.username is None and not parts.fragment and text.isprintable() and " " not in text:
        return text
    raise Refusal(
        Text(f"`{text[:60]}` is no address of a web service.", f"`{text[:60]}` 不是网络服务的地址。"),
        Text(
            "Write http or https, a host and a path, without a password: https://sms.example/send.",
            "请写 http 或 https、主机和路径，不含密码，如 https://sms.example/send。",
        ),
        "bad-url",
    )


def read_happening(value: object) -> str:
    """A kind of happening that receivers of webhooks are told of, or a pattern of kinds."""
    text = as_text(value)
    if is_pattern(text):
        return text
    near = difflib.get_close_matches(text, [*KINDS, "call.*", "number.*", "revision.*"], n=1)
    known = ", ".join(KINDS)
    raise Refusal(
        Text(f"`{text[:60]}` is nothing that receivers of webhooks are told of.", f"`{text[:60]}` 不是可通知的事件。"),
        Text(
            f"Did you mean `{near[0]}`?" if near else f"Write one of {known}; `call.*` for all of calls, or `*`.",
            f"是否指 `{near[0]}`？" if near else f"可写 {known}；`call.*` 为全部呼叫事件，`*` 为全部。",
        ),
        "unknown-event",
    )


def read_days(value: object) -> float | None:
    """``90d`` or ``90``; ``never`` (None): nothing is deleted by itself."""
    text = as_text(value).lower()
    if text in _FOR_EVER:
        return None
    match = _DAYS.fullmatch(text)
    if match and 0 < float(match[1]) <= MOST_DAYS:
        return float(match[1])
    raise Refusal(
        Text(f"`{text[:40]}` is no number of days.", f"`{text[:40]}` 不是天数。"),
        Text("Write days such as 90d, or never.", "请写天数，如 90d；永久保留写 never。"),
        "bad-days",
    )


def read_limited_days(value: object) -> float:
    """``90d`` or ``90``; there is no ``never``."""
    days = read_days(value)
    return float(MOST_DAYS) if days is None else days


def read_folder_path(value: object) -> str:
    """A folder; where it is relative, to the parent of the configuration folder."""
    text = as_text(value)
    if text and text.isprintable() and len(text) <= 1000:
        return text
    raise Refusal(
        Text("This is no folder.", "这不是目录。"),
        Text("Write its path, such as /var/spool/asterisk.", "请写目录路径，如 /var/spool/asterisk。"),
        "bad-folder",
    )


TimeZone = kind(read_time_zone, str, type="string", examples=["Asia/Shanghai"])
StoreUrl = kind(read_store, str, type="string", examples=["sqlite:///var/line400.db"])
Variable = kind(read_variable, str, type="string", pattern="^[A-Z_][A-Z0-9_]*$")
Host = kind(read_host, str, type="string")
Peer = kind(read_peer, str, type="string")
Origin = kind(read_origin, str, type="string", examples=["https://erp.example"])
Network = kind(read_network, str, type="string", examples=["10.0.0.0/8"])
ServiceUrl = kind(read_service_url, str, type="string", examples=["https://sms.example/send"])
HappeningPattern = kind(read_happening, str, type="string", examples=["call.*", "number.state_changed"])
Days = kind(read_days, float | None, type=["string", "number"], examples=["90d", "never"])
LimitedDays = kind(read_limited_days, float, type=["string", "number"], examples=["7d"])
Folder = kind(read_folder_path, str, type="string", examples=["/var/spool/asterisk"])
FilePath = kind(read_folder_path, str, type="string", examples=["/var/log/asterisk/cdr-custom/line400-cdr.csv"])
