"""A new configuration for one's own company, made of the packaged template."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import TypeVar

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal
from router.model import Carrier

from .consistency import PREFIX_CARRIERS, grouped
from .files_on_disk import WriteError
from .loader import load
from .number_values import read_base_number, read_carrier, read_city, read_number, read_province

T = TypeVar("T")


class InitError(Exception):
    """A configuration that cannot be made. ``option`` names the option at fault, or is empty."""

    def __init__(self, message: Text, cure: Text, option: str = "") -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure
        self.option = option


@dataclass(frozen=True, slots=True)
class Options:
    """One's own company, as typed. ``carrier`` (unicom, mobile, telecom) is taken from the number's first four digits
    where it is left out, province and city from the base number. ``number`` None: the company has none yet."""

    company: str
    number: str | None
    base_number: str
    carrier: str | None = None
    province: str | None = None
    city: str | None = None


def write_new(folder: Path, options: Options, beside: Mapping[str, str] | None = None) -> list[Path]:
    """Write a configuration that passes the check into ``folder``, which is made, or must be empty. Returns the files.

    ``beside`` are further files, by their path in the folder: the schemas that the files name for editors.

    The number is routed over its one line and bound to the flow ``welcome``; without one there is only the line. All
    files are written elsewhere and
    checked before the first one appears in the folder. Raises `InitError` for a wrong option or a folder in use,
    `WriteError` where the disk refuses.
    """
    values = _values(options)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InitError(
                Text(f"{folder} is not an empty folder.", f"{folder} 不是空目录。"),
                Text("Name a new or empty folder; nothing is overwritten.", "请指定新目录或空目录；不会覆盖任何文件。"),
            )
        parent = folder.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".line400-init-", dir=parent))
        draft = scratch / "config"
        try:
            draft.mkdir()
            written = _write_draft(draft, values | {"store": _store_name(folder)}, bare=options.number is None)
            for name, text in (beside or {}).items():
                (draft / name).parent.mkdir(parents=True, exist_ok=True)
                (draft / name).write_text(text, "utf-8")
                written.append(name)
            _check(draft)
            _move(draft, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise WriteError(
            Text(f"{folder} cannot be written: {reason}.", f"无法写入 {folder}：{reason}。"),
            Text("Check the permissions and the free space.", "请检查权限和磁盘空间。"),
        ) from error
    return [folder / path for path in written]


def _values(options: Options) -> dict[str, str]:
    company = " ".join(options.company.split())
    if not company or len(company) > 120 or not company.isprintable():
        raise InitError(
            Text("The company's name is missing or too long.", "公司名称缺失或过长。"),
            Text("Give it with --company.", "请用 --company 给出。"),
            "company",
        )
    number = None if options.number is None else _option("number", read_number, options.number)
    base = _option("base_number", read_base_number, options.base_number)
    carrier = _carrier(options.carrier, number or "")
    place = _place(base)
    province = _option("province", read_province, options.province or place[0])
    city = _option("city", read_city, options.city or place[1] or province)
    return {
        "company": json.dumps(company, ensure_ascii=False),
        "number": grouped(number) if number else "",
        "digits": number or "",
        "base_number": json.dumps(options.base_number.strip(), ensure_ascii=False),
        "carrier": carrier,
        "province": province,
        "city": json.dumps(city, ensure_ascii=False),
    }


def _store_name(folder: Path) -> str:
    """A store of its own for each folder: two configurations side by side must not share revisions and records."""
    name = folder.absolute().name
    return name if name != "config" and re.fullmatch(r"[\w-]{1,64}", name) else "line400"


def _option(name: str, read: Callable[[object], T], value: object) -> T:
    try:
        return read(value)
    except Refusal as error:
        raise InitError(error.message, error.cure, name) from error


def _carrier(written: str | None, number: str) -> Carrier:
    known: tuple[Carrier, ...] = ("unicom", "mobile", "telecom")
    word = read_carrier(written) if written else PREFIX_CARRIERS.get(number[:4])
    for carrier in known:
        if word == carrier:
            return carrier
    raise InitError(
        Text(f"`{written}` is no carrier of 400 numbers.", f"`{written}` 不是 400 号码的运营商。")
        if written
        else Text(f"The carrier of {grouped(number)} cannot be told from its digits.", "从号码前四位无法判断运营商。")
        if number
        else Text("The carrier of the line is not given.", "没有给出线路的运营商。"),
        Text("Give unicom, mobile or telecom with --carrier.", "请用 --carrier 给出 unicom、mobile 或 telecom。"),
        "carrier",
    )


def _place(base: str) -> tuple[str, str]:
    from router.callers import caller_facts

    facts = caller_facts(base)
    unknown = "未知"
    return facts.province, "" if facts.city == unknown else facts.city


def _template_files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _template_files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".yaml"):
            yield prefix + entry.name, entry.read_text("utf-8")


def _write_draft(draft: Path, values: dict[str, str], *, bare: bool) -> list[str]:
    """Write the template; ``bare``: without what needs a number, some files by another one."""
    written: list[str] = []
    template = dict(_template_files(files("router.configuration") / "template"))
    if bare:
        template |= dict(_template_files(files("router.configuration") / "template_bare"))
        template = {name: text for name, text in template.items() if not name.startswith("scenarios/")}
    for name, text in template.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(text).substitute(values), "utf-8")
        written.append(name)
    return written


def _check(draft: Path) -> None:
    """The template is ours, so that only an option can be wrong here."""
    bad = [finding for finding in load(draft).findings if finding.severity != "info"]
    if bad:
        raise InitError(bad[0].message, bad[0].cure)


def _move(draft: Path, folder: Path) -> None:
    """Put the draft in place: in one step where the folder does not exist, else entry by entry, undone on failure."""
    if not folder.exists():
        os.rename(draft, folder)
        return
    moved: list[Path] = []
    try:
        for entry in sorted(draft.iterdir()):
            target = folder / entry.name
            if target.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
            os.rename(entry, target)
            moved.append(target)
    except OSError:
        for path in moved:
            os.rename(path, draft / path.name)
        raise


__all__ = ["InitError", "Options", "WriteError", "write_new"]
