# Everything runs in .venv, which is made on first use: with uv if it is on PATH, else with venv and pip.

.DEFAULT_GOAL := help
.PHONY: help demo test check matrix equality fuzz benchmark docs docs-links format clean

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
UV := $(shell command -v uv)
INSTALL = $(if $(UV),uv pip install --quiet --compile-bytecode --python $(BIN)/python,$(BIN)/python -m pip install --quiet)

# The first that is new enough. Each is tried, since a pyenv shim that is on PATH may still not run.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 ~/.pyenv/versions/3.1[1-9]*/bin/python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$python"; break; }; done)

help:
	@echo "make demo       what the pending migrations of scenarios/shop would do to a production database, and a safe way with its proof"
	@echo "make test       everything that has to pass before a change lands"
	@echo "make check      the quick part of it: style, types, layers, tests that need no server"
	@echo "make matrix     the tests on every supported pair of Python and Django"
	@echo "make equality   what migsafe says migrate executes, beside what it does: whole histories of real projects"
	@echo "make fuzz       random statements on random schemas, predicted and observed, for MIGSAFE_FUZZ_SECONDS on each server"
	@echo "make benchmark  how fast sql and lint are, beside others, and what verify costs, beside migrate, and whom plans keep waiting: an hour"
	@echo "make docs       the documentation as a site: build/docs/index.html"
	@echo "make docs-links whether what it links to elsewhere is there"
	@echo "make format     let ruff rewrite the code"
	@echo "make clean      remove .venv and everything else that was made"

# Exit code 1 says that there are findings, and the shop is there to have some. Fewer rows than a proof has else: they are made up in seconds.
demo: $(VENV)/.runtime
	cd scenarios/shop && $(BIN)/migsafe lint $$(cat pending.txt) || test $$? -eq 1
	cd scenarios/shop && $(BIN)/migsafe plan orders.0042 --strategy nullable --verify --rows 1000

# The oldest and the newest pair run what depends on Django. pytest comes last: its closing line is the result.
# Where it can, tests/engine.py has the Docker that one provider needs.
# A third process fills the time in which the others wait for servers.
# Where Python is told to write no bytecode, each of the hundreds of processes that tests start would compile migsafe anew.
test: $(VENV)/.dev style
	$(BIN)/python -m compileall -q -j 0 migsafe
	$(BIN)/nox --tags ends -- -m "not slow" $(addprefix tests/,project rules scenarios test_testing.py history/test_meaning.py) \
	  $(addprefix --ignore=tests/project/test_,load.py git.py choose.py suppressions.py)
	$(BIN)/python tests/engine.py -q
	$(BIN)/pytest -n 3 --dist worksteal

# The tests of the command line start a process for each look.
check: $(VENV)/.dev style
	$(BIN)/pytest -n 2 -m "not postgres and not slow" --ignore=tests/cli

.PHONY: style
style: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

matrix: $(VENV)/.dev
	$(BIN)/nox

equality: $(VENV)/.dev
	MIGSAFE_TEST_PROJECTS=all $(BIN)/pytest -n 2 tests/equality

fuzz: export MIGSAFE_FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.dev
	$(BIN)/pytest -n 3 -rP tests/fuzz

benchmark: $(VENV)/.dev
	$(INSTALL) --group benchmarks
	$(BIN)/python -m benchmarks.sql
	$(BIN)/python -m benchmarks.lint
	$(BIN)/python -m benchmarks.verify
	$(BIN)/python -m benchmarks.plan

docs: $(VENV)/.dev
	$(BIN)/sphinx-build -q -n -W --keep-going -j auto -d build/doctrees docs build/docs
	@echo "build/docs/index.html"

docs-links: $(VENV)/.dev
	$(BIN)/sphinx-build -q -b linkcheck -d build/doctrees docs build/links

format: $(VENV)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) .nox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .cache build dist
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.runtime: pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --editable '.[postgres]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(if $(UV),,$(INSTALL) --upgrade 'pip>=25.1') # the first that knows dependency groups
	$(INSTALL) --editable . --group dev
	@touch $@

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer on PATH. Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(if $(UV),uv venv --quiet --python $(PYTHON),$(PYTHON) -m venv) $(VENV)
