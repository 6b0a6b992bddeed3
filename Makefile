# One command each. Everything is installed into a virtual environment of this folder; nothing outside it changes.
#
#   make demo             read a hundred practice pictures from a site on this computer and show what is found
#   make demo DIR=FOLDER  the same with a folder of your own, which is only read, in place of the site
#   make test             everything that is checked before a change lands
#   make torture          let the disk fail at three thousand moments, and processes fight for ten minutes
#   make fuzz             let atheris look for bytes that a parser takes badly: FUZZ=SECONDS for each
#   make parity           compare the hashes with imagededup's, in a virtual environment with torch
#   make bench            list the benchmarks
#   make screenshots      take the pictures in docs/screenshots anew, with the Chromium of the system
#   make clean            remove what was made here
#
# `make PYTHON=python3.12 ...` takes another Python than python3.

PYTHON ?= python3
# How many processes pytest works with.
JOBS ?= 2
# Seconds that `make fuzz` spends on each parser.
FUZZ ?= 20

VENV := .venv
BIN := $(VENV)/bin
PARITY := .venv-parity
FUZZING := .venv-fuzz
# Byte code is made when a module is first imported: most of what is installed never is.
INSTALL := -m pip --disable-pip-version-check --no-input install --quiet --no-compile --constraint constraints.txt
# A newer pip passes on that an editable installation is one, at length.
QUIET := PYTHONWARNINGS=ignore
# Only the picture files of these two are used, so what they depend on stays away.
PICTURES := scikit-image scikit-learn
PINS := Makefile setup.cfg pyproject.toml constraints.txt

# ONNX Runtime would otherwise keep a device id in the home folder and report to its makers.
export ORT_DISABLE_TELEMETRY = 1

.PHONY: help demo test format torture fuzz parity bench screenshots clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/installed
	@folder=$(if $(filter command,$(origin DIR)),"$$DIR"); \
	case "$$folder" in "~/"*) folder="$$HOME/$${folder#"~/"}" ;; esac; \
	$(BIN)/python -m fapfav.cli.demo $${folder:+"$$folder"}

test: $(VENV)/installed-test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal --cov --cov-report term

format: $(VENV)/installed-test
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

torture: $(VENV)/installed-test
	$(BIN)/python -m tests.torture.points --points 3000 --table
	TOGETHER_SECONDS=600 $(BIN)/python -m pytest tests/together/test_crowd.py

# One after the other: each ends its process. What is found lies in .fuzz.
fuzz: $(FUZZING)/installed
	@for target in $$(ls tests/damage/corpus); do \
		echo "$$target"; \
		$(FUZZING)/bin/python -m tests.damage.fuzz $$target $(FUZZ) || exit 1; \
	done

parity: $(PARITY)/installed
	$(PARITY)/bin/python -m tools.parity

bench:
	@for file in $$(grep -l __main__ benchmarks/*.py benchmarks/*/__main__.py); do \
		name=$${file#benchmarks/}; name=$${name%/__main__.py}; \
		printf 'python -m benchmarks.%-20s %s\n' "$${name%.py}" "$$(sed -n '1s/"""//gp' "$$file")"; \
	done

screenshots: $(VENV)/installed-test
	$(BIN)/python -m tools.screenshots

clean:
	rm -rf $(VENV) $(PARITY) $(FUZZING) .bench .demo .fuzz build *.egg-info .coverage .coverage.* htmlcov \
		.mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# The stamps make a second call quick, and a changed pin install anew. Setuptools comes first and the
# project is built with that very one: a build environment of pip's own would not know our pins.
$(VENV)/installed: $(PINS) | $(VENV)/made
	@echo "installing into $(VENV)"
	@$(BIN)/python $(INSTALL) setuptools
	@$(QUIET) $(BIN)/python $(INSTALL) --no-build-isolation --editable .
	@$(BIN)/python $(INSTALL) --no-deps $(PICTURES)
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	@echo "installing what the tests need into $(VENV)"
	@$(QUIET) $(BIN)/python $(INSTALL) --no-build-isolation --editable '.[test]'
	@touch $@

# A torch for CPUs alone is a fifth of the size where an index offers one; a torch that does not load
# without its GPU libraries gets them.
$(PARITY)/installed: $(PINS) | $(PARITY)/made
	@echo "installing into $(PARITY): torch takes more than a gigabyte"
	@$(PARITY)/bin/python $(INSTALL) setuptools
	@$(QUIET) $(PARITY)/bin/python $(INSTALL) --no-build-isolation --editable .
	@$(PARITY)/bin/python $(INSTALL) fsspec jinja2 matplotlib networkx PyWavelets scikit-learn sympy tqdm
	@$(PARITY)/bin/python $(INSTALL) --no-deps faiss-cpu imagededup ImageHash torch torchvision scikit-image
	@$(PARITY)/bin/python -c 'import torch' 2>/dev/null || $(PARITY)/bin/python $(INSTALL) torch
	@touch $@

# Where there is no atheris for a Python, the targets are fed by chance instead.
$(FUZZING)/installed: $(PINS) | $(FUZZING)/made
	@echo "installing into $(FUZZING)"
	@$(FUZZING)/bin/python $(INSTALL) setuptools
	@$(QUIET) $(FUZZING)/bin/python $(INSTALL) --no-build-isolation --editable '.[test]'
	@$(FUZZING)/bin/python $(INSTALL) --only-binary :all: atheris || echo "no atheris: by chance then"
	@touch $@

.PHONY: $(PARITY)
$(PARITY): $(PARITY)/installed

$(VENV)/made $(PARITY)/made $(FUZZING)/made:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "there is no $(PYTHON) here: install Python 3.11 or later, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "fapfav takes Python 3.11 or later and $(PYTHON) is $$($(PYTHON) --version 2>&1); name another: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(@D)
	@touch $@
