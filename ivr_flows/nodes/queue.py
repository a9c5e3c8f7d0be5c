"""``queue``: wait for an agent and talk to the one who answers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ..commands import ALL_KEYS, Prompt, Queue
from ..expressions import compile_value, is_template
from ..findings import Finding, Text
from ..results import QueueLeft
from ..schema import Duration, Refusal, Strict, unknown_name
from .kind import Branches, Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..environment import Environment
    from ..results import HungUp, Result
    from ..session import Session, Step

WAITING = {"zh": "请继续等待，座席将尽快为您服务。", "en": "Please hold, an agent will be with you shortly."}
LOWEST, HIGHEST = 1, 99
PRIORITY_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": LOWEST, "maximum": HIGHEST},
        {"type": "string", "pattern": r"^\s*\d+\s*$|\{\{"},
    ]
}
FALLS = {"full": "timeout", "no_agents": "timeout"}


def _keys(value: object) -> object:
    if value is None or isinstance(value, list):
        return value or []
    keys = list(str(value).replace(",", "").replace(" ", ""))
    if not ALL_KEYS.issuperset(keys):
        raise Refusal(
            Text(f"`{value}` are not telephone keys.", f"`{value}` 不是电话按键。"),
            Text('Write keys such as "0" or "*0".', '请写按键，例如 "0" 或 "*0"。'),
            "bad-keys",
        )
    return keys


def _priority(value: object) -> object:
    """A whole number from 1 to 99, or an expression that gives one in the call."""
    if isinstance(value, str) and is_template(value):
        return value
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if not LOWEST <= number <= HIGHEST:
        raise Refusal(
            Text(f"`{value}` is no priority.", f"`{value}` 不是优先级。"),
            Text(
                'Write a whole number from 1 (lowest) to 99, or an expression: "{{ level }}".',
                '请写 1（最低）到 99 的整数，或表达式："{{ level }}"。',
            ),
            "bad-priority",
        )
    return number


def _nearest_priority(value: object) -> int:
    """What an expression gave, as the nearest priority there is; what is no number is the lowest: nobody loses his
    call because of it."""
    try:
        number = float(str(value))
    except ValueError:
        return LOWEST
    return int(min(max(number, LOWEST), HIGHEST)) if number == number else LOWEST


class HoldFile(Strict):
    """A recording played while waiting."""

    file: str = Field(min_length=1)


class QueueOptions(Strict):
    """``timeout`` bounds the wait, in whole seconds (a fraction counts as one more: switches know no other).
    ``priority`` 1 (lowest) to 99, or an expression that gives it. ``announce_every`` repeats ``announcement`` while
    waiting (0: never); ``say_position`` says the place in the queue with it. ``exit_keys`` leave the queue by the
    branch of that key. ``hold``: texts and files played in turn instead of ``announcement``. ``whisper`` is what the
    agent hears before the caller; ``last_agent_first`` asks the switch for the agent who last spoke with the caller."""

    name: str
    timeout: Duration = Field(default=60.0, gt=0, le=86_400)
    priority: Annotated[int | str, BeforeValidator(_priority), WithJsonSchema(PRIORITY_SCHEMA)] = LOWEST
    skill: str | None = None
    music: str | None = None
    announce_every: Duration = Field(default=0.0, ge=0, le=3600)
    announcement: str | None = None
    say_position: bool = False
    exit_keys: Annotated[list[str], BeforeValidator(_keys)] = Field(default_factory=list)
    hold: list[str | HoldFile] = Field(default_factory=list, max_length=20)
    whisper: str | None = None
    last_agent_first: bool = False

    @model_validator(mode="after")
    def _hold_has_its_time(self) -> QueueOptions:
        if self.hold and (not self.announce_every or self.announcement is not None):
            raise Refusal(
                Text(
                    "`hold` needs `announce_every`, and stands in the place of `announcement`.",
                    "`hold` 需要同时写 `announce_every`，并代替 `announcement`。",
                ),
                Text("Write for example announce_every: 20s.", "例如 announce_every: 20s。"),
                "bad-hold",
            )
        return self


def _texts(options: QueueOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    yield ("name",), options.name
    for name in ("priority", "skill", "music"):
        written = getattr(options, name)
        if isinstance(written, str):
            yield (name,), written
    if options.announcement:
        yield ("announcement",), options.announcement
    if options.whisper:
        yield ("whisper",), options.whisper
    for index, item in enumerate(options.hold):
        if isinstance(item, str):
            yield ("hold", index), item


def _check(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    options: QueueOptions = node.options
    known = environment.queues
    if known is not None and not is_template(options.name) and options.name not in known:
        yield unknown_name(node.option_place("name"), Text("queue", "队列"), options.name, known, "unknown-queue")
    handled = {key for key in node.on if key in ALL_KEYS}
    for key in sorted(set(options.exit_keys) ^ handled):
        offered = key in options.exit_keys
        yield Finding(
            "error",
            "exit-key-not-handled" if offered else "exit-key-not-offered",
            node.option_place("exit_keys") if offered else node.on[key].place,
            Text(f"The exit key `{key}` has no branch.", f"退出键 `{key}` 没有对应的分支。")
            if offered
            else Text(f"The branch `{key}` is not among exit_keys.", f"分支 `{key}` 不在 exit_keys 中。"),
            Text(f'Add "{key}" under on:' if offered else f"Add {key} to exit_keys.", f"请补上 {key}。"),
        )


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: QueueOptions = node.options
    answered = wiring.branch(node, "answered")
    left = {name: wiring.branch(node, name) for name in ("timeout", "full", "no_agents")}
    keys = {key: wiring.steps[target.name] for key, target in node.on.items() if key in ALL_KEYS}
    abandoned = wiring.steps[node.on["abandoned"].name] if "abandoned" in node.on else None
    announcement: object = None
    if options.announce_every or options.say_position:
        words = options.announcement or WAITING["en" if wiring.language.startswith("en") else "zh"]
        announcement = wiring.prompt(words)

    hold = [wiring.prompt(item) if isinstance(item, str) else wiring.prompt(None, item.file) for item in options.hold]

    def build(
        name: str,
        priority: object,
        skill: str | None,
        music: str | None,
        said: Prompt | None,
        whisper: Prompt | None,
        *hold: Prompt,
    ) -> Queue:
        return Queue(
            name=name,
            timeout=float(math.ceil(options.timeout)),
            priority=_nearest_priority(priority),
            skill=skill or None,
            music=music or None,
            announce_every=options.announce_every,
            announcement=said,
            say_position=options.say_position,
            exit_keys=frozenset(keys),
            hold=hold,
            whisper=whisper,
            last_agent_first=options.last_agent_first,
        )

    priority = compile_value(options.priority) if isinstance(options.priority, str) else options.priority
    chosen = (wiring.text(options.name), priority, wiring.text(options.skill), wiring.text(options.music))
    parts = (*chosen, announcement, wiring.prompt(options.whisper), *hold)
    made = wiring.command(parts, build)

    def enter(session: Session, at: float) -> Command | Step:
        command: Queue = made(session, at) if callable(made) else made
        raised = session.context.priority
        if raised is not None and raised > command.priority:
            command = replace(command, priority=raised)
        session.queue = command.name
        session.phase = "queue"
        session._resume = after
        session._on_gone = gone
        return command

    def after(session: Session, result: Result) -> Command | Step:
        session.phase = "flow"
        if result.__class__ is not QueueLeft:
            step = left["no_agents"]
            return step if step is not None else session.switch_failed(result)
        how: str = result.how
        session.last = how
        if how == "answered":
            if session.outcome != "answered":
                session.outcome = "answered"
                session.agent = result.agent
                if session.answered_at is None:
                    session.answered_at = result.at if result.answered_at is None else result.answered_at
            return answered if answered is not None else finish_or_go(session, answered, "agent")
        if how == "key":
            return keys[result.key]
        following = left[how]
        assert following is not None
        return following

    def gone(session: Session, result: HungUp) -> Step | None:
        return abandoned

    return enter


QUEUE = NodeType(
    "queue",
    QueueOptions,
    _compile,
    Branches("on", ("answered", "timeout", "full", "no_agents", "abandoned"), ("timeout",), FALLS, keys=True),
    main="name",
    texts=_texts,
    check=_check,
)
