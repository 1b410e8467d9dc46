"""The schema of params.yaml: every knob of the pipeline, its type and its range.

`load()` returns the file as frozen objects or raises ParamsError, which names every wrong param at once.
No param has a default, so that the file shows every value. Not covered: whether a named file, folder or model
exists (the stage that opens it says so).
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sokrates.io.errors import UserError
from sokrates.pipeline.strategy import StrategyName

GENERATED = "generated"  # the source that is made here; the others are read, each by its reader in data/sources.py
HUB_DATASETS = {"logipt": "jzfeng/LoGiPT-data", "folio": "yale-nlp/FOLIO"}  # sources that need no path
FILE_SOURCES = (  # sources that need one; docs/sources.md says where to get each
    "prontoqa",
    "logic_lm",
    "proofwriter",
    "ruletaker",
    "proverqa",
    "linc",
    "malls",
    "jsonl",
)


class ParamsError(UserError, ValueError):
    """params.yaml cannot be used; the message has one line for each wrong param."""


def is_of_hub(spec: str) -> bool:
    """Whether a source is read from the hub: all of a dataset, or one split of it."""
    return ":" not in spec and spec.partition("@")[0] in HUB_DATASETS


def check_source(spec: str) -> str:
    """The source itself, if it is one: `generated`, NAME:PATH, or for one of the hub NAME or NAME@SPLIT.

    Raises ValueError.
    """
    name, colon, path = spec.partition(":")
    if is_of_hub(spec) and "@" in spec:
        if not spec.partition("@")[2]:
            raise ValueError(f"should have a split after '{spec}'")
        return spec
    if name not in (GENERATED, *HUB_DATASETS, *FILE_SOURCES):
        names = ", ".join((*HUB_DATASETS, *FILE_SOURCES))
        raise ValueError(f"should be {GENERATED} or NAME:PATH with NAME one of {names}")
    if name == GENERATED and colon:
        raise ValueError(f"should be {GENERATED} alone: it takes no path")
    if colon and not path:
        raise ValueError(f"should have a path after '{name}:'")
    if name in FILE_SOURCES and not colon:
        raise ValueError(f"should be {name}:PATH: it is read from a file or folder")
    return spec


def _named_set(entry: str) -> str:
    name, equals, source = entry.partition("=")
    if not (equals and name.replace("-", "").replace("_", "").isalnum()):
        raise ValueError("should be NAME=SOURCE, as in prontoqa-3hop=prontoqa:PATH, with letters, digits and -")
    if source == GENERATED:
        raise ValueError("should be a file or a folder: generated problems are held out anyway")
    check_source(source)
    return entry


def _distinct(entries: list[Any]) -> list[Any]:
    if len(set(entries)) < len(entries):
        raise ValueError("should not name an entry twice")
    return entries


def _within_layers(projection: str) -> str:
    if projection == "lm_head":
        raise ValueError("should be a projection within the layers")  # TRL rejects an adapter on the head
    return projection


Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Part = Annotated[float, Field(gt=0, lt=1)]  # a share with something on both sides
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Name = Annotated[str, Field(min_length=1)]
Projection = Annotated[Name, AfterValidator(_within_layers)]
Source = Annotated[str, AfterValidator(check_source)]
NamedSet = Annotated[str, AfterValidator(_named_set)]
Distinct = AfterValidator(_distinct)


class Section(BaseModel):
    # strict: "12" or true is not a count; an int still counts as a float.
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class Rules(Section):
    modus_ponens: NotNegative
    """Chains of modus ponens, as PrOntoQA has them."""
    and_introduction: NotNegative
    """A conjunction is put together for each rule of a chain."""
    and_elimination: NotNegative
    """A part is taken from a conjunction after each rule of a chain."""
    or_introduction: NotNegative
    """A disjunction is made for each rule of a chain."""
    or_elimination: NotNegative
    """Proof by cases."""
    contradiction: NotNegative
    """Proof by contradiction."""
    composed: NotNegative
    """Three or more of the kinds above in one proof, two at one hop."""
    first_order: NotNegative
    """Every other rule: syllogisms, biconditionals, quantifiers, conditional proof, double negation."""

    @model_validator(mode="after")
    def _something_is_made(self) -> Rules:
        if not any(self.model_dump().values()):
            raise ValueError("should give a weight above 0 to one kind at least")
        return self


class Problems(Section):
    source: Annotated[list[Source], Field(min_length=1), Distinct]
    """Where problems come from: `generated`, NAME:PATH, or NAME alone for a dataset of the hub."""
    count: Count
    """Problems made by `generated`, before the split."""
    hops: Annotated[list[Count], Field(min_length=1), Distinct]
    """`generated`: depth, in equal shares; of modus_ponens the rules that a shortest proof applies."""
    rules: Rules
    """`generated`: weights of the kinds of proof."""
    widths: Annotated[list[Annotated[int, Field(ge=2)]], Field(min_length=1), Distinct]
    """`generated`, but for modus_ponens and composed: parts of a conjunction or a disjunction, in equal shares; a
    name holds three, so and_introduction and and_elimination go no wider. Of first_order: dead ends."""
    levels: Count
    """modus_ponens: levels of the ontology at most, each a concept above the last; at least as many as hops."""
    ontologies: Annotated[list[Literal["fictional", "real", "untrue"]], Field(min_length=1), Distinct]
    """modus_ponens: fictional (wumpus), real (true of the world), untrue (real words); in equal shares."""
    distractors: Annotated[int, Field(ge=0)]
    """modus_ponens: parents of each concept that lead nowhere, beside the one that leads on."""
    order: Literal["random", "up", "down"]
    """modus_ponens: order of the rules: random, up (from the narrowest concept) or down."""
    facts: Literal["last", "anywhere"]
    """modus_ponens: where the two facts about the entity stand."""
    unknown_share: Share
    """`generated`: share of problems whose conclusion neither follows nor is refuted."""
    refuted_share: Annotated[float, Field(ge=0, le=0.5)]
    """`generated`, but for modus_ponens: share of the problems with an answer whose conclusion is refuted."""
    test_share: Part
    """Share of cases held out; a case is never split."""
    thinned_share: Share
    """Share of the training problems that lose some of the premises that their proofs do not need."""
    proofs: Literal["shortest", "explore", "plan"]
    """Kind of the gold proofs: shortest, explore (each step looks one rule ahead, until the goal is settled or no
    way is left), or plan (shortest, the first Thought names the chain back from the goal)."""
    careful_share: Share
    """Of the gold proofs that have a shortcut, the share in which every step follows; the others take it."""


class Model(Section):
    name: Name
    """A folder, or a model's name on the hub."""
    dtype: Literal["float32", "bfloat16"]
    """Type of the weights."""
    adapter: Literal["none", "lora"]
    """`none` trains every weight, `lora` trains one adapter through all rounds."""
    lora_r: Count
    """The adapter's rank."""
    lora_alpha: Count
    """The adapter's scale, divided by its rank."""
    lora_dropout: Annotated[float, Field(ge=0, lt=1)]
    """Dropout on the adapter's input."""
    lora_targets: Annotated[list[Projection], Field(min_length=1), Distinct]
    """Projections that get an adapter, without lm_head."""


class Sft(Section):
    rationales: Literal["all", "careful"]
    """`all`: the mixture of problems.careful_share; `careful`: the careful gold traces alone."""
    order: Literal["random", "easy_first"]
    """`random`: traces in any order; `easy_first`: those with fewer steps before those with more, each pass."""
    epochs: Count
    """Passes over the training traces."""
    learning_rate: Positive
    """AdamW, peak."""
    warmup_ratio: Annotated[float, Field(ge=0, lt=1)]
    """Share of steps before the peak; linear decay after it."""
    weight_decay: NotNegative
    """AdamW."""
    batch_size: Count
    """Traces an optimiser step."""
    max_length: Count
    """Tokens; a longer trace is left out and counted."""


class Sampling(Section):
    problems: Count
    """Training problems sampled each round; each round takes the next ones, and starts over after the last. Where
    there are fewer, a round samples each once."""
    retried_share: Share
    """At most this share of a round's problems are some of the round before that part of its traces proved; 0: all
    are new. The first round has none."""
    samples: Count
    """Traces a problem (K)."""
    temperature: Positive
    """Temperature of the softmax."""
    top_p: Annotated[float, Field(gt=0, le=1)]
    """Nucleus; 1 keeps all."""
    max_steps: Count
    """Steps of a trace that are kept; the rest is cut off."""
    max_new_tokens: Count
    """Tokens of a trace."""
    batch_size: Count
    """Traces written at a time."""
    engine: Literal["shared_prompt", "continuous_batching", "vllm"]
    """What writes them: our loop, transformers' own for GPUs, or vLLM (an extra of its own)."""


Reads = Literal["thought", "step"]


class SuccessHead(Section):
    reads: Reads
    """What of a step: its Thought alone, which is the state, or its Action too."""
    hidden: Count
    """Width of the head's hidden layer."""
    epochs: Count
    """Passes over the verdicts."""
    learning_rate: Positive
    """AdamW, peak; linear decay after it."""
    holdout_share: Part
    """Share of problems kept for calibration."""
    replayed: Annotated[int, Field(ge=0)]
    """Traces of each round before, at most, that it learns from too."""


class ScoreWeights(Section):
    """The weights of the parts of a trace's score; `sokrates.score` says what each part is."""

    validity: NotNegative
    """Share of valid steps. A policy can earn it by padding: 1, with progress 0, is the published score."""
    progress: NotNegative
    """By how much the steps before the first fault shorten what a proof still needs, or what is still to be tried
    before UNKNOWN."""
    answer: NotNegative
    """The right answer."""
    proof: NotNegative
    """Every step is valid and the answer right; of UNKNOWN, every way was tried too."""
    novel: NotNegative
    """Such a proof, and no step repeats or restates what stands already."""
    needed: NotNegative
    """Share of a proof's steps that its answer rests on."""
    format: NotNegative
    """Every step can be read, and CONCLUDE stands once and last."""
    length: NotNegative
    """Steps of a shortest proof over those of this one."""

    @model_validator(mode="after")
    def _some_part_counts(self) -> ScoreWeights:
        if not any(weight for _, weight in self):
            raise ValueError("should give a weight to some part")
        return self


class Preferences(Section):
    level: Literal["trace", "closure", "step"]
    """`trace`: best against worst score of a problem; `closure`: the shortest proof against the earliest fault and
    against the proof with the most steps that are not needed; `step`: at the first step that goes wrong."""
    score: ScoreWeights
    """`trace`: what each part of the score counts."""
    delta: Positive
    """`trace`: the smallest difference of two scores that makes a pair."""
    extent: Literal["whole", "fault"]
    """`trace` and `closure`: `whole` traces, or each up to the first `fault`: a step that is not valid, a repeat,
    a restatement, or UNKNOWN before every way was tried. The rejected trace keeps that step, the chosen one does
    not."""


class Dpo(Section):
    beta: Positive
    """Weight of the divergence from the reference, the policy of the round before."""
    nll_weight: NotNegative
    """Weight of the chosen trace's negative log-likelihood, added to the DPO loss."""
    epochs: Count
    """Passes over the pairs."""
    learning_rate: Positive
    """AdamW, peak, linear decay."""
    batch_size: Count
    """Pairs an optimiser step."""
    max_length: Count
    """Tokens of prompt and trace; a longer pair is left out and counted."""
    trained_share: Annotated[float, Field(gt=0, le=1)]
    """Where the next policy lies between the round before's weights (0) and the trained ones (1)."""


class Evaluation(Section):
    problems: Count
    """Held-out problems: this many from the start of the test split."""
    extra: list[NamedSet]
    """More sets, NAME=SOURCE: the name is for metrics and plots, the source as in problems.source."""
    strategy: StrategyName
    """How the policies solve the problems; the base model stays greedy."""
    candidates: Count
    """K: traces or next steps that a strategy chooses from; refine writes one trace with the tokens of at most K.
    greedy and guided do not depend on it."""

    @field_validator("extra")
    @classmethod
    def _names_differ(cls, extra: list[str]) -> list[str]:
        names = [entry.partition("=")[0] for entry in extra]
        if len({*names, "held_out", "left_out", "success_head"}) < len(names) + 3:
            raise ValueError("should have names that differ, none called held_out, left_out or success_head")
        return extra


class Runtime(Section):
    report_to: Literal["none", "tensorboard", "wandb", "trackio"]
    """The experiment tracker that also gets the training metrics; its package is not part of SOKRATES."""
    logging_steps: Count
    """Optimiser steps between two lines of the log; five at least."""
    save_steps: Count
    """Optimiser steps between two checkpoints; the next multiple of five is taken."""
    save_total_limit: Count
    """Checkpoints kept."""
    micro_batch: Count | Literal["auto"]
    """Rows in a forward pass, a divisor of the batch; `auto`: as many as fit a GPU, on a CPU the whole batch. In
    DPO it is more than rounding, as TRL's negative log-likelihood is a mean over the tokens of a pass."""
    gradient_checkpointing: bool | Literal["auto"]
    """Recompute activations: slower, less memory; `auto`: only where memory is short."""
    needs_gpu: bool
    """Stop a stage that runs the model at once if there is no GPU."""


class Params(Section):
    seed: Annotated[int, Field(ge=0, lt=2**32 - 3)]  # numpy's range, with room for the rounds
    """One seed for problems, weights, sampling and order."""
    problems: Problems
    """What is proved."""
    model: Model
    """The language model and which of its weights are trained."""
    sft: Sft
    """Supervised fine-tuning on gold traces."""
    sampling: Sampling
    """Traces drawn from the policy in each round."""
    success_head: SuccessHead
    """The estimate of whether an option will succeed."""
    preferences: Preferences
    """How traces become pairs."""
    dpo: Dpo
    """Direct preference optimisation."""
    evaluation: Evaluation
    """The problems that every policy is evaluated on."""
    runtime: Runtime
    """Settings that change no result beyond rounding, but for `micro_batch` in DPO: no stage depends on them."""

    @model_validator(mode="after")
    def _the_engine_runs_the_strategy(self) -> Params:
        strategy, engine = self.evaluation.strategy, self.sampling.engine
        if strategy != "greedy" and engine != "shared_prompt":
            raise ValueError(f"evaluation.strategy: {strategy} needs sampling.engine: shared_prompt, not {engine}")
        return self

    @model_validator(mode="after")
    def _forward_passes_divide_batches(self) -> Params:
        rows = self.runtime.micro_batch
        for name, batch in (("sft", self.sft.batch_size), ("dpo", self.dpo.batch_size)):
            if rows != "auto" and batch % min(rows, batch):
                raise ValueError(f"runtime.micro_batch: {rows} does not divide {name}.batch_size: {batch}")
        return self

    @model_validator(mode="after")
    def _traces_can_make_pairs(self) -> Params:
        if self.preferences.level == "trace" and self.sampling.samples < 2:
            raise ValueError("preferences.level: trace needs two traces of a problem: sampling.samples is 1")
        most = sum(weight for _, weight in self.preferences.score)
        if self.preferences.level == "trace" and self.preferences.delta > most:
            raise ValueError(f"preferences.delta: scores differ by {most:g} at most, so no pair differs by more")
        return self


def named_sets(extra: Sequence[str]) -> dict[str, str]:
    """The source of each set of `evaluation.extra`, by the set's name."""
    return dict(entry.split("=", 1) for entry in extra)


def load(path: str | Path = "params.yaml") -> Params:
    """The params of a file. Raises ParamsError, which names the file and every wrong param."""
    try:
        return Params.model_validate(read_yaml(path))
    except ValidationError as error:
        wrong = [_line(detail) for detail in error.errors(include_url=False)]
    raise ParamsError("\n".join([f"{path} cannot be used:", *(f"  {line}" for line in wrong)]))


def read_yaml(path: str | Path) -> Any:
    """The content of a YAML file as DVC reads it: YAML 1.2, in which 2e-5 is a number and no is a word."""
    try:
        return YAML(typ="safe").load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ParamsError(f"{path} cannot be read: {error.strerror}") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ParamsError(f"{path}:{line}: not YAML: {error.problem}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ParamsError(f"{path} is not YAML: {error}") from error


def _line(detail: ErrorDetails) -> str:
    name = ".".join(str(part) for part in detail["loc"]) or "the file"
    match detail["type"]:
        case "value_error" if not detail["loc"]:  # of several sections, which it names
            return str(detail["ctx"]["error"])
        case "missing":
            return f"{name}: missing"
        case "extra_forbidden":
            return f"{name}: unknown{_nearest(detail['loc'])}"
        case "model_type":
            return f"{name}: should be a section of params, not {detail['input']!r}"
        case "value_error":
            return f"{name}: {detail['ctx']['error']}, not {detail['input']!r}"
    return f"{name}: {detail['msg'].removeprefix('Input ')}, not {detail['input']!r}"


def _nearest(location: Sequence[int | str]) -> str:
    *sections, name = map(str, location)
    model: Any = Params
    for section in sections:
        model = model.model_fields[section].annotation
    near = difflib.get_close_matches(name, model.model_fields, n=1)
    return f" (did you mean {'.'.join([*sections, *near])}?)" if near else ""
