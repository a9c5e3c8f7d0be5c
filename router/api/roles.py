"""Who may what: the one table from which the checks, the documents and the tests are made.

An *action* is what an operation of the API does; each is allowed to some *roles*. ``admin`` may everything. A token may
be scoped to fewer actions than its role has, never to more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from ivr_flows.findings import Text

Role = Literal["viewer", "qa", "support", "engineer", "reviewer", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

ROLE_TEXTS: Final[dict[Role, Text]] = {
    "viewer": Text("reads numbers, calls and reports; callers are masked", "查看号码、通话与报表；主叫号码打码"),
    "qa": Text("test calls, scenarios and explorations", "测试呼叫、场景与路径探索"),
    "support": Text(
        "edits configuration, answers the inbox, announces and blocks", "编辑配置、处理留言、发布通知与拦截"
    ),
    "engineer": Text("applies and rolls back revisions; runs lines and trunks", "应用与回退版本，管理线路与中继"),
    "reviewer": Text("reviews qualifications and applications", "审核资质与号码申请"),
    "admin": Text("everything, and who may do what", "全部权限，并管理人员与令牌"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a request does. ``roles`` are those that may, besides ``admin``."""

    name: str
    text: Text
    roles: frozenset[Role]


def _action(name: str, en: str, zh: str, *roles: Role) -> Action:
    return Action(name, Text(en, zh), frozenset({*roles, "admin"}))


_EVERYBODY: Final = ROLES

ACTIONS: Final[dict[str, Action]] = {
    action.name: action
    for action in (
        _action(
            "self.read", "see who one is, sign out, change one's password", "查看本人身份、退出、改密码", *_EVERYBODY
        ),
        _action("live.read", "see what goes on now", "查看当前运行状态", *_EVERYBODY),
        _action("numbers.read", "read numbers and where calls to them go", "查看号码及来电去向", *_EVERYBODY),
        _action(
            "configuration.read",
            "read lines, routes, flows, calendars, revisions",
            "查看线路、路由、流程、日历与版本",
            *_EVERYBODY,
        ),
        _action(
            "configuration.edit",
            "edit lines, routes, flows, calendars, bindings",
            "编辑线路、路由、流程、日历与绑定",
            "support",
            "engineer",
        ),
        _action("revisions.apply", "apply and roll back revisions", "应用与回退版本", "engineer"),
        _action("calls.read", "read call records", "查看呼叫记录", *_EVERYBODY),
        _action("callers.read", "see callers' numbers in full", "查看完整主叫号码", "support", "engineer"),
        _action(
            "calls.test",
            "place test calls; run scenarios and explorations",
            "测试呼叫，运行场景与探索",
            "qa",
            "support",
            "engineer",
        ),
        _action("calls.originate", "ask for an outbound call", "请求外呼", "support", "engineer"),
        _action(
            "inbox.read", "read and hear what callers left", "查看与收听来电者留下的内容", "qa", "support", "engineer"
        ),
        _action("inbox.work", "assign, finish and delete what callers left", "分派、办结与删除留言", "support"),
        _action("agents.read", "see queues and agents", "查看队列与座席", *_EVERYBODY),
        _action("agents.work", "sign agents in and out, pause them", "座席签入、签出与暂停", "support", "engineer"),
        _action("emergency.read", "see announcements and blocks", "查看通知与拦截", *_EVERYBODY),
        _action("emergency.act", "announce, block and unblock", "发布通知、拦截与解除", "support", "engineer"),
        _action(
            "life.read",
            "read qualifications, applications, tickets and bills",
            "查看资质、申请、工单与账单",
            "support",
            "engineer",
            "reviewer",
        ),
        _action(
            "life.work",
            "apply for numbers, hand in materials, order routes, renew, release",
            "申请号码、提交材料、路由工单、续费与释放",
            "support",
        ),
        _action("life.review", "review qualifications and applications", "审核资质与申请", "reviewer"),
        _action("webhooks.read", "see webhooks and what could not be delivered", "查看回调与未送达事件", "engineer"),
        _action("webhooks.edit", "set webhooks up, deliver again", "设置回调与重新投递", "engineer"),
        _action("audit.read", "read the audit", "查看审计", "engineer", "reviewer"),
        _action("access.manage", "users and tokens of others", "管理用户与令牌"),
    )
}


def may(role: Role, action: str) -> bool:
    """Whether ``role`` may do ``action``. Raises `KeyError` for an action that the table does not have."""
    return role in ACTIONS[action].roles


def actions_of(role: Role) -> frozenset[str]:
    """Everything that ``role`` may do."""
    return frozenset(name for name, action in ACTIONS.items() if role in action.roles)
