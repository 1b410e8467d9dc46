#!/usr/bin/env bash
# Builds the image from nothing, without a Docker engine, and runs the pipeline in it. Use: make image-test
# A Debian base made by debootstrap takes the place of the default BASE_IMAGE, and PyTorch's CPU build that of
# CUDA. pip's settings on this machine serve the build and stay out of the image (docker/pip_settings.py).
# It tests what is committed. All that it makes lies in one scratch folder, which is deleted at the end, also after
# a failure. Needs root, buildah and debootstrap; about 10 GB of disk, several times that with the vfs driver.
# Not covered: a GPU, CUDA, VLLM=1, the default BASE_IMAGE.
set -euo pipefail

missing=()
for tool in buildah debootstrap git python3; do command -v $tool > /dev/null || missing+=("$tool"); done
if [ ${#missing[@]} -gt 0 ]; then
  echo "make image-test needs ${missing[*]}, not found here. On Debian: apt-get install ${missing[*]}" >&2
  exit 2
fi
[ "$(id -u)" = 0 ] || { echo "make image-test makes a Debian system in a folder: run it as root." >&2; exit 2; }

repository=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sokrates-image.XXXXXX")
chmod 755 "$scratch"
clean_up() {
  status=$?  # of what ended the script
  pkill -TERM -P $$ || true  # a build that goes on would write into what is deleted
  for _ in {1..60}; do pgrep -f "$scratch/storage" > /dev/null && sleep 1 || break; done
  [ ! -d "$scratch/storage" ] || buildah rm --all > /dev/null || true
  awk -v under="$scratch/" 'index($2, under) == 1 { print $2 }' /proc/self/mounts | sort -r | xargs -r umount
  if grep -qF " $scratch/" /proc/self/mounts; then  # deleting would reach what is mounted
    echo "image-test: something is still mounted in $scratch, which is left as it is." >&2
    exit 1
  fi
  rm -rf "$scratch"
  exit $status
}
trap clean_up EXIT

say() { printf '\n== %s  (%d s)\n' "$*" $SECONDS; }
fail() { echo "image-test: $*" >&2; exit 1; }

# The driver overlay shares what layers have in common; vfs copies it, and works on any file system.
mkdir "$scratch"/{lower,upper,work,merged}
if mount -t overlay overlay "$scratch/merged" 2> /dev/null \
  -o "lowerdir=$scratch/lower,upperdir=$scratch/upper,workdir=$scratch/work"; then
  umount "$scratch/merged"
  driver=overlay
else
  driver=vfs
fi
driver=${STORAGE_DRIVER:-$driver}
unset STORAGE_DRIVER
export BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$scratch/storage" --runroot "$scratch/run" --storage-driver "$driver" "$@"; }

# --- build ---------------------------------------------------------------------------------------------------

. /etc/os-release
say "a base image of $PRETTY_NAME (storage driver $driver)"
base=$(buildah from scratch)
root=$(buildah mount "$base")
debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv "$VERSION_CODENAME" "$root" \
  > "$scratch/log" || { tail "$scratch/log" >&2; fail "debootstrap made no base"; }
rm -rf "$root"/var/cache/apt/archives/*.deb
buildah commit -q --rm "$base" localhost/base > "$scratch/log"

export GIT_CONFIG_GLOBAL=$scratch/gitconfig  # the checkout may be anybody's
git config --global safe.directory '*'
git -C "$repository" diff --quiet HEAD || echo "image-test: what is not committed is not tested." >&2
git clone -q "$repository" "$scratch/context"
python3 "$repository/docker/pip_settings.py" "$scratch"
mapfile -t volumes < "$scratch/volumes"

build() {  # TAG: builds it and shows the steps
  buildah build --layers --format docker --pull-never --tag "localhost/sokrates:$1" \
    --build-arg BASE_IMAGE=localhost/base --build-arg TORCH=cpu \
    --build-arg REVISION="$(git -C "$scratch/context" rev-parse HEAD)" \
    --secret "id=pip,src=$scratch/pip.conf" "${volumes[@]}" "$scratch/context" > "$scratch/log" 2>&1 \
    || { tail -n 40 "$scratch/log" >&2; fail "the image does not build"; }
  grep -E 'STEP|Using cache' "$scratch/log" | cut -c 1-115
}
layers() {  # TAG
  buildah inspect --type image "localhost/sokrates:$1" \
    | python3 "$repository/docker/layers.py" "$scratch/storage/$driver-layers/layers.json"
}
image() { buildah inspect --type image --format "{{$1}}" localhost/sokrates:first; }

say "the image"
build first
say "a source file changes: the image again"
echo "# changed" >> "$scratch/context/sokrates/io/errors.py"
build changed
say "layers of the two images"
layers first | tee "$scratch/first"
layers changed > "$scratch/changed"
diff "$scratch/first" "$scratch/changed" && fail "a changed source file changed no layer"
[ "$(head -n -1 "$scratch/first")" = "$(head -n -1 "$scratch/changed")" ] \
  || fail "a changed source file rebuilt more than the last layer"
[ "$(grep -o '^Successfully installed .*' "$scratch/log" | cut -d ' ' -f 3-)" = sokrates-0.1.0 ] \
  || fail "a changed source file made pip install more than itself"

# --- run -----------------------------------------------------------------------------------------------------

# A checkout of another uid than the image's, which its group may write to; DVC's cache outside it.
owner=4242
checkout=$scratch/checkout
git clone -q "$repository" "$checkout"
mkdir -p "$checkout/.dvc/cache" "$scratch/dvc-cache"
open_to_its_group() { chown -R $owner:$owner "$checkout" "$scratch/dvc-cache"; chmod -R g+rwX "$checkout" "$scratch/dvc-cache"; }
open_to_its_group

entrypoint=$(image "index .OCIv1.Config.Entrypoint 0")
uid=$(image .OCIv1.Config.User)
uid=${uid%:*}
[ "$uid" -gt 0 ] || fail "the image's user is root"
volumes_of_a_run=(--volume "$checkout:/workspace" --volume "$scratch/dvc-cache:/workspace/.dvc/cache")
start() { buildah from --pull-never --name "$1" localhost/sokrates:first > /dev/null; }
in_image() {  # CONTAINER UID:GID [VOLUMES …] -- COMMAND …
  local container=$1 user=$2 options=()
  shift 2
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  buildah run --user "$user" "${options[@]}" "$container" -- "$entrypoint" "$@"
}
run() { echo "$ $*"; in_image image "$uid:$owner" "${volumes_of_a_run[@]}" -- "$@"; }

start image
say "the default command"
in_image image "$uid:$uid" -- | tee "$scratch/log"
grep -q "dvc repro" "$scratch/log" || fail "the default command does not say what to do"
in_image image "$uid:$uid" -- sokrates --help > "$scratch/log"  # without a checkout: the copy in the image
root=$(buildah mount image)
for left in "$root"/etc/pip.conf "$root"/build "$root"/root/.cache "$root"/var/lib/apt/lists/*; do
  [ ! -e "$left" ] || fail "the image keeps $left"
done

say "tests, as the image's uid $uid in a checkout of uid $owner"
run pytest -q -m "not slow"

say "the smoke pipeline"
cp "$checkout/profiles/smoke.yaml" "$checkout/params.yaml"
run sokrates doctor
run dvc repro
run dvc status
say "metrics made in the image, against the last commit's"
run dvc metrics diff > "$scratch/log"
grep -E '^(Path|metrics/evaluation.json +held_out\.\w+\.(accuracy|step_validity|trace_validity)\.)' "$scratch/log" \
  || fail "dvc metrics diff shows no figure of the smoke pipeline"
say "an experiment"
run dvc exp run --name beta -S dpo.beta=0.3
run dvc exp list | tee "$scratch/log"
grep -q beta "$scratch/log" || fail "the experiment is not in DVC's list"
grep -q "beta: 0.3" "$checkout/params.yaml" || fail "the experiment left params as they were"

say "the owner, a uid without a name in the image, goes on with what the image's user left"
start owner
run_as_owner() { echo "$ $*"; in_image owner "$owner:$owner" "${volumes_of_a_run[@]}" -- "$@"; }
run_as_owner dvc repro | tee "$scratch/log"
grep -q "Data and pipelines are up to date" "$scratch/log" || fail "the owner runs stages again"

# --- refuse --------------------------------------------------------------------------------------------------

watched=("$checkout" "$scratch/dvc-cache")
state() { find "${watched[@]}" -printf '%p %s %T@ %m %U\n' | sort | sha256sum; }
refused() {  # MESSAGE UID:GID VOLUME …: one message that has MESSAGE, exit code 2, nothing written
  local message=$1 user=$2 before status=0
  shift 2
  before=$(state)
  start refused
  in_image refused "$user" "$@" -- dvc repro > "$scratch/log" 2>&1 || status=$?
  buildah rm refused > /dev/null
  grep "^sokrates:" "$scratch/log" || true
  [ "$(grep -c "^sokrates:" "$scratch/log")" = 1 ] || { cat "$scratch/log" >&2; fail "not one message"; }
  grep -q "$message" "$scratch/log" || fail "the message does not say: $message"
  [ $status = 2 ] || fail "exit code $status, not 2"
  [ "$(state)" = "$before" ] || fail "something was written"
}
say "a read-only checkout, a checkout of another uid, none: each one message"
refused "cannot write to /workspace:" "$owner:$owner" --volume "$checkout:/workspace:ro"
refused "user $owner:$owner" 5555:5555 --volume "$checkout:/workspace"
refused "no checkout" "$uid:$uid"

say "params that need a GPU, a hub model without a network: each one message"
watched=("$checkout"/{data,metrics,plots,runs,dvc.lock})
sed -i 's/needs_gpu: false/needs_gpu: true/; s/^seed: .*/seed: 8/' "$checkout/params.yaml"  # there is something to run
refused "these params need one (runtime.needs_gpu)" "$uid:$owner" "${volumes_of_a_run[@]}"
cp "$checkout/profiles/smoke.yaml" "$checkout/params.yaml"
sed -i 's|name: base/model |name: some/model |' "$checkout/params.yaml"
refused "some/model is not in .* cannot be reached" "$uid:$owner" "${volumes_of_a_run[@]}" \
  --env HF_ENDPOINT=http://127.0.0.1:9

say "passed"
