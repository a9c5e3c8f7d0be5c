"""What flows need of services that line400.yaml does not set: told, since a call goes on without them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ivr_flows.definition import FlowDefinition
from ivr_flows.findings import Finding, Text
from router.model import Settings


def check_services(definitions: Iterable[FlowDefinition], settings: Settings) -> Iterator[Finding]:
    """One finding for every ``speech`` and ``message`` node whose service is not set."""
    for flow in definitions:
        for node in flow.nodes.values():
            if node.type.name == "speech" and settings.speech is None:
                yield Finding(
                    "info",
                    "speech-without-recogniser",
                    node.place,
                    Text(
                        f"`{node.id}` understands only keys: no `speech` service is set.",
                        f"`{node.id}` 只能识别按键：未设置 `speech` 服务。",
                    ),
                    Text(
                        "Set `speech: { url: … }` in line400.yaml (docs/outside.md).",
                        "请在 line400.yaml 中设置 `speech: { url: … }`（见 docs/outside.md）。",
                    ),
                )
            elif node.type.name == "message" and settings.messages is None:
                yield Finding(
                    "info",
                    "message-without-sender",
                    node.place,
                    Text(
                        f"`{node.id}` always takes `failed`: no `messages` service is set.",
                        f"`{node.id}` 总会走 `failed`：未设置 `messages` 服务。",
                    ),
                    Text(
                        "Set `messages: { url: … }` in line400.yaml (docs/outside.md).",
                        "请在 line400.yaml 中设置 `messages: { url: … }`（见 docs/outside.md）。",
                    ),
                )
