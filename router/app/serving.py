"""What ``serve`` is put together from: the store, the current revision, the live router, the status page."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr_flows.findings import Text
from router.accounting.keeping import ArrearsKeeper
from router.api import ApiServer
from router.asterisk.background import in_background
from router.asterisk.reconciling import SwitchRecords
from router.asterisk.service import LiveRouter
from router.asterisk.watching import Loader
from router.book import RouteBook
from router.clock import Clock
from router.configuration import TODAY_CODES, load_files
from router.desk.desk import looking
from router.desk.keeping import LifeKeeper
from router.desk.standing import standing
from router.life.reminding import REMINDED
from router.model import ApplyWatch, Configuration, Settings
from router.regions import warm_up
from router.store import Store

from .access import first_token
from .asterisk_here import AsteriskHere
from .invocation import Invocation
from .loading import load_content, load_folder, load_settings
from .mounting import mounts_of
from .problems import DONE, usage
from .revisions.guard import guard_revisions
from .revisions.scheduler import follow_schedules
from .revisions.watching import FolderWatch
from .served import Revisions, Served
from .speaking import keep_spoken, speaker
from .stores import author_of
from .supervision import supervision

log = logging.getLogger("line400.serve")


async def serve_until_stopped(invocation: Invocation, *, watch: bool) -> int:
    """Serve until SIGINT or SIGTERM. Raises `Problem`, `ServiceError` and `StoreError` for what prevents the start."""
    settings, _ = load_settings(invocation)
    require_secret(settings.asterisk.secret_env or "LINE400_AMI_SECRET", invocation.environment)
    log_to_stderr(quiet=invocation.quiet)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(await Store.open(settings.store))
        configuration, revision = await current_configuration(invocation, store)
        await _warn_of_today(invocation, configuration, store, settings)
        book = await asyncio.to_thread(RouteBook.compile, configuration, revision)
        settings = of_this_machine(settings, configuration.settings)
        speak = speaker(invocation, settings)
        revisions = Revisions()
        revisions.learn(revision, configuration)
        loader = loader_of(invocation, store, revisions)
        router = LiveRouter(book, store, Clock(), settings, loader=loader, speak=speak)
        await asyncio.to_thread(warm_up)  # else the first rule on a province stops every call while the data load
        stopped = _stop_signals()
        await router.start()
        stack.push_async_callback(router.stop)
        token = await first_token(store, router.clock.now())
        served = Served(invocation, router, store, revisions)
        api = ApiServer(router, settings.api, await mounts_of(served))
        await api.start()
        stack.push_async_callback(api.stop)
        switch = SwitchRecords(_switch_cdr(invocation, settings), store, router.clock, lambda: router.book)
        tasks = [
            in_background(switch.follow(), "switch-records"),
            in_background(keep_spoken(invocation, settings, lambda: router.book), "speak-ahead"),
            in_background(follow_schedules(invocation, store, router.router_id), "schedules"),
            in_background(guard_revisions(store, partial(_watch_of, router)), "guard-revisions"),
            in_background(_keeper(router, store).follow(), "lives"),
            in_background(
                ArrearsKeeper(store, lambda: revisions[router.book.revision], router.clock).follow(), "arrears"
            ),
        ]
        if watch:
            tasks.append(in_background(FolderWatch(invocation, configuration.files).follow(), "watch-folder"))
        for task in tasks:
            stack.callback(task.cancel)
        await stack.enter_async_context(supervision())
        _say_where(invocation, router, api, revision, token)
        await stopped.wait()
        invocation.note(Text("Stopping; calls in progress may end first.", "正在停止；进行中的呼叫会先结束。"))
    return DONE


def of_this_machine(here: Settings, revision: Settings) -> Settings:
    """The settings of ``revision`` with the places of ``here``, the folder that this router was started with: routers
    that share a store run the same revision and listen at addresses of their own."""
    return replace(
        revision,
        store=here.store,
        api=here.api,
        fastagi=here.fastagi,
        other_routers=here.other_routers,
        asterisk=here.asterisk,
        switch_cdr=here.switch_cdr,
        recordings=here.recordings,
        sounds=here.sounds,
        speech_command=here.speech_command,
    )


def _switch_cdr(invocation: Invocation, settings: Settings) -> Path:
    """Where the switch writes its own call records."""
    named = settings.switch_cdr
    return Path(named) if named is not None else AsteriskHere.of(invocation).cdr


def _keeper(router: LiveRouter, store: Store) -> LifeKeeper:
    """What keeps the lives of numbers, by the settings of the revision that runs."""
    return LifeKeeper(store, lambda: router.book.settings, router.clock, router.router_id, router.announcer)


def _watch_of(router: LiveRouter, revision: str) -> ApplyWatch | None:
    """How ``revision`` is looked after, by its own settings; None where another one runs here."""
    return router.book.settings.apply if router.book.revision == revision else None


def require_secret(variable: str, environment: Mapping[str, str]) -> None:
    """See that the AMI password is set. Raises `Problem` naming the variable."""
    if not environment.get(variable):
        raise usage(
            "secret-missing",
            Text(
                f"The environment variable {variable} with the AMI password is not set.",
                f"没有设置环境变量 {variable}（AMI 密码）。",
            ),
            Text(
                f"export {variable}=…; it is the `secret` of the AMI user in Asterisk's manager.conf.",
                f"export {variable}=…；即 Asterisk 的 manager.conf 中该 AMI 用户的 secret。",
            ),
        )


async def current_configuration(invocation: Invocation, store: Store) -> tuple[Configuration, str]:
    """The configuration of the current revision and its name; the folder's, applied as the first revision, where there
    is none. Raises `Problem` for a folder with errors."""
    current = await store.current()
    if current is None:
        configuration = await asyncio.to_thread(load_folder, invocation)
        made = await store.apply_revision(
            configuration.files, author_of(None), "first start of serve", time.time(), expected_current=None
        )
        invocation.note(
            Text(
                f"{invocation.config} is applied as revision {made.revision}.",
                f"已将 {invocation.config} 应用为版本 {made.revision}。",
            )
        )
        return configuration, made.revision
    content = await store.get_revision(current.revision)
    return await asyncio.to_thread(load_content, invocation, content.files), current.revision


def loader_of(invocation: Invocation, store: Store, revisions: Revisions) -> Loader:
    """What compiles a revision that became current while the router runs, and tells ``revisions`` of it; in a thread,
    so that calls go on."""

    async def load(name: str) -> RouteBook:
        content = await store.get_revision(name)
        configuration = await asyncio.to_thread(load_content, invocation, content.files)
        book = await asyncio.to_thread(RouteBook.compile, configuration, name)
        revisions.learn(name, configuration)
        return book

    return load


async def _warn_of_today(
    invocation: Invocation, configuration: Configuration, store: Store, settings: Settings
) -> None:
    """Say what should be known today; what the keeper of lives reminds of, it says itself."""
    now = time.time()
    today = datetime.fromtimestamp(now, ZoneInfo(configuration.settings.timezone)).date()
    findings = load_files(configuration.files, invocation.config, at=today).findings
    known = await standing(looking(store, settings, invocation.config, configuration, author_of(None), now))
    for finding in known.joined(one for one in findings if one.code in TODAY_CODES):
        if finding.code not in REMINDED:
            invocation.warn(finding.message)


def _say_where(invocation: Invocation, router: LiveRouter, api: ApiServer, revision: str, token: str | None) -> None:
    fastagi = f"{router.settings.fastagi.host}:{router.fastagi_port}"
    if invocation.json:
        told = {"url": api.url, "fastagi": fastagi, "revision": revision, "ami": router.link.connected}
        told["pid"] = os.getpid()
        invocation.document(told if token is None else {**told, "admin_token": token})
        return
    invocation.line(
        invocation.say(
            Text(
                f"Serving revision {revision}: status page {api.url}, FastAGI {fastagi}. Ctrl-C stops.",
                f"正在运行版本 {revision}：状态页 {api.url}，FastAGI {fastagi}。按 Ctrl-C 停止。",
            )
        )
    )
    if token is not None:
        invocation.line(
            invocation.say(
                Text(
                    f"The API's first token, of the role admin, shown only now: {token}",
                    f"API 的首个令牌（角色 admin），仅此一次显示：{token}",
                )
            )
        )
    if not router.link.connected:
        access = router.settings.asterisk
        invocation.warn(
            Text(
                f"AMI at {access.host}:{access.port} does not answer; it is tried again, calls are served meanwhile.",
                f"AMI {access.host}:{access.port} 没有响应；将继续重试，其间照常处理呼叫。",
            )
        )
    invocation.out.flush()


def _stop_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    return stopped


def log_to_stderr(*, quiet: bool) -> None:
    """One format for all; of libraries only warnings and worse, an exception that nobody awaits among them."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    logging.getLogger("line400").setLevel(logging.WARNING if quiet else logging.INFO)
