"""A command that cannot do its work: one message, one cure, one exit status.

Exit statuses (CONTRACT, *Command line*): 0 done, 1 the thing checked is not right, 2 wrong usage or unreadable
input, 3 refused by policy, 4 a needed service cannot be reached.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence

from ivr_flows.findings import Finding, Language, Text

DONE = 0
NOT_RIGHT = 1
USAGE = 2
REFUSED = 3
UNREACHABLE = 4
INTERRUPTED = 130

NO_CURE = Text("", "")
LONGEST = 600
"""Characters of a message or cure; a longer one repeats a very long word of the user's and is cut in the middle."""

_STATUS_OF_CODE = {
    "agent-refused": NOT_RIGHT,
    "conflict": NOT_RIGHT,
    "backup_invalid": USAGE,
    "bad_url": USAGE,
    "invalid_data": USAGE,
    "not_empty": USAGE,
    "unquotable": USAGE,
    "unknown_entry": USAGE,
    "unknown_revision": USAGE,
    "unknown_schedule": USAGE,
}
"""Codes of the store that are not about reaching it."""

_REASONS_ZH = {
    errno.ENOENT: "文件或目录不存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许此操作",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EEXIST: "已存在",
    errno.EROFS: "文件系统只读",
    errno.ENOSPC: "磁盘空间不足",
    errno.ENAMETOOLONG: "名称过长",
}

_NOTHING_MORE_FITS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class Problem(Exception):
    """Ends a command with ``status``. ``findings`` are printed before the message when the fault is in files."""

    def __init__(
        self,
        status: int,
        code: str,
        message: Text,
        cure: Text = NO_CURE,
        findings: Sequence[Finding] = (),
    ) -> None:
        super().__init__(message.en)
        self.status = status
        self.code = code
        self.message = Text(_in_short(message.en), _in_short(message.zh))
        self.cure = Text(_in_short(cure.en), _in_short(cure.zh))
        self.findings = tuple(findings)

    def as_json(self, language: Language) -> dict[str, object]:
        """The document that ``--json`` prints in place of a result."""
        error: dict[str, object] = {
            "code": self.code,
            "message": self.message.to(language),
            "cure": self.cure.to(language) or None,
            "status": self.status,
        }
        document: dict[str, object] = {"error": error}
        if self.findings:
            document["findings"] = [finding.as_json(language) for finding in self.findings]
        return document


def usage(code: str, message: Text, cure: Text = NO_CURE) -> Problem:
    """A `Problem` of wrong usage or unreadable input."""
    return Problem(USAGE, code, message, cure)


def unreachable(code: str, message: Text, cure: Text = NO_CURE) -> Problem:
    """A `Problem` of a service that is needed and cannot be reached."""
    return Problem(UNREACHABLE, code, message, cure)


def describe(error: BaseException) -> Problem | None:
    """The problem that an exception of another part amounts to, or None where it is not meant for users.

    Such exceptions carry ``message`` and ``cure`` as `Text`, some of them ``findings``. Faults of a store or of the
    network mean a service that cannot be reached, unless their code says that the user asked for the wrong thing; every
    other one is about what the user wrote.
    """
    if isinstance(error, Problem):
        return error
    message = getattr(error, "message", None)
    if isinstance(message, Text):
        cure = getattr(error, "cure", NO_CURE)
        code = getattr(error, "code", None) or _kebab(type(error).__name__)
        module = type(error).__module__
        service = isinstance(error, OSError) or module.startswith(("router.store", "router.asterisk", "router.api"))
        status = _STATUS_OF_CODE.get(str(code), UNREACHABLE) if service else USAGE
        findings: Sequence[Finding] = getattr(error, "findings", ())
        if len(findings) == 1 and findings[0].message == message:  # one sentence, told once
            code, findings = findings[0].code, ()
        return Problem(status, str(code), message, cure, findings)
    if isinstance(error, OSError):
        return _operating_system(error)
    return None


def _operating_system(error: OSError) -> Problem:
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is not None:
        reason_zh = _REASONS_ZH.get(error.errno or 0, reason)
        return usage(
            "file-error",
            Text(f"{error.filename}: {reason}.", f"{error.filename}：{reason_zh}。"),
            Text("Check the path and its permissions.", "请检查路径及其权限。"),
        )
    if error.errno in _NOTHING_MORE_FITS:
        return unreachable(
            "output-failed",
            Text(f"The output cannot be written: {reason}.", f"无法写出结果：{reason}。"),
            Text("Make room, or write elsewhere.", "请腾出空间，或改写到别处。"),
        )
    return unreachable(
        "service-error",
        Text(f"A service cannot be reached: {reason}.", f"服务无法连接：{reason}。"),
        Text("Check the address and that the service is running.", "请检查地址，并确认服务正在运行。"),
    )


def _in_short(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]}…{text[-LONGEST // 4 :]}"


def _kebab(name: str) -> str:
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
    return words.strip("-").removesuffix("-error")
