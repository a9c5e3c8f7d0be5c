"""Lines that a version control system left where two changes of one file contradict each other.

Git, Mercurial and Subversion write the same: ``<<<<<<<`` and ``>>>>>>>`` at the beginning of a line around both sides,
``=======`` between them, ``|||||||`` before what was there first.
"""

from __future__ import annotations

import re

from .findings import Finding, Place, Text

MOST = 20
_BEGINS = re.compile(r"^<{7}(?: .*)?$", re.MULTILINE)
_ENDS = re.compile(r"^>{7}(?: .*)?$", re.MULTILINE)


def conflicts(text: str, name: str) -> list[Finding]:
    """A finding for each conflict in ``text``, at its first line: the first `MOST` of them."""
    found: list[Finding] = []
    if "<<<<<<<" not in text:
        return found
    position = 0
    while len(found) < MOST:
        begins = _BEGINS.search(text, position)
        ends = _ENDS.search(text, begins.end()) if begins else None
        if begins is None or ends is None:
            break
        first, last = (text.count("\n", 0, match.start()) + 1 for match in (begins, ends))
        found.append(
            Finding(
                "error",
                "merge-conflict",
                Place(name, first, 1),
                Text(
                    f"Two changes contradict each other on the lines {first} to {last}: a merge was not finished.",
                    f"第 {first} 至 {last} 行有合并冲突：两处修改互相矛盾，合并尚未完成。",
                ),
                Text(
                    "Keep what is right of the two, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>.",
                    "请保留正确的内容，并删除以 <<<<<<<、=======、>>>>>>> 开头的行。",
                ),
            )
        )
        position = ends.end()
    return found
