# Everything a person types here. `make help` lists it; scripts/setup brings what is missing, once.

PORT ?= $(or $(LIMNER_PORT),8080)
DATA ?= $(or $(LIMNER_DATA),./data)
BIN := .venv/bin
PACKAGING := pyproject.toml hatch_build.py scripts/setup $(wildcard artpack/*.py artpack/*.json artpack/own/*.svg)

.PHONY: help run test check bench gallery docs format lock clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 10

run: .venv/run.stamp ## set up if needed, then serve; PORT=8080 DATA=./data, LIMNER_* for everything else
	@exec $(BIN)/limner serve --port "$(PORT)" --data "$(DATA)"

test: .venv/dev.stamp ## run all tests with coverage; ARGS="tests/db -k lock" narrows them
	@scripts/setup browser
	@scripts/test $(ARGS)

check: .venv/dev.stamp ## format, lint, types, layers, dependencies, generated docs
	@scripts/check

bench: .venv/dev.stamp ## measure; the figures of docs/benchmarks.md
	@set -e; for what in overhead gateway tasks start pages illustrator quality geneval odd; do echo "== $$what"; $(BIN)/python -m "benchmarks.$$what"; done

gallery: .venv/dev.stamp ## draw docs/gallery.md and its contact sheets anew
	@$(BIN)/python -m scripts.gallery

docs: .venv/dev.stamp ## write the generated pages of docs/ anew
	@$(BIN)/python scripts/docs.py

format: .venv/dev.stamp ## format the code and mend what the linter can mend
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: ## resolve pyproject.toml into the lock files; UPGRADE=1 takes newer versions
	@UPGRADE="$(UPGRADE)" scripts/lock

clean: ## remove the environment and everything built; data stays
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .coverage* limner/engines/illustrator/artpack.zip

.venv/run.stamp: requirements.lock $(PACKAGING)
	@scripts/setup run

.venv/dev.stamp: requirements-dev.lock tests/javascript/package-lock.json $(PACKAGING)
	@scripts/setup dev
