"""How well the success head's probabilities agree with the verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score

from sokrates.intervals import ratio

BINS = 10
CONFIDENT = 0.9


def calibration(probabilities: np.ndarray, verdicts: np.ndarray) -> dict[str, Any]:
    """Brier score, expected calibration error (10 equal bins), accuracy above 0.9 and AUROC.

    probabilities: [steps], of success
    verdicts: [steps], 1 where the step is valid
    Accuracy above 0.9 is the share of valid steps among those with a probability over 0.9. A figure that is not
    defined is null.
    """
    confident = verdicts[probabilities > CONFIDENT]
    gaps = [
        int(within.sum()) * abs(float(probabilities[within].mean()) - float(verdicts[within].mean()))
        for within in _bins(probabilities)
    ]
    return {
        "steps": len(verdicts),
        "valid_share": float(verdicts.mean()) if len(verdicts) else None,
        "brier": float(brier_score_loss(verdicts, probabilities, pos_label=1)) if len(verdicts) else None,
        "ece": sum(gaps) / len(verdicts) if len(verdicts) else None,
        "accuracy_above_0.9": float(confident.mean()) if len(confident) else None,
        "steps_above_0.9": len(confident),
        "auroc": float(roc_auc_score(verdicts, probabilities)) if len(set(verdicts.tolist())) > 1 else None,
    }


def reliability(probabilities: np.ndarray, verdicts: np.ndarray, traces: np.ndarray) -> list[dict[str, Any]]:
    """The bins of a reliability diagram that have a step: mean prediction, and the share of valid steps.

    traces: [steps], the number of the trace that a step is in, as steps of one trace are not independent
    """
    rows = []
    for within in _bins(probabilities):
        steps = np.bincount(traces[within])
        valid = np.bincount(traces[within], verdicts[within]).astype(int)
        by_trace = list(zip(valid[steps > 0].tolist(), steps[steps > 0].tolist(), strict=True))
        rows.append({"predicted": float(probabilities[within].mean()), **ratio(by_trace)})
    return rows


def _bins(probabilities: np.ndarray) -> Iterator[np.ndarray]:
    """[steps], whether a step is in the bin, for each bin that has one."""
    place = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return (place == index for index in np.unique(place))
