"""A checked proof in the terminal: the view of the report's page, in colour and as wide as the terminal.

Not covered: what a view holds (`sokrates.report.proof_view`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sokrates.proof.dependencies import Role
from sokrates.report.checked_trace import NO_ACTION, summary
from sokrates.report.printable import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sokrates.proof.problem import Problem
    from sokrates.report.proof_view import ProofView, StepView

SIDE_BY_SIDE_COLUMNS = 110  # of the terminal: from here on, the premises stand beside the proof
BAR_CHARACTERS = 8  # of a probability


def print_proof(console: Console, problem: Problem, view: ProofView) -> None:
    """Prints the premises, each step with its verdict, and the verdict on the whole."""
    from rich.table import Table
    from rich.text import Text

    console.print(Text(visible(problem.id), "bold"))
    sheet = Table.grid(padding=(0, 2), expand=True)
    premises, proof = _premises(problem, view), _proof(view)
    if console.width >= SIDE_BY_SIDE_COLUMNS:
        sheet.add_column(ratio=2)
        sheet.add_column(ratio=5)
        sheet.add_row(premises, proof)
    else:
        sheet.add_row(premises)
        sheet.add_row(proof)
    console.print(sheet)
    verdict = summary(problem, view.answer, view.valid)
    console.print(Text(verdict, "bold green" if view.valid else "bold red"))
    console.print()


def _premises(problem: Problem, view: ProofView) -> Table:
    from rich.table import Table
    from rich.text import Text

    cited = {line for step in view.steps for line in step.cites}
    lines = Table.grid(padding=(0, 1))
    for index, premise in enumerate(problem.premises):
        style = "" if index in cited else "dim"
        lines.add_row(Text(f"[{index}]", "dim"), Text(visible(premise), style))
    lines.add_row("", Text(f"Conclusion to evaluate: {visible(problem.conclusion)}", "italic"))
    return lines


def _proof(view: ProofView) -> Table:
    from rich.table import Table
    from rich.text import Text

    lines = Table.grid(padding=(0, 1))
    for step in view.steps:
        mark = Text(step.mark, "bold green" if step.valid else "bold red")
        lines.add_row(Text(f"[{step.index}]", "dim"), mark, _step(step))
    if view.hidden_steps:
        lines.add_row("", "", Text(f"{view.hidden_steps:,} more steps are not shown", "dim"))
    return lines


def _step(step: StepView) -> Text:
    from rich.text import Text

    text = Text(step.thought if step.claim is None else step.thought[: step.claim])
    if step.claim is not None:
        text.append(step.thought[step.claim :], "bold")
    text.append(f"\n{step.action or NO_ACTION}", "cyan")
    if step.derived is not None:
        text.append("  derives ", "dim").append(step.derived)
    if step.role not in (Role.NEEDED, Role.REJECTED):
        text.append(f"  {step.role.value}", "yellow")
    if step.probability is not None:
        full = round(step.probability * BAR_CHARACTERS)
        text.append(f"  q̂ {'█' * full}{'░' * (BAR_CHARACTERS - full)} {step.probability:.0%}", "dim")
    if step.reason is not None:
        text.append(f"\n{step.reason}", "bold red").append(f": {step.explanation}", "red")
    return text
