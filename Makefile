# make run    set-up, then the whole flow on the embedded sample (no network beyond the package index)
# make test   set-up, then the tests
# make dev    Dagster's web UI with the whole graph
# make bench  how fast and how accurate, as measured on this machine
# make lint   what CI checks besides the tests
# make lock   resolve the locked requirements anew

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
GONGKAI_HOME ?= $(CURDIR)/data
export GONGKAI_HOME
export DAGSTER_HOME ?= $(GONGKAI_HOME)/dagster
export DO_NOT_TRACK := 1

.PHONY: run test dev bench lint lock clean

run: $(VENV)/.run
	$(BIN)/gongkai run --sample

test: $(VENV)/.test
	$(BIN)/python -m pytest $(TESTS)

dev: $(VENV)/.run
	mkdir -p "$(DAGSTER_HOME)"
	test -f "$(DAGSTER_HOME)/dagster.yaml" || cp pipelines/defs/dagster.yaml "$(DAGSTER_HOME)/"
	$(BIN)/dagster dev -w workspace.yaml

bench: $(VENV)/.test
	$(BIN)/python -m tests.generator.accuracy
	mkdir -p "$(GONGKAI_HOME)"
	$(BIN)/python -m tests.bench --json "$(GONGKAI_HOME)/benchmarks.json"

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	mkdir -p "$(DAGSTER_HOME)"
	$(BIN)/dagster definitions validate -w workspace.yaml

# The lock files carry hashes and no index addresses; pip asks whatever index the machine is set up for.
$(VENV)/.run: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q pipelines schemas warehouse
	touch $@

$(VENV)/.test: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

lock: $(VENV)/.test
	$(BIN)/uv pip compile pyproject.toml --quiet --extra ocr --extra pandas --extra build --python-version 3.11 --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-header --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --quiet --extra ocr --extra pandas --extra build --extra dev --extra bench --python-version 3.11 --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-header --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) data
