"""The first tables: calls, revisions and their activation, audit, roles, overlay, life states, routers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

ROLES = (
    ("viewer", "Reads calls, numbers and reports.", "查看通话、号码和报表。"),
    (
        "qa",
        "Runs test calls, scenarios and explorations; reads everything.",
        "运行测试呼叫、场景和探索；可查看全部内容。",
    ),
    (
        "support",
        "Edits routes, flows and calendars; announces, blocks and unblocks.",
        "编辑路由、流程和日历；发布公告、拉黑和解除拉黑。",
    ),
    (
        "engineer",
        "Applies and rolls back revisions; runs routers, lines and trunks.",
        "应用和回滚版本；管理路由器、线路和中继。",
    ),
    (
        "reviewer",
        "Reviews qualifications and applications for numbers.",
        "审核 400 资质和号码申请。",
    ),
    ("admin", "Everything, and who may do what.", "全部权限，并管理人员与角色。"),
)


def _serial() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _json(*, none_as_null: bool = False) -> sa.JSON:
    return sa.JSON(none_as_null=none_as_null)


def upgrade() -> None:
    """Make the tables, their one-row pointers and the roles."""
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Text(), primary_key=True),
        sa.Column("caller", sa.Text()),
        sa.Column("caller_kind", sa.Text(), nullable=False),
        sa.Column("called", sa.Text()),
        sa.Column("called_by", sa.Text()),
        sa.Column("dialled", sa.Text(), nullable=False),
        sa.Column("started", sa.Double(), nullable=False),
        sa.Column("base_number", sa.Text()),
        sa.Column("line", sa.Text()),
        sa.Column("trunk", sa.Text()),
        sa.Column("flow", sa.Text()),
        sa.Column("revision", sa.Text()),
        sa.Column("rule", sa.Text()),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("path", _json(), nullable=False),
        sa.Column("heard", _json(), nullable=False),
        sa.Column("inputs", _json(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("abandoned_in", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("hangup_by", sa.Text()),
        sa.Column("hangup_cause", sa.Integer()),
        sa.Column("fault_code", sa.Text()),
        sa.Column("fault_by", sa.Text()),
        sa.Column("fault_en", sa.Text()),
        sa.Column("fault_zh", sa.Text()),
        sa.Column("entered", sa.Double()),
        sa.Column("answered", sa.Double()),
        sa.Column("ended", sa.Double()),
        sa.Column("router_id", sa.Text()),
        sa.Column("seen", sa.Double(), nullable=False),
    )
    op.create_index("calls_started", "calls", ["started"])
    op.create_index("calls_called", "calls", ["called", "started"])
    op.create_index("calls_caller", "calls", ["caller", "started"])
    op.create_index("calls_outcome", "calls", ["outcome", "started"])
    still_up = sa.text("outcome IS NULL")
    op.create_index("calls_open", "calls", ["router_id"], sqlite_where=still_up, postgresql_where=still_up)

    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("at", sa.Double(), nullable=False),
    )
    current = op.create_table(
        "current_revision",
        sa.Column(
            "id",
            sa.Integer(),
            sa.CheckConstraint("id = 1", name="current_revision_one"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("number", sa.Integer(), sa.ForeignKey("revisions.number")),
        sa.Column("since", sa.Double()),
    )
    op.create_table(
        "activations",
        sa.Column("id", _serial(), primary_key=True),
        sa.Column("number", sa.Integer(), sa.ForeignKey("revisions.number"), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", _serial(), primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("before", _json(none_as_null=True)),
        sa.Column("after", _json(none_as_null=True)),
    )
    op.create_index("audit_at", "audit", ["at"])
    op.create_index("audit_subject", "audit", ["subject", "at"])

    roles = op.create_table(
        "roles",
        sa.Column("role", sa.Text(), primary_key=True),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("description_zh", sa.Text(), nullable=False),
    )
    op.create_table(
        "actors",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("role", sa.Text(), sa.ForeignKey("roles.role"), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
    )
    op.create_table(
        "announcements",
        sa.Column("id", _serial(), primary_key=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("end_call", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("ended", sa.Double()),
    )
    op.create_index("announcements_until", "announcements", ["until"])
    op.create_table(
        "blocks",
        sa.Column("id", _serial(), primary_key=True),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("until", sa.Double()),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("ended", sa.Double()),
    )
    op.create_index("blocks_ended", "blocks", ["ended"])
    op.create_table(
        "number_states",
        sa.Column("number", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
    )
    op.create_table(
        "routers",
        sa.Column("router_id", sa.Text(), primary_key=True),
        sa.Column("started", sa.Double(), nullable=False),
        sa.Column("heartbeat", sa.Double(), nullable=False),
        sa.Column("previous", sa.Double()),
        sa.Column("pid", sa.Integer()),
        sa.Column("host", sa.Text()),
    )
    changes = op.create_table(
        "changes",
        sa.Column(
            "id", sa.Integer(), sa.CheckConstraint("id = 1", name="changes_one"), primary_key=True, autoincrement=False
        ),
        sa.Column("counter", sa.BigInteger(), nullable=False),
    )

    op.bulk_insert(roles, [{"role": r, "description_en": en, "description_zh": zh} for r, en, zh in ROLES])
    op.bulk_insert(current, [{"id": 1, "number": None, "since": None}])
    op.bulk_insert(changes, [{"id": 1, "counter": 0}])


def downgrade() -> None:
    """Remove everything, in the order that the references allow."""
    for table in (
        "changes",
        "routers",
        "number_states",
        "blocks",
        "announcements",
        "actors",
        "roles",
        "audit",
        "activations",
        "current_revision",
        "revisions",
        "calls",
    ):
        op.drop_table(table)
