# What a developer runs and what CI runs, by the same names: `make` lists them.
# Recipes are POSIX sh; once .venv is made and requirements.lock is unchanged, none but `lock` and `packages` needs a network.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCK   := requirements.lock
STAGES := packages fmt-check lint types contracts testbed-build pytest

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv test fmt fmt-check lint types contracts unit testbed pytest packages
.PHONY: testbed-build testbed-up testbed-down bench bench-apply migration-reality fuzz grammar rules releases-check demo lock clean

# apt_install,PACKAGES: root on Debian installs what is missing; anyone else reads what is missing, and goes on.
define apt_install
	missing=; \
	if command -v dpkg-query >/dev/null; then \
	  for name in $(1); do \
	    [ "$$(dpkg-query -W -f '$${db:Status-Status}' "$$name" 2>/dev/null)" = installed ] || missing="$$missing $$name"; \
	  done; \
	else \
	  echo "not a Debian system, so it must bring itself what these packages hold: $(1)"; \
	fi; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing$$missing"; \
	  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-install-recommends $$missing </dev/null; \
	else \
	  echo "missing, and only root can install them: apt-get install$$missing" >&2; \
	fi
endef

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS="$$(printf '\t')" read -r name says; do \
	  printf '%-14s %s\n' "$$name" "$$says"; done

venv: $(VENV)/.installed ## ./.venv: everything in requirements.lock, checked by hash, and remedy itself, editable

# Debian's python3 comes without ensurepip until python3-venv is installed.
$(VENV)/.locked: $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is missing or older than 3.11; name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(call apt_install,python3-venv); }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "make: $(PYTHON) cannot make environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $@

# Every stage runs even when an earlier one failed: one run tells all that is wrong.
test: ## everything CI checks: format, lint, strict types, import contracts, all tests; installs what they need
	@began=$$(date +%s); $(MAKE) --no-print-directory venv && echo "== venv: $$(($$(date +%s) - began)) s"
	@failed=; for stage in $(STAGES); do \
	  began=$$(date +%s); \
	  $(MAKE) --no-print-directory $$stage || failed="$$failed $$stage"; \
	  echo "== $$stage: $$(($$(date +%s) - began)) s"; \
	done; \
	if [ -n "$$failed" ]; then echo "make test: failed:$$failed" >&2; exit 1; fi

fmt: venv ## rewrites the format of all Python files, and their imports' order
	$(BIN)/ruff check --select I --fix --quiet .
	$(BIN)/ruff format .

fmt-check: venv ## whether `make fmt` would change anything
	$(BIN)/ruff format --check .

lint: venv ## ruff's rules of pyproject.toml
	$(BIN)/ruff check .

types: venv ## mypy, strict
	$(BIN)/mypy

contracts: venv ## who may import whom
	$(BIN)/lint-imports --no-cache

unit: venv ## the tests that need no cluster
	$(BIN)/python -m pytest -m "not testbed" --durations=10

testbed: venv packages ## the tests on a real cluster (root, Linux)
	$(BIN)/python -m pytest -m testbed --durations=10

pytest: venv packages ## all tests, those on a real cluster beside the others: they wait most of the time
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target unit testbed

packages: ## the Debian packages of tests/*/packages.txt
	@$(call apt_install,$(shell sed 's/#.*//' tests/*/packages.txt))

# Minutes the first time, kept in the user's cache folder by version; what cannot be built here is the tests' own to report.
testbed-build: venv ## the programs that tests run, built once per version: the testbed cluster and six CoreDNS releases
	@if [ "$$(uname)" = Linux ] && [ "$$(id -u)" = 0 ]; then $(BIN)/python -m tests.testbed build; \
	else echo "testbed: needs Linux and root; nothing built"; fi

testbed-up: venv packages ## starts the testbed cluster and leaves it running (root)
	$(BIN)/python -m tests.testbed up

testbed-down: venv ## ends it
	$(BIN)/python -m tests.testbed down

# From a write to the proof is most of it: some ten minutes, for the plain patch beside it waits a minute and more each time.
bench: venv ## figures: start-up, parsing beside CoreDNS's parser, a canary, an apply beside a plain patch; never fails
	@$(BIN)/python -m tests.benchmarks || echo "make bench: no figures (exit code $$?)"
	@$(BIN)/python -m tests.benchmarks.canary || echo "make bench: no figures of a canary (exit code $$?)"
	@$(BIN)/python -m tests.benchmarks.cluster || echo "make bench: no figures of an apply (exit code $$?)"

bench-apply: venv ## from a write until every replica is verified, beside a plain patch (root; some ten minutes)
	@$(BIN)/python -m tests.benchmarks.cluster

migration-reality: venv ## migrations between twelve releases, each result loaded by the real program (a quarter of an hour)
	@$(BIN)/python -m tests.migration.reality

fuzz: venv ## 200,000 generated Corefiles, remedy against CoreDNS's own parser (about ten minutes)
	$(BIN)/python -m tests.oracle.fuzz --count 200000

grammar: venv ## the parser's tables, to be made anew after a change of grammar.lark or of the lark in the lock
	$(BIN)/python -m tests.corefile.tables

rules: venv ## docs/rules.md anew from the rules and their fixtures
	$(BIN)/python -m tests.rules

.PHONY: releases
releases: venv ## the table of releases, to be made anew after a change of remedy/releases.toml
	$(BIN)/python -m tests.releases.tables

releases-check: venv ## remedy/releases.toml against the source of every CoreDNS release (GIT=a clone, for what the Go proxy lacks)
	$(BIN)/python -m tests.releases $(if $(GIT),--git $(GIT))

keys: venv ## the keys in docs/terminal.md anew, from the registry of actions
	$(BIN)/python -m tests.tui keys

screenshots: venv ## docs/screens anew: pictures of the terminal interface in real states
	$(BIN)/python -m tests.tui

# The embedded cluster lives in the state folder: one folder for the whole sequence, thrown away at its end.
demo: venv ## the incident on an embedded cluster: find, diff, validate, apply, roll back; no Kubernetes needed
	@state=$$(mktemp -d) && trap 'rm -rf "$$state"' EXIT && trap 'exit 130' INT && trap 'exit 143' TERM; \
	step() { \
	  expected=$$1; shift; \
	  printf '\n$$ remedy %s\n' "$$*"; \
	  code=0; XDG_STATE_HOME="$$state" $(BIN)/remedy "$$@" || code=$$?; \
	  [ "$$code" = "$$expected" ] || { echo "make demo: exit code $$code, expected $$expected" >&2; exit 1; }; \
	}; \
	step 1 scan --demo; \
	step 1 diff --demo; \
	step 0 validate --demo; \
	step 0 apply --demo --yes; \
	step 0 scan --demo; \
	step 0 rollback --demo --yes

# pip-compile answers for the Python that runs it; the lowest one's answer serves the others (tests/test_packaging.py checks).
lock: ## requirements.lock anew from pyproject.toml; needs Python 3.11
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "make lock: needs the lowest supported Python: make lock PYTHON=python3.11" >&2; exit 1; }
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	$(PYTHON) -m venv "$$tools" && "$$tools/bin/pip" install --quiet --disable-pip-version-check 'pip-tools>=7.5,<8' && \
	$(PYTHON) -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb")); \
	print(*p["project"]["dependencies"], *p["dependency-groups"]["dev"], sep="\n")' | \
	CUSTOM_COMPILE_COMMAND="make lock" "$$tools/bin/pip-compile" --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file $(LOCK) -

clean: ## removes the environment, caches and builds (not the testbed's cache, which other checkouts use)
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
