# One thread each for numba and BLAS: two worker processes share two cores.
export NUMBA_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

PYTHON ?= $(shell command -v python3.12 >/dev/null 2>&1 && python3.12 -c '' 2>/dev/null && echo python3.12 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.DEFAULT_GOAL := help
.PHONY: help env demo test lint bench validation calibration paradox country docs lock

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

env: $(STAMP) ## make the environment .venv from the lock file

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12))' || { \
	  echo "omstilling needs Python 3.12 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "Install it, or name it: make env PYTHON=/path/to/python3.12"; exit 2; }
	@echo "Making the environment in $(VENV) (once, a minute or two) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: $(STAMP) ## compare all six support designs after the closure at Sør-Varanger in 2015
	@$(BIN)/omstilling compare sor-varanger-2015

test: $(STAMP) ## all tests
	@$(BIN)/python -m pytest -n 2

lint: $(STAMP) ## style, types, and the direction of dependencies
	@mkdir -p .typing && ln -sfn .. .typing/omstilling
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@MYPYPATH=.typing $(BIN)/mypy -p omstilling.model -p omstilling.scenarios -p omstilling.calibration -p omstilling.experiments
	@$(BIN)/lint-imports

bench: $(STAMP) ## speed and memory, as a table and in benchmarks/latest.json
	@$(BIN)/python benchmarks/bench.py

validation: $(STAMP) ## the model against what happened: docs/validation.md (half an hour)
	@$(BIN)/python docs/make/validation.py

calibration: $(STAMP) ## infer the parameters anew: calibration/posterior.*, docs/calibration.md (two hours)
	@$(BIN)/omstilling calibrate --seed 1 --out results/calibration --report
	@cp results/calibration/posterior.csv results/calibration/posterior.json calibration/parameters/

paradox: $(STAMP) ## reported and net jobs of six programmes: docs/paradox.md (some minutes)
	@$(BIN)/python docs/make/paradox.py

country: $(STAMP) ## designs in the whole country and what evaluators could see: docs/country.md (half an hour)
	@$(BIN)/python docs/make/country.py

docs: $(STAMP) ## renew docs/indicators.md from the registry of indicators
	@$(BIN)/python docs/make/indicators.py

lock: ## renew requirements.lock from pyproject.toml (needs uv)
	@uv pip compile pyproject.toml --extra dev --generate-hashes --python-version 3.12 --no-header --no-annotate \
	  --no-emit-index-url --exclude-newer 2026-11-10 --quiet --output-file requirements.lock
