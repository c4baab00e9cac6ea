# What a reader types; what a maintainer types stands in tools.mk. Each target makes .venv when it is missing.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
BOOK := _build/.built
# One thread: two on a busy 2-core machine were up to 100 times slower (CONTRIBUTING.md).
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PYTHONDONTWRITEBYTECODE := 1

NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=120 --nbval-sanitize-with tests/nbval_sanitize.cfg
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile
GATES := ready lint test again browser hosts
# One target of a list after the other, and the seconds that each took.
each = +@for target in $(1); do echo "== make $$target"; start=$$SECONDS; $(MAKE) --no-print-directory $$target; \
	echo "== make $$target took $$((SECONDS - start)) s"; done

.PHONY: help book test all lab
.DELETE_ON_ERROR:

help:           ## this list: first what a reader types, then what a maintainer types
	@sed -nE 's/^([a-z-]+):[^#]*##/\1 —/p' Makefile tools.mk

book: $(READY)  ## build the book from the stored outputs: _build/html/index.html
	@rm -f $(BOOK); mkdir -p _build; touch _build/.begun
	@$(BIN)/python book/_tools/address.py
	$(BIN)/jupyter-book build -W -n --keep-going .
	@mv _build/.begun $(BOOK)  # as old as what was read first

# For the gates that open the book: a build in which nothing is new takes half a minute. A folder is as old as what was
# last put into it or taken out.
$(BOOK): $(READY) _config.yml _toc.yml $(shell find book/ vae_lib/ -not -path '*/.*' -not -path '*/__pycache__*')
	$(MAKE) --no-print-directory book

test: $(READY)  ## unit, property and structure tests, and every chapter against its stored outputs
	$(PYTEST) $(NBVAL) --ignore=tests/benchmarks tests book

all:            ## every gate, as CI runs them (needs chromium and node)
	$(call each,$(GATES))

lab: $(READY)   ## open the chapters in JupyterLab
	$(BIN)/jupyter lab book

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

include tools.mk
