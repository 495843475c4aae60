# Everything a person or a build machine does with replydesk. `make help` lists it.
# Needs make and Python 3.11 or newer, nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PY := $(BIN)/python
STAMP := $(VENV)/installed-for
JOBS ?= 2
SOURCES := bot handlers integrations tests scripts

# The stamp names the folder it was made for: a moved checkout or a vanished Python is set up anew.
ifneq ($(shell $(PY) -c 'print("runs")' 2>/dev/null):$(shell cat $(STAMP) 2>/dev/null),runs:$(shell pwd -P))
.PHONY: $(STAMP)
endif

.PHONY: help setup demo run test test-servers test-slow check bench bench-alerts chaos model day peers test-peers docs lock catalogues

help: ## list what there is
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv and install the locked packages into it
	@:

$(STAMP): requirements.lock pyproject.toml
	@set -e; \
	found=; without_venv=; \
	for candidate in $(PYTHON) python3.14 python3.13 python3.12 python3.11 python3 python; do \
	  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  if "$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then found=$$candidate; break; fi; \
	  without_venv=$${without_venv:-$$candidate}; \
	done; \
	if [ -z "$$found" ] && [ -n "$$without_venv" ]; then \
	  echo "$$without_venv cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv (or $$without_venv-venv). Then run make again." >&2; exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
	  echo "replydesk needs Python 3.11 or newer, and none was found. Install it, or name it: make setup PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! $(PY) -c '' >/dev/null 2>&1 || [ "$$(cat $(STAMP) 2>/dev/null || pwd -P)" != "$$(pwd -P)" ]; then \
	  echo "Making $(VENV) with $$("$$found" --version)."; "$$found" -m venv --clear $(VENV); \
	fi; \
	rm -f $(STAMP); \
	echo "Installing the locked packages; the first time this takes about a minute."; \
	$(PY) -m pip install --quiet --disable-pip-version-check --no-warn-script-location --require-hashes -r requirements.lock; \
	$(PY) -m pip install --quiet --disable-pip-version-check --no-warn-script-location --no-deps --no-build-isolation -e .; \
	printf '%s\n' "$$(pwd -P)" > $(STAMP)

demo: setup ## open the console with a sandbox network; no accounts needed
	@exec $(BIN)/replydesk demo

run: setup ## run with replydesk.toml
	@exec $(BIN)/replydesk run

# A part that is named runs whole.
QUICK = not peer and not slow$(if $(findstring tests/,$(T)),, and not servers)

test: setup ## run the quick tests, some minutes (T=path/or/options narrows it)
	$(PY) -m pytest -n $(JOBS) --dist worksteal -m "$(QUICK)" $(T)

test-servers: setup ## what starts PostgreSQL, Redis, a browser or whole desks
	$(PY) -m pytest -n $(JOBS) --dist worksteal -m "servers and not peer and not slow" $(T)

test-slow: setup ## the minutes of kills and floods, and all of what `make test` samples
	REPLYDESK_EVERY_K=1 REPLYDESK_KILLS=$${REPLYDESK_KILLS:-20} REPLYDESK_FLOOD=$${REPLYDESK_FLOOD:-10000} $(PY) -m pytest -n $(JOBS) --dist worksteal -m "slow or sampled" $(T)

check: setup ## formatting, types, who may import whom, known vulnerabilities, wheel contents
	$(PY) -m ruff check $(SOURCES)
	$(PY) -m ruff format --check $(SOURCES)
	$(PY) -m mypy $(SOURCES)
	$(BIN)/lint-imports
	$(PY) scripts/check_vulnerabilities.py
	$(PY) scripts/check_wheel.py
	$(PY) -m scripts.catalogues check
	$(PY) scripts/check_docs.py

bench: setup ## measure against the floor programs (FULL=1: a million items, a hundred starts)
	BENCH_FULL=$(if $(FULL),1,) $(PY) -m tests.benchmarks $(T)

bench-alerts: setup ## judge the alerts on public data in REPLYDESK_BENCH_DATA, against their gates
	$(PY) -m tests.benchmarks.alerts

chaos: setup ## kill the desk at its worst moments and judge from outside (SHORT=1, FULL=1: docs/reliability.md)
	$(PY) -m tests.chaos --form $(if $(FULL),full,$(if $(SHORT),short,normal)) $(T)

model: setup ## random lives of the desk under all promises (FULL=1: 10,000 of them)
	REPLYDESK_MODEL=$(if $(FULL),full,whole) $(PY) -m pytest -n $(JOBS) tests/chaos/model $(T)

day: setup ## play a day of a thousand comments to a scripted team, and judge it
	$(PY) -m tests.day $(T)

peers: setup ## install the real servers that test-peers runs against
	$(PY) scripts/peers/run.py install

test-peers: setup ## run against real servers; what is missing fails instead of skipping
	REPLYDESK_REQUIRE_SERVICES=1 $(PY) -m pytest -m peer tests/peers $(T)

docs: setup ## check that every link in the documentation leads somewhere
	$(PY) scripts/check_docs.py

catalogues: setup ## gather what the desk says into its catalogues, and compile them
	$(PY) -m scripts.catalogues

lock: setup ## renew both locks from pyproject.toml
	$(PY) scripts/lock.py
