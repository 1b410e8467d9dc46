"""Gold traces: the exact text of a worked problem of two hops, and what has none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from specimens import CAREFUL, SHORTCUT, check, problem

from sokrates.data.generator import generate
from sokrates.data.gold import NoGoldTrace, careful, shortcut
from sokrates.data.mixture import KINDS, generate_kind
from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.proof.kernel import cited
from sokrates.proof.option import Option
from sokrates.proof.problem import Problem, from_formulas, from_sentences
from sokrates.proof.text import Step, write_steps
from sokrates.proof.verify import Verifier, faithful
from sokrates.search.exploring import proof_that_explores


def test_the_careful_trace_word_for_word() -> None:
    assert write_steps(careful(problem())) == CAREFUL


def test_the_shortcut_word_for_word() -> None:
    assert write_steps(shortcut(problem(), careful(problem()))) == SHORTCUT
    assert not check(SHORTCUT).valid(Answer.FALSE)


def test_a_shortcut_cites_where_its_chain_began_and_answers_right() -> None:
    made = generate(40, hops=(1, 2, 3, 4), ontologies=["fictional"], distractors=1, unknown_share=0.2, seed=5)
    for one in made:
        gold = careful(one)
        short = shortcut(one, gold)
        checked = Verifier(one.facts, one.goal).check(short)
        facts = {step.option.args[0] for step in short[:-1] if step.option}
        assert len(facts) <= 1 and max(facts, default=0) < len(one.premises)
        assert checked.answer is one.label and len(short) == len(gold)
        assert [v.valid for v in checked.verdicts[:-1]] == [place == 0 for place in range(len(gold) - 1)]
        assert checked.valid(one.label) is (len(gold) <= 2)  # a proof of one step has no shortcut
        assert all(Verifier(one.facts, one.goal).entailed(checked))


def fork() -> Problem:
    """Stella is a vumpus and a wumpus; a wumpus is a jompus (a dead end), then a tumpus, which is small."""
    premises = [
        "Vumpuses are yumpuses.",
        "Every wumpus is a jompus.",
        "Each wumpus is red.",
        "Every wumpus is a tumpus.",
        "Jompuses are blue.",
        "Tumpuses are small.",
        "Each lempus is not small.",
        "Stella is a vumpus.",
        "Stella is a wumpus.",
    ]
    return from_sentences(premises, "Stella is not small.", id="fork", label=Answer.FALSE)


def options(steps: list[Step]) -> list[str]:
    return [str(step.option) for step in steps]


def test_exploring_takes_each_rule_to_a_concept_depth_first_and_the_goals_as_soon_as_it_applies() -> None:
    """9 is yumpus, 10 jompus, a dead end, 11 tumpus, which the goal's rule is about."""
    assert options(careful(fork(), "explore")) == [
        "MODUS_PONENS(7, 0)",
        "MODUS_PONENS(8, 1)",
        "MODUS_PONENS(8, 3)",
        "MODUS_PONENS(11, 5)",
        "CONCLUDE(1)",
    ]
    assert careful(fork(), "explore")[0].thought == (
        "to evaluate: Stella is not small, every tumpus is small, every lempus is not small: "
        "Stella is a vumpus [7] and every vumpus is a yumpus [0], so Stella is a yumpus [9]."
    )
    assert all(faithful(fork().facts, Verifier(fork().facts, fork().goal).check(careful(fork(), "explore")))[:4])
    assert options(careful(fork())) == ["MODUS_PONENS(8, 3)", "MODUS_PONENS(9, 5)", "CONCLUDE(1)"]


def test_a_shortcut_of_a_proof_that_explores_cites_the_fact_that_each_line_came_from() -> None:
    steps = shortcut(fork(), careful(fork(), "explore"))
    assert options(steps)[:4] == [
        "MODUS_PONENS(7, 0)",
        "MODUS_PONENS(8, 1)",
        "MODUS_PONENS(8, 3)",
        "MODUS_PONENS(8, 5)",
    ]
    assert steps[3].thought == "Stella is a wumpus [8] and every tumpus is small [5], so Stella is small [12]."
    assert steps[4] == careful(fork(), "explore")[4]


def test_a_plan_names_the_chain_from_the_goal_back_and_is_the_shortest_proof() -> None:
    steps = careful(fork(), "plan")
    assert steps[0].thought == (
        "to evaluate: Stella is not small, every tumpus is small, every wumpus is a tumpus: "
        "Stella is a wumpus [8] and every wumpus is a tumpus [3], so Stella is a tumpus [9]."
    )
    assert options(steps) == options(careful(fork())) and steps[1:] == careful(fork())[1:]
    assert faithful(fork().facts, Verifier(fork().facts, fork().goal).check(steps)) == [True, True, True]
    short = shortcut(fork(), steps)
    assert short[0] == steps[0] and options(short)[1] == "MODUS_PONENS(8, 5)"


def test_exploring_an_open_problem_ends_when_no_concept_is_left() -> None:
    unknown = from_sentences(
        [*fork().premises[:2], *fork().premises[3:]], "Stella is red.", id="open", label=Answer.UNKNOWN
    )
    assert options(careful(unknown, "explore")) == [
        "MODUS_PONENS(6, 0)",
        "MODUS_PONENS(7, 1)",
        "MODUS_PONENS(7, 2)",
        "CONCLUDE(2)",
    ]


@pytest.mark.parametrize("ontology", ["fictional", "real", "untrue"])
def test_exploring_the_originals_shape_takes_at_most_one_dead_end_a_level(ontology: str) -> None:
    """The other fact's rule, two rules for each hop but the last, the goal's rule, CONCLUDE: 2 (hops - 1) + 3."""
    for one in generate(150, hops=(1, 2, 3), ontologies=[ontology], distractors=1, unknown_share=0.0, seed=5):
        steps = careful(one, "explore")
        assert one.hops is not None and one.hops + 1 <= len(steps) <= 2 * (one.hops - 1) + 3


def test_where_exploring_does_not_reach_the_answer_the_proof_is_the_shortest() -> None:
    both = from_formulas([""] * 2, "", ["∀x (P(x) ↔ Q(x))", "Q(a)"], "P(a)", id="both ways")
    assert options(careful(both, "explore")) == ["BICONDITIONAL_ELIM(0, 1)", "MODUS_PONENS(1, 2)", "CONCLUDE(0)"]


def test_of_a_compound_goal_the_rules_that_claim_a_part_are_named() -> None:
    premises = ["Every wumpus is red or blue.", "Every wumpus is a tumpus.", "Stella is a wumpus."]
    compound = from_sentences(premises, "Stella is a tumpus or large.", id="compound", label=Answer.TRUE)
    assert options(careful(compound, "explore")) == ["MODUS_PONENS(2, 1)", "OR_INTRO(3, goal)", "CONCLUDE(0)"]
    named = "to evaluate: Stella is a tumpus or large, every wumpus is a tumpus: "
    assert careful(compound, "explore")[0].thought.startswith(named)


def test_a_part_of_a_goal_that_is_a_disjunction_is_taken_before_what_leads_on() -> None:
    """5 is grimpus, a dead end, 6 the three parts, 7 shy: lempus, and from there dumpus, is not looked at."""
    rules = ["Every rompus is a grimpus.", "Every wumpus is a lempus, a tumpus, and shy."]
    rules += ["Every lempus is a dumpus."]
    facts = ["Stella is a rompus.", "Stella is a wumpus."]
    assert explored([*rules, *facts], "Stella is a numpus, a zumpus, or shy.", Answer.TRUE) == [
        "MODUS_PONENS(3, 0)",
        "MODUS_PONENS(4, 1)",
        "AND_ELIM(6, 2)",
        "OR_INTRO(7, goal)",
        "CONCLUDE(0)",
    ]


def test_exploring_takes_conjunctions_apart_and_makes_what_a_rule_is_about() -> None:
    """4 is numpus, 5 lempus, 6 large or a numpus, 7 dumpus and tumpus, 8 dumpus, 9 tumpus."""
    rules = ["Everything that is large or a numpus is a dumpus and a tumpus.", "Every tumpus is not red."]
    facts = ["Stella is a numpus and a lempus.", "Stella is cold."]
    assert explored([*rules, *facts], "Stella is red.", Answer.FALSE) == [
        "AND_ELIM(2, 0)",
        "AND_ELIM(2, 1)",
        "OR_INTRO(4, 0)",
        "MODUS_PONENS(6, 0)",
        "AND_ELIM(7, 0)",
        "AND_ELIM(7, 1)",
        "MODUS_PONENS(9, 1)",
        "CONCLUDE(1)",
    ]


def explored(premises: list[str], conclusion: str, label: Answer) -> list[str]:
    return options(careful(from_sentences(premises, conclusion, id="explored", label=label), "explore"))


CASES = ["Every yumpus is a dumpus.", "Every lempus is a zumpus.", "Every zumpus is a dumpus."]


def test_exploring_without_a_fact_assumes_each_case() -> None:
    """The first disjunction is given up with the case that leads elsewhere: 5 is grimpus, which leads nowhere."""
    facts = ["Sally is a grimpus or a yumpus.", "Sally is a lempus or a yumpus."]
    assert explored([*CASES, *facts], "Sally is a dumpus.", Answer.TRUE) == [
        "ASSUME(3, 1, 0)",
        "CONDITIONAL_PROOF(5, 5)",
        "ASSUME(4, 1, 0)",
        "MODUS_PONENS(7, 1)",
        "MODUS_PONENS(8, 2)",
        "CONDITIONAL_PROOF(7, 9)",
        "ASSUME(4, 2, 0)",
        "MODUS_PONENS(11, 0)",
        "CONDITIONAL_PROOF(11, 12)",
        "CASE_SPLIT(4, 10, 13)",
        "CONCLUDE(0)",
    ]
    unknown = explored([*CASES, facts[0]], "Sally is a dumpus.", Answer.UNKNOWN)
    assert unknown == ["ASSUME(3, 1, 0)", "CONDITIONAL_PROOF(4, 4)", "CONCLUDE(2)"]


def test_exploring_without_a_fact_or_a_disjunction_assumes_what_would_contradict_the_conclusion() -> None:
    """Of "is a wumpus" a rule says something, so that is assumed; of an open problem the scope stays open."""
    rules = ["Every wumpus is a dumpus.", "Every wumpus is a tumpus."]
    assert explored([*rules, "Stella is not a tumpus."], "Stella is not a wumpus.", Answer.TRUE) == [
        "ASSUME(goal, 0, 1)",
        "MODUS_PONENS(3, 1)",
        "CONTRADICTION(4, 2)",
        "CONCLUDE(0)",
    ]
    assert explored([*rules, "Stella is not a yumpus."], "Stella is not a wumpus.", Answer.UNKNOWN) == [
        "ASSUME(goal, 0, 1)",
        "MODUS_PONENS(3, 0)",
        "MODUS_PONENS(3, 1)",
        "CONCLUDE(2)",
    ]


def test_exploring_takes_a_denial_out_of_a_conjunction_to_contradict_it() -> None:
    """4 is not tumpus, 5 lempus, 6 the assumption."""
    premises = ["Every wumpus is a grimpus.", "Every wumpus is a tumpus.", "Every rompus is a lempus."]
    facts = ["Stella is not a tumpus and Stella is a lempus."]
    assert explored([*premises, *facts], "Stella is not a wumpus.", Answer.TRUE) == [
        "AND_ELIM(3, 0)",
        "AND_ELIM(3, 1)",
        "ASSUME(goal, 0, 1)",
        "MODUS_PONENS(6, 1)",
        "CONTRADICTION(7, 4)",
        "CONCLUDE(0)",
    ]


def test_exploring_assumes_where_a_rule_denies_what_stands() -> None:
    """Where nothing is to be contradicted nothing is assumed. 3 is wumpus, 4 the conjunction, 5 not lempus."""
    rules = ["Every wumpus is a grimpus.", "Every wumpus is a tumpus and not a lempus."]
    assert explored([*rules, "Stella is a lempus."], "Stella is a wumpus.", Answer.FALSE) == [
        "ASSUME(goal, 0, 0)",
        "MODUS_PONENS(3, 1)",
        "AND_ELIM(4, 1)",
        "CONTRADICTION(5, 2)",
        "CONCLUDE(1)",
    ]
    assert explored([*rules, "Stella is a tumpus."], "Stella is a wumpus.", Answer.UNKNOWN) == ["CONCLUDE(2)"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "first_order"])
def test_how_an_exploring_proof_begins_does_not_tell_its_answer(kind: str) -> None:
    """But where no step is possible at all. Thoughts cite what the options cite, of shortcuts too."""
    begin: dict[str, Counter[Answer]] = {}
    problems = generate_kind(kind, 90, hops=[1, 2], widths=[2], unknown_share=0.4, refuted_share=0.35, seed=11)
    for one in problems:
        assert one.label is not None
        steps = careful(one, "explore")
        first = steps[0].option
        assert first is not None and steps[0].thought.startswith("to evaluate: ")
        begin.setdefault(first.name, Counter())[one.label] += 1
        for step in [*steps, *shortcut(one, steps)]:
            assert step.option is not None
            if step.option.name not in ("ASSUME", "CONCLUDE"):
                assert all(f"[{line}]" in step.thought for line in cited(step.option)), step
    assert begin.pop("CONCLUDE", Counter()).keys() <= {Answer.UNKNOWN}
    open_alone = sum(answers.total() for answers in begin.values() if answers.keys() == {Answer.UNKNOWN})
    assert open_alone <= 3, begin  # of 36 or so


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "first_order"])
def test_exploring_reaches_the_answer_of_every_problem_that_is_made(kind: str) -> None:
    """Else its proof would be the shortest one, which looks ahead."""
    sizes = {"hops": [1, 2], "widths": [2], "unknown_share": 0.33, "refuted_share": 0.35}
    for made in generate_kind(kind, 60, seed=7, **sizes):
        nouns = english.nouns((*made.premises, made.conclusion))
        explored = [str(option) for option in proof_that_explores(made.state, nouns, made.goal)]
        assert options(careful(made, "explore"))[:-1] == explored


def test_a_goal_whose_part_stands_is_introduced_at_once() -> None:
    premises = ["Every wumpus is a tumpus.", "Stella is a wumpus.", "Stella is a lempus.", "Stella is not red."]
    for part, conclusion in ((2, "Stella is a numpus or a lempus."), (3, "Stella is shy or not red.")):
        assert explored(premises, conclusion, Answer.TRUE) == [f"OR_INTRO({part}, goal)", "CONCLUDE(0)"]


def test_exploring_goes_on_by_cases_where_the_facts_lead_nowhere() -> None:
    facts = ["Sally is cold.", "Sally is a yumpus, a lempus, or a dumpus."]
    assert explored([*CASES, *facts], "Sally is a dumpus.", Answer.TRUE) == [
        "ASSUME(4, 1, 0)",
        "MODUS_PONENS(5, 0)",
        "CONDITIONAL_PROOF(5, 6)",
        "ASSUME(4, 2, 0)",
        "MODUS_PONENS(8, 1)",
        "MODUS_PONENS(9, 2)",
        "CONDITIONAL_PROOF(8, 10)",
        "ASSUME(4, 3, 0)",
        "CONDITIONAL_PROOF(12, 12)",
        "CASE_SPLIT(4, 7, 11, 13)",
        "CONCLUDE(0)",
    ]


def test_a_thought_names_what_its_step_chooses_from_where_the_step_does_not_cite_it() -> None:
    """Of a case, the disjunction; of what is introduced for a rule, and of UNKNOWN, the rules read over."""
    cases = ["Sally is a lempus or a yumpus."]
    asked = from_sentences([*CASES, *cases], "Sally is a dumpus.", id="cases", label=Answer.TRUE)
    thoughts = [step.thought for step in careful(asked, "explore")]
    named = "to evaluate: Sally is a lempus or a yumpus: assume that Sally is a"
    assert thoughts[0].endswith(f": {named} lempus [4].") and thoughts[4] == f"{named} yumpus [8]."
    rules = ["Every red wumpus is a tumpus.", "Every shy wumpus is a lempus.", "Every shy tumpus is a dumpus."]
    facts = ["Max is a wumpus.", "Max is shy."]
    asked = from_sentences([*rules, *facts, "Max is a vumpus."], "Max is a shy vumpus.", id="", label=Answer.TRUE)
    assert [step.thought.count("to evaluate: ") for step in careful(asked, "explore")] == [1, 1]
    asked = from_sentences([*rules, *facts], "Max is a dumpus.", id="rule", label=Answer.UNKNOWN)
    steps = careful(asked, "explore")
    assert [step.thought for step in steps] == [
        "to evaluate: Max is a dumpus: to evaluate: every red wumpus is a tumpus, every shy wumpus is a lempus: "
        "Max is shy [4] and Max is a wumpus [3], so Max is a shy wumpus [5].",
        "Max is a shy wumpus [5] and every shy wumpus is a lempus [1], so Max is a lempus [6].",
        "to evaluate: Max is a dumpus, every red wumpus is a tumpus, every shy tumpus is a dumpus: "
        "neither follows nor its negation, so the answer is UNKNOWN.",
    ]
    (only,) = careful(
        from_sentences([*rules, facts[1]], "Max is a dumpus.", id="", label=Answer.UNKNOWN), "explore"
    )
    assert only.thought == (
        "to evaluate: Max is a dumpus, every red wumpus is a tumpus, every shy wumpus is a lempus, "
        "every shy tumpus is a dumpus: neither follows nor its negation, so the answer is UNKNOWN."
    )


def test_what_is_read_over_is_named_where_a_rule_is_chosen_and_the_goal_is_not_chosen_by_rules() -> None:
    """The third step is by a rule whose condition stands. A goal that a rule is about is introduced as a goal."""
    rules = ["Every red wumpus is a tumpus.", "Every shy wumpus is a lempus.", "Every shy wumpus is a dumpus."]
    facts = ["Max is a wumpus.", "Max is shy."]
    asked = from_sentences([*rules, *facts], "Max is a dumpus.", id="twice", label=Answer.TRUE)
    steps = careful(asked, "explore")
    assert [str(step.option) for step in steps[:3]] == [
        "AND_INTRO(4, 3)",
        "MODUS_PONENS(5, 1)",
        "MODUS_PONENS(5, 2)",
    ]
    assert steps[2].thought.startswith(
        "to evaluate: every red wumpus is a tumpus, every shy wumpus is a dumpus: Max is a shy wumpus [5] and"
    )
    goal = from_sentences([*rules, *facts], "Max is a shy wumpus.", id="goal", label=Answer.TRUE)
    assert careful(goal, "explore")[0].thought == (
        "to evaluate: Max is a shy wumpus: Max is shy [4] and Max is a wumpus [3], so Max is a shy wumpus [5]."
    )


def test_a_proof_of_one_step_names_the_rules_that_claim_the_goal_and_those_that_were_read_over() -> None:
    premises = ["Every lempus is a dumpus.", "Every shy wumpus is a lempus.", "Max is shy."]
    (only,) = careful(from_sentences(premises, "Max is a dumpus.", id="", label=Answer.UNKNOWN), "explore")
    assert only.thought == (
        "to evaluate: Max is a dumpus, every lempus is a dumpus, every shy wumpus is a lempus: "
        "neither follows nor its negation, so the answer is UNKNOWN."
    )


@pytest.mark.parametrize("condition", ["P(x) ∨ P(a)", "P(a) ∧ R(a)", "P(x) ∨ L(b)", "P(x)"])
def test_a_rule_with_a_constant_in_its_condition_ends_no_exploration(condition: str) -> None:
    """Several individuals: the kernel may match such a rule in another way than was meant."""
    formulas = [f"∀x (({condition}) → Q(x))", "P(a)", "R(a)", "S(b)", "L(b)"]
    problem = from_formulas([""] * 5, "", formulas, "T(a)", id="constant")
    steps = careful(problem, "explore")
    assert len(steps) <= 8 and options(steps)[-1] == "CONCLUDE(2)"


def test_a_property_that_a_rule_needs_is_derived() -> None:
    rules = ["Every wumpus is shy.", "Every shy wumpus is a dumpus."]
    assert explored([*rules, "Max is a wumpus."], "Max is a dumpus.", Answer.TRUE) == [
        "MODUS_PONENS(2, 0)",
        "AND_INTRO(3, 2)",
        "MODUS_PONENS(4, 1)",
        "CONCLUDE(0)",
    ]


def test_a_case_is_named_where_the_goal_has_no_sentence() -> None:
    problem = from_formulas([""], "", ["Wolf(ann) ∨ Bear(ann)"], "Likes(ann, b)", id="no sentence")
    assert "Wolf(ann) ∨ Bear(ann): assume" in careful(problem, "explore")[0].thought


def test_a_shortcut_names_what_its_step_chooses_from_too() -> None:
    rules = ["Every wumpus is a tumpus.", "Every shy tumpus is a dumpus."]
    asked = from_sentences(
        [*rules, "Max is a wumpus.", "Max is shy."], "Max is a dumpus.", id="", label=Answer.TRUE
    )
    steps = shortcut(asked, careful(asked, "explore"))
    assert str(steps[1].option) == "AND_INTRO(3, 2)"
    ground = "Max is shy [3] and Max is a wumpus [2]"
    assert steps[1].thought == f"to evaluate: every shy tumpus is a dumpus: {ground}, so Max is a shy tumpus [5]."


def test_exploring_looks_for_the_goal_about_the_same_individual() -> None:
    premises = ["Every wumpus is red.", "Every lempus is a tumpus.", "Every tumpus is red."]
    facts = ["Max is a wumpus.", "Stella is a lempus."]
    found = explored([*premises, *facts], "Stella is red.", Answer.TRUE)
    assert found == ["MODUS_PONENS(4, 1)", "MODUS_PONENS(5, 2)", "CONCLUDE(0)"]


def test_exploring_a_goal_that_is_a_premise_concludes() -> None:
    assert explored([*CASES, "Sally is a lempus."], "Sally is a lempus.", Answer.TRUE) == ["CONCLUDE(0)"]


def test_a_shortcut_keeps_what_is_cited_of_a_scope_that_is_closed() -> None:
    """Of the case split: each case's chain begins with its assumption, which cannot be cited any more."""
    facts = ["Sally is a lempus or a yumpus."]
    asked = from_sentences([*CASES, *facts], "Sally is a dumpus.", id="cases", label=Answer.TRUE)
    steps = careful(asked, "explore")
    written = shortcut(asked, steps)
    assert options(written)[:3] == ["ASSUME(3, 1, 0)", "MODUS_PONENS(4, 1)", "MODUS_PONENS(4, 2)"]
    assert options(written)[-2:] == options(steps)[-2:] == ["CASE_SPLIT(3, 7, 10)", "CONCLUDE(0)"]


def test_sentences_with_commas_are_not_named() -> None:
    notation = from_formulas([""] * 2, "", ["∀x (P(x) → L(x, b))", "P(a)"], "L(a, b)", id="comma")
    assert careful(notation, "explore") == careful(notation)


def test_unknown_is_one_step() -> None:
    unknown = problem("Stella is red.", Answer.UNKNOWN)
    assert write_steps(careful(unknown)) == (
        "Thought: to evaluate: Stella is red, neither follows nor its negation, so the answer is UNKNOWN.\n"
        'Action: <Option type="CONCLUDE" args="[2]" />\n'
    )
    assert shortcut(unknown, careful(unknown)) == careful(unknown)


@pytest.mark.parametrize("label", [Answer.TRUE, Answer.UNKNOWN])
def test_a_label_that_does_not_follow_has_no_gold_trace(label: Answer) -> None:
    with pytest.raises(NoGoldTrace, match="the label"):
        careful(problem(label=label))


def test_without_a_label_the_proof_decides() -> None:
    assert write_steps(careful(replace(problem(), label=None))) == CAREFUL


def test_a_proof_with_other_rules_has_a_gold_trace_and_no_shortcut() -> None:
    tollens = from_sentences(["Every wumpus is red.", "Stella is not red."], "Stella is a wumpus.", id="tollens")
    steps = careful(tollens)
    assert [step.option for step in steps] == [Option("MODUS_TOLLENS", (1, 0)), Option("CONCLUDE", (1,))]
    assert shortcut(tollens, steps) == steps
