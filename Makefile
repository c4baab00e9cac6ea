# `make book` and `make test` are all a newcomer types; each makes .venv when it is missing.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# One thread: two on a busy 2-core machine were up to 100 times slower (CONTRIBUTING.md).
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PYTHONDONTWRITEBYTECODE := 1

NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=120 --nbval-sanitize-with tests/nbval_sanitize.cfg
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile

.PHONY: help book test strict unsolved mistakes browser notebooks assets lab bench lint lock upgrade clean

help:           ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*##/ —/'

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

book: $(READY)  ## build the book from the stored outputs: _build/html/index.html
	$(BIN)/jupyter-book build -W -n --keep-going .

test: $(READY)  ## unit, property and structure tests, and every chapter against its stored outputs
	$(PYTEST) $(NBVAL) tests book

strict: $(READY) ## the chapters alone against their stored outputs (strict nbval)
	$(PYTEST) $(NBVAL) book

unsolved: $(READY) ## the chapters with every solution emptied: they run, and show what they showed
	rm -rf _build/unsolved
	$(BIN)/python book/_tools/unsolved.py _build/unsolved
	$(PYTEST) $(NBVAL) _build/unsolved

mistakes: $(READY) ## every known mistake and unusual right answer, and what its check says: a table
	cd tests && ../$(BIN)/python -m mistakes.table

browser: book   ## the built pages and live figures in headless Chromium, the network blocked (needs chromium and node)
	node --test tests/js/*.test.mjs
	$(BIN)/python -m pytest -q tests/browser

notebooks: assets ## re-execute the chapters in place
	$(BIN)/python book/_tools/notebooks.py

assets: $(READY) ## rebuild what is shipped and made by code: the landing page's picture, the trained digits VAE
	$(BIN)/python book/_tools/landing.py
	$(BIN)/python book/_tools/assets.py

lab: $(READY)   ## open the chapters in JupyterLab
	$(BIN)/jupyter lab book

bench: $(READY) ## our fit against the usual loop and the machine: a table, and JSON in _build (MNIST=path/to/mnist.npz)
	mkdir -p _build
	$(BIN)/python benchmarks/bench.py $(if $(MNIST),--mnist $(MNIST)) --json _build/bench.json

lint: $(READY)  ## ruff: style and format of library, tests and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lock:           ## resolve requirements.in anew into requirements.txt
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	grep -v '^#' requirements.in | .venv-lock/bin/pip install --quiet --disable-pip-version-check -r /dev/stdin
	{ echo "# Made by \`make lock\` from requirements.in: the whole environment that builds and tests the book."; \
	  echo "-e ."; .venv-lock/bin/pip freeze | sed -E 's/^(torch==[0-9.]+)\+.*/\1/'; } > requirements.txt
	rm -rf .venv-lock

upgrade: lock   ## lock, re-execute, and show which text outputs changed
	$(MAKE) notebooks
	$(BIN)/python book/_tools/changed_outputs.py

clean:          ## remove what the other targets make
	rm -rf .venv .venv-lock _build *.egg-info .hypothesis .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
