"""Which URLs name a store, and that no message shows a password."""

from __future__ import annotations

import pytest

from router.store import StoreError
from router.store.urls import parse_url

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("url", "backend", "database", "display"),
    [
        ("sqlite:///var/line400.db", "sqlite", "var/line400.db", "var/line400.db"),
        ("sqlite:////var/lib/线路/line400.db", "sqlite", "/var/lib/线路/line400.db", "/var/lib/线路/line400.db"),
        ("postgresql://db.example/line400", "postgresql", "line400", "postgresql://db.example/line400"),
        (f"postgresql://u:{SECRET}@db:5433/x", "postgresql", "x", "postgresql://db:5433/x"),
        (f"postgres://u:{SECRET}@db/x?sslmode=require", "postgresql", "x", "postgresql://db/x"),
        ("postgresql:///x?host=/run/postgresql", "postgresql", "x", "postgresql:///run/postgresql/x"),
    ],
)
def test_a_url_names_a_store(url: str, backend: str, database: str, display: str) -> None:
    target = parse_url(url)
    assert (target.backend, target.url.database, target.display) == (backend, database, display)
    assert target.url.drivername == {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[backend]


def test_sslmode_is_given_to_the_driver_under_its_own_name() -> None:
    assert dict(parse_url("postgresql://db/x?sslmode=require").url.query) == {"ssl": "require"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "var/line400.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "postgresql://db",
        "postgresql://db:port/x",
        f"mysql://u:{SECRET}@db/x",
        f"postgresql://u:{SECRET}@db:99x/x",
        f"u:{SECRET}@db/x",
    ],
)
def test_a_url_that_names_no_store_is_refused_with_a_cure_and_without_the_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        parse_url(url)
    assert caught.value.code == "bad_url"
    assert "sqlite:///var/line400.db" in caught.value.cure.en
    said = "".join((*caught.value.message, *caught.value.cure))
    assert SECRET not in said
    assert SECRET not in repr(caught.value.__cause__)
