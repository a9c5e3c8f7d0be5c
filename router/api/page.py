"""The status page: one self-contained document in Chinese or English, filled by a script from ``/api/v1/status``.

Script and style stand in the document; the policy names them by their hashes, so nothing else runs. What the status
holds is only ever set as text.
"""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from string import Template

from ivr_flows.findings import Language, Text

_FOLDER = files(__package__ or "router.api")
_SCRIPT = (_FOLDER / "status.js").read_text("utf-8")
_STYLE = (_FOLDER / "status.css").read_text("utf-8")
_DOCUMENT = Template((_FOLDER / "status.html").read_text("utf-8"))


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode() + "'"


CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)}; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

WORDS: dict[str, Text] = {
    "title": Text("line400 live status", "line400 运行状态"),
    "ready": Text("Ready", "就绪"),
    "not_ready": Text("Not ready", "未就绪"),
    "unreachable": Text("The router does not answer", "路由服务无响应"),
    "revision": Text("Revision", "配置版本"),
    "no_revision": Text("files", "文件"),
    "numbers": Text("Numbers", "号码数"),
    "uptime": Text("Up for", "已运行"),
    "ami": Text("AMI", "AMI"),
    "connected": Text("connected", "已连接"),
    "away": Text("away", "未连接"),
    "store": Text("Store", "存储"),
    "works": Text("works", "正常"),
    "unused": Text("not used", "未使用"),
    "in_progress": Text("Calls in progress", "进行中的通话"),
    "finished": Text("Calls ended", "已结束的通话"),
    "last": Text("Last calls", "最近通话"),
    "none": Text("None", "无"),
    "started": Text("Start", "开始"),
    "caller": Text("Caller", "主叫"),
    "called": Text("Called", "被叫"),
    "line": Text("Line", "线路"),
    "flow": Text("Flow", "流程"),
    "node": Text("Node", "节点"),
    "outcome": Text("Outcome", "结果"),
    "digits": Text("Digits", "按键"),
    "queue": Text("Queue", "队列"),
    "agent": Text("Agent", "座席"),
    "lasts": Text("For", "时长"),
    "queues": Text("Queues and agents", "队列与座席"),
    "waiting": Text("Waiting", "等待"),
    "longest": Text("Longest", "最长等待"),
    "answered": Text("Answered", "已接"),
    "abandoned": Text("Abandoned", "放弃"),
    "agents": Text("Agents", "座席"),
    "paused": Text("paused", "暂停"),
    "idle": Text("idle", "空闲"),
    "talking": Text("talking", "通话中"),
    "ringing": Text("ringing", "振铃"),
    "on_hold": Text("on hold", "保持"),
    "unavailable": Text("unavailable", "离线"),
    "unknown": Text("unknown", "未知"),
    "no_queues": Text("The switch cannot be asked", "无法查询交换机"),
    "test": Text("test", "测试"),
    "hidden": Text("hidden", "隐藏"),
    "sign_in": Text("Sign in", "登录"),
    "sign_out": Text("Sign out", "退出"),
    "name": Text("Name", "用户名"),
    "password": Text("Password", "密码"),
    "updated": Text("Updated", "更新于"),
}


def language_of(accept: str, wanted: str | None = None) -> Language:
    """``wanted`` if it is ``zh`` or ``en``, else the better liked of the two in ``Accept-Language``, else ``zh``."""
    if wanted in ("zh", "en"):
        return "zh" if wanted == "zh" else "en"
    best: dict[str, float] = {}
    for part in accept[:1000].split(","):
        tag, _, parameters = part.strip().partition(";")
        name, _, value = parameters.strip().partition("=")
        try:
            quality = float(value) if name == "q" else 1.0
        except ValueError:
            quality = 0.0
        primary = tag.lower().partition("-")[0]
        if primary in ("zh", "en"):
            best[primary] = max(best.get(primary, 0.0), quality)
    return "en" if best.get("en", 0.0) > best.get("zh", 0.0) else "zh"


@lru_cache(maxsize=2)
def render_page(language: Language) -> str:
    """The document in ``language``."""
    words = {name: text.to(language) for name, text in WORDS.items()}
    other = "en" if language == "zh" else "zh"
    return _DOCUMENT.substitute(
        words,
        lang="zh-CN" if language == "zh" else "en",
        other=other,
        other_name="English" if other == "en" else "中文",
        # Inside a script element only "</" could end it; JSON allows the slash to be escaped.
        words_json=json.dumps(words, ensure_ascii=False).replace("</", "<\\/"),
        script=_SCRIPT,
        style=_STYLE,
    )
