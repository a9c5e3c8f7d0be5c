"""Small flows in the formats of other systems, made for these tests."""

from __future__ import annotations

import json
from typing import Any


def action(key: str, kind: str, parameters: dict[str, Any] | None = None, **transitions: Any) -> dict[str, Any]:
    """One action of Amazon Connect; ``errors`` by type, ``conditions`` by operand."""
    errors = [{"ErrorType": name, "NextAction": target} for name, target in transitions.pop("errors", {}).items()]
    conditions = [
        {"Condition": {"Operator": "Equals", "Operands": [operand]}, "NextAction": target}
        for operand, target in transitions.pop("conditions", {}).items()
    ]
    following = {"NextAction": transitions["next"]} if "next" in transitions else {}
    return {
        "Identifier": key,
        "Type": kind,
        "Parameters": parameters or {},
        "Transitions": {**following, "Errors": errors, "Conditions": conditions},
    }


def connect(*actions: dict[str, Any]) -> bytes:
    """An export in the flow language of 2019-10-30 that starts at its first action."""
    document = {"Version": "2019-10-30", "StartAction": actions[0]["Identifier"], "Actions": list(actions)}
    return json.dumps(document).encode()


def block(
    key: str, kind: str, parameters: list[dict[str, Any]], branches: dict[str, str], **more: Any
) -> dict[str, Any]:
    """One block of Amazon Connect's older format."""
    made = [{"condition": name, "transition": target} for name, target in branches.items()]
    return {"id": key, "type": kind, "parameters": parameters, "branches": made, **more}


def connect_old(*blocks: dict[str, Any]) -> bytes:
    return json.dumps(
        {"modules": list(blocks), "version": "1", "type": "contactFlow", "start": blocks[0]["id"]}
    ).encode()


def widget(name: str, kind: str, properties: dict[str, Any] | None = None, **exits: str) -> dict[str, Any]:
    """One widget of Twilio Studio."""
    transitions = [{"event": event, "next": target} for event, target in exits.items()]
    return {"name": name, "type": kind, "properties": properties or {}, "transitions": transitions}


def studio(*states: dict[str, Any]) -> bytes:
    return json.dumps({"description": "orders", "states": list(states), "initial_state": states[0]["name"]}).encode()


def activity(key: str, kind: str, properties: dict[str, Any] | None = None, **exits: str | None) -> dict[str, Any]:
    """One activity of the vendor."""
    events = [{"event": event, "next": target} for event, target in exits.items()]
    return {"id": key, "type": kind, "name": key, "properties": properties or {}, "events": events}


def ccc(*activities: dict[str, Any]) -> bytes:
    return json.dumps({"name": "热线", "activities": list(activities)}).encode()
