"""What the API does, as a table: one `Operation` per method and path, with everything that is said and checked of it.

A resource is a module with a tuple of operations. The HTTP application, the OpenAPI document and the tests of who may
what are made from the same tuples. How to add one stands in CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from aiohttp import web
from pydantic import BaseModel

from ivr_flows.findings import Language, Text

from .fields import Nothing
from .refusal import Refused, stale
from .roles import ACTIONS, Role

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
BODY_LIMIT: Final = 256 * 1024

P = TypeVar("P")
Q = TypeVar("Q")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``name`` is what the audit calls them; ``actions`` is what they may. ``key`` names the token or
    session, ``user`` the person of a session."""

    name: str
    role: Role
    actions: frozenset[str]
    kind: Literal["token", "session"]
    key: str
    user: str | None = None

    def may(self, action: str) -> bool:
        """Whether this one may do ``action``."""
        return action in self.actions


@dataclass(slots=True)
class Call(Generic[P, Q, B]):
    """One request, checked: who asks, and path, query and body as their models.

    ``now`` is epoch seconds. ``after`` is the key of the last item of the page before (see `Page`), None on the first
    page. ``if_match`` are the versions that the client takes for current, where the operation edits.
    """

    request: web.Request
    operation: Operation
    who: Principal
    language: Language
    now: float
    request_id: str
    path: P
    query: Q
    body: B
    after: tuple[Any, ...] | None = None
    if_match: frozenset[str] = frozenset()

    def expects(self, version: str) -> None:
        """Refuse with 412 unless ``version`` is what the client saw last. To be called where the change is made (in its
        transaction, under its lock), else two clients may both pass."""
        if version not in self.if_match:
            raise stale()

    def need(self, action: str) -> None:
        """Refuse with 403 unless the client may do ``action`` too."""
        if not self.who.may(action):
            raise forbidden(self.who, action)


def forbidden(who: Principal, action: str) -> Refused:
    """403: the role, or the scope of the token, does not allow the action."""
    roles = ", ".join(sorted(ACTIONS[action].roles))
    text = ACTIONS[action].text
    return Refused(
        403,
        "forbidden",
        Text(
            f"{who.name} ({who.role}) may not: {text.en} ({action}).",
            f"{who.name}（{who.role}）无权：{text.zh}（{action}）。",
        ),
        Text(f"Roles that may: {roles}.", f"有此权限的角色：{roles}。"),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with more than its value. ``version`` becomes the ETag, ``location`` the URL of what was made."""

    value: Any
    status: int | None = None
    version: str | None = None
    location: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. ``after`` is the key by which the next page begins (JSON values, without personal data);
    None: this is the last."""

    items: Sequence[Any]
    after: Sequence[Any] | None = None


class Progress(Protocol):
    """What long work reports to."""

    async def __call__(self, done: float, total: float | None = None, said: Text | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Work:
    """Long work, begun by a request and followed as an operation at ``/api/v1/operations/{id}``. ``run`` gives the
    result as JSON values; a `Refused` that it raises, or what the application explains, becomes the operation's
    error."""

    kind: str
    run: Callable[[Progress], Awaitable[Any]]


Handler = Callable[[Any, Any], Awaitable[Any]]
"""``async def handler(call: Call[Path, Query, Body], services: Services)``. It gives a JSON value, `Answer`, `Page`,
`Work` or an aiohttp response of its own."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path below ``/api/v1``.

    - ``name`` is the operation's id in the document, ``tag`` its resource; ``action`` is what may be needed to do it
      (see `router.api.roles`), None: everybody, without a token.
    - ``path_model``, ``query``, ``body`` say what is taken; ``answer`` what the JSON answer is, for a list one item.
    - ``paged``: the answer is ``{"items": […], "next": …}``; the handler gives a `Page`.
    - ``versioned``: the answer carries an ETag. ``edits``: ``If-Match`` is required; the handler calls
      `Call.expects` with the version there is.
    - ``creates``: status 201 and ``Location``, and an ``Idempotency-Key`` makes repeating it harmless. ``repeatable``:
      the key is taken although nothing is created.
    - ``long``: status 202 and an operation to follow; the handler gives `Work`.
    - ``media``: the answer is not JSON but this media type. ``upload``: the body is this media type and the handler
      reads it from ``call.request``, at most ``body_limit`` bytes.
    - ``socket``: the handler answers with a WebSocket.
    - ``errors``: statuses besides those that every operation may answer with.
    - ``body_example`` and ``answer_example`` stand in the document; the tests send and validate them.
    """

    name: str
    method: Method
    path: str
    tag: str
    summary: Text
    action: str | None
    handler: Handler
    path_model: type[BaseModel] = Nothing
    query: type[BaseModel] = Nothing
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    paged: bool = False
    versioned: bool = False
    edits: bool = False
    creates: bool = False
    repeatable: bool = False
    long: bool = False
    media: str | None = None
    upload: str | None = None
    socket: bool = False
    secret: bool = False
    body_limit: int = BODY_LIMIT
    errors: tuple[int, ...] = ()
    body_example: Any = None
    answer_example: Any = None

    def __post_init__(self) -> None:
        if self.action is not None and self.action not in ACTIONS:
            raise ValueError(f"{self.name}: there is no action {self.action} in router.api.roles")

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method in WRITES

    @property
    def success(self) -> int:
        """The status of an answer that nothing else was said of."""
        return 202 if self.long else 201 if self.creates and self.status == 200 else self.status

    @property
    def takes_key(self) -> bool:
        """Whether an ``Idempotency-Key`` is understood. An answer with a secret is never kept, so not there."""
        return (self.creates or self.repeatable or self.long) and not self.secret
