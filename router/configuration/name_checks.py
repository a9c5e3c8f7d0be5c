"""Names that the switch could not tell apart, would cut off, or keeps for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ivr_flows.findings import Place, Text
from ivr_flows.yaml_source import Mapping
from router import switch_names

from .folder import LINES, QUEUES, SETTINGS, TRUNKS
from .parts import Parts

_MANAGER = re.compile(r"[A-Za-z0-9_.\-]+")


def check_switch_names(parts: Parts) -> None:
    """Report names of one kind that differ in capitals alone, names of queues and agents that are too long, and an
    account of the manager that the switch cannot have."""
    agents = {agent: _agent_place(parts, queue, agent) for queue, agent in _agents(parts)}
    kinds = (
        (Text("lines", "线路"), _places(parts, LINES, "lines", parts.lines)),
        (Text("trunks", "中继"), _places(parts, TRUNKS, "trunks", parts.trunks)),
        (Text("queues", "队列"), _places(parts, QUEUES, "queues", parts.queues)),
        (Text("voicemail boxes", "语音信箱"), _places(parts, QUEUES, "voicemail", parts.boxes)),
        (Text("agents", "座席"), agents),
    )
    for kind, places in kinds:
        for earlier, name in switch_names.alike(places):
            parts.report(
                "names-alike",
                places[name],
                Text(
                    f"The {kind.en} `{earlier}` and `{name}` differ in capitals only; to a switch they are one.",
                    f"{kind.zh} `{earlier}` 与 `{name}` 仅大小写不同，交换机无法区分。",
                ),
                Text(f"Give one of them another name, such as `{name}-2`.", f"请改名其中一个，例如 `{name}-2`。"),
            )
    for name, place in [*kinds[2][1].items(), *agents.items()]:
        if switch_names.too_long(name):
            parts.report(
                "name-too-long",
                place,
                Text(
                    f"`{name}` has {len(name.encode())} bytes in UTF-8; a switch takes {switch_names.LONGEST}.",
                    f"`{name}` 的 UTF-8 长度为 {len(name.encode())} 字节，交换机最多 {switch_names.LONGEST} 字节。",
                ),
                Text("Use at most 21 Chinese characters.", "请不超过 21 个汉字。"),
            )
    _check_manager(parts)


def _places(parts: Parts, file: str, key: str, names: Iterable[str]) -> dict[str, Place]:
    root = parts.root(file)
    tree = root.get(key) if root else None
    return {name: _place(parts, tree, file, name) for name in names}


def _place(parts: Parts, tree: object, file: str, name: str) -> Place:
    return tree.place_of(name) if isinstance(tree, Mapping) else Place(parts.shown(file))


def _agents(parts: Parts) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for queue in parts.queues.values():
        for agent in queue.agents:
            found.setdefault(agent, queue.name)
    return [(queue, agent) for agent, queue in found.items()]


def _agent_place(parts: Parts, queue: str, agent: str) -> Place:
    root = parts.root(QUEUES)
    tree = root.get("queues") if root else None
    entry = tree.get(queue) if isinstance(tree, Mapping) else None
    return _place(parts, entry, QUEUES, "agents")


def _check_manager(parts: Parts) -> None:
    username = parts.settings.asterisk.username
    if _MANAGER.fullmatch(username) and username.lower() != "general":
        return
    root = parts.root(SETTINGS)
    tree = root.get("asterisk") if root else None
    parts.report(
        "bad-manager-name",
        _place(parts, tree, SETTINGS, "username"),
        Text(
            f"`{username}` cannot be an account of the switch's manager interface.",
            f"`{username}` 不能用作交换机管理接口的账号。",
        ),
        Text("Use letters, digits and `_ . -`; not `general`.", "请用字母、数字和 `_ . -`；不能是 `general`。"),
    )
