"""Propagation: what follows from what is known without a choice, on every subformula of it.

A formula settles its parts, and settled parts settle the formula; its complement counts as settled too. So
a rule, its contraposition, a conjunction to be built and a disjunction to be refuted are all found in the
same way, shortest first. Where the option vocabulary has no rule for a step (what ¬(P→Q) says of P, say),
the derivation is a small refutation. Quantified formulas are applied to every individual: the constants, and
a witness for each ∃ that is known. Not covered: case splits and goals (`natural_deduction`); a formula that is
no part, nor the complement of a part, of what is given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count

from sokrates.logic.formula import (
    And,
    Atom,
    Bound,
    Constant,
    Exists,
    Forall,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Term,
    Xor,
    constants,
    instantiate,
    negation,
    substitute,
)
from sokrates.logic.matching import matching_values, numbered_parts, strip_foralls
from sokrates.proof.arguments import GOAL
from sokrates.proof.kernel import (
    ASSUME,
    WITNESS,
    Result,
    disjunctive_syllogism,
    hypothetical_syllogism,
    modus_ponens,
    modus_tollens,
    or_intro,
)
from sokrates.search.derivation import Derivation
from sokrates.search.forward_chaining import biconditional_elim, univ_instantiation

MAX_WORK = 50_000  # formulas learnt or looked at in a search: seconds, a dozen where each fits many rules
MAX_GENERATION = 2  # witnesses that a witness gives rise to
MAX_NOTED = 3_000  # formulas that propagation works on at a time

Argument = Term | int | str  # an option's argument; a constant stands for its name
Given = Sequence[tuple[Formula, Derivation | None]]


class Exhausted(Exception):
    """The work that a search may do is done."""


class Search:
    """What all of a search shares: where assumptions come from, individuals, and the work left."""

    def __init__(self, given: Given) -> None:
        self.work = MAX_WORK
        self.given = given
        self.constants = list(dict.fromkeys(name for formula, _ in given for name in constants(formula)))
        self._numbers = count()
        if not self.constants:
            self.constants.append(self.individual())
        self.witnesses: dict[Constant, Derivation] = {}
        self.generation: dict[Constant, int] = {}
        self._places: dict[Formula, tuple[tuple[Derivation, ...], tuple[Argument, ...]] | None] = {}
        self._parts = [(derivation, [*numbered_parts(formula)]) for formula, derivation in given]

    def spend(self, work: int) -> None:
        self.work -= work
        if self.work < 0:
            raise Exhausted

    def individual(self) -> Constant:
        """A constant that no problem has: write_options gives it a name."""
        return next(one for number in self._numbers if (one := Constant(f"? {number}")) not in self.constants)

    def assume(self, formula: Formula) -> Derivation | None:
        """The formula assumed; None where it is no part of what is given, nor the complement of one."""
        if formula not in self._places:
            self.spend(1 + len(self.given) // 10)
            self._places[formula] = self._place(formula)
        place = self._places[formula]
        if place is None:
            return None
        hosts, extra = place
        return Derivation(formula, ASSUME, hosts, extra, after=self.after(formula.names))

    def after(self, names: frozenset[Constant]) -> tuple[Derivation, ...]:
        """The derivations that introduce the witnesses among the names."""
        return tuple(self.witnesses[name] for name in sorted(names & self.witnesses.keys(), key=lambda c: c.name))

    def _place(self, formula: Formula) -> tuple[tuple[Derivation, ...], tuple[Argument, ...]] | None:
        for derivation, parts in self._parts:
            for number, (part, variables) in enumerate(parts):
                for complement in (0, 1):
                    wanted = formula
                    if complement:
                        if type(part) is Not:
                            part = part.body
                        elif type(formula) is Not:
                            wanted = formula.body
                        else:
                            continue
                    values = matching_values(part, wanted, variables)
                    if values is not None:
                        names = [values.get(Bound(i), self.constants[0]) for i in reversed(range(variables))]
                        hosts = () if derivation is None else (derivation,)
                        return hosts, (*([GOAL] if derivation is None else []), number, complement, *names)
        return None


class Knowledge:
    """What is known in one scope, and what follows by propagation."""

    def __init__(self, search: Search, stack: tuple[Derivation, ...] = ()) -> None:
        self.search, self.stack = search, stack
        self.known: dict[Formula, Derivation] = {}
        self.conflict: tuple[Derivation, Derivation] | None = None
        self.individuals: list[Constant] = []
        self._wholes: dict[Formula, list[Formula]] = {}  # a formula → the noted ones that it is a part of
        self._noted: dict[Formula, None] = {}
        self._agenda: deque[Formula] = deque()
        self._later: deque[Formula] = deque()  # quantified formulas: many instances, so after all else
        self._planned: set[Formula] = set()  # what stands on one of the two
        self._spread: dict[Formula, int] = {}  # a quantified formula → the individuals it was applied to
        self.opened: set[Formula] = set()  # the quantified formulas that gave an individual

    def child(self, *assumptions: Derivation) -> Knowledge:
        """The same knowledge in a scope of its own, with what is assumed there."""
        self.search.spend(1 + len(self.known) // 10)
        child = Knowledge(self.search, (*self.stack, *assumptions))
        child.known, child.conflict = dict(self.known), self.conflict
        child.individuals = [*self.individuals]
        child._wholes = {part: [*wholes] for part, wholes in self._wholes.items()}
        child._noted = dict(self._noted)
        child._agenda, child._later = deque(self._agenda), deque(self._later)
        child._planned, child._spread = set(self._planned), dict(self._spread)
        child.opened = set(self.opened)
        for assumption in assumptions:
            child.learn(assumption)
        return child

    def proof_of(self, formula: Formula) -> Derivation | None:
        return self.known.get(formula)

    def refutation_of(self, formula: Formula) -> Derivation | None:
        """The derivation of the complement."""
        return self.known.get(negation(formula))

    def open_(self, formula: Formula) -> bool:
        return formula not in self.known and negation(formula) not in self.known

    def add_individual(self, name: Constant) -> None:
        self.individuals.append(name)
        for formula in self._noted:
            if type(formula) in (Forall, Exists):
                self._plan(formula)

    def note(self, formula: Formula) -> None:
        """Lets propagation work on a formula and its parts."""
        formula = _unsigned(formula)
        if type(formula) is Atom or formula in self._noted or len(self._noted) > MAX_NOTED:
            return
        self._noted[formula] = None
        if type(formula) not in (Forall, Exists):
            for part in formula.fields:
                self._note_part(formula, part)
        self._plan(formula)

    def _note_part(self, formula: Formula, part: Formula) -> None:
        self._wholes.setdefault(_unsigned(part), []).append(formula)
        self.note(part)

    def _plan(self, formula: Formula) -> None:
        """Has propagation look at a formula (again)."""
        if type(formula) is Atom or formula in self._planned:
            return
        self._planned.add(formula)
        (self._later if type(formula) in (Forall, Exists) else self._agenda).append(formula)

    def learn(self, derivation: Derivation) -> None:
        formula = derivation.formula
        if formula in self.known:
            return
        self.search.spend(1)
        self.known[formula] = derivation
        denial = self.known.get(negation(formula))
        if denial is not None:
            self.conflict = self.conflict or (derivation, denial)
        if type(formula) is Not and type(formula.body) is Not:
            self.learn(Derivation(formula.body.body, "DOUBLE_NEGATION", (derivation,)))
            return
        self.note(formula)
        unsigned = _unsigned(formula)
        for affected in (unsigned, *self._wholes.get(unsigned, ())):
            self._plan(affected)

    def propagate(self, goal: Formula | None = None) -> None:
        """Learns what follows without a choice, until the goal or a contradiction is known or nothing is new."""
        while (self._agenda or self._later) and self.conflict is None and goal not in self.known:
            formula = (self._agenda or self._later).popleft()
            self._planned.remove(formula)
            self.search.spend(1 + len(formula.fields) // 8)
            for derivation in _SETTLE[type(formula)](self, formula):
                if derivation is not None:
                    self.learn(derivation)

    # What a formula and its parts settle, each connective in turn: what a formula that is known says of its parts;
    # what the parts say of it; and, where no rule says it, a small refutation. None where that is not possible.
    # What is yielded is learnt before the generator goes on.

    def _refute(self, formula: Formula, reach: Callable[[Derivation], Derivation | None]) -> Derivation | None:
        """The complement of a formula that leads to one whose complement is known.

        reach: derives the latter from the former, which is assumed
        """
        assumed = self.search.assume(formula)
        if assumed is None:
            return None
        reached = reach(assumed)
        if reached is None:
            return None
        denial = self.refutation_of(reached.formula)
        return None if denial is None else refuted(assumed, reached, denial)

    def _settle_and(self, formula: Formula) -> Iterator[Derivation | None]:
        parts = formula.fields
        proof, refutation = self.proof_of(formula), self.refutation_of(formula)
        if proof:
            for number, part in enumerate(parts):
                if part not in self.known:
                    yield Derivation(part, "AND_ELIM", (proof,), (number,))
            return
        missing = [part for part in dict.fromkeys(parts) if part not in self.known]
        if not missing and parts:
            yield Derivation(formula, "AND_INTRO", tuple(self.known[part] for part in parts))
        elif refutation and len(missing) == 1 and self.open_(missing[0]):
            yield self._refute(missing[0], lambda last: self._and_intro(formula, last))
        elif not refutation:
            denied = next((number for number, part in enumerate(parts) if self.refutation_of(part)), None)
            if denied is not None:
                part = parts[denied]
                yield self._refute(formula, lambda whole: Derivation(part, "AND_ELIM", (whole,), (denied,)))

    def _and_intro(self, formula: Formula, last: Derivation) -> Derivation:
        """A conjunction whose parts are known but for the last one."""
        parts = [last if part is last.formula else self.known[part] for part in formula.fields]
        return Derivation(formula, "AND_INTRO", tuple(parts))

    def _settle_or(self, formula: Formula) -> Iterator[Derivation | None]:
        parts = formula.fields
        if not parts:
            return  # nothing can be said of it with the options that there are
        proof, refutation = self.proof_of(formula), self.refutation_of(formula)
        left = [part for part in dict.fromkeys(parts) if not self.refutation_of(part)]
        if refutation:
            for part in parts:
                if self.open_(part):
                    yield self._refute(part, lambda fact: Derivation(formula, "OR_INTRO", (fact, refutation)))
        if proof:
            if len(left) <= 1:
                yield self._last_part(proof, left[0] if left else parts[-1])
            return
        fact = next((self.known[part] for part in parts if part in self.known), None)
        if fact:
            yield self._or_intro(fact, formula)
        elif not left and not refutation:
            yield self._refute(formula, lambda whole: self._last_part(whole, parts[-1]))

    def _last_part(self, disjunction: Derivation, wanted: Formula) -> Derivation | None:
        """The part that remains of a disjunction when all others are known not to hold."""
        while type(disjunction.formula) is Or:
            for part in disjunction.formula.fields:
                if part is not wanted and (denial := self.refutation_of(part)):
                    break
            else:
                return self._only_part(disjunction, wanted)
            rest = disjunctive_syllogism(disjunction.formula, denial.formula)
            if not isinstance(rest, Formula):
                return None
            disjunction = Derivation(rest, "DISJUNCTIVE_SYLLOGISM", (disjunction, denial))
        return disjunction

    def _only_part(self, disjunction: Derivation, wanted: Formula) -> Derivation | None:
        """P from P∨P."""
        parts = disjunction.formula.fields
        if not parts or any(part is not wanted for part in parts):  # none is left of P∨¬¬P when ¬P is known
            return None
        if assumed := self.search.assume(wanted):
            cases = [conditional(assumed, assumed)] * len(parts)
            return Derivation(wanted, "CASE_SPLIT", (disjunction, *cases))
        return None

    def _or_intro(self, fact: Derivation, formula: Formula) -> Derivation | None:
        self.search.spend(len(self.search.given) // 10)
        for host, derivation in self.search.given:
            if or_intro(fact.formula, host) is formula:
                if derivation is None:
                    return Derivation(formula, "OR_INTRO", (fact,), (GOAL,))
                return Derivation(formula, "OR_INTRO", (fact, derivation))
        if denied := self.search.assume(negation(formula)):  # names the one that is meant
            return refuted(denied, Derivation(formula, "OR_INTRO", (fact, denied)), denied)
        return None

    def _settle_implies(self, formula: Formula) -> Iterator[Derivation | None]:
        left, right = formula.fields
        proof, refutation = self.proof_of(formula), self.refutation_of(formula)
        if proof:
            fact, denial = self.proof_of(left), self.refutation_of(right)
            if fact and right not in self.known:
                yield Derivation(right, "MODUS_PONENS", (fact, _rule(proof, fact, modus_ponens, right)))
            elif denial and negation(left) not in self.known:
                result = Not(left)
                yield Derivation(result, "MODUS_TOLLENS", (denial, _rule(proof, denial, modus_tollens, result)))
            return
        if refutation:
            if self.open_(right):
                yield self._refute(right, lambda fact: self._implication(left, right, fact, None))
            if self.open_(left):
                yield self._refute(negation(left), lambda denial: self._implication(left, right, None, denial))
        consequent, denial = self.proof_of(right), self.refutation_of(left)
        fact = self.proof_of(left)
        if consequent or denial:
            yield self._implication(left, right, consequent, denial)
        elif not refutation and fact and self.refutation_of(right):
            yield self._refute(formula, lambda rule: Derivation(right, "MODUS_PONENS", (fact, rule)))

    def _implication(
        self, left: Formula, right: Formula, consequent: Derivation | None, denial: Derivation | None
    ) -> Derivation | None:
        """left → right, from `consequent` (right) or else from `denial` (the complement of left)."""
        assumed = self.search.assume(left)
        if assumed is None:
            return None
        if consequent is None:
            wrong = self.search.assume(negation(right))
            if wrong is None or denial is None:
                return None
            consequent = refuted(wrong, assumed, denial)
        return conditional(assumed, consequent)

    def _settle_iff(self, formula: Formula) -> Iterator[Derivation | None]:
        left, right = formula.fields
        proof, refutation = self.proof_of(formula), self.refutation_of(formula)
        if proof:
            for direction in (0, 1):
                yield biconditional_elim(proof, direction)
            return
        for one, other in ((left, right), (right, left)):
            if refutation and not self.open_(one) and self.open_(other):
                alike = other if self.proof_of(one) else negation(other)
                yield self._refute(alike, lambda assumed: self._biconditional(formula, assumed))
                return
        if self.open_(left) or self.open_(right):
            return
        if bool(self.proof_of(left)) == bool(self.proof_of(right)):
            yield self._biconditional(formula, None)
        elif not refutation:
            yield self._refute(formula, self._other_side)

    def _other_side(self, biconditional: Derivation) -> Derivation:
        """By MODUS_PONENS, the side that is not known, from the one that is."""
        left, _ = biconditional.formula.fields
        rule = biconditional_elim(biconditional, 0 if self.proof_of(left) else 1)
        fact, consequent = rule.formula.fields
        return Derivation(consequent, "MODUS_PONENS", (self.known[fact], rule))

    def _biconditional(self, formula: Formula, assumed: Derivation | None) -> Derivation | None:
        """left ↔ right where both hold or both fail, one of them perhaps only assumed."""

        def find(one: Formula) -> Derivation | None:
            return assumed if assumed and assumed.formula is one else self.known.get(one)

        left, right = formula.fields
        there = self._implication(left, right, find(right), find(negation(left)))
        back = self._implication(right, left, find(left), find(negation(right)))
        return Derivation(formula, "BICONDITIONAL_INTRO", (there, back)) if there and back else None

    def _settle_xor(self, formula: Formula) -> Iterator[Derivation | None]:
        left, right = formula.fields
        either = self.proof_of(formula) or self.refutation_of(formula)
        settled = [part for part in (left, right) if not self.open_(part)]
        if either:
            for part in settled:
                yield self._other_part(either, part)
            if settled:
                return
        if len(settled) == 2:
            differ = bool(self.proof_of(left)) != bool(self.proof_of(right))
            yield self._refute(Not(formula) if differ else formula, lambda other: self._other_part(other, left))

    def _other_part(self, either: Derivation, part: Formula) -> Derivation | None:
        fact = self.proof_of(part) or self.refutation_of(part)
        if fact is None:
            return None
        result = disjunctive_syllogism(either.formula, fact.formula)
        if not isinstance(result, Formula):
            return None
        reached = Derivation(result, "DISJUNCTIVE_SYLLOGISM", (either, fact))
        if type(result) is Not and type(result.body) is Not:
            reached = Derivation(result.body.body, "DOUBLE_NEGATION", (reached,))
        return reached

    def _instances(self, formula: Formula) -> list[tuple[Constant, Formula]]:
        """A quantified formula's instances, one for each individual; new ones are noted."""
        instances = [(name, instantiate(formula, name)) for name in self.individuals]
        self.search.spend(len(instances) // 4)
        for _, instance in instances[self._spread.get(formula, 0) :]:
            self._note_part(formula, instance)
        self._spread[formula] = len(instances)
        return instances

    def _settle_forall(self, formula: Formula) -> Iterator[Derivation | None]:
        proof, refutation = self.proof_of(formula), self.refutation_of(formula)
        if proof and type(strip_foralls(formula)[1]) is Iff:
            for direction in (0, 1):
                yield biconditional_elim(proof, direction)
            return
        instances = self._instances(formula)
        if proof:
            for name, instance in instances:
                if instance not in self.known:
                    yield self._instance(proof, name)
        elif not refutation:
            denied = next((pair for pair in instances if self.refutation_of(pair[1])), None)
            if denied:
                name, _ = denied
                yield self._refute(formula, lambda universal: self._instance(universal, name))

    def _instance(self, universal: Derivation, name: Constant) -> Derivation:
        return univ_instantiation(universal, [name], self.search.after(frozenset((name,))))

    def _settle_exists(self, formula: Formula) -> Iterator[Derivation | None]:
        proof, refutation = self.proof_of(formula), self.refutation_of(formula)
        if proof:
            if formula not in self.opened:
                self.opened.add(formula)
                yield self._witness(proof)
            return
        for name, instance in self._instances(formula):
            fact = self.proof_of(instance)
            if fact:
                yield self._exist_generalization(fact, formula, name)
                return
            if refutation and self.open_(instance):
                yield self._refute(instance, partial(self._exist_generalization, formula=formula, name=name))

    def _witness(self, existential: Derivation) -> Derivation | None:
        search = self.search
        if any(
            type(formula) is not Not and formula in self.known
            for name in self.individuals
            if (formula := instantiate(existential.formula, name))
        ):
            return None  # an individual of which it holds is known
        generation = 1 + max((search.generation.get(name, 0) for name in existential.formula.names), default=0)
        if generation > MAX_GENERATION:
            return None
        witness = search.individual()
        # What is found of an arbitrary individual stays in the innermost scope, so that it can be generalized.
        arbitrary = any(name not in search.constants for name in existential.formula.names)
        instance = instantiate(existential.formula, witness)
        derivation = Derivation(instance, WITNESS, (existential,), within=self.stack if arbitrary else ())
        search.witnesses[witness], search.generation[witness] = derivation, generation
        self.add_individual(witness)
        return derivation

    def _exist_generalization(self, fact: Derivation, formula: Formula, name: Constant) -> Derivation | None:
        if name not in fact.formula.names:
            return None
        if Exists(substitute(fact.formula, {name: Bound(0)})) is formula:
            return Derivation(formula, "EXIST_GENERALIZATION", (fact,), (name,))
        other = self.search.individual()  # for every individual of which it holds there is one: by way of ∀
        assumed = self.search.assume(instantiate(formula, other))
        if assumed is None or other not in assumed.formula.names:
            return None
        existential = Derivation(formula, "EXIST_GENERALIZATION", (assumed,), (other,))
        rule = conditional(assumed, existential)
        general = Forall(substitute(rule.formula, {other: Bound(0)}))
        universal = Derivation(general, "UNIV_GENERALIZATION", (rule,), (other,))
        return Derivation(formula, "MODUS_PONENS", (fact, universal))

    def splits(self) -> list[Formula]:
        """Open parts of what is known, and their complements: what may be assumed to be refuted."""
        parts: dict[Formula, None] = {}
        for formula in self.known:
            body = _unsigned(formula)
            if type(body) in (Or, And, Implies, Xor, Iff):
                for part in body.fields:
                    if self.open_(part):
                        parts[part] = parts[negation(part)] = None
        return list(parts)

    def disjunctions(self) -> list[Derivation]:
        return [
            derivation
            for formula, derivation in self.known.items()
            if type(formula) in (Or, Xor) and formula.fields and all(map(self.open_, formula.fields))
        ]

    def denied_universal(self) -> Derivation | None:
        """A ¬∀ that is known and has not been looked into."""
        for formula, derivation in self.known.items():
            if type(formula) is Not and type(formula.body) is Forall and formula not in self.opened:
                return derivation
        return None


_SETTLE = {
    And: Knowledge._settle_and,
    Or: Knowledge._settle_or,
    Implies: Knowledge._settle_implies,
    Iff: Knowledge._settle_iff,
    Xor: Knowledge._settle_xor,
    Forall: Knowledge._settle_forall,
    Exists: Knowledge._settle_exists,
}


def refuted(assumed: Derivation, fact: Derivation, denial: Derivation) -> Derivation:
    """The complement of what is assumed, as it leads to a formula and its negation."""
    return Derivation(negation(assumed.formula), "CONTRADICTION", (fact, denial), closes=assumed)


def conditional(assumed: Derivation, reached: Derivation) -> Derivation:
    formula = Implies(assumed.formula, reached.formula)
    return Derivation(formula, "CONDITIONAL_PROOF", (assumed, reached), closes=assumed)


def joined_rules(assumed: Derivation, reached: Derivation) -> Derivation | None:
    """The rule from what is assumed to what was reached, where that took nothing but one rule after another."""
    rules: list[Derivation] = []
    while reached.rule == "MODUS_PONENS" and assumed not in reached.uses[1].open:
        rules.insert(0, reached.uses[1])
        reached = reached.uses[0]
    if reached is not assumed or not rules:
        return None
    joined = rules[0]
    for rule in rules[1:]:
        formula = hypothetical_syllogism(joined.formula, rule.formula)
        if not isinstance(formula, Formula):  # the second leaves a variable open, or is not about all of the first
            return None
        joined = Derivation(formula, "HYPOTHETICAL_SYLLOGISM", (joined, rule))
    return joined


def _rule(
    instance: Derivation,
    fact: Derivation,
    apply: Callable[[Formula, Formula], Result],
    wanted: Formula,
) -> Derivation:
    """The ∀-rule that an instance was made of, where the fact alone finds the instance; else the instance."""
    universal = instance
    while universal.rule == "UNIV_INSTANTIATION":
        universal = universal.uses[0]
    return universal if apply(fact.formula, universal.formula) is wanted else instance


def _unsigned(formula: Formula) -> Formula:
    while type(formula) is Not:
        formula = formula.body
    return formula
