"""Metamath proofs as trees of labels: what takes which hypotheses, and the compressed text of a proof.

A node applies an axiom, a theorem or a rule of syntax; equal nodes exist once and a proof states them once. The
rules of sokrates.mm are applied by name, with what stands for each of their variables:

    >>> steps = Steps()
    >>> fact = steps.leaf("wff1")
    >>> steps.compressed(steps.apply("ax-k", ph=fact, ps=fact), ["wff1"]).split()  # A: wff1, B: ax-k
    ['(', 'ax-k', ')', 'AAB']

Not covered: whether a proof is right, which Metamath says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import Final

DATABASE_FILE: Final = Path(__file__).parent / "sokrates.mm"
_WIDTH: Final = 79  # characters of a line
_COMMENT: Final = re.compile(r"\$\(.*?\$\)", re.DOTALL)
_ONES, _TENS = "ABCDEFGHIJKLMNOPQRST", "UVWXY"  # the digits of a compressed proof, Metamath book, appendix B

Node = int  # the number of a node


class Steps:
    """The nodes of one proof, each with its label and the nodes that it takes, in Metamath's order."""

    def __init__(self) -> None:
        self._nodes: list[tuple[str, tuple[Node, ...]]] = []
        self._numbers: dict[tuple[str, tuple[Node, ...]], Node] = {}

    def leaf(self, label: str) -> Node:
        """A hypothesis, or a statement of the certificate that takes none."""
        return self._node(label, ())

    def apply(self, label: str, /, *hypotheses: Node, **variables: Node) -> Node:
        """A statement of sokrates.mm. variables: the syntax of what stands for each of its variables."""
        floating = _floating()[label]
        assert floating.keys() == variables.keys(), (label, variables)
        return self._node(label, (*(variables[name] for name in floating), *hypotheses))

    def parts(self, node: Node) -> tuple[Node, ...]:
        """What a node takes."""
        return self._nodes[node][1]

    def _node(self, label: str, taken: tuple[Node, ...]) -> Node:
        number = self._numbers.setdefault((label, taken), len(self._nodes))
        if number == len(self._nodes):
            self._nodes.append((label, taken))
        return number

    def reachable(self, root: Node) -> set[Node]:
        """The node and all that it takes, directly or not."""
        seen, waiting = {root}, [root]
        while waiting:
            for node in self.parts(waiting.pop()):
                if node not in seen:
                    seen.add(node)
                    waiting.append(node)
        return seen

    def compressed(self, root: Node, mandatory: Sequence[str]) -> str:
        """The text of a proof, from the parenthesis to before the full stop.

        mandatory: the labels of the theorem's own hypotheses, in order
        """
        used = self.reachable(root)
        uses = Counter(node for number in used for node in self.parts(number))
        repeated = {node for node, count in uses.items() if count > 1 and self.parts(node)}
        labels = list(dict.fromkeys(self._nodes[node][0] for node in sorted(used)))
        others = [label for label in labels if label not in mandatory]
        numbers = {label: number for number, label in enumerate([*mandatory, *others])}
        marked: dict[Node, int] = {}
        letters: list[str] = []
        waiting: list[tuple[Node, bool]] = [(root, False)]
        while waiting:
            node, is_taken = waiting.pop()
            label, taken = self._nodes[node]
            if node in marked:
                letters.append(_digits(len(numbers) + marked[node]))
            elif taken and not is_taken:
                waiting.append((node, True))
                waiting += [(part, False) for part in reversed(taken)]
            else:
                letters.append(_digits(numbers[label]))
                if node in repeated:
                    marked[node] = len(marked)
                    letters.append("Z")
        text = "".join(letters)
        lines = [text[begin : begin + _WIDTH] for begin in range(0, len(text), _WIDTH)]
        return "\n".join([fill(f"( {' '.join(others)} )", _WIDTH, break_on_hyphens=False), *lines])


def _digits(number: int) -> str:
    """A number of a compressed proof: A to T is its last digit, U to Y the ones before."""
    number, last = divmod(number, len(_ONES))
    text = _ONES[last]
    while number:
        number, digit = divmod(number - 1, len(_TENS))
        text = _TENS[digit] + text
    return text


@cache
def _floating() -> dict[str, dict[str, None]]:
    """For each statement of sokrates.mm that a proof can apply, its variables in Metamath's order."""
    tokens = _COMMENT.sub("", DATABASE_FILE.read_text(encoding="ascii")).split()
    variables: dict[str, None] = {}
    floating: dict[str, dict[str, None]] = {}
    hypotheses: list[str] = []
    place = 0
    while place < len(tokens):
        if tokens[place] in ("${", "$}"):
            hypotheses, place = [], place + 1
            continue
        end = tokens.index("$.", place)
        if tokens[place + 1] in ("$f", "$e", "$a", "$p"):
            label, kind, *symbols = tokens[place:end]
            if kind == "$f":
                variables[symbols[1]] = None
            elif kind == "$e":
                hypotheses += symbols
            else:
                symbols_used = {*hypotheses, *(symbols[: symbols.index("$=")] if kind == "$p" else symbols)}
                floating[label] = {name: None for name in variables if name in symbols_used}
        place = end + 1
    return floating
