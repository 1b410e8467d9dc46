"""`sokrates push`: what the stages made here goes to DVC's remote, so that no other machine makes it again.

`dvc push --run-cache` alone leaves gaps where outs are in git (`cache: false`), as figures and plot data are here.
As of DVC 3.67 a stage with such an out that is neither metric nor plot does not enter the run-cache, and of the
others the remote gets the entry without the file that it names: on the other machine the stage runs. So each
stage that is up to date is entered first, and these files are sent as well. `dvc repro --pull` finds them there.
"""

from __future__ import annotations

from typing import NamedTuple

from dvc.repo import Repo, lock_repo

from sokrates.errors import UserError


class Pushed(NamedTuple):
    """What the remote has now."""

    stages: list[str]  # all that is up to date here
    files: int  # that were not there before


def push() -> Pushed:
    """Sends the outs and the run-cache of every stage that is up to date here. Raises UserError."""
    try:
        with Repo(".") as repo, lock_repo(repo):
            remote = repo.config["core"].get("remote")
            if not remote:
                raise UserError(
                    "there is no remote to push to: `dvc remote add --default NAME URL` (docs/remote.md)"
                )
            stages = [stage for stage in repo.index.stages if not stage.frozen and not stage.changed()]
            if not stages:
                raise UserError("no stage is up to date here, so there is nothing to push: `dvc repro` first")
            for stage in stages:
                repo.stage_cache.save(stage)
            in_git = {out.hash_info for stage in stages for out in stage.outs if not out.use_cache}
            result = repo.cloud.push(in_git)
            if result.failed:
                raise UserError(f"{len(result.failed)} files did not reach the remote {remote}: push again")
            sent = len(result.transferred) + repo.push()
            repo.stage_cache.push(None)  # last: an entry names files that are there
            return Pushed([stage.addressing for stage in stages], sent)
    except UserError:
        raise
    except Exception as error:  # what a store's client raises is of its own kind: no route, no key, no bucket
        raise UserError(f"cannot push: {error}") from None
