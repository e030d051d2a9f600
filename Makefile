# Everything happens in .venv; only Python 3.11 or later, pip and make need to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
RECIPES := .venv-recipes

.PHONY: demo test test-long test-lowest browser stores recipes image bench bench-check lint format hooks clean

demo: $(VENV)/.installed
	$(BIN)/whalecurve demo

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --benchmark-disable

# Statistical claims over thousands of replays: minutes, and the same every time.
test-long: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto -m long --benchmark-disable

# What the tests of reports in a browser need beside Chromium and its driver; without it they are skipped.
browser: $(VENV)/.installed-browser

# What the tests of object stores need; without it, or Debian's radosgw, those that need it are skipped and say so.
stores: $(VENV)/.installed-stores

# What the tests of docs/recipes.md need, in an environment of its own, since dbt pins what we do not.
recipes: $(RECIPES)/.installed

# The steps of the Dockerfile without Docker, and a run as its user on a read-only root file system.
image: $(BIN)/python
	$(BIN)/python -m tests.tools.image /var/tmp/whalecurve-image

# The main job with the oldest releases that pyproject.toml allows, in an environment of its own.
test-lowest: $(LOWEST)/.installed
	$(LOWEST)/bin/python -m pytest --benchmark-disable tests/golden tests/engine/scoring tests/cli/commands/start/test_score.py

bench: $(VENV)/.installed-test
	$(BIN)/python -m pytest benchmarks -m "not gate" --benchmark-json=.benchmarks/latest.json
	$(BIN)/python -m benchmarks.report .benchmarks/latest.json

bench-check: $(VENV)/.installed-test
	$(BIN)/python -m pytest benchmarks --benchmark-json=.benchmarks/latest.json; gates=$$?; \
	$(BIN)/python -m benchmarks.check .benchmarks/latest.json && exit $$gates

# The site of the documents, in build/site; a link that leads nowhere is an error.
docs: $(VENV)/.installed-docs
	$(BIN)/python -m tests.tools.site build/pages
	$(BIN)/zensical build --strict

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	PYTHONPATH=.typings $(BIN)/lint-imports

format: $(VENV)/.installed-lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

hooks: $(VENV)/.installed-dev
	$(BIN)/pre-commit install --hook-type pre-commit --hook-type pre-push

clean:
	rm -rf $(VENV) $(LOWEST) $(RECIPES) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis

# Groups of dependencies need pip 25.1, which is newer than what Python 3.11 to 3.13 bring along.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable . --group test
	touch $@ $(VENV)/.installed

$(VENV)/.installed-lint: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable . --group test --group lint
	touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable . --group test --group docs
	touch $@ $(VENV)/.installed

$(VENV)/.installed-browser: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable . --group test --group browser
	touch $@ $(VENV)/.installed

$(VENV)/.installed-stores: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable . --group test --group stores
	touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable . --group dev
	touch $@ $(VENV)/.installed

$(RECIPES)/.installed: pyproject.toml
	$(PYTHON) -m venv $(RECIPES)
	$(RECIPES)/bin/pip install --quiet --upgrade pip
	$(RECIPES)/bin/pip install --quiet --editable . --group recipes
	touch $@

$(LOWEST)/.installed: pyproject.toml tests/tools/lowest.py
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/pip install --quiet --upgrade pip
	$(LOWEST)/bin/python tests/tools/lowest.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/pip install --quiet --editable . --group test --constraint $(LOWEST)/constraints.txt
	touch $@
