"""``line400 asterisk``: the real switch, provided where there is none, run on what the applied revision makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr_flows.findings import Text

from ..asterisk_here import SIP_PORT, AsteriskHere
from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT, unreachable, usage
from .resolve import RevisionOption

if TYPE_CHECKING:
    from router.asterisk.generated import Drift
    from router.asterisk.host import RunningAsterisk
    from router.book import RouteBook

ACTIONS = ("up", "down", "generate", "check", "doctor")
_DRIFTS = {
    "missing": Text("is missing", "缺失"),
    "edited": Text("was edited by hand", "被手工改动"),
    "outdated": Text("is of another revision", "属于其他版本"),
    "foreign": Text("was not made by line400", "不是 line400 生成的"),
}


def asterisk(
    ctx: typer.Context,
    action: Annotated[
        str,
        typer.Argument(
            metavar="up|down|generate|check|doctor",
            help=both(
                "start (or reload) it · stop it · write its files · compare them with the revision · what is missing",
                "启动（或重新加载）· 停止 · 写出配置 · 与版本比较 · 检查缺少什么",
            ),
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help=both("generate: write to DIR", "generate：写到该目录"))
    ] = None,
    sip_host: Annotated[
        str, typer.Option("--sip-host", metavar="ADDRESS", help=both("where SIP is listened on", "SIP 监听地址"))
    ] = "127.0.0.1",
    sip_port: Annotated[
        int, typer.Option("--sip-port", metavar="PORT", min=1, max=65535, help=both("its port", "SIP 端口"))
    ] = SIP_PORT,
    revision: RevisionOption = None,
) -> int:
    """Runs on the current revision; on the files where nothing was applied yet, or on --revision."""
    invocation: Invocation = ctx.obj
    if action not in ACTIONS:
        raise usage(
            "unknown-action",
            Text(f"There is no `line400 asterisk {action}`.", f"没有 `line400 asterisk {action}`。"),
            Text(f"One of: {', '.join(ACTIONS)}.", f"可选：{'、'.join(ACTIONS)}。"),
        )
    here = AsteriskHere.of(invocation)
    if action == "down":
        return _down(invocation, here)
    if action == "doctor":
        from ..asterisk_doctor import examine

        return examine(invocation, here)
    book = _book(invocation, revision)
    if action == "up":
        return _up(invocation, here, book, sip_host, sip_port)
    if action == "generate":
        return _generate(invocation, here, book, out, sip_host, sip_port)
    return _check(invocation, here, book, out, sip_host, sip_port)


def _book(invocation: Invocation, revision: str | None) -> RouteBook:
    from router.book import RouteBook

    from ..loading import load_settings
    from ..stores import read
    from ..world import load

    if revision is None and read(load_settings(invocation)[0].store, lambda store: store.current()) is not None:
        revision = "current"
    configuration, label = load(invocation, revision)
    return RouteBook.compile(configuration, label)


def _files(here: AsteriskHere, at: RunningAsterisk, book: RouteBook, sip_host: str, sip_port: int) -> dict[str, str]:
    from router.asterisk.generated import generate

    return generate(book, here.places(at, book, sip_host, sip_port), here.secrets(book))


def _up(invocation: Invocation, here: AsteriskHere, book: RouteBook, sip_host: str, sip_port: int) -> int:
    from router.asterisk.host import AsteriskError

    at = here.instance(here.provide(invocation.note))
    files = _files(here, at, book, sip_host, sip_port)
    changed = [name for name, text in files.items() if at.on_disk().get(name) != text]
    at.write(files)
    spoken = _speak(invocation, here, at, book)
    ran = at.pid is not None
    try:
        if ran and changed:
            at.reload()
        at.start()
    except AsteriskError as error:
        raise unreachable("asterisk-failed", error.message, error.cure) from None
    document: dict[str, Any] = {
        "pid": at.pid,
        "version": at.programs.version,
        "source": at.programs.source,
        "revision": book.revision,
        "sip": f"{sip_host}:{sip_port}",
        "ami": f"{book.settings.asterisk.host}:{book.settings.asterisk.port}",
        "folder": str(at.folder),
        "changed": changed,
        "prompts": spoken,
    }
    if invocation.json:
        invocation.document(document)
        return DONE
    invocation.line(
        invocation.say(
            Text(
                f"Asterisk {at.programs.version} runs revision {book.revision}: SIP {document['sip']}, "
                f"AMI {document['ami']}, process {at.pid}.",
                f"Asterisk {at.programs.version} 正在运行版本 {book.revision}：SIP {document['sip']}，"
                f"AMI {document['ami']}，进程 {at.pid}。",
            )
        )
    )
    variable = book.settings.asterisk.secret_env or "LINE400_AMI_SECRET"
    invocation.note(
        Text(
            f"The router's password is in {here.folder / 'secrets.json'} (`ami`): "
            f"export {variable}=…, then `line400 serve`.",
            f"路由服务的密码在 {here.folder / 'secrets.json'} 的 `ami` 中：export {variable}=…，然后 `line400 serve`。",
        )
    )
    return DONE


def _speak(invocation: Invocation, here: AsteriskHere, at: RunningAsterisk, book: RouteBook) -> int:
    """Make the sound files of the book's prompts, with progress on a terminal; how many there are."""
    from router.asterisk.sounds import SpeechError
    from router.asterisk.waiting_sound import waiting_sounds

    from ..loading import load_settings
    from ..speaking import speak_all

    library = here.sounds(at, load_settings(invocation)[0])
    try:
        library.beep()
        library.music(at.data / "moh")
        report = speak_all(invocation, library, book)
        library.waiting(waiting_sounds(book).values(), at.data / "moh")
    except SpeechError as error:
        raise unreachable("no-speech", error.message, error.cure) from None
    for _, why in report.missing:
        invocation.warn(why)
    return report.made + report.there


def _down(invocation: Invocation, here: AsteriskHere) -> int:
    at = here.instance(here.programs())
    ran = at.pid is not None
    at.stop()
    if invocation.json:
        invocation.document({"stopped": ran})
    else:
        said = Text("Asterisk is stopped.", "Asterisk 已停止。") if ran else Text("It did not run.", "它没有在运行。")
        invocation.line(invocation.say(said))
    return DONE


def _generate(
    invocation: Invocation, here: AsteriskHere, book: RouteBook, out: Path | None, sip_host: str, sip_port: int
) -> int:
    from router.configuration.files_on_disk import write_atomic

    at = here.instance(here.programs())
    files = _files(here, at, book, sip_host, sip_port)
    target = out or at.etc
    target.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_atomic(target / name, text.encode())
        (target / name).chmod(0o600)
    if invocation.json:
        invocation.document({"folder": str(target), "files": sorted(files), "revision": book.revision})
    else:
        invocation.line(
            invocation.say(
                Text(
                    f"{len(files)} files of revision {book.revision} are in {target}.",
                    f"版本 {book.revision} 的 {len(files)} 个文件已写入 {target}。",
                )
            )
        )
    return DONE


def _check(
    invocation: Invocation, here: AsteriskHere, book: RouteBook, out: Path | None, sip_host: str, sip_port: int
) -> int:
    from router.asterisk.generated import drift

    at = here.instance(here.programs())
    folder = out or at.etc
    on_disk = {
        path.name: path.read_text(encoding="utf-8", errors="replace")
        for path in (folder.glob("*.conf") if folder.is_dir() else ())
    }
    found: list[Drift] = drift(_files(here, at, book, sip_host, sip_port), on_disk)
    if invocation.json:
        invocation.document(
            {"revision": book.revision, "drift": [{"file": item.file, "kind": item.kind} for item in found]}
        )
        return NOT_RIGHT if found else DONE
    for item in found:
        invocation.line(f"{folder / item.file}: {invocation.say(_DRIFTS[item.kind])}")
    if not found:
        invocation.line(
            invocation.say(
                Text(f"All files are those of revision {book.revision}.", f"所有文件均与版本 {book.revision} 一致。")
            )
        )
        return DONE
    invocation.note(Text("`line400 asterisk up` writes them anew.", "用 `line400 asterisk up` 重新写出。"))
    return NOT_RIGHT
