"""How well the success head's probabilities agree with the verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score

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
    bins = reliability(probabilities, verdicts)
    gaps = [row["count"] * abs(row["predicted"] - row["observed"]) for row in bins]
    return {
        "steps": len(verdicts),
        "valid_share": float(verdicts.mean()) if len(verdicts) else None,
        "brier": float(brier_score_loss(verdicts, probabilities, pos_label=1)) if len(verdicts) else None,
        "ece": sum(gaps) / len(verdicts) if len(verdicts) else None,
        "accuracy_above_0.9": float(confident.mean()) if len(confident) else None,
        "steps_above_0.9": len(confident),
        "auroc": float(roc_auc_score(verdicts, probabilities)) if len(set(verdicts.tolist())) > 1 else None,
    }


def reliability(probabilities: np.ndarray, verdicts: np.ndarray) -> list[dict[str, Any]]:
    """The bins of a reliability diagram that have a step: mean prediction, share of valid steps, count."""
    place = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return [
        {
            "bin": index / BINS,
            "predicted": float(probabilities[place == index].mean()),
            "observed": float(verdicts[place == index].mean()),
            "count": int((place == index).sum()),
        }
        for index in range(BINS)
        if (place == index).any()
    ]
