"""Makes the report: one HTML file that needs no network, of a run's checkout or of any trace files.

Text that a model wrote is hostile. It reaches the page escaped by Jinja2 or as JSON without `<`, the script shows
it by `textContent` alone, and the page's Content-Security-Policy allows that one script and no request.

Not covered: what the figures mean (`sokrates.metrics`), how the browser shows a proof (`templates/explorer.js`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from sokrates.io.errors import UserError, nothing_in
from sokrates.io.files import read_json, whole_file
from sokrates.metrics import HELD_OUT, measure
from sokrates.proof.dependencies import Role
from sokrates.report import charts
from sokrates.report.charts import POLICIES, Chart
from sokrates.report.explorer import Explorer
from sokrates.report.printable import visible
from sokrates.report.proof_view import ProofView, view_proof
from sokrates.report.run_record import RunRecord, read_run_record
from sokrates.report.trace_file import TraceLine, read_checked

TEMPLATES = Path(__file__).parent / "templates"
COLUMNS = {
    **charts.METRICS,
    "needed_share": "needed share",
    "repeats": "repeats",
    "restatements": "restatements",
    "length_ratio": "length",
}


@dataclass
class Policy:
    """What one policy, or one file, wrote for one set of problems.

    figures: what `sokrates.metrics.measure` gives
    roles: for each trace, its steps' roles
    tokens: for each trace, those that the policy wrote; None where unknown
    scored: for each step that a success head judged, its probability and whether it is valid
    """

    figures: dict[str, Any] = field(default_factory=dict)
    roles: list[list[Role]] = field(default_factory=list)
    tokens: list[int | None] = field(default_factory=list)
    scored: list[tuple[float, bool]] = field(default_factory=list)


def write_run_page(root: Path, out: Path) -> None:
    """The report of the pipeline's run in a checkout. Raises UserError where it has not been evaluated."""
    folder = root / "data/evaluation"
    sets = sorted(
        (path for path in folder.glob("*") if path.is_dir()), key=lambda path: (path.name != HELD_OUT, path.name)
    )
    if not sets or sets[0].name != HELD_OUT:
        raise UserError(f"{folder}: no evaluated traces; `dvc repro evaluate` makes them")
    explorer = Explorer()
    results = {
        path.name: {
            file.stem: _policy(explorer, path.name, file.stem, file)
            for file in sorted(path.glob("*.jsonl"), key=lambda file: _order(file.stem))
        }
        for path in sets
    }
    held_out = next(iter(results.values()))
    plots = {path.stem: read_json(path.read_bytes(), str(path)) for path in sorted(root.glob("plots/*.json"))}
    rounds = {name: plots.get(f"dpo_loss_{name}", []) for name in POLICIES if name.startswith("iter")}
    drawn = [
        *_charts(held_out, apart=("base",)),
        charts.error_classes(_error_classes(root / "metrics/evaluation.json")),
        charts.reliability(plots.get("reliability", [])),
        charts.risk_coverage({name: policy.scored for name, policy in held_out.items()}),
        charts.proved_against_tokens(_figures(held_out), {name: one.tokens for name, one in held_out.items()}),
        charts.loss("sft_loss", "SFT loss", {"sft": plots.get("sft_loss", [])}, "log"),
        charts.loss("dpo_loss", "DPO loss by round", rounds, "linear"),
    ]
    _write(out, "SOKRATES: a run", results, drawn, explorer, read_run_record(root))


def _error_classes(metrics: Path) -> dict[str, Any]:
    """Each policy's classes of errors on the held-out problems; nothing where the run has not counted them."""
    if not metrics.is_file():
        return {}
    held_out = read_json(metrics.read_bytes(), str(metrics))[HELD_OUT]
    policies = sorted(held_out, key=_order)
    return {
        policy: held_out[policy]["error_classes"] for policy in policies if "error_classes" in held_out[policy]
    }


def write_traces_page(files: Sequence[Path], out: Path) -> None:
    """The report of trace files, one policy each. Raises InputError with file and line, UserError."""
    names = _names(files)
    if any(out.exists() and file.exists() and out.samefile(file) for file in files):
        raise UserError(f"{out}: is one of the files to read: name another page")
    explorer = Explorer()
    policies = {name: _policy(explorer, "traces", name, path) for name, path in zip(names, files, strict=True)}
    drawn = _charts(policies)
    if any(policy.scored for policy in policies.values()):
        drawn.append(charts.risk_coverage({name: policy.scored for name, policy in policies.items()}))
    _write(out, f"SOKRATES: {', '.join(names)}", {"traces": policies}, drawn, explorer, None)


def _names(files: Sequence[Path]) -> list[str]:
    """A name for each file: its stem or, where two share it, its path."""
    if len(set(files)) < len(files):
        twice = next(path for path in files if files.count(path) > 1)
        raise UserError(f"{twice} is named twice")
    stems = [path.stem for path in files]
    return [
        visible(stem if stems.count(stem) == 1 else str(path)) for stem, path in zip(stems, files, strict=True)
    ]


def _order(policy: str) -> tuple[int, str]:
    return (POLICIES.index(policy) if policy in POLICIES else len(POLICIES), policy)


def _policy(explorer: Explorer, name: str, policy: str, path: Path) -> Policy:
    """Reads and checks a file; its traces go to the explorer."""
    collected = Policy()
    results = []
    rows: list[tuple[TraceLine, ProofView]] = []
    for trace in read_checked(path):
        view = view_proof(trace.problem, trace.verifier, trace.checked, trace.probabilities)
        rows.append((trace, view))
        results.append((trace.problem, trace.checked))
        collected.roles.append([*view.roles])
        collected.tokens.append(trace.tokens)
        if trace.probabilities is not None:
            collected.scored += zip(
                trace.probabilities, (verdict.valid for verdict in trace.checked.verdicts), strict=True
            )
    if not rows:
        raise nothing_in(path, "trace")
    explorer.add_group(name, policy, rows)
    collected.figures = measure(results)
    return collected


def _figures(policies: Mapping[str, Policy]) -> dict[str, dict[str, Any]]:
    return {name: policy.figures for name, policy in policies.items()}


def _charts(policies: Mapping[str, Policy], apart: Collection[str] = ()) -> list[Chart]:
    """The charts that any traces have. Of the rejections those of policies `apart` are left out, as too many."""
    figures = _figures(policies)
    return [
        charts.by_policy(figures),
        charts.by_depth(figures),
        charts.rejections({name: found for name, found in figures.items() if name not in apart}),
        charts.needed_steps({name: policy.roles for name, policy in policies.items()}),
    ]


def _write(
    out: Path,
    title: str,
    results: Mapping[str, Mapping[str, Policy]],
    drawn: Iterable[Chart],
    explorer: Explorer,
    record: RunRecord | None,
) -> None:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"percent": _percent, "duration": _duration, "csv_link": _csv_link}
    script = (TEMPLATES / "explorer.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = environment.get_template("report.html").render(
        title=title,
        tables={name: _figures(policies) for name, policies in results.items()},
        columns=COLUMNS,
        charts=list(drawn),
        record=record,
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=f"sha256-{digest}",
        data=Markup(explorer.to_json()),
    )
    with whole_file(out) as file:
        file.write(page)


def _percent(share: float | None, digits: int = 1) -> str:
    return "–" if share is None else f"{100 * share:.{digits}f}"


def _duration(seconds: float | None) -> str:
    """Seconds as people say them: 9.3 s, 4 min 10 s, 3 h 05 min."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _csv_link(chart: Chart) -> str:
    return f"data:text/csv;charset=utf-8,{quote(chart.csv)}"
