# Two commands matter: `make up` runs Pult, `make test` runs its tests. Only Python 3.11 and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# As many as there are processors.
WORKERS ?= auto
SOURCES := src tests benchmarks tools conftest.py

.DEFAULT_GOAL := help
.PHONY: help up install install-dev test check bench texts lock clean

help: ## what can be done here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

up: install ## run Pult on this machine
	@$(BIN)/pult up

install: $(VENV)/.installed ## virtual environment with what Pult needs to run

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Pult needs Python 3.11 or newer; set PYTHON=python3.12, say."; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.installed: requirements/base.txt $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install-dev: $(VENV)/.installed-dev ## also what the tests and gates need

$(VENV)/.installed-dev: requirements/dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt -r requirements/dev.txt
	@touch $@

test: install-dev ## all tests, in parallel and random order
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

check: install-dev ## style, types, directions, migrations, translations
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/texts.py check
	$(BIN)/python tools/missing_migrations.py

bench: install-dev ## measured figures, one JSON line each; ONLY=name runs one
	$(BIN)/python -m benchmarks $(ONLY)

texts: install-dev ## collect new texts into the translation files
	$(BIN)/python tools/texts.py update

lock: install-dev ## renew the lock files from requirements/*.in
	cd requirements && for part in base dev comparison; do ../$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --upgrade -o $$part.txt $$part.in; done

clean: ## remove the virtual environment (data in var/ stays)
	rm -rf $(VENV)
