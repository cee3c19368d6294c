# Every command a developer needs. `just check` is what CI runs.

# Install everything, test, lint, type, hold the floors, prove the docs, smoke the bench.
check: lint types floors test-all bench-smoke

# The tests the README names.
test:
    uv run pytest

# Those, and the slow ones, with coverage of the core.
test-all:
    uv run --extra columns --group browser pytest -m "slow or not slow" --cov --cov-report=term:skip-covered
    uv run coverage report --include="src/shounuo/core/*" --fail-under=100

lint:
    uv run --group lint ruff check
    uv run --group lint ruff format --check

types:
    uv run --extra columns --group lint mypy

floors:
    uv run --group lint lint-imports

bench-smoke:
    uv run python -m bench --smoke --json

# Tidy what a tool can tidy.
format:
    uv run --group lint ruff check --fix
    uv run --group lint ruff format

# Resolve the dependencies anew and write the pins to requirements.lock and pyproject.toml.
lock:
    uv pip compile pyproject.toml --extra columns --group test --group lint --group browser --group bench --generate-hashes --no-header --no-annotate --python-version 3.11 --upgrade -o requirements.lock
    uv run --no-project python tools/pin.py

# Prove the packs, and break every control on purpose.
prove pack="huiju":
    uv run shounuo prove {{ pack }} --faults
