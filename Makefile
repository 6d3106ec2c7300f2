# Two commands matter: `make book` and `make test`. Python 3.11 or newer and make are all that is assumed.

PYTHON ?= python3
PROFILE ?=
SEED ?=
REPOSITORY ?=

BIN := .venv/bin
STAMP := .venv/.installed
PARAMETERS := $(if $(PROFILE),-p profile=$(PROFILE)) $(if $(SEED),-p seed=$(SEED))
# A chapter run with other parameters leaves alone what the site is made of.
APART := _build/executed$(if $(PROFILE),-$(PROFILE))$(if $(SEED),-seed-$(SEED))

# A chapter is run several times by `make test`; what JAX compiled for it once is kept.
export JAX_COMPILATION_CACHE_DIR := $(CURDIR)/.jax_cache
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS := 0

# Chapters and tests compile much and run each program little: what XLA does for speed costs more than it gives.
FASTER = XLA_FLAGS="$${XLA_FLAGS-$$($(BIN)/python -m book._tools.xla_flags)}"

# Else a program is kept under a name that depends on where this folder lies, and a copy of it is of no use elsewhere.
export JAX_PERSISTENT_CACHE_ENABLE_XLA_CACHES := none

# Chapters and tests run many small programs: handing each to another thread takes longer than most of them.
export JAX_CPU_ENABLE_ASYNC_DISPATCH := false

# JAX writes that folder without a lock: who reads what another process has half written compiles it anew and says so.
# (pyproject.toml holds the same for pytest, which has filters of its own.)
export PYTHONWARNINGS := ignore:Error reading persistent compilation cache entry

# An import compiled once is kept: reading mamllib's anew costs every chapter's kernel 3 s of processor time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help book chapter test chromium colab notebooks table stamp lock clean
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(STAMP) node_modules ## Execute what has changed since it last ran, render the website (PROFILE=full SEED=1; all anew: rm -r _build)
	@$(if $(PROFILE),,$(FASTER)) $(BIN)/python -m book._tools.run $(PARAMETERS)
	@$(BIN)/python -m book._tools.render

chapter: $(STAMP) ## Execute one chapter: make chapter CHAPTER=02_f_is_not_smooth SEED=1
	@$(BIN)/python -m book._tools.run book/*/$(CHAPTER).ipynb $(PARAMETERS) --to $(APART)

test: ## Run every test, those of the website in a browser included
	@$(MAKE) --no-print-directory -j 3 $(STAMP) node_modules chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(FASTER) $(BIN)/python -m pytest -n 2 --no-loadscope-reorder

chromium: # of the standard library alone, so that it installs beside the environment
	@$(PYTHON) -m book._tools.chromium

colab: $(STAMP) node_modules ## Run every chapter with Colab's versions of Python and libraries, in an environment of its own
	COLAB=1 $(BIN)/python -m pytest tests/book/test_alone.py tests/book/test_chapters.py -k "alone or another_seed"

notebooks: $(STAMP) ## Re-execute the chapters and store their outputs
	@$(BIN)/python -m book._tools.normalise

table: $(STAMP) ## Write anew what README says each statement takes
	@$(BIN)/python -m book._tools.statement_table

stamp: ## Write the repository's address into all files: make stamp REPOSITORY=owner/name (without: take it back)
	@$(PYTHON) -m book._tools.stamp $(REPOSITORY)

lock: ## Resolve requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --upgrade --universal --generate-hashes --all-extras --python-version 3.11 \
	  --no-header --no-annotate --quiet --output-file requirements.lock

clean: ## Remove what was built, the environment included
	rm -rf .venv .venv-alone node_modules _build .jax_cache .pytest_cache .ruff_cache .hypothesis

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@echo "Making .venv from requirements.lock: one to three minutes, once."
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

node_modules: package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent && touch $@; fi
