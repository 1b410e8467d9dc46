"""One training step of the base model beside other programs, for several ways to let OpenMP's threads wait.

    python benchmarks/neighbours.py [--steps N]    prints the table, writes benchmarks/results/neighbours.json

A step is a forward pass, a backward pass and an AdamW update of base/model on 16 sequences of 400 random tokens,
half of them with a loss, on every core. A neighbour is a process that counts. Every way runs alone, beside one and
beside three, in turn, in a process of its own, as OpenMP reads its variables when it is loaded. It answers which
value sokrates/pipeline/machine.py sets; a machine that is busy already answers something else.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

WAYS: dict[str, dict[str, str]] = {
    "as it is": {},
    "GOMP_SPINCOUNT=10000": {"GOMP_SPINCOUNT": "10000"},
    "GOMP_SPINCOUNT=3000": {"GOMP_SPINCOUNT": "3000"},
    "GOMP_SPINCOUNT=1000": {"GOMP_SPINCOUNT": "1000"},
    "GOMP_SPINCOUNT=0": {"GOMP_SPINCOUNT": "0"},
    "OMP_WAIT_POLICY=passive": {"OMP_WAIT_POLICY": "passive"},
    "one thread": {"OMP_NUM_THREADS": "1"},
}
NEIGHBOURS = (0, 1, 3)
ROWS, TOKENS = 16, 400
RESULTS = Path(__file__).parent / "results" / "neighbours.json"
BASE = Path(__file__).parents[1] / "base" / "model"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=15, help="measured steps of a cell, after three others")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(milliseconds(args.steps)))
        return
    load = os.getloadavg()[0]
    results = {
        way: {str(count): beside(count, variables, args.steps) for count in NEIGHBOURS}
        for way, variables in WAYS.items()
    }
    RESULTS.write_text(json.dumps({"load_before": load, "milliseconds": results}, indent=2) + "\n")
    print(f"load before: {load:.1f}\n\n| | alone | one neighbour | three |\n|---|---|---|---|")
    for way, cells in results.items():
        print(f"| {way} | {' | '.join(f'{cell:.0f}' for cell in cells.values())} |")


def beside(count: int, variables: dict[str, str], steps: int) -> float:
    """The median step in milliseconds beside `count` busy processes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    with busy(count):
        done = subprocess.run(
            [sys.executable, __file__, "--measure", "--steps", str(steps)],
            env={**environment, **variables},
            stdout=subprocess.PIPE,
            check=True,
        )
    return float(json.loads(done.stdout))


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that count until this ends."""
    with ExitStack() as stack:
        for _ in range(count):
            neighbour = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(neighbour.kill)
        yield


def milliseconds(steps: int) -> float:
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4)
    tokens = torch.randint(0, model.config.vocab_size, (ROWS, TOKENS))
    seconds = []
    for _ in range(3 + steps):
        started = time.perf_counter()
        states = model.model(input_ids=tokens).last_hidden_state[:, TOKENS // 2 : -1]
        logits = model.lm_head(states).flatten(0, 1)
        torch.nn.functional.cross_entropy(logits, tokens[:, TOKENS // 2 + 1 :].flatten()).backward()
        optimiser.step()
        optimiser.zero_grad()
        seconds.append(time.perf_counter() - started)
    return 1000 * statistics.median(seconds[3:])


if __name__ == "__main__":
    main()
