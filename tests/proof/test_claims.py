"""Claims: what a Thought asserts. The lists of assertions and of what only looks so come from the grammar."""

from __future__ import annotations

import json
import re
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import SHARED, needs_shared_data
from specimens import CAREFUL, check, step, verifier

from sokrates.logic import fol
from sokrates.logic.answer import Answer
from sokrates.logic.english import read
from sokrates.logic.formula import And, Bound, Constant, Exists, Not, atom
from sokrates.proof.claims import GRAMMAR, MAX_THOUGHT, answers_named, pattern, read_thought, split_agenda
from sokrates.proof.kernel import RULES
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import from_formulas, from_sentences
from sokrates.proof.text import Step, read_formula, read_steps, write_steps
from sokrates.proof.trace import trace_from_json
from sokrates.proof.verify import Verifier, faithful
from sokrates.search.prove import prove, write_proof

HUNTER = read("Ava is a hunter")
TOKEN = re.compile(r"\\.|[()\[\]{}|]|[^\s()\[\]{}|\\]+")
CLOSING = {"(": ")", "[": "]", "{": "}"}


def choices(tokens: list[str]) -> list[list[str]]:
    """A rule's text cut at the `|` outside brackets."""
    parts: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token in CLOSING) - (token in CLOSING.values())
        if token == "|" and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def spoken(name: str, random: Random) -> str:
    """A random phrase of a rule of GRAMMAR."""
    words = _expanded(TOKEN.findall(GRAMMAR[name]), random)
    text = " ".join(words)
    return re.sub(r" ([,.:)\]])", r"\1", re.sub(r"([(\[]) ", r"\1", text))


def _expanded(tokens: list[str], random: Random) -> list[str]:
    tokens = random.choice(choices(tokens))
    words: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token in CLOSING:
            end, depth = at, 0
            while True:
                depth += (tokens[end] in CLOSING) - (tokens[end] in CLOSING.values())
                if not depth:
                    break
                end += 1
            if token == "(" or random.random() < 0.4:
                words += _expanded(tokens[at + 1 : end], random)
            at = end
        elif token in GRAMMAR:
            words += _expanded(TOKEN.findall(GRAMMAR[token]), random)
        else:
            words.append("1" if token == "#" else token.removeprefix("\\"))
        at += 1
    return words


FACTS = ["Ava is a wolf", "every wolf is a hunter", "Ava belongs to wolves", "wolf(Ava)"]
CLAIMS = ["Ava is a hunter", "Ava must be a hunter", "Ava is also a hunter", "hunter(Ava)", '"Ava is a hunter"']
CITATIONS = ["", "", " [1]", " [ 1 ]", " (premise 1)", " (1)", " (given)"]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def ground(random: Random) -> str:
    facts = [random.choice(FACTS) + random.choice(CITATIONS) for _ in range(random.randint(1, 2))]
    return random.choice([" and ", ", and ", ", "]).join(facts)


def joint(random: Random) -> str:
    parts = [f"{spoken('LEAD', random)}, "] if random.random() < 0.3 else []
    parts.append(
        spoken("ADVERB", random) + random.choice([" ", ", "])
        if random.random() < 0.5
        else spoken("VERB", random) + " "
    )
    return "".join(parts)


def claim(random: Random) -> str:
    text = random.choice(CLAIMS)
    text += random.choice(["", "", " [2]", f" {spoken('TAIL', random)}".replace(" ,", ","), " too", ", too"])
    text += random.choice([".", ".", "", "!"])
    return text + (
        f" {capital(spoken('REMARK', random)).replace('1', '2')}."
        if text.endswith(".") and random.random() < 0.1
        else ""
    )


def assertion(random: Random) -> str:
    """A Thought of the grammar that asserts that Ava is a hunter."""
    form = random.randint(0, 5)
    if form <= 1:
        thought = f"{ground(random)}{random.choice([', ', '; ', ' '])}{joint(random)}{claim(random)}"
    elif form == 2:
        opening = f"{spoken('OPENING', random)} " if random.random() < 0.5 else ""
        thought = capital(f"{opening}{ground(random)}. {capital(joint(random))}{claim(random)}")
    elif form == 3:
        thought = f"{capital(joint(random))}{claim(random)}"
    elif form == 4:
        then = joint(random) if random.random() < 0.5 else ""
        thought = f"{capital(spoken('SINCE', random))} {ground(random)}, {then}{claim(random)}"
    else:
        because = f"{random.choice([',', ''])} {spoken('BECAUSE', random)} {ground(random)}."
        thought = "Ava is a hunter" + random.choice([because, ".", " [2]."])
    label = f"{capital(spoken('LABEL', random))} " if random.random() < 0.2 else ""
    if label == "- " and "(" in thought.partition(" ")[0]:
        label = ""  # a minus before a formula negates it
    return random.choice(["", "", "", "\r\n", "<|im_end|>"]).join([label + thought, ""])


BEFORE = [  # frames that withdraw what follows
    "If Sam is red, ", "If Sam is red then ", "Unless Ava is red, ", "Had Ava been a fox, ", "Suppose ",
    "Suppose that Sam is red. Then, if so, ", "In a world where wolves are hunters, ", "By no means, ",
    "Do not, under any circumstances, say that ", "Don’t say: ", "It is wrong, as some do, to say ",
    "I deny that ", "It is not true that ", "It is false that ", "Nothing shows that ", "Is it so that ",
    "Nobody should argue: ", "It is a fallacy to argue: ", "It would be a mistake to say that ",
    "The following is false. ", "I lied: ", "Perhaps ", "Maybe ", "Possibly, ", "Some think that ",
    "Sam says: ", "According to Sam, ", "Never ", "Hardly, ", "I made this up, ", "Not ", "No, ", "Whether ",
    "Only if Sam is red, ", "Were Ava a fox, ", "Imagine that ", "Assume that ", "For the sake of argument, ",
    "The wrong answer is: ", "One might say: ", "It seems that ", "This conclusion is wrong. ",
    "The opposite of what follows is true. ", "The claim is that ", "Can you prove: ",
    "I refuse to accept that ", "I wonder if ", "Neither Sam nor ", "“", "‘", "He wrote “",
]  # fmt: skip
AFTER = [  # and what comes before
    "?", "? No.", ", or not.", " or not.", ", if Sam is red.", " if Sam is red.", " unless Sam is red.",
    ", perhaps.", ", which is false.", ". That is wrong.", ". Not!", ". No.", ", so Ava is not a hunter.",
    ", I doubt.", " (not).", ", says Sam.", ". The opposite is true.", " in a dream.", " is false.",
    ", they say.", ". Or is Ava?", " - not.", ". I do not believe it.", ". But that is a fallacy.",
    " ... or so they claim.", " only if Sam is red.", "; not.",
]  # fmt: skip
INSTEAD = [  # of what is claimed
    "Ava may be a hunter", "Ava might be a hunter", "Ava could be a hunter", "Ava is probably a hunter",
    "Ava is never a hunter", "Ava is not really a hunter", "Ava would be a hunter", "Ava was a hunter",
    "is Ava a hunter", "Ava should be a hunter", "Ava is hardly a hunter", "Ava is said to be a hunter",
    "Ava is a hunter or not", "Ava is either a hunter",
]  # fmt: skip
MARKS = [  # that do not assert
    "we do not conclude that", "we cannot conclude that", "can we conclude that", "we could conclude that",
    "we would conclude that", "nobody concludes that", "it does not follow that", "this does not mean that",
    "this might mean that", "if so", "or so", "not so,", "it is not so that", "we do not know that",
    "who knows that", "we never infer that", "it is wrong to conclude that", "let us not conclude that",
    "this would imply that", "we conclude the opposite of", "it hardly follows that",
    "it cannot be concluded that", "to conclude that",
]  # fmt: skip


def pretence(random: Random) -> str:
    """A Thought that looks like an assertion and is none."""
    thought = assertion(random).strip().removesuffix("<|im_end|>").strip()
    match random.randint(0, 3):
        case 0:
            return random.choice(BEFORE) + random.choice([thought, thought[:1].lower() + thought[1:]])
        case 1:
            return thought.rstrip(".!") + random.choice(AFTER)
        case 2:
            return f"{ground(random)}, {joint(random)}{random.choice(INSTEAD)}."
    return (
        random.choice([f"{ground(random)}, ", f"{ground(random)}. ", ""])
        + f"{random.choice(MARKS)} Ava is a hunter."
    )


@pytest.mark.parametrize("seed", range(10))
def test_assertions_are_accepted(seed: int) -> None:
    random = Random(seed)
    thoughts = [assertion(random) for _ in range(50)]
    assert [thought for thought in thoughts if read_thought(thought).claim is not HUNTER] == []


@pytest.mark.parametrize("seed", range(10))
def test_what_only_looks_like_an_assertion_is_refused(seed: int) -> None:
    random = Random(seed)
    thoughts = [pretence(random) for _ in range(50)]
    assert [thought for thought in thoughts if read_thought(thought).claim is HUNTER] == []
    refusals = {read_thought(thought).refusal for thought in thoughts}
    assert refusals <= {Reason.NO_CLAIM, Reason.UNREADABLE_CLAIM, None}


@pytest.mark.parametrize("name", GRAMMAR)
def test_a_phrase_of_each_rule_is_of_its_pattern(name: str) -> None:
    random = Random(name)
    for _ in range(50):
        assert re.fullmatch(pattern(name), spoken(name, random), re.IGNORECASE)


def test_every_option_can_be_named_as_the_reason() -> None:
    for name in RULES:
        words = name.lower().replace("_", " ")
        assert name == "ASSUME" or read_thought(f"Ava is a hunter by {words}.").claim is HUNTER


@pytest.mark.parametrize(
    ("premises", "thought"),
    [
        (["Every prime is an integer.", "5 is a prime."], "1.5 is an integer."),
        (["Every prime is positive.", "5 is a prime."], "-5 is positive."),
        (["Every wolf is loud.", "Rex is a wolf."], "-loud(Rex)"),
        (["Every wolf is loud.", "Rex is a wolf."], "- loud(Rex)"),
        (["Every prime is positive.", "5 is a prime."], "- 5 is positive."),
        (["Every even number is divisible.", "24 is an even number."], "So 24 is divisible (by 5)."),
        (["Every even number is divisible.", "24 is an even number."], "24 is divisible, by 5."),
        (["Every square is odd.", "25 is a square."], "So 2**5 is odd."),
        (["Every even number is divisible.", "24 is an even number."], "So 24 is divisible by 5."),
        (["Every even number is different.", "24 is an even number."], "So 24 is different from 24."),
        (["Every soup is improved.", "The borscht is a soup."], "So the borscht is improved by addition."),
        (["Every nurse is kind.", "Ava is a nurse."], "So Ava belongs to kinds."),
    ],
)
def test_a_claim_is_not_what_is_left_when_something_is_cut_off(premises: list[str], thought: str) -> None:
    problem = from_sentences(premises, premises[1], id="cut")
    step = Step(thought, Option("MODUS_PONENS", (1, 0)))
    (verdict,) = Verifier(problem.facts, problem.goal).check([step]).verdicts
    assert verdict.rejection is None and not verdict.valid


def test_a_line_that_is_named_last_is_no_claim() -> None:
    thought = "Ava is a wolf [1] and every wolf is a hunter [0], so Ava is a hunter, by modus ponens from 1, 0."
    assert read_thought(thought).claim is HUNTER


def test_a_minus_before_a_quantifier_negates_it() -> None:
    problem = from_sentences(
        ["Everything that is red is cold.", "Everything that is cold is big."], "Ava is big.", id="-"
    )
    for claim, valid in (("forall x (red(x) -> big(x))", True), ("- forall x (red(x) -> big(x))", False)):
        step = Step(claim, Option("HYPOTHETICAL_SYLLOGISM", (0, 1)))
        (verdict,) = Verifier(problem.facts, problem.goal).check([step]).verdicts
        assert verdict.rejection is None and verdict.valid is valid


def test_a_predicate_called_people_is_any_predicate() -> None:
    """Beside a number, which is no person: the proof that search finds is read back."""
    facts = ["∀x (People(x) → Red(x))", "∀x (Red(x) → Single(x))", "Year(1984)"]
    problem = from_formulas([""] * 3, "", facts, "∀x (People(x) → Single(x))", id="people")
    verifier = Verifier(problem.facts, problem.goal)
    options = prove(problem.state, verifier.decide)
    assert options is not None
    text = write_steps(write_proof(problem.state, options, problem.say))
    assert all(verdict.valid for verdict in verifier.check(read_steps(text)).verdicts)
    assert read_thought("to evaluate: Single(ava): so Red(ava) [2].").claim is read_formula("Red(ava)")


def test_a_claim_about_people_says_nothing_of_a_car() -> None:
    rules = ["Everything that is red is cold.", "Everything that is cold is big."]
    for fact, valid in (("Ava is red.", True), ("The car is red.", False), ("13 is red.", False)):
        problem = from_sentences([*rules, fact], fact, id="people")
        for claim in ("So all red people are big.", "If someone is red then they are big."):
            step = Step(claim, Option("HYPOTHETICAL_SYLLOGISM", (0, 1)))
            (verdict,) = Verifier(problem.facts, problem.goal).check([step]).verdicts
            assert verdict.rejection is None and verdict.valid is valid, (fact, claim)


@needs_shared_data
def test_the_cases_that_were_seen() -> None:
    rows = [json.loads(line) for line in (SHARED / "cases" / "claims.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        row["steps"] = [{"thought": row["thought"], "action": row["action"]}]
        problem, steps = trace_from_json(row, "claims.jsonl")
        (verdict,) = Verifier(problem.facts, problem.goal).check(steps).verdicts
        assert verdict.valid is row["asserts"], row["thought"]
        assert verdict.rejection is None and (verdict.valid or verdict.claim is None), row["thought"]


@needs_shared_data
def test_hostile_formulas_that_were_seen_are_judged_at_once() -> None:
    """⊕ and ↔ in one another, in a claim and in a premise: writing them out would need more than any memory."""
    started, valid = time.process_time(), []
    for line in (SHARED / "cases" / "hostile.jsonl").read_text("utf-8").splitlines():
        problem, steps = trace_from_json(json.loads(line), "hostile.jsonl")
        checked = Verifier(problem.facts, problem.goal).check(steps)
        assert len(checked.verdicts) == len(steps)
        valid.append(checked.valid(problem.label))
    assert valid == [False, True]  # the second one concludes UNKNOWN, which is right
    assert time.process_time() - started < 2


@needs_shared_data
def test_the_shapes_of_a_trace_that_were_seen() -> None:
    for line in (SHARED / "cases" / "phrasing.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        problem, steps = trace_from_json(row, "phrasing.jsonl")
        checked = Verifier(problem.facts, problem.goal).check(steps)
        # an Action that does not close itself is not of the form
        assert checked.valid(problem.label) is (row["id"] != "no-selfclose"), row["id"]


@pytest.mark.parametrize(
    ("thought", "number", "ground", "lines"),
    [
        ("Ava is a wolf [1] and every wolf is a hunter [0], so Ava is a hunter [2].", 2, [1, 0], []),
        ("Ava is a wolf [1] and every wolf is a hunter, so Ava is a hunter.", None, [1, None], []),
        ("Ava is a wolf (premise 1). Therefore, Ava is a hunter (from 1 and 0).", None, [1], [1, 0]),
        ("From premise 0 and [1], we can derive that Ava is a hunter.", None, [], [0, 1]),
        ("Ava is a hunter [3], because Ava is a wolf [1].", 3, [1], []),
        ("Ava is a wolf, so Ava is a hunter. This is step [2].", 2, [None], []),
        (
            "to evaluate: Ava is red: to evaluate: Ava is shy, Sam is shy: Ava is a wolf [1], so Ava is a hunter.",
            None,
            [1],
            [],
        ),
    ],
)
def test_what_a_thought_cites(
    thought: str, number: int | None, ground: list[int | None], lines: list[int]
) -> None:
    said = read_thought(thought)
    assert said.claim is HUNTER and said.number == number
    assert [index for _, index in said.ground] == ground and [*said.lines] == lines


@pytest.mark.parametrize(
    ("thought", "refusal"),
    [
        ("", Reason.NO_CLAIM),
        ("yes", Reason.NO_CLAIM),
        ('"Ava is a hunter."', Reason.NO_CLAIM),
        ("Never, so Ava is a hunter.", Reason.NO_CLAIM),
        ("Wrong [0], so Ava is a hunter [2].", Reason.NO_CLAIM),  # a word alone is no line of the problem
        ("Ava is a wolf [1] and nope [0], so Ava is a hunter [2].", Reason.NO_CLAIM),
        ("Doubtful (0), so Ava is a hunter.", Reason.NO_CLAIM),
        ("Bob is joking, so Ava is a hunter.", Reason.NO_CLAIM),
        ("Suppose [1] every wolf is a hunter [0], so Ava is a hunter.", Reason.NO_CLAIM),
        ("If Sam is red then Ava is a wolf, so Ava is a hunter.", Reason.NO_CLAIM),
        ("The argument is invalid. So Ava is a hunter.", Reason.NO_CLAIM),
        ("Ava is a wolf, so Ava is a hunter, so Ava is a fox.", Reason.UNREADABLE_CLAIM),
        ("Ava is a wolf [1], so Ava is a hunter [2] [3].", Reason.UNREADABLE_CLAIM),
        ("Ava is a wolf [1], so", Reason.UNREADABLE_CLAIM),
        ("Ava is a wolf [1], so not.", Reason.UNREADABLE_CLAIM),
        ("to evaluate: Ava is red: if so: Ava is a wolf [1], so Ava is a hunter [2].", Reason.NO_CLAIM),
        ("to evaluate: Ava is red: to evaluate: never: Ava is a wolf [1], so Ava is a hunter.", Reason.NO_CLAIM),
        ("if to evaluate: Ava is red: Ava is a wolf [1], so Ava is a hunter [2].", Reason.NO_CLAIM),
        ("to evaluate: Ava is red, or so: Ava is a wolf [1], so Ava is a hunter [2].", Reason.NO_CLAIM),
        ('to evaluate: "not at all": Ava is a wolf [1], so Ava is a hunter [2].', Reason.NO_CLAIM),
        ("to evaluate: the derivation is unjustified: Ava is a wolf [1], so Ava is a hunter.", Reason.NO_CLAIM),
        ("Ava is a hunter. " * (MAX_THOUGHT // 17 + 1), Reason.NO_CLAIM),
    ],
)
def test_what_asserts_nothing_is_no_claim(thought: str, refusal: Reason) -> None:
    assert read_thought(thought).refusal is refusal


def test_an_agenda_ends_at_a_colon_outside_quotes_and_parentheses() -> None:
    step = 'Film("Alien: Covenant") [0] and ∀x (Film(x) → Art(x)) [1], so Art("Alien: Covenant") [2].'
    assert split_agenda(f"to evaluate: ∃x Good(x): {step}") == ("to evaluate: ∃x Good(x): ", step)
    assert split_agenda(f'to evaluate: Good("Alien: Covenant"): {step}')[0] == ""  # that name cannot be in one
    assert split_agenda(step) == ("", step)
    agenda = "to evaluate: Ava is red, Sam is shy: to evaluate: Ava is shy: "
    assert split_agenda(f"{agenda}Ava is red.") == (agenda, "Ava is red.")


def test_names_that_hold_markers_and_citations_are_read() -> None:
    names = ["a, so b", "x [1] and y", "so", "it follows that", 'say "so"', "(", "by modus ponens", "o'neil, too"]
    for name in names:
        quoted = name.replace('"', '\\"')
        assertion = read_thought(f'P("{quoted}") [0], so Q("{quoted}") [1].')
        assert assertion.claim is not None and {one.name for one in assertion.claim.names} == {name}
        assert assertion.number == 1


def test_one_to_four_grounds_are_read_alike() -> None:
    sentences = ["Ava is a wolf", "every wolf is a hunter", "P(ava) ∨ Q(ava)", "Sam is red"]
    for count in range(1, 5):
        ground = " and ".join(f"{sentence} [{index}]" for index, sentence in enumerate(sentences[:count]))
        assertion = read_thought(f"{ground}, so Ava is a hunter [7].")
        assert assertion.claim is HUNTER and assertion.number == 7
        assert assertion.ground == tuple((read_formula(one), i) for i, one in enumerate(sentences[:count]))


PIECES = ["so ", ", so therefore ", "Ava is red and ", "and and ", "since ", "Ava is red [1] ", "(", "[1] ", '"']
PIECES += [
    "we know that ",
    "from 1 and 1, ",
    "because ",
    "P(a) and ",
    ", too",
    "by modus ponens ",
    "\n",
    "**",
    "also ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_thoughts_take_time_in_proportion_to_their_length(piece: str) -> None:
    def seconds(length: int) -> float:
        began = time.process_time()
        for start in ("", "Ava is a wolf, so ", "Since ", "1) "):
            read_thought((start + piece * length)[:length] + "Ava is a hunter.")
        return time.process_time() - began

    assert seconds(MAX_THOUGHT - 100) < 20 * max(0.5, seconds((MAX_THOUGHT - 100) // 10))


ODD = st.sampled_from(
    ["7", "007", "goal", "Mt. Rainier", "o'neil", 'say "so"', "a, so b", "x [1] and y", "so", "(", "\\"]
)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50) | ODD)
@settings(max_examples=100)
def test_a_proof_about_an_individual_of_any_name_verifies(name: str) -> None:
    one, x = Constant(name), Bound(0)
    facts = [Not(Exists(And(atom("Dull", x), atom("Bright", x)))), atom("Dull", one), Exists(atom("Late", x))]
    for goal in Not(atom("Bright", one)), Exists(atom("Dull", x)):
        problem = from_formulas([""] * 3, "", [fol.write(fact) for fact in facts], fol.write(goal), id="odd")
        assert problem.goal is goal
        prover = Verifier(problem.facts, problem.goal)
        options = prove(problem.state, prover.decide)
        assert options is not None
        checked = prover.check(read_steps(write_steps(write_proof(problem.state, options, problem.say))))
        assert checked.valid(Answer.TRUE), checked
        assert False not in faithful(problem.facts, checked)


# Faithfulness

RULE, WOLF = "every wumpus is a tumpus", "Stella is a wumpus"


@pytest.mark.parametrize(
    ("thought", "is_faithful"),
    [
        (f"{WOLF} [1] and {RULE} [0], so Stella is a tumpus [4].", True),
        (f"Since {RULE} (premise 0) and {WOLF} (premise 1), we know that Stella is a tumpus.", True),
        ("By modus ponens on 1 and 0, Stella is a tumpus [4].", True),
        ("Stella is a tumpus (from 1 and 0).", True),
        # fewer citations never make a Thought faithful
        (f"{WOLF} [1], so Stella is a tumpus [4].", False),
        (f"{WOLF} and {RULE}, so Stella is a tumpus.", False),
        (f"{WOLF} [1] and {RULE}, so Stella is a tumpus.", False),
        ("So Stella is a tumpus [4].", False),
        ("Stella is a tumpus.", False),
        ("Stella is a tumpus (from 1, 0 and 2).", False),
    ],
)
def test_every_line_that_is_used_has_to_be_cited(thought: str, is_faithful: bool) -> None:
    checked = verifier().check([step(thought, "MODUS_PONENS 1, 0")])
    assert checked.verdicts[0].valid and faithful(verifier().premises, checked) == [is_faithful]


@pytest.mark.parametrize(
    ("thought", "answers"),
    [
        ("to evaluate: Stella is small, Stella is not small [5] holds, so the answer is FALSE.", {Answer.FALSE}),
        ("Based on the reasoning above, the conclusion 'Max is big.' is FALSE.", {Answer.FALSE}),
        ("so the answer is Uncertain", {Answer.UNKNOWN}),
        ("the answer is TRUE and the answer is FALSE", {Answer.TRUE, Answer.FALSE}),
        ("Stella is not small.", set()),
    ],
)
def test_the_answers_that_a_thought_names(thought: str, answers: set[Answer]) -> None:
    assert answers_named(thought) == answers


def test_a_conclusion_that_names_another_answer_is_not_faithful() -> None:
    text = 'Thought: Stella is small holds, so the answer is {}.\nAction: <Option type="CONCLUDE" args="[1]" />\n'
    premises = verifier("Stella is not a wumpus.").premises
    for answer, verdict in ("FALSE", True), ("TRUE", False), ("UNKNOWN", False):
        checked = check(text.format(answer), "Stella is not a wumpus.")
        assert checked.verdicts[0].valid and faithful(premises, checked) == [verdict]
    silent = verifier("Stella is not a wumpus.").check([Step("", Option("CONCLUDE", (1,)))])
    assert faithful(premises, silent) == [None]


def test_line_ends_labels_and_end_of_text_tokens_are_no_part_of_a_proof() -> None:
    lines = CAREFUL.splitlines()
    numbered = "".join(f"Step {i // 2 + 1}:\n{lines[i]}\n{lines[i + 1]}\n\n" for i in range(0, len(lines), 2))
    for text in (
        CAREFUL.replace("\n", "\r\n"),
        numbered,
        numbered.replace("Step 1:", "**Step 1:**"),
        CAREFUL.rstrip() + "<|im_end|>",
        CAREFUL + "<|im_end|>\n",
        CAREFUL.replace("[1, 0]", "[1,0]").replace("Action: ", "Action:  ").replace(" />", " /> "),
        CAREFUL.replace('"[1]" />', '"[FALSE]" />'),
    ):
        assert check(text).valid(Answer.FALSE), text
        assert len(read_steps(text)) == 3
    assert not check(CAREFUL + "Step 4: and more\n").valid(Answer.FALSE)
