# Everything starts here: `make run`, `make test`. The rest is `.venv/bin/hotline --help`.

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev train lint test lock clean

hotline := .venv/bin/hotline
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

run: setup ## set up what is missing, start everything, print the addresses (ARGS="--public-port 8081")
	@exec $(hotline) run $(ARGS)

setup: ## only install: two environments, from the locks
	@python3 tools/setup.py

setup-dev:
	@python3 tools/setup.py --dev

train: setup ## train the model if its sentences or its pipeline changed
	@$(hotline) nlu train

lint: setup-dev ## style and types
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

test: lint ## style, types, every test (ARGS="tests/channels -k late")
	@$(hotline) nlu train
	.venv/bin/python -m pytest $(ARGS)
	$(if $(wildcard tests/nlu_env),.venv-nlu/bin/python -m pytest -q -c tools/pytest-nlu.ini --rootdir . --confcutdir tests/nlu_env tests/nlu_env)

lock: setup ## write the locks anew from pyproject.toml
	@tools/lock.sh

clean: ## remove what was installed, built and trained; the data folder stays
	rm -rf .venv .venv-nlu .tools .tools.lock models .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
