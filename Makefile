# `make demo` and `make test` are all that one needs; the rest is for those who change the code.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
export HF_HUB_OFFLINE := 1

.PHONY: setup demo test test-long test-rows check format bench

setup: .venv/ready
demo: .venv/ready
	@.venv/bin/python manage.py demo --port $(PORT)

# What people see and do, on the embedded defaults; needs no server.
test: .venv/ready-dev
	.venv/bin/pytest -n 2 --dist loadgroup -m 'not long'

# What takes minutes: workers killed again and again, crowds, what is learned to its end.
test-long: .venv/ready-dev
	.venv/bin/pytest -n 2 --dist loadgroup -m long

# The tests of rows, races and tasks, on the servers that DATABASE_URL and CELERY_BROKER_URL name.
test-rows: .venv/ready-dev
	.venv/bin/pytest -m rows

check: .venv/ready-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	.venv/bin/lint-imports
	.venv/bin/mypy
	.venv/bin/python manage.py makemigrations --check --dry-run

format: .venv/ready-dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

bench: .venv/ready-dev
	.venv/bin/python -m tests.bench

.venv/ready: pyproject.toml requirements.lock
	@echo "Installing into .venv, once: this takes a minute or two."
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --constraint requirements.lock --editable .
	@touch $@

.venv/ready-dev: .venv/ready
	@.venv/bin/pip install --quiet --constraint requirements.lock --editable '.[dev]'
	@touch $@
