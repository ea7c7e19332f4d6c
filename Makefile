# rekproxy: `make run` goes from a fresh clone to a serving proxy. Works with GNU make 3.81 and later.

PORT ?= 8080
VENV := .venv
BIN  := $(VENV)/bin
SEEK := for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	if $$name -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then command -v $$name; break; fi; done

.PHONY: help run test bench soak clean

help:
	@echo 'make run    set up and serve on http://127.0.0.1:$(PORT)   (PORT=8081 make run for another port)'
	@echo 'make test   set up and run every check and test'
	@echo 'make bench  set up and measure'
	@echo 'make soak   set up and storm a house for SOAK_SECONDS=600 each: nothing is shown that may not be'
	@echo 'make clean  remove what was built, but none of the data in $${REKPROXY_DATA_DIR:-var}'

run: $(VENV)/.run
	@exec $(BIN)/rekproxy serve --embedded --port $(PORT)

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks

soak: $(VENV)/.test
	SOAK_SECONDS=$${SOAK_SECONDS:-600} $(BIN)/python -m pytest tests/takedown/test_soak.py -s -rs

# Dependencies come as wheels alone: nothing is ever compiled. Only rekproxy itself is built, in place.
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --quiet --only-binary :all:

$(VENV)/.run: pyproject.toml $(VENV)/.made
	@echo 'Installing rekproxy into $(VENV) ...'
	@$(INSTALL) -e '.[local,fast]'
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.made
	@echo 'Installing rekproxy and what its tests need into $(VENV) ...'
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --upgrade 'pip>=25.1'
	@$(INSTALL) -e '.[local,postgres,fast]' --group test --group lint
	@touch $@ $(VENV)/.run

$(VENV)/.made:
	@python=$$($(SEEK)); \
	if [ -z "$$python" ]; then \
	  echo 'rekproxy needs Python 3.11 or later, with venv, and found none. To get one:' >&2; \
	  echo '  Debian, Ubuntu:  sudo apt-get install python3 python3-venv' >&2; \
	  echo '  Fedora:          sudo dnf install python3' >&2; \
	  echo '  macOS:           brew install python' >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$python ..."; \
	"$$python" -m venv --clear $(VENV)
	@touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
