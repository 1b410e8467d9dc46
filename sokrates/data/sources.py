"""Where problems come from: one reader a format, each yielding problems and what it had to leave out.

    jsonl     a problem file (`sokrates.proof.problem`), or traces: their problems
    prontoqa  the original generator's JSON (Saparov & He): {"example1": {"test_example": {...}}}; the label of
              PrOntoQA-OOD's `Prove: ...`, which gives none, is TRUE
    logic_lm  Logic-LM's JSON: [{"context", "question", "options", "answer"}], PrOntoQA and ProofWriter
    logipt    jzfeng/LoGiPT-data, rows of conversations
    folio     yale-nlp/FOLIO, either schema (lists or newline-separated text)

A file that is not of its format raises InputError with file and place. A sentence that no reader
understands makes a LeftOut: the caller decides whether that is an error. The proofs that the first two formats
come with are read on their own (`read_chains`), as sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sokrates.io.errors import InputError
from sokrates.io.files import read_json_file, read_json_lines
from sokrates.logic.answer import Answer
from sokrates.logic.reading import ReadError
from sokrates.pipeline.params import GENERATED, HUB_DATASETS, check_source
from sokrates.proof.problem import LABELS, Problem, from_formulas, from_json, from_sentences


class LeftOut(NamedTuple):
    """A problem that cannot be used: where it stands and why."""

    where: str
    why: str


Found = Iterator[Problem | LeftOut]


def read_source(spec: str) -> Found:
    """The problems of `NAME:PATH`, or of `NAME` for a dataset of the hub; a folder's files are read by name.

    Raises InputError where a file or the hub cannot be read, and for what is not such a source.
    """
    try:
        name, _, path = check_source(spec).partition(":")
    except ValueError as error:
        raise InputError(f"source {spec!r} {error}") from None
    if name == GENERATED:
        raise InputError(f"source {spec!r} is not read but made")
    if not path:
        yield from _read_rows(name, _hub_rows(name), keeps_on=True)
        return
    files = (
        sorted(f for f in Path(path).iterdir() if f.suffix in (".json", ".jsonl"))
        if Path(path).is_dir()
        else [Path(path)]
    )
    if not files:
        raise InputError(f"{path}: no .json or .jsonl file in this folder")
    for file in files:
        yield from read_file(file, name)


def read_file(path: Path, name: str | None = None) -> Found:
    """The problems of one file; its format is looked up in its first bytes where `name` is not given."""
    yield from _read_rows(name, _file_rows(path))


def read_chains(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The proof that a prontoqa or logic_lm file gives for each problem: the problem's id and the sentences.

    Problems without a proof are passed over. Raises InputError as `read_file` does.
    """
    for where, row in _file_rows(path):
        name = _format_of(row, where)
        try:
            chain = row["test_example"]["chain_of_thought"] if name == "prontoqa" else row.get("explanation", [])
            sentences = [sentence.strip() for sentence in chain]
            problem_id = str(row["id"]) if name == "logic_lm" else where
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{where}: not a row of the format {name}: {error!r}") from None
        if sentences:
            yield problem_id, sentences


def _read_rows(name: str | None, rows: Iterable[tuple[str, Any]], keeps_on: bool = False) -> Found:
    """The problems of rows; with `keeps_on`, a row that is not of the format is left out and no error.

    Nobody can mend a row of the hub.
    """
    reader: Callable[[Any, str], Problem] | None = READERS[name] if name else None
    for where, row in rows:
        reader = reader or READERS[_format_of(row, where)]
        try:
            yield reader(row, where)
        except ReadError as error:
            yield LeftOut(where, str(error))
        except (InputError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            is_known = isinstance(error, InputError)
            why = str(error) if is_known else f"not a row of the format {name or 'found'}: {error!r}"
            if not keeps_on:
                raise InputError(f"{where}: {why}") from None
            yield LeftOut(where, why)


def _format_of(row: Any, where: str) -> str:
    if isinstance(row, dict):
        for key, name in KEYS.items():
            if key in row:
                return name
    raise InputError(f"{where}: of none of the formats {', '.join(READERS)}")


def _file_rows(path: Path) -> Iterator[tuple[str, Any]]:
    """Each row of a file with its place: a JSON line each, or one JSON list or object of rows."""
    if path.suffix != ".json":
        yield from read_json_lines(path)
        return
    rows = read_json_file(path)
    if not isinstance(rows, dict | list):
        raise InputError(f"{path}: neither a list nor an object of rows")
    named = rows.items() if isinstance(rows, dict) else enumerate(rows)
    yield from ((f"{path}: {key}", row) for key, row in named)


def _hub_rows(name: str) -> Iterator[tuple[str, Any]]:
    from datasets import load_dataset  # heavy, and needed for the hub alone

    try:
        splits = load_dataset(HUB_DATASETS[name])
    except Exception as error:  # the hub's libraries raise their own kinds for gated, missing and unreachable
        raise InputError(
            f"{HUB_DATASETS[name]} cannot be read from the hub ({type(error).__name__}). Ask for access on its "
            f"page and log in with `hf auth login`, or download it and give the file: {name}:PATH"
        ) from None
    for split, rows in splits.items():
        for number, row in enumerate(rows):
            yield f"{HUB_DATASETS[name]}/{split}: {number}", row


def _sentences(text: str) -> list[str]:
    parts = (part.strip(". ") for part in text.replace("\n", " ").split(". "))
    return [f"{part}." for part in parts if part]


def _read_jsonl(row: Any, where: str) -> Problem:
    return from_json(row, id=where)


def _read_prontoqa(row: Any, where: str) -> Problem:
    example = row["test_example"]
    conclusion = example["query"].partition(": ")[2]
    label = LABELS[example["answer"].lower()] if "answer" in example else Answer.TRUE  # `Prove: …` holds
    steps = len(example["chain_of_thought"]) // 2
    return from_sentences(_sentences(example["question"]), conclusion, id=where, label=label, hops=steps)


def _read_logic_lm(row: Any, where: str) -> Problem:
    conclusion = row["question"].partition("? ")[2]
    options = dict(option.split(") ", 1) for option in row["options"])
    hops = len(row["explanation"]) // 2 if "explanation" in row else None
    label = LABELS[options[row["answer"]].lower()]
    name = str(row["id"])
    case = name.rpartition("_Q")[0] or None  # ProofWriter asks several questions of one theory
    return from_sentences(_sentences(row["context"]), conclusion, id=name, case=case, label=label, hops=hops)


def _read_logipt(row: Any, where: str) -> Problem:
    said = [turn["value"] for turn in row["conversations"]]
    context = said[0].partition("Context:\n")[2].partition("\n\nReasoning:")[0]
    query = said[2].partition("true or false? ")[2].split("\n")[0]
    label = LABELS[said[3].partition("the correct option is: ")[2].split(") ")[1].strip(" .").lower()]
    premises = _sentences(context)
    case = row["id"].partition("_ic-")[0]
    return from_sentences(premises, query, id=row["id"], case=case, label=label)


def _read_folio(row: Any, where: str) -> Problem:
    sentences, formulas = row["premises"], row.get("premises-FOL")
    if isinstance(sentences, str):
        sentences = [line for line in sentences.split("\n") if line.strip()]
    if isinstance(formulas, str):
        formulas = [line for line in formulas.split("\n") if line.strip()]
    goal = row.get("conclusion-FOL")
    if formulas is None or goal is None:
        raise ReadError("no formula for the conclusion", row["conclusion"], 0)
    story = row.get("story_id", " ".join(sentences))
    if len(sentences) != len(formulas):  # then their order cannot be trusted: show the formulas alone
        sentences = [""] * len(formulas)
    return from_formulas(
        sentences,
        row["conclusion"],
        formulas,
        goal,
        id=where,
        case=f"folio {story}",
        label=LABELS[row["label"].lower()],
    )


READERS: dict[str, Callable[[Any, str], Problem]] = {
    "jsonl": _read_jsonl,
    "prontoqa": _read_prontoqa,
    "logic_lm": _read_logic_lm,
    "logipt": _read_logipt,
    "folio": _read_folio,
}
# A field that only rows of this format have, asked in this order.
KEYS = {
    "test_example": "prontoqa",
    "options": "logic_lm",
    "conversations": "logipt",
    "premises-FOL": "folio",
    "premises": "jsonl",
}
