# The commands of line400. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
STAMP_TEST := $(VENV)/.installed-test
# One more than processors: some tests wait for real time.
WORKERS ?= $(shell echo $$(( $$(nproc 2>/dev/null || echo 1) + 1 )))

# Tests on a real Asterisk run in real time and hear real sound: by themselves, a few side by side.
REAL := tests/contract/asterisk
SIDE_BY_SIDE := -n 3 --dist loadscope --no-loadscope-reorder

.PHONY: help setup demo test test-real test-long lint bench real-parts clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "line400 needs Python 3.11 or later as $(PYTHON): apt install python3 python3-venv, or make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[asterisk]"
	@touch $@

$(STAMP_TEST): $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,lint]'
	@touch $@

setup: $(STAMP) ## make .venv and install line400 into it

demo: $(STAMP) ## a test call to a 400 number, from dialling to the call record
	@$(BIN)/line400 demo

real-parts: $(STAMP_TEST)
	@$(BIN)/python -m tests.real_parts

test: $(STAMP_TEST) real-parts ## install what the tests need and run them
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/python -m tests.days_ahead 400 -n $(WORKERS) -m 'not long and not dateless' tests/unit
	$(BIN)/pytest $(SIDE_BY_SIDE) -m 'not long' $(REAL)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m 'not long' --ignore=$(REAL)

test-real: $(STAMP_TEST) real-parts ## the part of make test that runs on a real Asterisk
	$(BIN)/pytest $(SIDE_BY_SIDE) -m 'not long' $(REAL)

test-long: $(STAMP_TEST) real-parts ## all tests, whole campaigns and all seeds too
	$(BIN)/pytest $(SIDE_BY_SIDE) $(REAL)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --ignore=$(REAL)

lint: $(STAMP_TEST) ## ruff, format, mypy strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP_TEST) ## benchmarks; one by ONLY=name
	@$(BIN)/python -m bench.run $(ONLY)

clean: ## remove what was installed and made
	rm -rf $(VENV) var build *.egg-info
