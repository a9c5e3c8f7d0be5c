"""Archy's menus: choices by key, each with an action of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..findings import Text
from .graph import Node
from .reading import items, mapping, word

if TYPE_CHECKING:
    from .archy import ArchyFlow

_KEYS = {"star": "*", "pound": "#", "hash": "#", **{str(digit): str(digit) for digit in range(10)}}


def key_of(choice: dict[str, Any]) -> str | None:
    """The key of a choice: ``digit_9``, ``star`` …"""
    return _KEYS.get(word(choice.get("dtmf")).removeprefix("digit_").removeprefix("dtmf_").lower())


def read_menu(reader: ArchyFlow, menu: dict[str, Any], key: str) -> str:
    """The node of a menu; its choices are read behind it."""
    graph, values = reader.graph, reader.values
    name = word(menu.get("name")) or "menu"
    origin = f"menu {name}"
    graph.sources += 1
    text, file = values.audio(menu.get("audio", menu.get("menuAudio")), origin, "audio")
    if file:
        graph.lose(
            origin,
            "audio",
            Text(f"the recording `{file}` is to be replaced by its words", f"录音 `{file}` 请改写成文字"),
        )
        text = file.replace("_", " ")
    settings = {**mapping(reader.flow.get("settingsMenu")), **_given(menu.get("settingsMenu"))}
    timeout = values.seconds(settings.get("menuSelectionTimeout"), 10, 1, 300)
    repeats = values.count(settings.get("repeatCount"), 3, 0, 20)
    node = graph.add(
        Node(key, "menu", {"prompt": text or "…", "timeout": timeout, "retries": repeats}, name=name, origin=origin)
    )
    if mapping(settings.get("listenForExtensionDialing")).get("lit") in ("true", True):
        graph.lose(
            origin, "listenForExtensionDialing", Text("extensions are not dialled from a menu", "菜单内不拨分机")
        )
    reader.menus.append(node.key)
    default = _default(menu)
    fallback: str | None = None
    choices = [
        (kind, mapping(inner)) for choice in items(menu.get("choices")) for kind, inner in mapping(choice).items()
    ]
    for kind, inner in choices:
        target = _choice(reader, kind, inner, node.key)
        pressed = key_of(inner)
        if pressed is not None and target is not None:
            node.on[pressed] = target
        else:
            graph.lose(origin, word(inner.get("name")) or kind, Text("is chosen by no key", "没有对应的按键"))
            fallback = fallback or target
        if default and default in (word(inner.get("refId")), word(inner.get("name"))):
            fallback = target
    reader.menus.pop()
    if not choices and items(menu.get("actions")):
        _without_keys(node, reader.sequence(items(menu["actions"]), reader.task_end) or graph.end())
        return node.key
    node.on["no_input"] = fallback or graph.end()
    if not any(each not in ("no_input", "no_match") for each in node.on):
        _without_keys(node, fallback or graph.end())
    return node.key


def _without_keys(node: Node, following: str) -> None:
    """A menu without choices only speaks."""
    node.type, node.options, node.on, node.next = "play", {"": node.options["prompt"]}, {}, following


def _given(settings: Any) -> dict[str, Any]:
    """The settings of a menu that override the flow's."""
    return {name: value for name, value in mapping(settings).items() if "noValue" not in mapping(value)}


def _default(menu: dict[str, Any]) -> str:
    reference = word(menu.get("defaultChildMenuRef"))
    return reference.rsplit("[", 1)[-1].rstrip("]") if "[" in reference else ""


def _choice(reader: ArchyFlow, kind: str, inner: dict[str, Any], menu: str) -> str | None:
    """The node at which a choice begins."""
    from .archy_actions import convert

    graph = reader.graph
    audio, file = reader.values.audio(inner.get("audio"), f"{kind} {word(inner.get('name'))}", "audio")
    target: str | None
    if kind in ("menuTask", "task"):
        body = mapping(inner.get("task")) or inner
        target = reader.sequence(items(body.get("actions")), menu)
    elif kind in ("menu", "menuSubMenu"):
        below = mapping(inner.get("menu")) or inner
        place = ("menu", word(below.get("refId")) or word(below.get("name")))
        target = reader.reach(*place) if place in reader.parts else read_menu(reader, below, f"menu {place[1]}")
    elif kind in ("menuRepeat", "menuRepeatMenu", "repeatMenu"):
        return menu
    elif kind in ("menuPrevious", "menuPreviousMenu", "previousMenu"):
        return reader.menus[-2] if len(reader.menus) > 1 else menu
    else:
        name = kind.removeprefix("menu")
        target = convert(reader, name[:1].lower() + name[1:], inner, menu)
    if (audio or file) and target is not None:
        options = {"": audio} if audio else {"file": file}
        return graph.add(Node(f"{menu} {word(inner.get('name'))} audio", "play", options, next=target)).key
    return target
