"""The live router: FastAGI, AMI, the route book and the store put together.

`LiveRouter` serves calls until it is stopped. A new revision (`swap`) and a new overlay (`set_overlay`) are in force
for the calls that begin after them; a call keeps what it began with. An error inside one call ends that call only.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ivr_flows.findings import Text

from ..book import RouteBook
from ..clock import Clock
from ..happenings import Telling, wanted
from ..metrics.meters import Meters
from ..model import Settings
from ..outside.events import EventSender
from ..overlay import EMPTY, Overlay
from ..record import CallRecord
from ..store import CallWriter, Store, StoreError
from ..switch_calls import SwitchRefusal
from ..traffic import Traffic
from ..webhooks import CallTeller, WebhookSender
from .ami_link import AmiAccess, AmiLink, AmiUnavailable
from .background import in_background
from .conversation import Conversation, Surroundings
from .counting import CallCounter
from .driver import Fetcher, Messenger, Recogniser
from .fastagi import AgiChannel, FastAgiServer, Limits
from .housekeeping import keep_house
from .live_call import SoundMaker
from .live_view import LiveView
from .outside import Outside
from .prompts import Catalogue, constant_prompts
from .reconciling import ACTOR
from .remembering import StoreMemory, remembers
from .status import status_of
from .watching import Loader, StoreWatch

log = logging.getLogger("line400.service")

LAST_CALLS = 20


class ServiceError(Exception):
    """The service cannot start. ``message`` says what is in the way, ``cure`` what to do."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


def listen_error(error: OSError, host: str, port: int, key: str) -> ServiceError:
    """Why an address cannot be listened on, in words; ``key`` is where line400.yaml sets it."""
    cure = Text(
        f"Set another `{key}` in line400.yaml, or stop what uses it (`ss -ltnp` shows it).",
        f"请在 line400.yaml 中改用其他 `{key}`，或停止占用它的程序（可用 `ss -ltnp` 查看）。",
    )
    if error.errno == errno.EADDRINUSE:
        message = Text(
            f"Port {port} on {host} is in use; perhaps another `line400 serve` is running.",
            f"{host} 的端口 {port} 已被占用，可能另一个 `line400 serve` 正在运行。",
        )
    elif error.errno in (errno.EACCES, errno.EPERM):
        message = Text(
            f"Port {port} on {host} may not be used by this user.", f"当前用户无权使用 {host} 的端口 {port}。"
        )
        cure = Text(
            f"Set a port above 1023 at `{key}` in line400.yaml.", f"请在 line400.yaml 的 `{key}` 使用大于 1023 的端口。"
        )
    else:
        reason = error.strerror or type(error).__name__
        message = Text(f"{host}:{port} cannot be listened on: {reason}.", f"无法监听 {host}:{port}：{reason}。")
    return ServiceError(message, cure)


class LiveRouter:
    """Serves the calls of one switch.

    ``store`` None: records go only to ``on_record``. ``ami_secret`` None: read from the environment variable that
    ``settings.asterisk.secret_env`` names. ``loader`` compiles a revision by its name when the store says that
    another one is current. ``fetcher``, ``messenger`` and ``recogniser`` perform `Fetch`, `SendMessage` and `Listen`;
    where one is not given it is what the settings name (a router of test calls asks nobody). Without a messenger no
    message is sent, without a recogniser only keys are understood. ``traffic`` is what goes on beside its own calls.
    ``speak`` makes sound files of prompts that are not known before a call, ``script_over`` tells of a test call that
    its caller hung up as the script ends. ``drain_seconds`` bounds how long `stop` waits for calls, ``flush_seconds``
    how long for their records to be written (both real). ``test`` marks every call.
    """

    def __init__(
        self,
        book: RouteBook,
        store: Store | None,
        clock: Clock,
        settings: Settings,
        *,
        test: bool = False,
        overlay: Overlay = EMPTY,
        ami_secret: str | None = None,
        router_id: str | None = None,
        loader: Loader | None = None,
        fetcher: Fetcher | None = None,
        messenger: Messenger | None = None,
        recogniser: Recogniser | None = None,
        catalogue: Catalogue | None = None,
        speak: SoundMaker | None = None,
        script_over: Callable[[str], bool] = lambda call_id: False,
        limits: Limits | None = None,
        traffic: Traffic | None = None,
        data_of: Callable[[str], Mapping[str, Any] | None] | None = None,
        on_begin: Callable[[CallRecord], None] | None = None,
        on_record: Callable[[CallRecord], None] | None = None,
        drain_seconds: float = 10.0,
        flush_seconds: float = 5.0,
        ami_wait_seconds: float = 2.0,
    ) -> None:
        self.store = store
        self.clock = clock
        self.settings = settings
        self.router_id = router_id or ""
        self.catalogue = Catalogue() if catalogue is None else catalogue
        self.drain_seconds = drain_seconds
        self.flush_seconds = flush_seconds
        self.ami_wait_seconds = ami_wait_seconds
        self.on_begin = on_begin
        self.on_record = on_record
        self.meters = Meters()
        self.last: deque[CallRecord] = deque(maxlen=LAST_CALLS)
        self.store_failure: StoreError | None = None
        self.orphans_closed = 0
        self.stopping = False
        self.started_at = 0.0
        self.link = AmiLink(AmiAccess("", 0, "", ""))
        self._secret = ami_secret
        self._loader = loader
        self._server = FastAgiServer(self._call, limits)
        self._writer: CallWriter | None = None
        self._watch: StoreWatch | None = None
        self._view = LiveView(self)
        self._active: dict[str, Conversation] = {}
        self._chores: set[asyncio.Task[None]] = set()
        # A router of test calls asks and tells nobody.
        self._outside = None if test else Outside(settings, clock)
        outside = self._outside
        self._webhooks: WebhookSender | None = None
        self._memory = None if store is None or test else StoreMemory(store, clock, settings.retention)
        self._around = Surroundings(
            book,
            overlay,
            clock,
            self.catalogue,
            None,
            None,
            fetcher or (outside.fetcher if outside else None),
            self._audit_leg,
            test,
            self._closed,
            data_of,
            messenger or (outside.messenger if outside else None),
            recogniser or (outside.recogniser if outside else None),
            speak,
            script_over,
            announcer=outside.announcer if outside else None,
            setup=self.meters.setup,
        )
        if self._memory is not None:
            self._around.memory = self._around.recaller = self._memory
        self._around.counter = self.counter = CallCounter(Traffic() if traffic is None else traffic, book.zone)
        self._learn(book)

    # ---- life

    @property
    def book(self) -> RouteBook:
        """The snapshot that new calls get."""
        return self._around.book

    @property
    def overlay(self) -> Overlay:
        """The overlay that new calls get."""
        return self._around.overlay

    @property
    def fastagi_port(self) -> int:
        """The FastAGI port listened on."""
        return self._server.port

    @property
    def refused_connections(self) -> Counter[str]:
        """FastAGI connections that were closed because of what the peer did, by reason."""
        return self._server.refused

    @property
    def records_waiting(self) -> int:
        """Call records that are not in the store yet."""
        return 0 if self._writer is None else self._writer.waiting

    @property
    def ready(self) -> bool:
        """Whether a call that arrives now would be served in full."""
        return bool(self._server.port) and not self.stopping and self.link.connected and self.store_failure is None

    async def start(self) -> None:
        """Listen, connect to AMI, close what a dead router of this id left open, watch the store.

        Raises `ServiceError` for a port in use and a missing secret, `StoreError` for a store that cannot be used.
        AMI being away is no error: calls are served without it, and it is tried again.
        """
        fastagi = self.settings.fastagi
        secret = self._ami_secret()
        try:
            await self._server.start(fastagi.host, fastagi.port)
        except OSError as error:
            raise listen_error(error, fastagi.host, fastagi.port, "fastagi.port") from None
        self.started_at = self.clock.now()
        if self._outside is not None:
            self._outside.start()
        try:
            self.router_id = self.router_id or f"{socket.gethostname()}:{self._server.port}"
            if self.store is not None:
                await self._use_store(self.store)
            access = self.settings.asterisk
            self.link = AmiLink(
                AmiAccess(access.host, access.port, access.username, secret),
                on_up=self._ami_up,
                on_refused=self._leg_refused,
            )
            self._around.link = self.link
            self.link.start()
            await self.link.wait_connected(self.ami_wait_seconds)
        except BaseException:
            await self.stop()
            raise
        log.info("serving FastAGI on %s:%d", fastagi.host, self._server.port)

    async def stop(self) -> None:
        """Take no more calls, let those in progress end within ``drain_seconds``, close everything."""
        self.stopping = True
        await self._server.stop(self.drain_seconds)
        for chore in list(self._chores):
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await self.link.stop()
        if self._outside is not None:
            await self._outside.close()
        if self._memory is not None:
            await self._memory.stop()
        if self._around.teller is not None:
            await self._around.teller.stop()
        if self._webhooks is not None:
            await self._webhooks.stop()
        watch, self._watch = self._watch, None
        writer, self._writer = self._writer, None
        if watch is not None:
            await watch.stop()
        if writer is not None:
            await writer.close(self.flush_seconds)
        if self.store is not None and watch is not None:
            try:
                await self.store.forget_router(self.router_id)
            except StoreError as error:
                log.warning("the store could not be told of the stop: %s", error.code)

    def swap(self, book: RouteBook) -> None:
        """Give ``book`` to the calls that begin from now on."""
        self._learn(book)
        self._around.book = book
        if self.store is not None and self._writer is not None:
            self._chore(self.counter.learn(book, self.store, self.clock.now()), "count-calls")
        if self._watch is not None:
            self._watch.lay_over()

    def set_overlay(self, overlay: Overlay) -> None:
        """Give ``overlay`` to the calls that begin from now on."""
        self._around.overlay = overlay

    @property
    def announcer(self) -> EventSender | None:
        """What tells the company's own service of events; None where the settings name none."""
        return self._outside.announcer if self._outside is not None else None

    async def _use_store(self, store: Store) -> None:
        now = self.clock.now()
        store.retention = self.settings.retention
        await store.register_router(self.router_id, now, os.getpid(), socket.gethostname())
        # Listening already: a second router on the same port has failed before it could touch the first one's calls.
        self.orphans_closed = await store.close_orphans(self.router_id, now, exclude=set(self._active))
        if self.orphans_closed:
            log.warning("%d calls that a lost router left open were closed", self.orphans_closed)
        self._writer = CallWriter(store, self.router_id, self._store_failed)
        self._writer.start()
        if self._memory is not None:
            self._memory.start()
        self._start_telling(store)
        self._around.journal = self._writer
        await self.counter.learn(self.book, store, now)
        if self._memory is not None:
            self._chores.add(in_background(keep_house(store, self.settings, self.clock, ACTOR), "housekeeping"))
        self._watch = StoreWatch(self, store, self.router_id, self._loader)
        await self._watch.start()

    def _start_telling(self, store: Store) -> None:
        """Tell the receivers of webhooks, where there are any, from here on."""
        receivers = self.settings.webhooks
        if not receivers or self._outside is None:
            return
        kinds = frozenset[str]().union(*(wanted(receiver.events) for receiver in receivers))
        store.telling = Telling(kinds, ZoneInfo(self.settings.timezone))
        self._around.teller = CallTeller(store, self.clock, kinds)
        self._around.teller.start()

        def instance_of(number: str | None) -> str:
            return self.book.instance_of(number).name or ""

        self._webhooks = WebhookSender(store, self.clock, self.settings, instance_of, os.environ)
        self._webhooks.start()

    def _ami_secret(self) -> str:
        variable = self.settings.asterisk.secret_env or "LINE400_AMI_SECRET"
        secret = self._secret if self._secret is not None else os.environ.get(variable, "")
        if not secret:
            raise ServiceError(
                Text(
                    f"The AMI password is not set: the environment variable {variable} is empty.",
                    f"未设置 AMI 密码：环境变量 {variable} 为空。",
                ),
                Text(
                    f"Set {variable}, or name another variable at `asterisk.secret_env` in line400.yaml.",
                    f"请设置 {variable}，或在 line400.yaml 的 `asterisk.secret_env` 中指定其他变量。",
                ),
            )
        return secret

    def _learn(self, book: RouteBook) -> None:
        self._around.remembers = remembers(book)
        self.catalogue.learn(constant_prompts(book))

    # ---- calls

    async def _call(self, channel: AgiChannel) -> None:
        conversation = Conversation(channel, self._around)
        call_id = ""

        def began(record: CallRecord) -> None:
            nonlocal call_id
            call_id = record.call_id
            self._active[call_id] = conversation
            if self.on_begin is not None:
                self.on_begin(record)

        try:
            await conversation.run(self._active.__contains__, began)
        finally:
            self._active.pop(call_id, None)

    def _closed(self, record: CallRecord) -> None:
        self.meters.ended(record, self.book.instance_of(record.called).name or "")
        self.last.appendleft(record)
        if self.on_record is not None:
            self.on_record(record)

    def _store_failed(self, error: StoreError, given_up: int) -> None:
        if self.store_failure is None or self.store_failure.code != error.code:
            log.error("call records wait: %s", error.message.en)
        if given_up:
            log.error("%d call records were given up", given_up)
        self.store_failure = error

    def store_works(self) -> None:
        """The store answered: what was said of it before is over, once every record is written."""
        if self._writer is None or not self._writer.waiting:
            self.store_failure = None

    async def _audit_leg(self, code: str, presented: str) -> None:
        log.error("a leg was refused: %s", code)
        if self.store is not None:
            try:
                await self.store.audit(ACTOR, "refuse_outbound", presented, self.clock.now(), code)
            except StoreError as error:
                self._store_failed(error, 0)

    def _leg_refused(self, uniqueid: str, source: str, presented: str) -> None:
        """The switch refused a leg that this router did not ask for."""
        log.error("the switch refused a leg of %s", source.partition("-")[0])
        leg = SwitchRefusal(uniqueid, source, presented, self.clock.now())
        self._chore(self._audit_refused(leg), "audit-refusal")

    async def _audit_refused(self, leg: SwitchRefusal) -> None:
        if self.store is not None:
            try:
                await self.store.audit_refused(leg, ACTOR)
            except StoreError as error:
                self._store_failed(error, 0)

    def _ami_up(self, first: bool) -> None:
        if not first:
            self._chore(self._ask_again(), "ask-again")

    def _chore(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = in_background(work, name)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _ask_again(self) -> None:
        """AMI was away: ask for what was missed. A call whose channel is no more, although its connection still
        stands (the switch restarted, the network lost the end), is given up."""
        conversations = list(self._active.values())
        try:
            channels = await self.link.channels()
        except AmiUnavailable:
            return
        for conversation in conversations:
            if conversation.channel.environment.get("agi_uniqueid") not in channels:
                conversation.channel.give_up()
            elif conversation.call is not None:
                await conversation.call.ami_is_back()

    # ---- looking at it

    def status(self) -> dict[str, Any]:
        """The state of the router as JSON values; callers are masked (see `masked`)."""
        return status_of(self)

    def in_progress(self) -> list[tuple[str, CallRecord | None]]:
        """The calls in progress, oldest first: the switch's id of the caller's channel, and the record once there is
        one."""
        return [
            (conversation.channel.environment.get("agi_uniqueid", ""), conversation.record)
            for conversation in self._active.values()
        ]

    async def live(self, *, reveal: bool = False) -> dict[str, Any]:
        """What goes on now; see `router.asterisk.live_view`."""
        return await self._view.document(reveal=reveal)

    def active_records(self) -> list[CallRecord]:
        """The records of the calls in progress, oldest first."""
        return [conversation.record for conversation in self._active.values() if conversation.record is not None]
