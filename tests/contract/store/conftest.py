"""The fixtures of the store's contract suite, which runs once per database."""

from tests.postgres import postgres
from tests.stores import another_url, open_store, pytest_generate_tests, store, url

__all__ = ["another_url", "open_store", "postgres", "pytest_generate_tests", "store", "url"]
