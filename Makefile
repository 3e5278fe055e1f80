# Everything a newcomer needs. Wanted on the machine: Python 3.11 or later with venv, and make.
# Packages come from the hashed locks into .venv; a stamp named for the lock makes reruns instant.

SHELL := /bin/sh
HOST ?= 127.0.0.1
PORT ?= 8000
# Given to pytest, for example: make test PYTEST_ARGS="-k spacing"
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder

PY := .venv/bin/python
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check \
	--require-hashes --only-binary :all:

# The folder is part of the stamps: a moved or copied .venv is made again, not trusted.
RUN_LOCK := $(shell { pwd; cat requirements.lock; } | cksum | tr ' ' '-')
DEV_LOCK := $(shell { pwd; cat requirements.lock requirements-dev.lock; } | cksum | tr ' ' '-')
RUN_STAMP := .venv/.installed-$(RUN_LOCK)
DEV_STAMP := .venv/.installed-dev-$(DEV_LOCK)

.DEFAULT_GOAL := install
.PHONY: install run demo test check lint types imports container-lint house format lock clean help

install: $(RUN_STAMP) help ## install the server into .venv (this is also what plain `make` does)

solver: $(RUN_STAMP) ## add the solver that plans repairs (216 MB; without it they are planned greedily)
	@$(PIP_INSTALL) -r requirements-solver.lock

run: $(RUN_STAMP) ## start the server with a demo clinic: make run PORT=8000
	@exec .venv/bin/anagen serve --demo --host $(HOST) --port $(PORT)

demo: $(RUN_STAMP) ## fill an empty database with the demo clinic and print its sign-ins
	@exec .venv/bin/anagen demo

# What is compiled once is not compiled by each process that the tests start.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(DEV_STAMP) ## every test, on SQLite and then on a real PostgreSQL
	@echo "== tests on SQLite"
	$(PY) -m pytest $(PYTEST_ARGS)
	@echo "== tests on PostgreSQL"
	$(PY) -m pytest --postgres $(PYTEST_ARGS)

check: lint types imports container-lint house ## lint, format, types, import directions, house rules
	@echo "== all checks passed"

lint: $(DEV_STAMP)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(DEV_STAMP)
	$(PY) -m mypy --strict

imports: $(DEV_STAMP)
	.venv/bin/lint-imports --no-cache
	$(PY) -m deptry .

container-lint: $(DEV_STAMP)
	@if [ -x .venv/bin/hadolint ]; then echo ".venv/bin/hadolint Dockerfile"; .venv/bin/hadolint Dockerfile; \
	else echo "hadolint has no build for this machine: Dockerfile not linted here"; fi

house: $(DEV_STAMP)
	$(PY) -m pytest --quiet --noconftest tests/test_house.py

format: $(DEV_STAMP) ## put the code into the house format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

UV ?= $(if $(wildcard .venv/bin/uv),.venv/bin/uv,uv)
COMPILE := $(UV) pip compile pyproject.toml --universal --generate-hashes --quiet \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

lock: ## compile all locks again from pyproject.toml (needs uv)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra solver --constraint requirements.lock --output-file requirements-solver.lock
	$(COMPILE) --extra dev --extra solver --constraint requirements-solver.lock \
		--output-file requirements-dev.lock

clean: ## remove .venv and all caches; the data folder stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis \
		.schemathesis schemathesis-report build dist
	find api models rules alembic tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

# How .venv comes about --------------------------------------------------------------------------

FIND_PYTHON = for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo "$$p" && break; done

# The command must work from any folder and from a path with spaces, without a build step:
# a shell line starts the interpreter on this same file, which is also Python.
define LAUNCHER
#!/bin/sh
'''exec' "$(CURDIR)/.venv/bin/python" "$$0" "$$@"
' '''
import sys

sys.path.insert(0, "$(CURDIR)")

from api.cli import main

sys.exit(main())
endef
export LAUNCHER

.venv/bin/python:
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then echo "Python 3.11 or later with venv is needed." >&2; exit 1; fi; \
	echo "Creating .venv with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear .venv

$(RUN_STAMP): | .venv/bin/python
	@echo "Installing the packages of requirements.lock into .venv (once, about a quarter minute) ..."
	@$(PIP_INSTALL) -r requirements.lock
	@rm -f .venv/.installed-*
	@printf '%s\n' "$$LAUNCHER" > .venv/bin/anagen && chmod +x .venv/bin/anagen
	@$(PY) -m compileall -q api models rules  # half a second of each start, where none is written
	@touch $@

$(DEV_STAMP): | $(RUN_STAMP)
	@echo "Installing the tools of requirements-dev.lock into .venv (once) ..."
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@
