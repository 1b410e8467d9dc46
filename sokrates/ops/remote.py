"""`sokrates push`: sends what the stages made here to DVC's remote, so that no other machine repeats the work.

`dvc push --run-cache` alone is not enough where outs are in git (`cache: false`), as our figures and plot data
are. In DVC 3.67 a stage with such an out that is neither metric nor plot does not enter the run-cache; of the
other stages the remote gets the entry without the file that it names, so another machine runs the stage again.
This module therefore enters each up-to-date stage first and sends these files too. `dvc repro --pull` finds them.
"""

from __future__ import annotations

from typing import NamedTuple

from dvc.repo import Repo, lock_repo

from sokrates.io.errors import UserError


class Pushed(NamedTuple):
    """What was sent.

    stages: all that are up to date on this machine
    files: those that the remote did not have
    """

    stages: list[str]
    files: int


def push() -> Pushed:
    """Sends the outs and the run-cache of every up-to-date stage. Raises UserError."""
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
            repo.stage_cache.push(None)  # last, as an entry must not name files that are missing
            return Pushed([stage.addressing for stage in stages], sent)
    except UserError:
        raise
    except Exception as error:  # each store's client raises its own kinds: no route, no key, no bucket
        raise UserError(f"cannot push: {error}") from None
