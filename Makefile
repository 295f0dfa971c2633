# Sets up a virtual environment from the hash-pinned locks and runs the project in it.
#
# Two stamps inside .venv say what is installed: run.stamp what the server needs, dev.stamp what the checks need as
# well. Each is renewed only when its lock or pyproject.toml changes. The locks hold the same versions, so the second
# only adds to the first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Modules are compiled when they are first imported, which most never are: set-up takes a fifth less time.
INSTALL := $(BIN)/python -m pip --disable-pip-version-check --quiet install --no-compile
CODE := $(wildcard src tests bench)

.PHONY: help
help: ## Show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: $(VENV)/run.stamp ## Set up, then run the server with the demo shop (PORT=8081 for another port)
	@exec $(BIN)/checkstand serve --demo $(if $(PORT),--port $(PORT))

.PHONY: test
test: $(VENV)/dev.stamp ## Set up, then run every check that a change must pass
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy $(CODE)
	@$(BIN)/python -m pytest

.PHONY: bench
bench: $(VENV)/dev.stamp ## Set up, then measure speed, growth and memory
	@$(BIN)/python -m bench

.PHONY: lint
lint: $(VENV)/dev.stamp ## Check style and types only
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy $(CODE)

.PHONY: format
format: $(VENV)/dev.stamp ## Rewrite the code in the project's format
	@$(BIN)/ruff check --fix --exit-zero --quiet $(CODE)
	@$(BIN)/ruff format $(CODE)

.PHONY: setup
setup: $(VENV)/dev.stamp ## Set up the virtual environment for development

# The resolver lives in a throw-away environment: it is needed here only and is not part of what the locks pin.
# UPGRADE=1 takes the newest versions; otherwise versions that still satisfy pyproject.toml stay.
COMPILE = "$$resolver/bin/uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

.PHONY: lock
lock: ## Resolve pyproject.toml into the locks again (UPGRADE=1 for the newest versions)
	@resolver=$$(mktemp -d); trap 'rm -rf "$$resolver"' EXIT; \
	$(PYTHON) -m venv "$$resolver"; \
	"$$resolver/bin/python" -m pip --disable-pip-version-check --quiet install uv; \
	$(COMPILE) --group dev --output-file requirements.lock; \
	$(COMPILE) --group build --constraints requirements.lock --output-file requirements-run.lock

.PHONY: clean
clean: ## Remove the virtual environment, caches and build results
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	@find src tests $(wildcard bench) -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Checkstand needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Name another one: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install its venv package (on Debian: apt install python3-venv)." >&2; exit 1; }
	@echo "Making the virtual environment $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/run.stamp: requirements-run.lock pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing what the server needs ..."
	@$(INSTALL) --require-hashes -r requirements-run.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements.lock pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing what the server and the checks need ..."
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $(VENV)/run.stamp $@
