# `make run` opens the window, `make test` checks everything; each does all its own set-up, once, in .venv.
#
#   make run FILE=book.xlsx       open a workbook
#   make run TORCH_INDEX=<URL>    take torch from this package index: CPU or CUDA, see README
#   make run PYTHON=python3.12    use this Python instead of the first one found

VENV := .venv
PEERS := .peers
BIN := $(VENV)/bin
CANDIDATES := $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python
INSTALL = $(BIN)/python -m pip install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -c constraints.txt

.PHONY: run test lint bench bench-large bench-models bench-explore peers clean

run: $(VENV)/.ready
	$(BIN)/python main.py $(FILE)

test: $(VENV)/.ready-to-test lint
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

lint: $(VENV)/.ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.steps
	$(BIN)/python -m benchmarks.ui_gaps

bench-large: $(VENV)/.ready
	$(BIN)/python -m benchmarks.reading
	$(BIN)/python -m benchmarks.large
	$(BIN)/python -m benchmarks.large_view --ratings 25000095 --factors 50
	$(BIN)/python -m benchmarks.large_window

bench-models: $(VENV)/.ready
	$(BIN)/python -m benchmarks.accuracy
	$(BIN)/python -m benchmarks.gradients
	$(BIN)/python -m benchmarks.sgd_speed --peers $(PEERS)/bin/python
	$(BIN)/python -m benchmarks.als --peers $(PEERS)/bin/python
	$(BIN)/python -m benchmarks.gibbs --peers $(PEERS)/bin/python

bench-explore: $(VENV)/.ready
	$(BIN)/python -m benchmarks.standings
	$(BIN)/python -m benchmarks.map
	$(BIN)/python -m benchmarks.factors
	$(BIN)/python -m benchmarks.recommend --peers $(PEERS)/bin/python --files
	$(BIN)/python -m benchmarks.cold_start
	$(BIN)/python -m benchmarks.new_user_window
	$(BIN)/python -m benchmarks.feedback

# Other recommenders, to measure beside; in an environment of their own, for they want other versions of libraries.
peers:
	$(VENV)/bin/python -m venv $(PEERS)
	for peer in "setuptools<80" implicit lenskit myfm cornac; do $(PEERS)/bin/python -m pip install "$$peer" || true; done

clean:
	rm -rf $(VENV) $(PEERS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The files .ready… say that a stage is done; a change of what is to be installed makes it due again.
$(VENV)/.ready: $(VENV)/.created pyproject.toml constraints.txt
	$(INSTALL) -e .
	$(BIN)/python -m cfgui.app.system_libraries --install
	@touch $@

$(VENV)/.ready-to-test: $(VENV)/.ready
	$(INSTALL) -e ".[dev]"
	@touch $@

$(VENV)/.created:
	@for python in $(CANDIDATES); do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "cfgui needs Python 3.11 or newer and found none; install it, or name it: make run PYTHON=path/to/python3" >&2; \
	    exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip' 2>/dev/null; then \
	    package=$$($$python -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y "$$package" || exit 1; \
	    else \
	        echo "$$python cannot make virtual environments; on Debian or Ubuntu: sudo apt-get install $$package" >&2; \
	        exit 1; \
	    fi; \
	fi; \
	$$python -m venv --clear $(VENV)
	@touch $@
