"""A session: one call walking through one flow. Sans-I/O.

Laws of this file: no clock, no socket, no chance. One command is outstanding at a time and gets exactly one result.
After `HungUp` only commands that need no caller are emitted, then `End`; every session ends in exactly one `End`,
after which `resume` raises. What the call record shows (path, heard, inputs, outcome) is gathered here as it happens.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

from .commands import Answer, Command, End, Hangup, Play, Prompt
from .environment import Context
from .expressions import ExpressionError
from .findings import Fault, Text
from .observing import OBSERVE
from .results import Event, Failed, HungUp, Result

if TYPE_CHECKING:
    from .compiler import Flow
    from .nodes.kind import Enter, Gone, Resume
    from .passing import Passage
    from .texts import Wording

MAX_NODES_PER_CALL = 1000
"""Node entries after which a call is ended as running away (Twilio Studio stops at the same number of steps)."""

ANSWER = Answer()
HANGUP_NORMAL = Hangup(16)
HANGUP_FAILED = Hangup(41)
_ENDS = {
    outcome: End(outcome)
    for outcome in ("answered", "voicemail", "completed", "abandoned", "queued", "failed", "transferred")
}


Frame: TypeAlias = "tuple[tuple[tuple[str, Any], ...], Step | None]"
"""One subflow that is under way: what its arguments replaced, and the step of its branch ``failed``."""
NOT_SET: Final = object()
"""Stands in a `Frame` for a variable that was not there."""


@final
class Step:
    """A compiled node: its id and what happens on entering it."""

    __slots__ = ("enter", "id", "needs_caller", "passage")

    enter: Enter

    def __init__(self, node_id: str, needs_caller: bool) -> None:
        self.id = node_id
        self.needs_caller = needs_caller
        self.passage: Passage | None = None


class Session:
    """One call in a flow. See `start`, `resume`, `observe`; the attributes are what the record shows.

    ``path`` holds node ids at every entry, ``heard`` prompts as they began, ``inputs`` one item per input attempt.
    ``outcome`` is final once `End` was returned. Times are epoch seconds. ``language`` and ``voice`` are those that a
    node switched to (None: the flow's own), ``frames`` the subflows that are under way, ``loops`` how often each
    ``loop`` node went round, ``notes`` what the caller left: its kind and its fields. ``on_hangup`` is the hang-up hook
    of a flow that the call went on in (None: that of its first flow).
    """

    __slots__ = (
        "_ending",
        "_on_gone",
        "_resume",
        "_variables",
        "_waiting_enter",
        "abandoned_in",
        "agent",
        "answered_at",
        "context",
        "ended_at",
        "fault",
        "fault_noted",
        "flow",
        "frames",
        "gone",
        "hangup_by",
        "hangup_cause",
        "heard",
        "inputs",
        "language",
        "last",
        "loops",
        "notes",
        "on_hangup",
        "outcome",
        "path",
        "phase",
        "queue",
        "said",
        "script_ended",
        "stray",
        "tries",
        "typed_ahead",
        "voice",
    )

    def __init__(self, flow: Flow, context: Context) -> None:
        self.flow: Flow = flow
        self.context: Context = context
        self.path: list[str] = []
        self.heard: list[str] = []
        self.inputs: list[str] = []
        self.outcome: str | None = None
        self.abandoned_in: str | None = None
        self.queue: str | None = None
        self.hangup_by: str | None = None
        self.hangup_cause: int | None = None
        self.fault: Fault | None = None
        self.fault_noted = False
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.agent: str | None = None
        self.last: Any = None
        self.stray = 0
        self.phase = "flow"
        self.typed_ahead = ""
        self.gone = False
        self.script_ended = False
        self.tries = 0
        self.said = False
        self.language: str | None = None
        self.voice: str | None = None
        self.frames: tuple[Frame, ...] = ()
        self.loops: dict[str, int] | None = None
        self.notes: tuple[tuple[str, dict[str, Any]], ...] = ()
        self.on_hangup: Step | None = None
        self._variables: dict[str, Any] | None = None
        self._ending = "flow"
        self._waiting_enter: Enter | None = None
        self._resume: Resume = _not_started
        self._on_gone: Gone | None = None

    @property
    def variables(self) -> dict[str, Any]:
        """What `into`, `set`, the scenario's data and earlier calls of the caller defined so far."""
        if self._variables is None:
            context = self.context
            self._variables = {**(context.remembered or {}), **(context.data or {})}
        return self._variables

    @property
    def wording(self) -> Wording:
        """The wording of the flow that the current node belongs to."""
        return self.flow.wordings.get(self.path[-1], self.flow.wording)

    def start(self) -> Command:
        """The first command. Call once."""
        context = self.context
        if context.announcement is not None:
            return self.answer_first(_announce)
        step = self.flow.first
        self.path.append(step.id)
        try:
            following = step.enter(self, context.at)
        except ExpressionError as error:
            return self._expression_failed(error, context.at)
        return self._run(following, context.at) if isinstance(following, Step) else following

    def resume(self, result: Result) -> Command:
        """The next command, given the result of the outstanding one. Raises `RuntimeError` after `End`."""
        if result.__class__ is HungUp:
            return self._hung_up(result)
        try:
            # Two steps: a call of what a slot holds is slower in one.
            taken = self._resume
            step = taken(self, result)
            if step.__class__ is not Step:
                return step  # type: ignore[return-value]  # what is no step is a command
            path = self.path
            at = result.at
            while True:
                path.append(step.id)
                if len(path) > MAX_NODES_PER_CALL:
                    return self._runaway()
                enter = step.enter
                step = enter(self, at)
                if step.__class__ is not Step:
                    return step  # type: ignore[return-value]
        except ExpressionError as error:
            return self._expression_failed(error, result.at)

    def observe(self, event: Event) -> None:
        """Take an out-of-band fact into the record; the outstanding command stays."""
        OBSERVE[event.__class__](self, event)

    # What nodes use. ------------------------------------------------------------------------------------------

    def answer_first(self, enter: Enter) -> Command:
        """Answer the call, then go on with ``enter``."""
        self._waiting_enter = enter
        self._resume = _answered
        self._on_gone = None
        return ANSWER

    def wait_for(self, resume: Resume, gone: Gone | None = None) -> None:
        """Give the result of the command about to be returned to ``resume``, or a hang-up meanwhile to ``gone``,
        which may record what was had until then and name a node to run without the caller."""
        self._resume = resume
        self._on_gone = gone

    def end_call(self, by: str, command: Hangup = HANGUP_NORMAL) -> Command:
        """Hang up; the record will say that ``by`` (flow, agent, target, line400) ended the call."""
        self._ending = by
        if self.gone:
            return self._end()
        return command

    def fail(self, code: str, by: Any, message: Text) -> Command:
        """End the call because of a fault."""
        if self.fault is None or self.fault_noted:
            self.fault = Fault(code, by, message)
            self.fault_noted = False
        if self.outcome is None:
            self.outcome = "failed"
        return self.end_call("line400", HANGUP_FAILED)

    def note_fault(self, code: str, by: Any, message: Text) -> None:
        """Let the record show a fault that the flow goes on after; one that ends the call takes its place."""
        if self.fault is None:
            self.fault = Fault(code, by, message)
            self.fault_noted = True

    def note(self, kind: str, fields: dict[str, Any]) -> None:
        """Note what the caller left: a recording, a score, a wish to be called back."""
        self.notes = (*self.notes, (kind, fields))

    def leave_subflow(self) -> None:
        """The innermost subflow is over: its arguments are again what they were before it."""
        *outer, (saved, _) = self.frames
        self.frames = tuple(outer)
        variables = self.variables
        for name, value in saved:
            if value is NOT_SET:
                variables.pop(name, None)
            else:
                variables[name] = value

    def switch_failed(self, result: Result) -> Command:
        """End the call because the switch could not perform a command that has no branch for it."""
        reason = result.reason if isinstance(result, Failed) else type(result).__name__
        return self.fail(
            "switch_failed", "switch", Text(f"The switch failed: {reason}.", f"交换机执行失败：{reason}。")
        )

    # Inside. --------------------------------------------------------------------------------------------------

    def _run(self, step: Step, at: float) -> Command:
        """Enter ``step`` and the pure nodes behind it; without a caller, as far as no node needs one."""
        while True:
            self.path.append(step.id)
            if len(self.path) > MAX_NODES_PER_CALL:
                return self._runaway()
            if self.gone and step.needs_caller:
                return self._end()
            try:
                following = step.enter(self, at)
            except ExpressionError as error:
                recovered = self._recovered(error)
                if recovered is None:
                    return self.fail("expression_failed", "configuration", error.message)
                following = recovered
            if not isinstance(following, Step):
                if self.gone and self._resume is not _ended:
                    self._resume = _without_caller(self._resume)
                return following
            step = following

    def _expression_failed(self, error: ExpressionError, at: float) -> Command:
        recovered = self._recovered(error)
        if recovered is None:
            return self.fail("expression_failed", "configuration", error.message)
        return self._run(recovered, at)

    def _recovered(self, error: ExpressionError) -> Step | None:
        """The branch ``failed`` of the innermost subflow that has one; everything inside of it is over."""
        while self.frames:
            failed = self.frames[-1][1]
            self.leave_subflow()
            if failed is not None:
                self.note_fault("expression_failed", "configuration", error.message)
                return failed
        return None

    def _runaway(self) -> Command:
        return self.fail(
            "node_limit",
            "configuration",
            Text(
                f"The flow entered more than {MAX_NODES_PER_CALL} nodes in one call.",
                f"流程在一次通话中进入了超过 {MAX_NODES_PER_CALL} 个节点。",
            ),
        )

    def _hung_up(self, result: HungUp) -> Command:
        if self.gone:
            if self._resume is _ended:
                raise RuntimeError("the session has ended; nothing can be resumed")
            return self._end()
        self.gone = True
        self.ended_at = result.at
        by = result.by
        self.hangup_cause = result.cause
        if by == "flow":
            self.hangup_by = self._ending
            if self.outcome is None:
                self.outcome = "completed"
            return self._end()
        self.hangup_by = by
        if result.unheard:
            del self.heard[-result.unheard :]
        hook = self._on_gone(self, result) if self._on_gone is not None else None
        if self.outcome is None:
            self._close(by)
        if self.script_ended or by != "caller":
            return self._end()
        if hook is None or self.outcome != "abandoned":
            hook = self.on_hangup or self.flow.on_hangup
        return self._end() if hook is None else self._run(hook, result.at)

    def _close(self, by: str) -> None:
        if by == "caller":
            if self.script_ended and self.phase == "queue":
                self.outcome = "queued"
            else:
                self.outcome = "abandoned"
                self.abandoned_in = self.phase
        else:
            self.outcome = "failed"
            if self.fault is None or self.fault_noted:
                self.fault = Fault("call_lost", "switch", Text("The switch ended the call.", "交换机结束了通话。"))

    def _end(self) -> End:
        self._resume = _ended
        outcome = self.outcome
        assert outcome is not None
        return _ENDS[outcome] if self.fault is None else End(outcome, self.fault)


@lru_cache(maxsize=4096)
def _without_caller(resume: Resume) -> Resume:
    """``resume`` for a caller who has left: the nodes behind it run as far as none needs a caller."""

    def resume_gone(session: Session, result: Result) -> Command | Step:
        following = resume(session, result)
        return session._run(following, result.at) if isinstance(following, Step) else following

    return resume_gone


def _answered(session: Session, result: Result) -> Command | Step:
    if isinstance(result, Failed):
        return session.switch_failed(result)
    session.answered_at = result.at
    enter, session._waiting_enter = session._waiting_enter, None
    assert enter is not None
    return enter(session, result.at)


def _announce(session: Session, at: float) -> Command:
    text = session.context.announcement or ""
    session.heard.append(text)
    session.wait_for(_announced)
    return Play((Prompt(text, language=session.flow.language),))


def _announced(session: Session, result: Result) -> Command | Step:
    if session.context.end_after_announcement:
        return session.end_call("line400")
    return session.flow.first


def _not_started(session: Session, result: Result) -> Command | Step:
    raise RuntimeError("the session was not started; nothing can be resumed")


def _ended(session: Session, result: Result) -> Command | Step:
    raise RuntimeError("the session has ended; nothing can be resumed")
