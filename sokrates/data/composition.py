"""Problems whose proof composes the deduction rules of PrOntoQA-OOD: a chain of steps of at least three kinds.

    Everything that is a rompus, a brimpus, and a vumpus is a lempus, a zumpus, and a lorpus. Max is a rompus. …
    ⊢ Max is a lempus

What holds of the entity is a concept, all of three, or one of several; each step turns one of these into another.
A proof of h hops is such a chain of h + 1 steps (the original counts so too), the last perhaps a contradiction,
which turns a chain from an assumption around: what it leads to is denied in a fact, or by a rule that takes one or
two steps more. Each step brings the distractors of the original with it. A rule has three parts, a case split two.
Few of ours begin with a case split: of the 300 problems in the original's files none has one.

Not covered: conjunctions put together of what was derived; proofs that branch in another way than by cases or by
contradiction; scopes in scopes.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from sokrates.data.deduction import Draft, OutOfWords, Words, signed
from sokrates.data.sentences import about, rule
from sokrates.logic.formula import And, Atom, Formula, Not, Or, negation

PARTS = 3  # of a conjunction or a disjunction
CASES = 2  # of a case split
KINDS = 3  # of rules that a proof takes, at least
CONTRADICTION_SHARE = 0.9  # over the number of hops, of the problems that end with a concept: by contradiction
DENIED_BY_RULE_SHARE = 0.5  # of these with two hops: a rule denies what the assumption leads to
# What holds of the entity and the step from there to that rule's condition, as in STEPS.
TO_DENIAL = [
    ("one", "OR_INTRO", "any", 8),
    ("all", "AND_ELIM", "one", 3),
    ("one", "AND_INTRO", "joined", 1),
]
# What holds of the entity → the steps from there: the rule, what holds then, and how often it is drawn.
# A conjunction is taken apart; one that was put together is what a rule is about.
STEPS = {
    "one": [
        ("MODUS_PONENS", "one", 2),
        ("MODUS_PONENS", "all", 3),
        ("OR_INTRO", "any", 2),
        ("AND_INTRO", "joined", 3),
    ],
    "all": [("AND_ELIM", "one", 1)],
    "joined": [("MODUS_PONENS", "one", 1), ("MODUS_PONENS", "all", 1)],
    "any": [("MODUS_PONENS", "one", 2), ("MODUS_PONENS", "all", 3)],
    "either": [("CASE_SPLIT", "one", 1)],
}
STARTS = [("one", 13), ("all", 6), ("either", 1)]
ANY_SHARE = 0.3  # of the problems: the conclusion is a disjunction
FIRST = {"AND_INTRO"}  # only the first step of a chain: its other parts are facts


def composed(random: Random, hops: int, width: int, is_literal: bool) -> Draft:
    """A composition; `width` is not used, as the numbers of parts are the original's. Raises OutOfWords."""
    del width
    ends_in_any = not is_literal and random.random() < ANY_SHARE
    by_contradiction = not ends_in_any and hops > 1 and random.random() < CONTRADICTION_SHARE / hops
    while True:
        start, steps = _plan(random, hops + 1 - by_contradiction)
        is_fit = (steps[-1][1] == ("any" if ends_in_any else "one")) and not (by_contradiction and start != "one")
        beside = 2 if by_contradiction else 0  # the contradiction, and what it takes to deny
        if is_fit and len({name for name, _ in steps}) + beside >= min(KINDS, hops + 1):
            break
    return _Composition(random).draft(start, steps, by_contradiction, is_literal)


def _plan(random: Random, length: int) -> tuple[str, list[tuple[str, str]]]:
    """What holds at first, and the steps: the rule of each and what holds after it."""
    start = here = random.choices([name for name, _ in STARTS], [weight for _, weight in STARTS])[0]
    steps: list[tuple[str, str]] = []
    for _ in range(length):
        choices = [step for step in STEPS[here] if not (steps and step[0] in FIRST)]
        name, here, _ = random.choices(choices, [weight for _, _, weight in choices])[0]
        steps.append((name, here))
    return start, steps


class _Composition:
    """The premises of one problem as they grow, step by step; formulas are about x until the end."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._words = Words(random)
        self._rules: list[Formula] = []
        self._facts: list[Formula] = []  # first what the chain begins with, or the one to the denial
        self._steps: list[tuple[str, Formula, Formula]] = []  # for the distractors: rule, from, to
        self._begin: Formula | None = None  # what is assumed, where a literal is asked
        self._loose: list[Formula] = []  # what may be derived too, though the proof does not need it

    def draft(
        self, start: str, steps: Sequence[tuple[str, str]], by_contradiction: bool, is_literal: bool
    ) -> Draft:
        begin = here = self._some(start)
        if not by_contradiction:
            self._facts.append(begin)
        elif is_literal:
            begin = here = self._begin = signed(self._random, begin)
        for place, (name, kind) in enumerate(steps):
            before = here
            is_last = place == len(steps) - 1
            is_denied = is_last and is_literal and not by_contradiction and self._random.random() < 0.5
            before_last = place == len(steps) - 2 and steps[-1][0] == "AND_ELIM" and is_literal
            here = self._step(name, kind, here, is_denied, before_last and self._random.random() < 0.5)
        if by_contradiction:
            self._deny(here, hops=len(steps))
            here = negation(begin)
        elif type(here) is Or:
            self._loose += [part for part in here.parts if part is not before]
        rules, facts = self._distractors()
        entity = self._words.entity
        own = [about(fact, entity) for fact in self._facts]
        beside = [about(fact, entity) for fact in facts if fact not in self._facts]
        return Draft([*self._rules, *rules, *beside[1:]], [*own, *beside[:1]], about(here, entity))

    def _some(self, kind: str) -> Formula:
        if kind == "one":
            return self._words.noun()
        count = CASES if kind == "either" else PARTS
        parts = [self._words.noun() for _ in range(count)]
        return And(*parts) if kind == "all" else Or(*parts)

    def _step(self, name: str, kind: str, here: Formula, is_denied: bool, ends_denied: bool) -> Formula:
        """What the step gives; it adds the premises that the step takes."""
        match name:
            case "AND_ELIM":
                assert isinstance(here, And)
                denied = [part for part in here.parts if type(part) is Not]
                there: Formula = denied[0] if denied else self._random.choice(here.parts)
            case "OR_INTRO":
                there = Or(*self._mixed(here))
            case "AND_INTRO":
                parts = self._mixed(here)
                self._facts += [part for part in parts if part is not here]
                there = And(*parts)
            case "CASE_SPLIT":
                there = Not(self._words.noun()) if is_denied else self._words.noun()
                self._rules += [rule(case, there) for case in here.fields]
            case _:
                there = self._some(kind)
                if isinstance(there, And) and ends_denied:
                    there = And(*there.parts[:-1], Not(there.parts[-1]))
                if type(there) is Atom and is_denied:
                    there = Not(there)
                self._rules.append(rule(here, there))
        self._steps.append((name, here, there))
        return there

    def _mixed(self, part: Formula) -> list[Formula]:
        """The part among new concepts, at any place."""
        return self._among(part, [self._words.noun() for _ in range(PARTS - 1)])

    def _among(self, part: Formula, others: Sequence[Formula]) -> list[Formula]:
        """The part at any place; a denial is last, as how far another `not` reaches is not clear."""
        parts = [*others]
        parts.insert(self._random.randrange(PARTS) if type(part) is not Not else len(parts), part)
        return parts

    def _deny(self, reached: Formula, hops: int) -> None:
        """Denies what the assumption leads to, in a fact or, as the original at two hops, by a rule."""
        denial = negation(reached)
        self._steps.append(("CONTRADICTION", reached, reached))
        if hops == 2 and self._random.random() < DENIED_BY_RULE_SHARE:
            ((start, name, kind, _),) = self._random.choices(TO_DENIAL, [weight for *_, weight in TO_DENIAL])
            fact = self._some(start)
            here = self._step(name, kind, fact, False, False)
            self._rules.append(rule(here, denial))
            self._steps.append(("MODUS_PONENS", here, denial))
        else:
            self._loose += [self._words.noun() for _ in range(PARTS - 1)]
            parts = [*self._loose]
            parts.insert(self._random.randrange(PARTS), denial)  # each part is said in a clause of its own
            fact = And(*parts)
            self._steps.append(("AND_ELIM", fact, denial))
        self._facts.insert(0, fact)

    def _turned(self, condition: Formula) -> Formula:
        """Of an assumption its negation, so that the sign of what rules are about gives no label away."""
        if self._begin is None or self._begin not in (condition, *condition.fields):
            return condition
        denial = negation(self._begin)
        if condition is self._begin:
            return denial
        others = [part for part in condition.fields if part is not self._begin]
        return type(condition)(*self._among(denial, others))

    def _distractors(self) -> tuple[list[Formula], list[Formula]]:
        """Rules and facts on concepts that the proof does not use; the first fact stands among the entity's."""
        words = [self._words.noun() for _ in range(self._words.left())]
        if len(words) <= PARTS:
            raise OutOfWords
        denied, *unused = words  # no other rule is about what leads to a contradiction, or claims it
        rules: list[Formula] = []
        facts: list[Formula] = []
        match self._facts[0]:
            case And():
                facts.append(And(*self._random.sample(unused, PARTS)))
            case Atom():
                facts.append(self._random.choice(unused))
        for name, here, there in self._steps:
            match name:
                case "MODUS_PONENS":
                    rules.append(rule(self._turned(here), self._random.choice([*unused, *self._loose])))
                case "AND_ELIM":
                    left = [part for part in here.fields if part is not there]
                    rules += [rule(part, self._random.choice(unused)) for part in left]
                case "CONTRADICTION":
                    rules.append(rule(denied, there))
                case "CASE_SPLIT":
                    rules += [rule(case, self._random.choice(unused)) for case in here.fields]
                    facts.append(Or(here.fields[0], self._random.choice(unused)))
                case "OR_INTRO":
                    for shared in dict.fromkeys((here, self._turned(here))):
                        claim, *others = self._random.sample(unused, PARTS)
                        rules.append(rule(Or(*self._among(shared, others)), claim))
                case "AND_INTRO":
                    claim, *others = self._random.sample(unused, PARTS)
                    stated = self._random.choice([part for part in there.fields if part in self._facts])
                    rules.append(rule(And(*self._among(stated, others)), claim))
                    facts += others
        return list(dict.fromkeys(rules)), list(dict.fromkeys(facts))
