# Everything a newcomer or a maintainer runs. `make` alone lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup python demo up test check bench soak chaos handover pythons prompts \
  clean distclean test-containers up-containers sbom audit

# Where nothing may be kept compiled, each of a test run's hundreds of processes compiles all its
# libraries anew: a controller then takes twice as long to start.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Python environment, SIPp and a private Asterisk 22 (some minutes, once)
	@tools/setup.sh

python:
	@tools/setup.sh python

demo: setup ## a city's busy hour in a minute, with real calls (DEMO_S=60)
	@.venv/bin/madoguchi demo

up: setup ## the same centre left running for you; Ctrl-C stops it
	@.venv/bin/madoguchi up

test: setup check ## every check and every test, real Asterisk included (under 20 minutes)
	@.venv/bin/pytest -n 3

check: python ## lint, types, import contracts, tidiness (seconds)
	@tools/check.sh

bench: setup ## the figures, as a table and in build/bench.json
	@.venv/bin/madoguchi bench

soak: setup ## 10,000 calls of known truth, compared one by one; then a quarter of an hour in browsers
	@.venv/bin/madoguchi soak
	@echo "three operators and a supervisor in browsers for 15 minutes"
	@FLOOR_DAY_S=900 .venv/bin/pytest -q -s tests/e2e/test_floor_day.py
	@echo "soak: both parts passed"

chaos: setup ## half an hour in which everything breaks in turn, and nobody is lost (CHAOS_S=1800 CHAOS_SEED=1)
	@.venv/bin/python -m tools.chaos

handover: setup ## the lead is handed over at 20 calls a second (takeover, stop, rolling upgrade), and nobody is dropped
	@.venv/bin/python -m tools.handover

pythons: python ## the core's tests on every supported Python of this machine (a minute or two each)
	@tools/pythons.sh

test-containers: setup ## build docker/ and try it for real: calls, restarts, drain (some minutes; docker, or root on Debian)
	@tools/containers.sh test

up-containers: ## the same centre as containers on this machine, left running for you; Ctrl-C stops it
	@tools/containers.sh up

sbom: python ## what everything is made of, as CycloneDX files in build/sbom
	@.venv/bin/python -m tools.sbom

audit: sbom ## known vulnerabilities in any of it; fails when there are, or when nobody can be asked
	@.venv/bin/python -m tools.audit

prompts: ## render the spoken prompts again (they are committed; this is for changing them)
	@tools/setup.sh prompts
	@.venv/bin/python tools/render_prompts.py

clean: ## forget what builds and runs left behind (keeps .venv and the fetched Asterisk)
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './.cache/*' -prune -exec rm -rf {} +

distclean: clean ## forget everything that can be fetched or made again
	@! grep -q " $(CURDIR)/.cache/" /proc/self/mountinfo || { echo "madoguchi: something is mounted below .cache: unmount it first (see /proc/self/mountinfo)." >&2; exit 1; }
	@rm -rf --one-file-system .cache .venv
