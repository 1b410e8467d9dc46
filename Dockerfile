# SOKRATES' packages and its command; the pipeline runs in a checkout that is mounted on /workspace.
#   make image                                        (or: docker build -t sokrates .)
#   docker run --rm --gpus all --user "$(id -u):$(id -g)" -v "$PWD":/workspace sokrates dvc repro
# Build arguments:
#   BASE_IMAGE       any Debian with python3 (3.11 or later), its venv module and pip
#   TORCH            cuda (several GB; runs without a GPU too) or cpu
#   VLLM             1 adds vLLM with the packages it pins, in /opt/vllm
#   CHECKERS         1 adds Coq (about 1 GB) and E beside Metamath, for `sokrates certify` and `sokrates label --solver`
#   PIP_EXTRA_INDEX_URL   an index beside the default one, such as PyTorch's CPU index
#   REVISION         the commit, for a label
# An index or a proxy that needs a password comes as a secret, which no layer keeps:
#   docker build --secret id=pip,src=pip.conf .
# Not covered: images for more than one machine type, and weights: the hub's cache is a volume.
ARG BASE_IMAGE=python:3.12.13-slim-trixie

FROM ${BASE_IMAGE} AS system
# git: DVC works on a repository. gcc: TRL's loss is a Triton kernel, and Triton compiles its launcher at run time.
# metamath (1 MB) checks the certificates of proofs.
ARG CHECKERS
# Debian's archive keeps one version of a package a release: a version named here would soon be gone.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates gcc git libc6-dev metamath \
       ${CHECKERS:+coq eprover} \
    && rm -rf /var/lib/apt/lists/*
# Any uid may run the image and own the checkout: git and libgit2 trust every folder, home and cache are everybody's.
# DVC's experiments are commits: this name is theirs where neither the checkout nor a mounted ~/.gitconfig has one.
RUN groupadd --gid 1000 sokrates \
    && useradd --uid 1000 --gid 1000 --no-create-home --home-dir /home/sokrates sokrates \
    && install -d -m 1777 /home/sokrates /cache /cache/huggingface \
    && git config --system safe.directory '*' \
    && git config --system user.name SOKRATES \
    && git config --system user.email sokrates@localhost

# Packages before sources: a change of the sources rebuilds nothing up to here.
FROM system AS packages
ARG TORCH=cuda
ARG PIP_EXTRA_INDEX_URL
WORKDIR /build
COPY constraints.txt constraints-${TORCH}.txt ./
RUN python3 -m venv /opt/sokrates
# torch alone first: with TORCH=cpu and an index that has only its CUDA build, pip stops there.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    /opt/sokrates/bin/pip install --no-cache-dir -c constraints.txt -c "constraints-${TORCH}.txt" torch \
    && /opt/sokrates/bin/pip install --no-cache-dir -r constraints.txt -c "constraints-${TORCH}.txt"

FROM system AS vllm
ARG VLLM
ARG PIP_EXTRA_INDEX_URL
WORKDIR /build
COPY constraints-vllm.txt ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    if [ -n "${VLLM}" ]; then \
      python3 -m venv /opt/vllm && /opt/vllm/bin/pip install --no-cache-dir -r constraints-vllm.txt; \
    else mkdir /opt/vllm; fi

FROM packages AS sources
COPY pyproject.toml README.md LICENSE ./
COPY sokrates sokrates
RUN /opt/sokrates/bin/pip install --no-cache-dir --no-deps --no-build-isolation --prefix /install .

FROM system
COPY --from=vllm /opt/vllm /opt/vllm
COPY --from=packages /opt/sokrates /opt/sokrates
COPY docker/entrypoint.sh /usr/local/bin/sokrates-entrypoint
COPY --from=sources /install /opt/sokrates

# PYTHONPATH: a mounted checkout's own code comes before the copy in the image.
# USER and LOGNAME: PyTorch asks for a user's name, and not every uid has one.
# hadolint ignore=DL3064
ENV PATH=/opt/sokrates/bin:$PATH \
    PYTHONPATH=/workspace \
    HOME=/home/sokrates \
    USER=sokrates \
    LOGNAME=sokrates \
    HF_HOME=/cache/huggingface \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    DVC_NO_ANALYTICS=1 \
    DO_NOT_TRACK=1 \
    HF_HUB_DISABLE_TELEMETRY=1 \
    ITERATIVE_DO_NOT_TRACK=1 \
    VLLM_NO_USAGE_STATS=1 \
    TOKENIZERS_PARALLELISM=false
ARG REVISION
LABEL org.opencontainers.image.title="SOKRATES" \
      org.opencontainers.image.description="Language models that reason in steps a solver has checked" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}"
VOLUME /cache/huggingface
WORKDIR /workspace
USER 1000:1000
ENTRYPOINT ["sokrates-entrypoint"]
CMD []
