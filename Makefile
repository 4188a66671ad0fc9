# `make run` and `make test` need make and Python 3.11 or newer; they install the rest into .venv.
#
#   PYTHON=/path/to/python3   the Python to make .venv from (default: python3, then python3.14 to python3.11)
#   ARGS="..."                more arguments for run, test, bench and lock

VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
IMAGE ?= flyte-slack
REQUIREMENTS ?= run

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run test check lint types format docs bench image lock clean sandbox-environment dev-environment

help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r target meaning; do \
		printf '%-12s %s\n' "$$target" "$$meaning"; done

run: sandbox-environment ## start the sandbox: flow engine, simulated Slack and the pack
	@$(BIN)/flyte-slack sandbox $(ARGS)

test: lint types ## lint, types and all tests with branch coverage; pytest's summary is the last line
	$(BIN)/python -m pytest --cov $(ARGS)

check: test ## the same as test

lint: dev-environment ## style: ruff check, ruff format --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: dev-environment ## types: mypy --strict
	$(BIN)/mypy

format: dev-environment ## put the code into form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: dev-environment ## write the pages under docs/ that are made from the declarations
	$(BIN)/python -m pack.reference docs
	$(BIN)/python -m pack.sandbox.slack.conformance docs
	$(BIN)/python -m pack.sandbox.control_page docs

bench: dev-environment ## measure, beside a bare loop
	@$(BIN)/python -m benchmarks $(ARGS)

image: ## build the container image IMAGE; REQUIREMENTS=sandbox puts the sandbox in
	docker build --build-arg REQUIREMENTS=$(REQUIREMENTS) --tag $(IMAGE) .

LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links $(ARGS)

lock: dev-environment ## write requirements/*.txt anew; ARGS=--upgrade takes newer versions
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) --extra dev --output-file requirements/dev.txt pyproject.toml
	$(LOCK) --constraints requirements/dev.txt --output-file requirements/run.txt pyproject.toml
	$(LOCK) --constraints requirements/dev.txt --extra sandbox --output-file requirements/sandbox.txt pyproject.toml
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(LOCK) --constraints requirements/dev.txt --output-file requirements/build.txt -

clean: ## remove the virtual environment and everything that tools left behind
	rm -rf $(VENV) .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist

sandbox-environment:
	@scripts/environment sandbox

dev-environment:
	@scripts/environment dev
