"""SOKRATES: language models that write proofs whose every step is checked.

The names in `__all__` are the public ones; everything else may change.

>>> import sokrates
>>> problem = sokrates.problem(["Every wumpus is a tumpus.", "Stella is a wumpus."], "Stella is a tumpus.")
>>> print(sokrates.verify(problem, ["MODUS_PONENS(1, 0)", "CONCLUDE(0)"]))
✓ MODUS_PONENS(1, 0) derives Stella is a tumpus
✓ CONCLUDE(0)
Answer: TRUE; valid proof

Nothing is imported before it is used, so `import sokrates` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sokrates.api import (
        Proof,
        ValidOption,
        label,
        options,
        problem,
        prove,
        read_problems,
        read_traces,
        verify,
    )
    from sokrates.io.errors import InputError, UserError
    from sokrates.logic.answer import Answer, Decision
    from sokrates.logic.reading import ReadError
    from sokrates.pipeline.params import ScoreWeights
    from sokrates.proof.option import Option
    from sokrates.proof.problem import Problem
    from sokrates.proof.text import Step
    from sokrates.report.checked_trace import CheckedStep, CheckedTrace
    from sokrates.reward import proof_credit, proof_reward

    __version__: str

__all__ = [
    "Answer",
    "CheckedStep",
    "CheckedTrace",
    "Decision",
    "InputError",
    "Option",
    "Problem",
    "Proof",
    "ReadError",
    "ScoreWeights",
    "Step",
    "UserError",
    "ValidOption",
    "__version__",
    "label",
    "options",
    "problem",
    "proof_credit",
    "proof_reward",
    "prove",
    "read_problems",
    "read_traces",
    "verify",
]
# Where the names are defined that `sokrates.api` does not define itself.
_DEFINED_IN = {
    "Answer": "logic.answer",
    "CheckedStep": "report.checked_trace",
    "CheckedTrace": "report.checked_trace",
    "Decision": "logic.answer",
    "InputError": "io.errors",
    "Option": "proof.option",
    "Problem": "proof.problem",
    "ReadError": "logic.reading",
    "ScoreWeights": "pipeline.params",
    "Step": "proof.text",
    "UserError": "io.errors",
    "proof_credit": "reward",
    "proof_reward": "reward",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("sokrates")
    elif name in __all__:
        value = getattr(import_module(f"sokrates.{_DEFINED_IN.get(name, 'api')}"), name)
    else:
        raise AttributeError(f"module 'sokrates' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
