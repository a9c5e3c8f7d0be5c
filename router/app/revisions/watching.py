"""`serve --watch`: the plan of what was saved, shown when it is saved; applied only when somebody says so.

On a terminal the word ``apply`` (and a reason) puts what was shown in force; elsewhere `line400 apply` does.
A file with an error is shown with its findings and changes nothing.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping

from ivr_flows.findings import Text
from router.configuration import ConfigurationMissing, read_folder
from router.store import StoreError

from ..invocation import Invocation
from ..problems import Problem
from ..stores import author_of
from .pipeline import Judgement, commit, judge_folder, refusal
from .view import show_judgement

WATCH_SECONDS = 1.0
WORD = "apply"


class FolderWatch:
    """Watches the configuration folder of one `serve`. ``seen`` are the files that run at first."""

    def __init__(self, invocation: Invocation, seen: Mapping[str, bytes]) -> None:
        self.invocation = invocation
        self.seen = seen
        self.shown: Judgement | None = None
        self._commands: asyncio.Queue[str] = asyncio.Queue()

    async def follow(self) -> None:
        """Show every change, for ever. A folder or store that is away for a while is told once and looked for again."""
        away = ""
        if self.invocation.interactive:
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._typed)
        try:
            while True:
                try:
                    await self._apply_when_told()
                    await self.look()
                    away = ""
                except (ConfigurationMissing, StoreError) as error:
                    if error.message.en != away:
                        away = error.message.en
                        self.invocation.warn(error.message)
        finally:
            if self.invocation.interactive:
                asyncio.get_running_loop().remove_reader(sys.stdin.fileno())

    async def look(self) -> None:
        """Show what was saved since the last look."""
        files, _ = await asyncio.to_thread(read_folder, self.invocation.config)
        if files == self.seen:
            return
        self.seen, self.shown = files, None
        try:
            judged = await asyncio.to_thread(judge_folder, self.invocation)
        except Problem as problem:
            self.invocation.fail(problem)
            return
        if not self.invocation.json and not judged.none:
            show_judgement(self.invocation, judged)
        if judged.none:
            self.invocation.note(Text("Saved; no change against the current revision.", "已保存；与当前版本相同。"))
            return
        self.shown = judged
        how = (
            Text(
                "Saved; type `apply` and a reason, or run `line400 apply`.",
                "已保存；输入 apply 和理由，或运行 `line400 apply`。",
            )
            if self.invocation.interactive
            else Text("Saved; `line400 apply` puts it in force.", "已保存；用 `line400 apply` 使其生效。")
        )
        self.invocation.note(how)

    async def _apply_when_told(self) -> None:
        try:
            async with asyncio.timeout(WATCH_SECONDS):
                typed = await self._commands.get()
        except TimeoutError:
            return
        await self.obey(typed)

    async def obey(self, typed: str) -> None:
        """Do what was typed: ``apply`` and a reason puts what was shown last in force."""
        word, _, reason = typed.strip().partition(" ")
        if not word:
            return
        if word != WORD:
            self.invocation.note(Text("Type `apply` and a reason; Ctrl-C stops.", "可输入 apply 和理由；Ctrl-C 停止。"))
            return
        judged, self.shown = self.shown, None
        if judged is None:
            self.invocation.note(Text("There is nothing to apply.", "没有可应用的变化。"))
            return
        try:
            if judged.refusing:
                raise refusal(judged)
            made = await asyncio.to_thread(commit, judged, author_of(None), reason.strip() or None, time.time())
        except (Problem, StoreError) as error:
            self.invocation.warn(error.message)
            return
        self.invocation.note(Text(f"Revision {made.revision} is in force.", f"版本 {made.revision} 已生效。"))

    def _typed(self) -> None:
        line = sys.stdin.readline()
        if line:
            self._commands.put_nowait(line)
        else:
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
