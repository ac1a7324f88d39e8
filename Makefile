# `make demo` and `make test` each do all their own set-up. What is set up already is not done again.
#   PYTHON=...      the Python to build the environment with (default: python3.11, else python3)
#   PIP_FLAGS=...   given to every pip install
#   PYTEST_FLAGS=...  given to pytest, for example PYTEST_FLAGS="-m 'not slow' tests/io"
#   WORKERS=...      processes that test side by side (default: one for each core, at most 4)

VENV := .venv
PIP := $(VENV)/bin/python -m pip install -qq -c constraints.txt $(PIP_FLAGS)
WORKERS := logical
INPUTS := pyproject.toml constraints.txt scripts/venv.sh
DISPLAY_RUN := env -u WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1400x900x24"

# Without it two torch threads run many times slower than one while anything else is busy.
export OMP_WAIT_POLICY := passive
export MPLBACKEND := Agg
# Tests start hundreds of processes, which would all compile the package anew.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.NOTPARALLEL: # one pip at a time in one environment
.PHONY: help demo test lint speed benchmark torture docs wheel venv install display clean

help:
	@echo "make demo       segment a generated tomogram: masks, scores and a picture in demo_output/"
	@echo "make test       everything that has to hold: style, types, floors, manifest, wheel, tests"
	@echo "make lint       the part of make test that runs nothing"
	@echo "make speed      fail where a stage takes much longer than it did, beside what is compared with (half a minute)"
	@echo "make benchmark  what docs/benchmarks says of memory and the window (python -m benchmarks: of the methods)"
	@echo "make torture    damage files, kill processes, fill disks and flip bits by the thousand (hours; Linux, cc)"
	@echo "make docs       the documentation, in site/"
	@echo "make install    the plugin with napari in $(VENV), to work on it"

demo: $(VENV)/.base
	$(VENV)/bin/hypseg demo --out demo_output

# pytest comes last: its closing line is the last line. A file stays in one process, with what its tests share, and files
# are taken in the order of tests/conftest.py.
test: lint wheel display
	$(DISPLAY_RUN) $(VENV)/bin/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_FLAGS)

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/npe2 validate napari-hypseg

# The build backend is in the environment already, so nothing is downloaded for an isolated one.
wheel: $(VENV)/.dev
	$(VENV)/bin/python -m build --wheel --no-isolation --outdir dist . >/dev/null
	@ls dist/*.whl

speed: $(VENV)/.dev
	$(VENV)/bin/python -m benchmarks speed --quick --against docs/benchmarks/speed_quick.json --out .benchmarks

benchmark: $(VENV)/.dev display
	$(VENV)/bin/python -m benchmarks.memory
	for part in slider start latency gallery; do $(DISPLAY_RUN) $(VENV)/bin/python -m benchmarks.window.$$part || exit 1; done

torture: $(VENV)/.dev display
	$(VENV)/bin/python scripts/fuzz_files.py --count 50000
	$(VENV)/bin/python -m benchmarks.reliability
	$(DISPLAY_RUN) $(VENV)/bin/python -m benchmarks.reliability.window_disk

docs: $(VENV)/.docs
	$(VENV)/bin/mkdocs build --strict

venv: $(VENV)/.venv
install: $(VENV)/.dev

display:
	@bash scripts/display.sh

clean:
	rm -rf $(VENV) build dist site demo_output .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# Stamps: each stands for one finished installation, and is older than what it was made from when that changes.
$(VENV)/.venv: scripts/venv.sh
	@bash scripts/venv.sh $(VENV)
	@touch $@

$(VENV)/.base: $(INPUTS) | $(VENV)/.venv
	@echo "Installing napari-hypseg (the first time this takes a few minutes)"
	@$(PIP) -e .
	@touch $@

$(VENV)/.dev: $(INPUTS) | $(VENV)/.venv
	@echo "Installing napari-hypseg, napari and the tools of development (the first time this takes a few minutes)"
	@$(PIP) -e ".[dev]"
	@touch $@ $(VENV)/.base

$(VENV)/.docs: $(INPUTS) | $(VENV)/.venv
	@$(PIP) -e ".[docs]"
	@touch $@
