#!/bin/sh
# Runs the command given to the container, in the checkout mounted on its working folder; without one, says what
# to do. `dvc` writes in the checkout: one that cannot be written to is one message and exit code 2, before
# anything is; so is what would surely stop `dvc repro`. Where the checkout is somebody else's, what is written
# stays writable for its group.
set -eu

if [ $# -eq 0 ]; then
  cat <<'HELP'
SOKRATES: run this image on a checkout, as the checkout's owner.

  docker run --rm --gpus all --user "$(id -u):$(id -g)" -v "$PWD":/workspace sokrates COMMAND

Without a GPU leave out --gpus all. COMMAND is one of
  sokrates doctor                what this machine offers, and what the pipeline needs
  dvc repro                      run what of the pipeline is not up to date
  dvc exp run -S dpo.beta=0.3    one param changed, for one experiment
  sokrates --help                check and write proofs; needs no checkout
To keep the hub's models between runs:  -v sokrates-hub:/cache/huggingface
HELP
  exit 0
fi

if [ "$1" = dvc ]; then
  if [ ! -d .dvc ]; then
    echo "sokrates: no checkout is mounted on $PWD (there is no $PWD/.dvc): docker run -v \"\$PWD\":$PWD …" >&2
    exit 2
  fi
  shut=$(find . \( -path ./.venv -o -path ./data/raw -o -path ./data/models \) -prune -o -type d ! -writable -print -quit 2>/dev/null || true)
  if [ -n "$shut" ]; then
    echo "sokrates: dvc writes in the checkout, and uid $(id -u) cannot write to $(realpath "$shut"): mount it" \
      "writable and run the container as its owner, --user $(stat -c %u:%g .)" >&2
    exit 2
  fi
fi
[ "$(stat -c %u .)" = "$(id -u)" ] || umask 002
# The code is the checkout's, which may be older than the image.
if [ "$*" = "dvc repro" ] && sokrates doctor --help | grep -q -e --quiet; then sokrates doctor --quiet; fi
exec "$@"
