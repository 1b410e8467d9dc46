# SOKRATES with its pinned packages; with PyTorch's CUDA build, so one image serves GPUs and CPUs.
#   docker build -t sokrates .
#   docker run --rm -it --gpus all sokrates dvc repro
# Not covered yet: caching of models and data between containers, images for more than one machine.
ARG BASE_IMAGE=python:3.12.13-slim-trixie
FROM ${BASE_IMAGE}

# DVC works on a git repository; Triton compiles with gcc.
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc git libc6-dev make \
    && rm -rf /var/lib/apt/lists/*

# Packages before sources: a change of the sources leaves this layer as it is.
WORKDIR /workspace
COPY constraints.txt ./
RUN pip install --no-cache-dir -r constraints.txt

COPY --chown=1000:1000 . .
RUN pip install --no-cache-dir --no-deps -e . \
    && git config --system --add safe.directory /workspace \
    && chown 1000:1000 /workspace

ENV HOME=/tmp \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    HF_HUB_DISABLE_TELEMETRY=1 \
    DVC_NO_ANALYTICS=1 \
    TOKENIZERS_PARALLELISM=false
USER 1000:1000
CMD ["echo", "Give a command: dvc repro runs the pipeline, sokrates --help checks and writes proofs."]
