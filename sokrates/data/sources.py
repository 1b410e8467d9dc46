"""Reads problems in every format: one reader each, which yields problems, and a reason for each left out.

    jsonl       a problem file (`sokrates.proof.problem`), or traces: their problems
    prontoqa    the original generator's JSON (Saparov & He): {"example1": {"test_example": {...}}}; the label of
                PrOntoQA-OOD's `Prove: ...`, which gives none, is TRUE
    logic_lm    Logic-LM's JSON: [{"context", "question", "options", "answer"}], PrOntoQA, ProofWriter and FOLIO;
                where a model's `raw_logic_programs` stands beside them, the problem is the first program
    proofwriter the original rows (Tafjord et al.): a theory of `triples` and `rules` with its `questions`, or a
                theory as text with one `question`; RuleTaker's older files have the same rows
    ruletaker   the theory generator's rows, {"theory_assertion_instance", "english"}; or {"context", "questions"}
    proverqa    ProverGen's JSON: Logic-LM's fields with `nl2fol` and `conclusion_fol`
    linc        LINC's outputs, `*_generations_raw.json`: for each problem its translations, the last one of the
                conclusion; labels are taken from `*_references.json` beside it
    malls       MALLS: [{"NL", "FOL"}], each a problem without premises and without label
    logipt      jzfeng/LoGiPT-data, rows of conversations
    folio       yale-nlp/FOLIO, either schema (lists or newline-separated text)

RuleTaker, and ProofWriter's CWA files, assume a closed world, in which what cannot be proved is false. Where a
theory says nothing negative, their labels are translated: what cannot be proved is UNKNOWN. The other problems of
closed worlds have no label.

A row of another format raises InputError with file and place. A sentence that no reader understands makes a
LeftOut: the caller decides whether that is an error. `read_chains` reads the proofs in prontoqa and logic_lm
files, as sentences. docs/sources.md says where to get each source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from sokrates.io.errors import InputError, UserError
from sokrates.io.files import ROW_SUFFIXES, read_json, read_rows
from sokrates.logic.answer import Answer
from sokrates.logic.reading import ReadError
from sokrates.pipeline.params import GENERATED, HUB_DATASETS, check_source
from sokrates.proof.problem import LABELS, Problem, from_formulas, from_json, from_sentences

_QUOTED: Final = re.compile(r"(?<!\w)'[^']*'|`[^`]*`")  # what a reason quotes of one problem, and not `FOLIO's`


class LeftOut(NamedTuple):
    """A problem that cannot be used: its place in the file, and why."""

    where: str
    why: str

    @property
    def reason(self) -> str:
        """Why, without what is of this problem alone, so that reasons can be counted."""
        return _QUOTED.sub("…", self.why.rpartition(", at character")[0] or self.why)


Problems = Iterator[Problem | LeftOut]


def read_source(spec: str) -> Problems:
    """The problems of `NAME:PATH`, or of `NAME` or `NAME@SPLIT` on the hub; a folder's files are read by name.

    Raises InputError for a file or a hub that cannot be read and for an unknown source, UserError for an unknown
    split.
    """
    try:
        place, _, path = check_source(spec).partition(":")
    except ValueError as error:
        raise InputError(f"source {spec!r} {error}") from None
    if place == GENERATED:
        raise InputError(f"source {spec!r} is not a file: its problems are generated")
    name, _, split = place.partition("@")
    if not path:
        yield from _read_rows(name, _hub_rows(name, split), keeps_on=True)
        return
    files = (
        sorted(f for f in Path(path).iterdir() if f.name.endswith(ROW_SUFFIXES))
        if Path(path).is_dir()
        else [Path(path)]
    )
    if not files:
        raise InputError(f"{path}: no .json or .jsonl file in this folder")
    for file in files:
        yield from read_file(file, name)


def read_file(path: Path, name: str | None = None) -> Problems:
    """The problems of one file; without `name`, the fields of its first row tell the format."""
    yield from _read_rows(name, _file_rows(path))


def read_chains(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The proof that a prontoqa or logic_lm file gives for each problem: the problem's id and the sentences.

    Problems without a proof are skipped. Raises InputError as `read_file` does.
    """
    for where, row in _file_rows(path):
        name = _format_of(row, where)
        try:
            chain = row["test_example"]["chain_of_thought"] if name == "prontoqa" else row.get("explanation", [])
            sentences = [sentence.strip() for sentence in chain]
            problem_id = str(row["id"]) if name == "logic_lm" else where
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{where}: {_not_of(name, error)}") from None
        if sentences:
            yield problem_id, sentences


def _read_rows(name: str | None, rows: Iterable[tuple[str, Any]], keeps_on: bool = False) -> Problems:
    """The problems of rows; with `keeps_on` a malformed row is left out: nobody here can fix a row of the hub."""
    for where, row in rows:
        name = name or _format_of(row, where)
        try:
            yield from FORMATS[name].read(row, where)
        except ReadError as error:
            yield LeftOut(where, str(error))
        except (InputError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            why = _not_of(name, error)
            if not keeps_on:
                raise InputError(f"{where}: {why}") from None
            yield LeftOut(where, why)


def _not_of(name: str, error: Exception) -> str:
    """Why a row cannot be read in a format."""
    if isinstance(error, InputError):
        why = str(error)
    elif isinstance(error, KeyError):
        why = f"`{error.args[0]}` is missing"
    else:
        why = f"a field is of another form ({error})"
    return f"not a row of the format {name}, which has {FORMATS[name].fields}: {why}"


def _format_of(row: Any, where: str) -> str:
    if name := _marked_format(row):
        return name
    needs = "; ".join(f"{name} has {layout.fields}" for name, layout in FORMATS.items())
    raise InputError(f"{where}: matches none of the formats: {needs}")


def _marked_format(row: Any) -> str | None:
    """The first format one of whose marks a row has."""
    if isinstance(row, dict):
        for name, layout in FORMATS.items():
            if not row.keys().isdisjoint(layout.marks):
                return name
    return None


def _file_rows(path: Path) -> Iterator[tuple[str, Any]]:
    """Each row of a file with its place; a list of LINC's generations becomes an object with its label."""
    references: list[Any] | None = None
    for index, (where, row) in enumerate(read_rows(path, lambda row: _marked_format(row) is not None)):
        if isinstance(row, list) and row and all(isinstance(text, str) for text in row):
            if references is None:
                references = _references(path)
            label = references[index] if index < len(references) else None
            row = {"generations": row, "label": label}
        yield where, row


def _references(path: Path) -> list[Any]:
    """The labels for a file of LINC's generations, from the file beside it; none if that is missing."""
    labels_path = path.with_name(path.name.replace("_generations_raw.json", "_references.json"))
    if labels_path == path or not labels_path.is_file():
        return []
    labels = read_json(labels_path.read_bytes(), str(labels_path))
    if not isinstance(labels, list):
        raise InputError(f"{labels_path}: not a list of labels")
    return labels


def _hub_rows(name: str, split: str) -> Iterator[tuple[str, Any]]:
    """The rows of one split, or of all if none is named."""
    from datasets import load_dataset  # slow to import, and only the hub needs it

    try:
        splits = load_dataset(HUB_DATASETS[name])
    except Exception as error:  # the hub's libraries raise their own kinds for gated, missing and unreachable
        raise InputError(
            f"{HUB_DATASETS[name]} cannot be read from the hub ({type(error).__name__}). Ask for access on its "
            f"page and log in with `hf auth login`, or download it and give the file: {name}:PATH"
        ) from None
    if split and split not in splits:
        raise UserError(f"{HUB_DATASETS[name]} has no split {split!r}; it has {', '.join(splits)}")
    for name_of_split in [split] if split else splits:
        for number, row in enumerate(splits[name_of_split]):
            yield f"{HUB_DATASETS[name]}/{name_of_split}: {number}", row


def _sentences(text: str) -> list[str]:
    parts = (part.strip(". ") for part in text.replace("\n", " ").split(". "))
    return [f"{part}." for part in parts if part]


def _label(value: Any) -> Answer:
    """A label in any spelling of the data sets. Raises InputError."""
    name = str(value).strip(" .").lower()
    if name not in LABELS:
        raise InputError(f"the answer is TRUE, FALSE or UNKNOWN, not {value!r}")
    return LABELS[name]


_OPTION: Final = re.compile(r"\(?([A-Za-z])\s*[).:]\s*(.+)")  # `A) True`, `A. True`, `(A) True`, `A: True`


def _chosen(answer: Any, options: Iterable[str]) -> Answer:
    """The label that an answer names: by its letter, in words, or both. Raises InputError."""
    lettered = {match[1].upper(): match[2] for match in map(_OPTION.fullmatch, map(str.strip, options)) if match}
    text = str(answer).strip()
    if match := _OPTION.fullmatch(text):
        if lettered.get(match[1].upper(), match[2]).strip(" .").lower() != match[2].strip(" .").lower():
            raise InputError(f"the answer {answer!r} is none of the options {[*options]}")
        text = match[2]
    return _label(lettered.get(text.strip("().").upper(), text))


def _read_jsonl(row: Any, where: str) -> Problems:
    yield from_json(row, id=where)


def _read_prontoqa(row: Any, where: str) -> Problems:
    example = row["test_example"]
    conclusion = example["query"].partition(": ")[2]
    if "answer" in example:  # a chain of modus ponens: a fact, then a rule and what it gives for each hop
        label, hops = _label(example["answer"]), len(example["chain_of_thought"]) // 2
    else:  # `Prove: …` holds, by a proof of any shape
        label, hops = Answer.TRUE, None
    yield from_sentences(_sentences(example["question"]), conclusion, id=where, label=label, hops=hops)


def _read_logic_lm(row: Any, where: str) -> Problems:
    label = _chosen(row["answer"], row["options"])
    name = str(row["id"])
    case = name.rpartition("_Q")[0] or None  # ProofWriter asks several questions of one theory
    if row.get("raw_logic_programs"):
        yield _read_program(row["raw_logic_programs"][0], id=name, case=case, label=label)
        return
    hops = len(row["explanation"]) // 2 if row.get("explanation") else None
    conclusion = row["question"].partition("? ")[2] or row["question"]
    yield from_sentences(_sentences(row["context"]), conclusion, id=name, case=case, label=label, hops=hops)


def _read_program(text: str, *, id: str, case: str | None, label: Answer) -> Problem:
    """Logic-LM's program: sections of formulas, each with its sentence after `:::`."""
    sections: dict[str, list[tuple[str, str]]] = {}
    lines: list[tuple[str, str]] = []
    for line in filter(str.strip, text.split("\n")):
        if line.strip() in ("Predicates:", "Premises:", "Facts:", "Rules:", "Conclusion:", "Query:"):
            lines = sections.setdefault(line.strip(), [])
            continue
        formula, _, sentence = line.partition(":::")
        lines.append((sentence.strip(), formula.strip()))
    premises = [line for name in ("Premises:", "Facts:", "Rules:") for line in sections.get(name, [])]
    goals = [line for name in ("Conclusion:", "Query:") for line in sections.get(name, [])]
    if len(goals) != 1:
        raise ReadError(f"a program has one conclusion, not {len(goals)}", text, len(text))
    (conclusion,) = goals
    sentences, formulas = [sentence for sentence, _ in premises], [formula for _, formula in premises]
    return from_formulas(sentences, conclusion[0], formulas, conclusion[1], id=id, case=case, label=label)


def _read_proverqa(row: Any, where: str) -> Problems:
    label = _chosen(row["answer"], row["options"])
    conclusion = row["question"].partition("? ")[2] or row["question"]
    if not row.get("nl2fol") or not row.get("conclusion_fol"):
        raise ReadError("no formulas", conclusion, 0)
    formulas = {sentence.strip(): formula for sentence, formula in dict(row["nl2fol"]).items()}
    for sentence in formulas:
        if sentence not in row["context"]:
            raise ReadError("a formula whose sentence is not in the context", sentence, 0)
    rest = row["context"]
    for sentence in sorted(formulas, key=len, reverse=True):  # a sentence may be a part of a longer one
        rest = rest.replace(sentence, " ")
    if rest.strip(" .\n"):
        raise ReadError("a sentence without a formula", " ".join(rest.split()), 0)
    order = sorted(formulas, key=row["context"].index)
    ordered = [formulas[sentence] for sentence in order]
    yield from_formulas(order, conclusion, ordered, row["conclusion_fol"], id=where, label=label)


def _read_linc(row: Any, where: str) -> Problems:
    """Each translation is a problem; one that cannot be read is left out."""
    label = None if row.get("label") is None else _label(row["label"])
    for number, text in enumerate(row["generations"]):
        lines = text.split("\n")
        pairs = [
            (line.partition(":")[2].strip(), formula.partition(":")[2].strip())
            for line, formula in pairwise(lines)
            if line.startswith("TEXT:") and formula.startswith("FOL:")
        ]
        place = f"{where}, generation {number}"
        try:
            if not pairs or sum(line.startswith(("TEXT:", "FOL:")) for line in lines) != 2 * len(pairs):
                raise ReadError("not pairs of a line TEXT: and a line FOL:", text, 0)
            *premises, (conclusion, goal) = pairs
            sentences, formulas = [sentence for sentence, _ in premises], [formula for _, formula in premises]
            yield from_formulas(sentences, conclusion, formulas, goal, id=place, case=where, label=label)
        except ReadError as error:
            yield LeftOut(place, str(error))


def _read_malls(row: Any, where: str) -> Problems:
    yield from_formulas([], row["NL"], [], row["FOL"], id=where)


def _read_proofwriter(row: Any, where: str) -> Problems:
    """The questions on a theory, each a problem; they are one case."""
    name = str(row.get("id", where))
    if isinstance(row.get("question"), str):  # the theory as text, and one question
        questions = {"": row}
        premises = _sentences(row["theory"])
    else:
        # A table of rows gives each the same triples, rules and questions, null where it has none.
        questions = {f"_{number}": question for number, question in row["questions"].items() if question}
        premises = [part["text"] for part in (*row["triples"].values(), *row["rules"].values()) if part]
    answers = [str(question["answer"]) for question in questions.values()]
    is_open = "-OWA-" in name or "Unknown" in answers
    for (number, question), answer in zip(questions.items(), answers, strict=True):
        label = _label(answer) if is_open else _open_world(answer, premises, question["question"])
        depth = question.get("QDep")
        hops = depth if isinstance(depth, int) and label in (Answer.TRUE, Answer.FALSE) else None
        try:
            yield from_sentences(
                premises, question["question"], id=f"{name}{number}", case=name, label=label, hops=hops
            )
        except ReadError as error:
            yield LeftOut(f"{where}{number}", str(error))


def _read_ruletaker(row: Any, where: str) -> Problems:
    """Either the generator's row, one assertion, or a published row: a context and questions."""
    if "english" in row:
        english, label = row["english"], row["theory_assertion_instance"]["label"]
        premises, questions = english["theory_statements"], [(english["assertion_statement"], label)]
    else:
        premises = _sentences(row["context"])
        questions = [(question["text"], question["label"]) for question in row["questions"]]
    name = str(row.get("id", where))
    for number, (text, answer) in enumerate(questions, start=1):
        label = _open_world(answer, premises, text)
        try:
            yield from_sentences(premises, text, id=f"{name}-{number}", case=name, label=label)
        except ReadError as error:
            yield LeftOut(f"{where}, question {number}", str(error))


def _open_world(answer: Any, premises: Iterable[str], question: str) -> Answer | None:
    """A closed world's label in the open one; None where the theory says something negative.

    If the theory has no negation, what is true in its closed world follows from it, and what is false there is not
    refuted by it. For a negative question, this holds of the statement that it denies.
    """
    if any(_is_negative(premise) for premise in premises):
        return None
    holds = _label(answer) is Answer.TRUE
    if _is_negative(question):
        return Answer.UNKNOWN if holds else Answer.FALSE
    return Answer.TRUE if holds else Answer.UNKNOWN


def _is_negative(sentence: str) -> bool:
    return "not" in sentence.lower().split()


def _read_logipt(row: Any, where: str) -> Problems:
    turns = [turn["value"] for turn in row["conversations"]]
    context = turns[0].partition("Context:\n")[2].partition("\n\nReasoning:")[0]
    query = turns[2].partition("true or false? ")[2].split("\n")[0]
    if not query:
        raise ReadError("not a question of PrOntoQA, true or false", turns[2], 0)
    label = _chosen(turns[3].partition("the correct option is: ")[2].split("\n")[0], [])
    premises = _sentences(context)
    case = row["id"].partition("_ic-")[0]
    yield from_sentences(premises, query, id=row["id"], case=case, label=label)


def _read_folio(row: Any, where: str) -> Problems:
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
    yield from_formulas(
        sentences,
        row["conclusion"],
        formulas,
        goal,
        id=where,
        case=f"folio {story}",
        label=_label(row["label"]),
    )


class Layout(NamedTuple):
    """A format: what its rows hold, in words, the fields that only they have, and how one is read."""

    fields: str
    marks: tuple[str, ...]
    read: Callable[[Any, str], Problems]


# A row is of the first format one of whose marks it has.
FORMATS: Final = {
    "prontoqa": Layout("`test_example` with `question`, `query` and `answer`", ("test_example",), _read_prontoqa),
    "proverqa": Layout(
        "`context`, `question`, `options`, `answer`, `nl2fol` and `conclusion_fol`", ("nl2fol",), _read_proverqa
    ),
    "logic_lm": Layout(
        "`id`, `context`, `question`, `options` and `answer`", ("options", "raw_logic_programs"), _read_logic_lm
    ),
    "logipt": Layout("`id` and `conversations`", ("conversations",), _read_logipt),
    "folio": Layout(
        "`premises`, `premises-FOL`, `conclusion`, `conclusion-FOL` and `label`", ("premises-FOL",), _read_folio
    ),
    "proofwriter": Layout(
        "`triples`, `rules` and `questions`, or `theory`, `question` and `answer`",
        ("triples", "theory"),
        _read_proofwriter,
    ),
    "ruletaker": Layout(
        "`theory_assertion_instance` and `english`, or `context` and `questions`",
        ("theory_assertion_instance", "questions"),
        _read_ruletaker,
    ),
    "linc": Layout("a list of generations, each of lines TEXT: and FOL:", ("generations",), _read_linc),
    "malls": Layout("`NL` and `FOL`", ("NL",), _read_malls),
    "jsonl": Layout("`premises`, a list, and `conclusion`", ("premises",), _read_jsonl),
}
