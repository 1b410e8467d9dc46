"""The report: sets stand side by side in metrics and plot, by proof depth; each has a folder for its traces."""

from __future__ import annotations

import json
from pathlib import Path

from specimens import CAREFUL, SHORTCUT, check, problem

from sokrates.data.dataset import numbered
from sokrates.evaluation.evaluate import Evaluated
from sokrates.evaluation.metrics import measure
from sokrates.evaluation.report import HELD_OUT, write_report
from sokrates.proof.trace import Trace


def evaluated(name: str, text: str) -> Evaluated:
    (one,) = numbered([problem()], name)
    return Evaluated([Trace(one, text)], measure([(one, check(text))]), None, None)


def test_sets_stand_beside_each_other_by_depth(tmp_path: Path) -> None:
    results = {
        policy: {HELD_OUT: evaluated(HELD_OUT, CAREFUL), "others-2hop": evaluated("others-2hop", text)}
        for policy, text in (("base", SHORTCUT), ("sft", SHORTCUT), ("iter1", CAREFUL))
    }
    write_report(results, tmp_path / "evaluation.json", tmp_path / "plots", tmp_path / "traces")
    assert json.loads((tmp_path / "plots/depth.json").read_text()) == [
        {"problems": "held_out: 2", "sft": 1.0, "iter1": 1.0},
        {"problems": "others-2hop: 2", "sft": 0.0, "iter1": 1.0},
    ]
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    assert figures["others-2hop"]["sft"]["trace_validity"]["value"] == 0.0
    assert figures["others-2hop"]["sft"]["accuracy"]["value"] == 1.0
    (line,) = (tmp_path / "traces/others-2hop/iter1.jsonl").read_text().splitlines()
    assert json.loads(line)["id"] == "others-2hop 1"
