# Installs, runs and checks SOKRATES. Everything runs in .venv, which `make setup` makes once; every target but
# the image's and `clean` begins with it.

PYTHON ?= python3
INSTALLED := .venv/installed

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export HF_HUB_DISABLE_TELEMETRY := 1
export DVC_NO_ANALYTICS := 1
export TOKENIZERS_PARALLELISM := false

.DEFAULT_GOAL := help
.PHONY: help setup repro base plots test lint docs bench image image-test clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## *\(.*\)/make \1\t\2/p' Makefile

setup: $(INSTALLED)  ## make .venv and install into it, once; CUDA=1 with no GPU here

repro: setup  ## run what of the pipeline is not up to date; PROFILE=NAME copies profiles/NAME.yaml first
ifdef PROFILE
	@test -f profiles/$(PROFILE).yaml || { echo "There is no profiles/$(PROFILE).yaml." >&2; exit 2; }
	@for profile in profiles/*.yaml; do cmp -s $$profile params.yaml && exit 0; done; \
	git diff --quiet HEAD -- params.yaml || { \
	  echo "params.yaml has changes that are not in git, and PROFILE=$(PROFILE) would overwrite them:" >&2; \
	  echo "commit them, or drop them with \`git checkout params.yaml\`." >&2; exit 2; }
	@sokrates doctor --quiet --profile $(PROFILE)
	cp profiles/$(PROFILE).yaml params.yaml
else
	@sokrates doctor --quiet
endif
	dvc repro

plots: setup  ## draw every plot of dvc.yaml as plots/*.svg, and all on one page, dvc_plots/index.html
	dvc plots show
	python -m sokrates.ops.plots svg plots

base: setup  ## make the embedded base model anew, about an hour; it is in git, so nobody has to
	dvc unfreeze base/dvc.yaml:base
	dvc repro base/dvc.yaml; status=$$?; dvc freeze base/dvc.yaml:base; exit $$status

test: setup  ## run the tests; CONTRIBUTING.md says how to run the fast ones alone
	python -m pytest

lint: setup  ## style and types
	ruff check .
	ruff format --check .
	mypy
	hadolint Dockerfile

docs: setup  ## build the API reference from the docstrings into site/
	pdoc --template-directory docs/reference -o site sokrates \
	  $(subst /,.,$(patsubst %/__init__.py,%,$(wildcard sokrates/*/__init__.py)))

bench: setup  ## run the benchmarks
	@set -e; for name in verify prepare startup sample sft dpo solve neighbours; do echo "== $$name"; python benchmarks/$$name.py; done

# The Dockerfile's head says what each build argument does.
ENGINE ?= $(firstword $(foreach engine,docker podman buildah,$(shell command -v $(engine))))
ARGUMENTS := BASE_IMAGE TORCH VLLM CHECKERS PIP_EXTRA_INDEX_URL

image:  ## build the container image; TORCH=cpu, VLLM=1, CHECKERS=1, ENGINE=docker, podman or buildah
	@test -n "$(ENGINE)" || { echo "make image needs docker, podman or buildah, and none is here." >&2; exit 2; }
	$(ENGINE) build -t sokrates --build-arg REVISION=$$(git rev-parse HEAD) \
	  $(foreach name,$(ARGUMENTS),$(if $($(name)),--build-arg $(name)=$($(name)))) .

image-test:  ## build the image from nothing and run the pipeline in it; needs root, buildah, debootstrap
	docker/test.sh

clean:  ## delete what tools left behind (not .venv, runs, data)
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .grimp_cache dvc_plots
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

# Without a GPU, PyTorch's CUDA packages (several GB) are ruled out by constraints that no version of them
# meets. torch is asked for first, alone and dry: where the index has only its CUDA build, pip finds the
# conflict in torch's metadata and stops before it downloads a CUDA package. (A dry run without these
# constraints would do no better: the pip that comes with Python 3.11 downloads all that it plans.)
# PIP_EXTRA_INDEX_URL on make's command line reaches pip through the environment.
$(INSTALLED): pyproject.toml constraints.txt constraints-cpu.txt constraints-cuda.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "SOKRATES needs Python 3.11 or later, and $(PYTHON) is older or missing." >&2; \
	  echo "Name another:  make setup PYTHON=python3.12" >&2; exit 2; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@cp constraints-cuda.txt .venv/torch.txt
ifndef CUDA
	@if [ "$$(uname)" = Linux ] && ! command -v nvidia-smi >/dev/null; then \
	  cp constraints-cpu.txt .venv/torch.txt; \
	  echo "No GPU here: looking for a CPU build of PyTorch"; \
	  .venv/bin/python -m pip install --dry-run -c constraints.txt -c .venv/torch.txt torch \
	    > .venv/torch.log 2>&1 || { \
	      if grep -qE 'triton|cuda-toolkit|nvidia-nccl' .venv/torch.log; then \
	        echo "No GPU here (no nvidia-smi), and pip would install PyTorch with CUDA, several GB." >&2; \
	        echo "For PyTorch's CPU build:  make setup PIP_EXTRA_INDEX_URL=<PyTorch's CPU index>" >&2; \
	        echo "To install CUDA anyway:   make setup CUDA=1" >&2; \
	      else cat .venv/torch.log >&2; fi; exit 2; }; \
	fi
endif
	.venv/bin/python -m pip install -c constraints.txt -c .venv/torch.txt -e ".[dev]"
	.venv/bin/python -m sokrates.ops.plots page .dvc/tmp/plots.html
	.venv/bin/dvc config --local plots.html_template tmp/plots.html
	@touch $@
