"""The fixtures of the store's contract suite, which runs once per database."""

from tests.postgres import find_programs, must_be_there, postgres
from tests.stores import another_url, open_store, pytest_generate_tests, store, url

__all__ = ["another_url", "open_store", "postgres", "pytest_generate_tests", "store", "url"]

collect_ignore = [] if find_programs() is not None or must_be_there() else ["test_store_postgres.py"]
