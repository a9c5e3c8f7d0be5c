"""Alembic's migrations of the store, packaged with it; `router.store.schema` runs them."""
