"""What options and Thoughts add: SFT of the same base model, on the same problems, on less than a proof.

    python benchmarks/baselines.py [NAME …]     each baseline on seeds 7, 8 and 9; prints the table
    python benchmarks/baselines.py --traces 300 --held-out 40 --seeds 7 --results FILE      a first look

    answer             the answer alone
    chain-of-thought   the sentences of a careful proof as PrOntoQA writes them, then the answer; nothing is cited
    vote               of 8 sampled chains of thought, the first with the most frequent answer
    options            the Actions of the default's gold traces; each Thought is the word "so"

Problems, settings and seeds are those of params.yaml: seed 8 has the problems that `dvc repro` makes with seed 8.
A chain of thought is read sentence by sentence. *entailed*: the answer is right, and there are sentences and each
follows from the premises, by the solver. *in steps*: the answer is right and every sentence is a premise or
follows from what was said before it in one step that the kernel accepts (`sokrates.audit.chains`). Options alone
claim nothing, so their Actions are judged: *actions*.

A row in benchmarks/results/baselines.json is not computed again. The table's rows of whole proofs, *strict*, come
from metrics/evaluation.json and from benchmarks/results/experiments.json, for each seed that is there. Not
covered: proofs that assume something; DPO on these completions; that the base model was drilled in steps of a
proof's form and in none of these.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from strategies import together

from sokrates.audit.chains import BrokenChain, trace_of_chain
from sokrates.data.dataset import collect, gold_traces, split, thin
from sokrates.intervals import share
from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.logic.reading import ReadError
from sokrates.pipeline import params as settings
from sokrates.pipeline.machine import set_up_processor
from sokrates.pipeline.runlog import run
from sokrates.proof.kernel import cited
from sokrates.proof.option import Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, Step, write_steps
from sokrates.proof.trace import Trace, check_traces
from sokrates.proof.verify import Verifier

RESULTS = Path(__file__).parent / "results" / "baselines.json"
EXPERIMENTS = Path(__file__).parent / "results" / "experiments.json"
METRICS = Path("metrics/evaluation.json")
BASELINES = ("answer", "chain-of-thought", "vote", "options")
VOTERS = 8
# The base model's tokenizer has these words; it spells others in letters, and "Action" too where no Thought is.
OPENING, CLOSING, EMPTY = "Thought:", "so the answer is", "so."
Training = dict[str, list[Trace]]  # by what the completions hold


class Judged(NamedTuple):
    """right: the answer is the label; valid: by the name of the reading"""

    right: bool
    valid: dict[str, bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BASELINES)} (default: all)")
    parser.add_argument("--seeds", nargs="+", type=int, default=[7, 8, 9])
    parser.add_argument("--traces", type=int, help="to train on, at most (default: all)")
    parser.add_argument("--held-out", type=int, help="problems (default: evaluation.problems)")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE")
    args = parser.parse_args()
    if unknown := set(args.names) - set(BASELINES):
        parser.error(f"no baseline is called {', '.join(sorted(unknown))}")
    set_up_processor()  # before torch is loaded
    results = json.loads(args.results.read_text()) if args.results.exists() else {}
    for seed in args.seeds:
        wanted = [name for name in args.names or BASELINES if f"{name} seed {seed}" not in results]
        for name, row in rows(wanted, seed, args.traces, args.held_out):
            results[f"{name} seed {seed}"] = row
            args.results.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(table(results))


def rows(
    names: Sequence[str], seed: int, traces: int | None, held_out: int | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Trains what the baselines need and evaluates it; a chain of thought is trained once for both of its rows."""
    if not names:
        return
    params = settings.load().model_copy(update={"seed": seed})
    train, test = split(collect(params.problems, seed, Counter()), params.problems.test_share, seed)
    train = list(thin(train, params.problems.thinned_share, seed))
    test = test[: held_out or params.evaluation.problems]
    training = training_traces(train[:traces], params)
    for completions in training:
        asked = [name for name in names if ("chain-of-thought" if name == "vote" else name) == completions]
        if asked:
            with TemporaryDirectory() as folder:
                fine_tune(training[completions], params, Path(folder))
                for name in asked:
                    yield name, evaluate(name, Path(folder, "policy"), test, params)


# What SFT learns from


def training_traces(problems: Sequence[Problem], params: settings.Params) -> Training:
    """For each kind of completion a trace of every problem that has a gold trace."""
    kind, seed = params.problems.proofs, params.seed
    proofs = gold_traces(problems, kind, 1.0, seed, Counter())
    mixture = gold_traces(problems, kind, params.problems.careful_share, seed, Counter())
    return {
        "answer": [Trace(one.problem, answer_alone(one.steps)) for one in proofs],
        "chain-of-thought": [Trace(one.problem, chain_of_thought(one.problem, one.steps)) for one in proofs],
        "options": [Trace(one.problem, options_alone(one.steps)) for one in mixture],
    }


def answer_alone(steps: Sequence[Step]) -> str:
    """The answer of a proof."""
    option = steps[-1].option
    assert option is not None and option.name == CONCLUDE
    return f"{OPENING} {CLOSING} {Answer(option.args[0]).name}.\n"


def chain_of_thought(problem: Problem, steps: Sequence[Step]) -> str:
    """A careful proof in sentences: what a step uses, unless it was said last, and what it derives."""
    state, sentences = problem.state, [OPENING]
    last = None
    for step in steps[:-1]:
        assert step.option is not None
        used = [state.lines[index] for index in cited(step.option)]
        derived = state.apply(step.option)
        for line in (*used, derived):
            assert not isinstance(line, Reason)
            if line is not last:
                said = problem.say(line)
                sentences.append(f"{said[0].upper()}{said[1:]}.")
                last = line
    return " ".join([*sentences, answer_alone(steps).removeprefix(f"{OPENING} ")])


def options_alone(steps: Sequence[Step]) -> str:
    """The Actions of a trace."""
    return write_steps(Step(EMPTY, step.option) for step in steps)


def fine_tune(traces: Sequence[Trace], params: settings.Params, folder: Path) -> None:
    """SFT as in the stage of this name; the policy goes to `folder`."""
    from sokrates.policy.model import load_base, save_policy
    from sokrates.training.common.trainer import TrainingContext
    from sokrates.training.sft.train import train

    with run("baselines", params) as log:
        model, tokenizer = load_base(params.model, seed=params.seed)
        context = TrainingContext(params.runtime, params.model.dtype, params.seed, folder / "checkpoints", log)
        figures = train(model, tokenizer, traces, params.sft, context)
        log.summary({name: value for name, value in figures.items() if name != "curve"})
        save_policy(model, tokenizer, folder / "policy")


# What is written, and what it is worth


def evaluate(name: str, policy: Path, problems: Sequence[Problem], params: settings.Params) -> dict[str, Any]:
    """The row of a baseline: shares of the problems, and the tokens that a problem took."""
    from sokrates.sampling.sampler import Sampler, sample

    drawn = sample(
        policy,
        [problem.prompt for problem in problems],
        Sampler.from_params(params.sampling, greedy=name != "vote"),
        dtype=params.model.dtype,
        samples=VOTERS if name == "vote" else 1,
        seed=params.seed,
    )
    texts = [elected([one.text for one in samples]) for samples in drawn]
    judge: Callable[[Problem, str], Judged] = judge_options if name == "options" else judge_chain
    judged = [judge(problem, text) for problem, text in zip(problems, texts, strict=True)]
    readings = [] if name == "answer" else list(judged[0].valid)
    return {
        "accuracy": share(sum(one.right for one in judged), len(judged)),
        "valid": {reading: share(sum(one.valid[reading] for one in judged), len(judged)) for reading in readings},
        "tokens": round(sum(one.tokens for samples in drawn for one in samples) / len(problems), 1),
    }


def elected(texts: Sequence[str]) -> str:
    """The first text with the answer that most have; of two as frequent, the one that comes first."""
    answers = [read_chain(text)[1] for text in texts]
    votes = Counter(answer for answer in answers if answer is not None)
    return texts[answers.index(votes.most_common(1)[0][0])] if votes else texts[0]


def read_chain(text: str) -> tuple[list[str], Answer | None]:
    """The sentences before the answer, and the answer; None where the text does not end with one."""
    said, _, name = text.removeprefix(OPENING).strip().rpartition(f"{CLOSING} ")
    answer = Answer.__members__.get(name.removesuffix("."))
    said = said if answer is not None else text.removeprefix(OPENING)
    return [f"{sentence.strip()}." for sentence in said.split(".") if sentence.strip()], answer


def judge_chain(problem: Problem, text: str) -> Judged:
    """Of an answer with or without a chain of thought."""
    sentences, answer = read_chain(text)
    right = answer is not None and answer is problem.label
    verifier = Verifier(problem.facts, problem.goal)
    return Judged(
        right,
        {
            "entailed": right
            and len(sentences) > 0
            and all(is_entailed(verifier, sentence) for sentence in sentences),
            "in steps": right and follows_in_steps(problem, sentences),
        },
    )


def is_entailed(verifier: Verifier, sentence: str) -> bool:
    """Whether a sentence can be read and follows from the premises; undecided is no."""
    try:
        return verifier.entailment.entails(english.read(sentence)) is True
    except ReadError:
        return False


def follows_in_steps(problem: Problem, sentences: Sequence[str]) -> bool:
    """Whether the sentences are a proof of the label, each in one step from those before it."""
    try:
        return bool(trace_of_chain(problem, sentences))
    except BrokenChain:
        return False


def judge_options(problem: Problem, text: str) -> Judged:
    (checked,) = check_traces([Trace(problem, text)])
    right = problem.label is not None and checked.is_right(problem.label)
    return Judged(right, {"actions": right and checked.valid_actions(problem.label)})


# The table


def table(results: dict[str, Any]) -> str:
    """Markdown: a row for each way, over its seeds together; shares in %, with the 95 % interval."""
    by_name: dict[str, dict[int, dict[str, Any]]] = {}
    for key, row in results.items():
        name, _, seed = key.partition(" seed ")
        by_name.setdefault(name, {})[int(seed)] = row
    by_name |= proofs()
    lines = ["| trained on | accuracy | valid | tokens | seeds |", "|---|---|---|---|---|"]
    for name, by_seed in by_name.items():
        found = list(by_seed.values())
        valid = "<br>".join(
            f"{reading} {_together([row['valid'][reading] for row in found])}" for reading in found[0]["valid"]
        )
        written = [row["tokens"] for row in found if "tokens" in row]
        tokens = f"{sum(written) / len(written):.0f}" if written else ""
        accuracy = _together([row["accuracy"] for row in found])
        lines.append(f"| {name} | {accuracy} | {valid} | {tokens} | {', '.join(map(str, sorted(by_seed)))} |")
    return "\n".join(lines)


def proofs() -> dict[str, dict[int, dict[str, Any]]]:
    """The rows of whole proofs by seed: after SFT, after round 3, and after round 3 of pairs by answers alone."""
    experiments = json.loads(EXPERIMENTS.read_text()) if EXPERIMENTS.exists() else {}
    default = {7: json.loads(METRICS.read_text())["held_out"]} if METRICS.exists() else {}
    runs = {seed: experiments[name]["held_out"] for name, seed in _seeds("seed").items() if name in experiments}
    answers = {"answer-pairs": 7} | _seeds("answer-pairs-seed")
    by_answer = {seed: experiments[name]["held_out"] for name, seed in answers.items() if name in experiments}
    ways = {
        "proofs": (default | runs, "sft"),
        "proofs, then three rounds of DPO": (default | runs, "iter3"),
        "proofs, then three rounds of DPO on answers, with whole traces": (by_answer, "iter3"),
    }
    return {
        name: {
            seed: {
                "accuracy": policies[policy]["accuracy"],
                "valid": {"strict": policies[policy]["trace_validity"]},
            }
            for seed, policies in sources.items()
        }
        for name, (sources, policy) in ways.items()
        if sources
    }


def _seeds(name: str) -> dict[str, int]:
    return {f"{name}-{seed}": seed for seed in (8, 9)}


def _together(shares: Sequence[dict[str, Any]]) -> str:
    """Shares of several seeds as one, with its interval, and the value of each seed."""
    found = together(shares)
    each = ", ".join(f"{100 * one['value']:.1f}" for one in shares)
    interval = f"{100 * found['low']:.1f}–{100 * found['high']:.1f}"
    return f"{100 * found['value']:.1f} ({interval}{f': {each}' if len(shares) > 1 else ''})"


if __name__ == "__main__":
    main()
