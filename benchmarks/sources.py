"""The table of docs/sources.md: how many problems of a source get a gold trace, and why the others have none.

    python benchmarks/sources.py NAME:PATH ...    a row for each source; PATH is a file or a folder

A gold trace is what `prepare` would write: a shortest proof that passes the strict check and ends in the label.
Hops are the source's own where it says them, else the steps of that proof before CONCLUDE. Not covered: where the
files come from, and whether a label is right.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from sokrates.data.gold import NoGoldTrace, careful
from sokrates.data.sources import LeftOut, read_source
from sokrates.io.errors import UserError
from sokrates.proof.problem import Problem

HEAD = "| source | problems | gold trace | hops | why the others have none |\n|---|---|---|---|---|"
MOST = 3  # reasons in a row


def row(spec: str) -> str:
    """The row of one source."""
    reasons: Counter[str] = Counter()
    hops: set[int] = set()
    problems = gold = 0
    for item in read_source(spec):
        problems += 1
        try:
            hops.add(_hops_of_gold(item))
            gold += 1
        except NoGoldTrace as why:
            reasons[str(why)] += 1
    name, _, path = spec.partition(":")
    said = [f"{why} ({count})" for why, count in reasons.most_common(MOST)]
    if rest := sum(count for _, count in reasons.most_common()[MOST:]):
        said.append(f"other reasons ({rest})")
    share = f"{gold / problems:.1%}" if problems else "–"
    span = "–".join(map(str, sorted({min(hops), max(hops)}))) if hops else "–"
    cells = (f"`{name}`, {Path(path).name}", f"{problems:,}", f"{gold:,} ({share})", span, "; ".join(said) or "–")
    return f"| {' | '.join(cells)} |"


def _hops_of_gold(item: Problem | LeftOut) -> int:
    """Hops of a problem that has a gold trace. Raises NoGoldTrace, also for one without label, or not read."""
    if isinstance(item, LeftOut):
        raise NoGoldTrace(item.reason)
    if item.label is None:
        raise NoGoldTrace("no label")
    steps = careful(item)
    return len(steps) - 1 if item.hops is None else item.hops


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="NAME:PATH, or a dataset of the hub by NAME")
    sources = parser.parse_args().sources
    print(HEAD, flush=True)
    for spec in sources:
        try:
            print(row(spec), flush=True)
        except UserError as error:
            parser.error(str(error))


if __name__ == "__main__":
    main()
