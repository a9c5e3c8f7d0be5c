"""What stands before a flow, or in its place: a PIN that the caller must key, a leg that we place.

Both are flows that nobody wrote, made of the node types of the flow language, so that every way of running a call, the
explorer and the pictures know them. Their nodes: ``pin`` and ``pin-denied`` before the flow's own; ``forward`` and
``busy``, ``no_answer``, ``failed`` in place of a flow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias

from ivr_flows import Flow, FlowDefinition, compile_flow
from ivr_flows.commands import Gather, Prompt
from ivr_flows.definition import NodeDefinition, Reference
from ivr_flows.findings import Place
from ivr_flows.nodes.asking import asked_texts, compile_asking
from ivr_flows.nodes.gather import FAILURES, GatherOptions
from ivr_flows.nodes.goto_flow import GOTO_FLOW, GotoFlowOptions
from ivr_flows.nodes.hangup import HANGUP, HangupOptions
from ivr_flows.nodes.kind import Branches, Enter, NodeType
from ivr_flows.nodes.transfer import TRANSFER, TransferOptions
from ivr_flows.yaml_source import Document

from .causes import BUSY, NO_ANSWER, OUT_OF_ORDER
from .pins import opens
from .route_options import Forward, Handling, Pin

if TYPE_CHECKING:
    from ivr_flows.compiler import Wiring
    from ivr_flows.environment import Environment
    from ivr_flows.session import Session, Step

FORWARD = "forward"
ENTRY_NODES = frozenset({"pin", "pin-denied", FORWARD})
"""Nodes that a path may show although no flow file has them."""
FORWARDING = "(forward)"
"""The name of the flow that stands for a forwarding: none that a flow file can have."""
_PLACE = Place("routes.yaml")
_SOURCE = Document("routes.yaml", None)
_WAYS = {"busy": BUSY, "no_answer": NO_ANSWER, "failed": OUT_OF_ORDER}


class PinOptions(GatherOptions):
    """As ``gather``; ``accepts`` says of the digits keyed whether they are a PIN. ``pattern`` is one that is, for those
    who look for keys to press; None where none is known in plain text."""

    accepts: Callable[[str], bool]


EntryKey: TypeAlias = "tuple[Pin | None, Forward | None, str | None]"
"""PIN, forwarding and flow of a call that is handled by more than a flow."""


class Handled(Protocol):
    """A compiled route; see `router.book_entry.Plan`."""

    def handled(self) -> Iterator[tuple[Handling, str | None]]: ...


def entered_flows(
    plans: Iterable[Handled], definitions: Mapping[str, FlowDefinition], environment: Environment
) -> dict[EntryKey, Flow]:
    """The flows of the calls of ``plans`` that a PIN or a forwarding handles. Flows that there are not are left out."""
    found: dict[EntryKey, Flow] = {}
    for plan in plans:
        for handling, flow in plan.handled():
            key = (handling.pin, handling.forward, flow)
            if (handling.pin or handling.forward) and key not in found and (flow is None or flow in definitions):
                found[key] = entry_flow(handling, flow, definitions, environment)
    return found


def entry_flow(
    handling: Handling, flow: str | None, definitions: Mapping[str, FlowDefinition], environment: Environment
) -> Flow:
    """The flow of a call that is handled by ``handling`` and leads to ``flow`` (None: to a forwarding).

    Raises:
        KeyError: there is no such flow.
    """
    definition = _forwarding(handling.forward) if handling.forward is not None else definitions[flow or ""]
    if handling.pin is not None:
        definition = _behind_pin(handling.pin, definition)
    return compile_flow(definition, environment)


def _forwarding(forward: Forward) -> FlowDefinition:
    leg = TransferOptions(to=forward.to, line=forward.line, timeout=forward.ring_time)
    nodes = {FORWARD: _node(FORWARD, TRANSFER, leg, {way: way for way in _WAYS})}
    following = dict(forward.on)
    for way, cause in _WAYS.items():
        if way in following:
            nodes[way] = _node(way, GOTO_FLOW, GotoFlowOptions(flow=following[way]))
        else:
            nodes[way] = _node(way, HANGUP, HangupOptions(cause=cause))
    return FlowDefinition(FORWARDING, "", "zh-CN", Reference(FORWARD, _PLACE), nodes, _SOURCE.file, _PLACE)


def _behind_pin(pin: Pin, flow: FlowDefinition) -> FlowDefinition:
    ask, denied = _free("pin", flow), _free("pin-denied", flow)
    options = PinOptions(
        prompt=pin.prompt,
        max_digits=pin.digits,
        min_digits=pin.digits,
        retries=pin.retries,
        sensitive=True,
        pattern=pin.codes[0] if pin.codes else None,
        accepts=_accepts(pin),
    )
    nodes = {
        ask: _node(ask, PIN, options, {"ok": flow.start.name, "no_input": denied, "no_match": denied}),
        denied: _node(denied, HANGUP, HangupOptions(text=pin.denied)),
    }
    return FlowDefinition(
        flow.name,
        flow.title,
        flow.language,
        Reference(ask, _PLACE),
        nodes | dict(flow.nodes),
        flow.file,
        flow.place,
        flow.on_hangup,
        flow.text,
        flow.texts,
    )


def _free(name: str, flow: FlowDefinition) -> str:
    """``name``, made another one where the flow has a node of that name."""
    while name in flow.nodes:
        name += "-"
    return name


def _node(name: str, kind: NodeType, options: object, on: Mapping[str, str] | None = None) -> NodeDefinition:
    ways = {way: Reference(target, _PLACE) for way, target in (on or {}).items()}
    return NodeDefinition(name, kind, options, _PLACE, _SOURCE, on=ways)


def _accepts(pin: Pin) -> Callable[[str], bool]:
    codes, hashed, digits = frozenset((*pin.codes, *pin.secret)), pin.hashed, pin.digits

    def accepts(keyed: str) -> bool:
        if len(keyed) != digits or not keyed.isdigit():
            return False
        return keyed in codes or any(opens(keyed, written) for written in hashed)

    return accepts


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: PinOptions = node.options
    ok = wiring.branch(node, "ok")
    assert ok is not None

    def build(prompts: tuple[Prompt, ...]) -> Gather:
        return Gather(
            prompts,
            timeout=options.timeout,
            digit_timeout=options.digit_timeout,
            max_digits=options.max_digits,
            terminator=options.terminator,
            barge_in=options.barge_in,
            sensitive=True,
        )

    def judge(session: Session, digits: str) -> Step | str:
        # What was keyed is kept nowhere: no variable, no log, ``•`` in the record.
        return "no_input" if not digits else ok if options.accepts(digits) else "no_match"

    failed = {failure: step for failure in FAILURES if (step := wiring.branch(node, failure)) is not None}
    return compile_asking(wiring, options, build, {}, judge, failed, sensitive=True)


PIN = NodeType(
    "pin",
    PinOptions,
    _compile,
    Branches("on", ("ok", *FAILURES), ("ok", *FAILURES)),
    main="prompt",
    texts=asked_texts,
)
