# Everything happens in .venv; only Python 3.11 or later, pip and make need to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test bench bench-check lint format clean

demo: $(VENV)/.installed
	$(BIN)/whalecurve demo

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n auto --dist loadfile --benchmark-disable

bench: $(VENV)/.installed-test
	$(BIN)/python -m pytest benchmarks -m "not gate" --benchmark-json=.benchmarks/latest.json
	$(BIN)/python -m benchmarks.report .benchmarks/latest.json

bench-check: $(VENV)/.installed-test
	$(BIN)/python -m pytest benchmarks --benchmark-json=.benchmarks/latest.json; gates=$$?; \
	$(BIN)/python -m benchmarks.check .benchmarks/latest.json && exit $$gates

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports

format: $(VENV)/.installed-lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable ".[test]"
	touch $@ $(VENV)/.installed

$(VENV)/.installed-lint: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable ".[test,lint]"
	touch $@ $(VENV)/.installed
