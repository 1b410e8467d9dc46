"""FOLIO's first-order notation: reads it, with the repairs that its annotations need, and writes it.

    ∀x (Wumpus(x) → ¬Tumpus(x))        forall x (Wumpus(x) -> ~Tumpus(x))
    (∀x)(Wumpus(x) ⇒ Tumpus(x))        ∀x. (Wumpus(x) ⇔ Tumpus(x) /\\ Dog(x) \\/ Cat(x))
    Dog(rex) ⊕ (Cat(rex) ∧ ⊤)          Dog(rex) xor (Cat(rex) & ⊤)
    From("the moon", x1)               a quoted name is any text, and never a variable

From tight to loose: ¬ and quantifiers, ∧, then ∨ and ⊕ alike (from the left), → (from the right), ↔.
A quantifier reaches over what stands next to it, in parentheses or not, and to the end of its group where its
variable is used there. Where no parentheses say so and a connective follows, this is shown as a repair, and so is
a chain of ⊕.
A name is a variable where a quantifier binds it; an unbound x, y, z or w is a free variable; any other
name is a constant or, before an argument list or alone, a predicate. Reading is total: text that is no
formula raises ReadError, whatever its length or nesting, and the time is about linear in the text.
Every deviation that is repaired is one of `Repair` and is reported, once for each place.

    >>> reading = read("∀x Dog(x) → ¬Cat(x))")
    >>> write(reading.formula), [repair.name for repair in reading.repairs]
    ('∀x (Dog(x) → ¬Cat(x))', ['PARENTHESIS'])
    >>> read(write(reading.formula)) == Reading(reading.formula, ())
    True

Not covered: functions and equality, square brackets, several variables after one quantifier, `∀x.` where it is not
clear how far the quantifier reaches, words of other notations (`not`, `And(…)`, `True`): these are refused. Other
notations as a whole: `sokrates.logic.notations`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from itertools import count, islice
from typing import ClassVar, Final, NamedTuple

from sokrates.logic.english_words import is_function_word
from sokrates.logic.formula import (
    FALSITY,
    MAX_NESTING,
    TRUTH,
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
    predicates,
    subformulas,
)
from sokrates.logic.reading import ReadError

MAX_LENGTH: Final = 20_000  # characters of a formula


class Repair(Enum):
    """What the reader repairs; the value says how."""

    PARENTHESIS = "a missing ) is put at the end; a missing ( at the start, after the leading quantifiers"
    CARET = "^ is read as ∧"
    COMMA = "a comma between formulas is read as ∧"
    LONG_ARROW = "⟷ is read as ↔"
    FULL_STOP = "a full stop at the end is dropped"
    NAME = "a name keeps its hyphens, dots, pluses, apostrophes and single spaces"
    SCOPE = "a quantifier reaches to the end of its group, as its variable is used there"
    NARROW_SCOPE = "a quantifier without parentheses reaches over what stands next to it alone"
    XOR_CHAIN = "⊕ beside ⊕ or ∨ without parentheses is read from the left"
    FREE_VARIABLE = "a free variable takes a quantifier that another rebinds (∀x ∀x P(x, y)), else ∀ at the front"
    REBOUND_VARIABLE = "a variable that is bound twice belongs to the inner quantifier"


@dataclass(frozen=True)
class Reading:
    """A formula, and the repairs that reading it took, in order, one for each place repaired."""

    formula: Formula
    repairs: tuple[Repair, ...]


SYMBOLS: Final = {  # the longest that the text starts with is taken
    "<->": "↔",
    "<=>": "↔",
    "->": "→",
    "=>": "→",
    "&&": "∧",
    "||": "∨",
    "&": "∧",
    "|": "∨",
    "~": "¬",
    "!": "¬",
    "^": "∧",
    "/\\": "∧",
    "\\/": "∨",
    "⇒": "→",
    "⟹": "→",
    "⟶": "→",
    "⇔": "↔",
    "⟺": "↔",
    "≡": "↔",
    "⟷": "↔",
} | {sign: sign for sign in "∀∃¬∧∨→↔⊕⊤⊥(),"}
_SIGN_REPAIRS: Final = {"^": Repair.CARET, "⟷": Repair.LONG_ARROW}
WORDS: Final = {"forall": "∀", "exists": "∃", "xor": "⊕"}
# Words of other notations, in any case: not names, and refused with their place.
_FOREIGN: Final = frozenset(
    "not and or if then else implies implied iff equiv forall exists xor lambda true false".split()
)
TIGHTNESS: Final = {"↔": 1, "→": 2, "∨": 3, "⊕": 3, "∧": 4, ",": 4}
QUANTIFIERS: Final = {"∀": Forall, "∃": Exists}
_BINARY: Final = {"⊕": Xor, "→": Implies, "↔": Iff}
_VARIABLES: Final = ("x", "y", "z", "w")
_NO_EQUALITY: Final = "equality is not supported: say it with a predicate, Same(a, b), and premises about it"
NO_FUNCTIONS: Final = "functions are not supported: say it with a predicate, Mother(x, y), instead of mother(x)"
NAME, QUOTED, STOP, END = "name", "quoted name", "full stop", "end"  # the kinds that are not signs


class Token(NamedTuple):
    kind: str  # a sign, or one of the four kinds above
    text: str
    position: int


def read(text: str) -> Reading:
    """The formula that `text` states, and what had to be repaired. Raises ReadError."""
    if len(text) > MAX_LENGTH:
        raise ReadError(f"a formula has at most {MAX_LENGTH} characters", text, MAX_LENGTH)
    return Reader(text).read()


class Reader:
    """One pass of precedence climbing over the tokens; all recursion goes through `_operand`.

    symbols, words: what is read as a sign
    heads: words that stand before their arguments, for `_atom` to read
    connectives: the infix ones, each with its tightness
    chains_implications: whether A → B → C needs no parentheses
    """

    symbols: ClassVar[Mapping[str, str]] = SYMBOLS
    words: ClassVar[Mapping[str, str]] = WORDS
    heads: ClassVar[Set[str]] = frozenset()
    connectives: ClassVar[Mapping[str, int]] = TIGHTNESS
    chains_implications = True

    def __init__(self, text: str) -> None:
        self._text = text
        self._repairs: list[Repair] = []
        self._dotted: set[int] = set()  # positions of the bound variables that a full stop follows
        self._tokens = self._balanced(_without_parentheses(self._scan()))
        self._at = 0  # index of the next token
        self._nesting = 0
        self._scope: list[str | None] = []  # variables bound here, outermost first; None: free to take
        self._free: list[str] = []
        self._group_ends = self._closing_indices()
        self._uses: dict[str, list[int]] = {}
        for index, token in enumerate(self._tokens):
            if token.kind == NAME:
                self._uses.setdefault(token.text, []).append(index)

    def read(self) -> Reading:
        formula = self._expression(0)
        if self._kind() == STOP and self._tokens[self._at + 1].kind == END:
            self._repairs.append(Repair.FULL_STOP)
            self._at += 1
        self._expect(END, "a connective or the end")
        for _ in self._free:
            formula = Forall(formula)
        self._check_height(formula)
        return Reading(formula, tuple(self._repairs))

    # Tokens

    def _scan(self) -> list[Token]:
        tokens: list[Token] = []
        at = 0
        while at < len(self._text):
            if self._text[at].isspace():
                at += 1
                continue
            is_bound = tokens[-1:] != [] and tokens[-1].kind in QUANTIFIERS
            kind, text, length = self._scan_one(at)
            if is_bound and kind == NAME:
                text = text.partition(".")[0]
                length = len(text)
            tokens.append(Token(kind, text, at))
            at += length
            if is_bound and self._text[at : at + 1] == ".":
                self._dotted.add(tokens[-1].position)
                at += 1
        return tokens

    def _scan_one(self, at: int) -> tuple[str, str, int]:
        """Kind, text and length of the token that starts at `at`."""
        if is_plain(self._text[at]):
            end = at + 1
            while end < len(self._text) and self._continues_name(end):
                end += 1
            word = self._text[at:end]
            if word.lower() in _FOREIGN and word not in self.words and word not in self.heads:
                raise ReadError(
                    f"{word!r} is a word of another notation; quote it if it is a name", self._text, at
                )
            return self.words.get(word, NAME), word, end - at
        for length in (3, 2, 1):
            sign = self._text[at : at + length]
            if sign in self.symbols:
                if sign in _SIGN_REPAIRS:
                    self._repairs.append(_SIGN_REPAIRS[sign])
                return self.symbols[sign], sign, length
        if self._text[at] == '"':
            name, length = self._scan_quoted(at)
            return QUOTED, name, length
        if self._text[at] == ".":
            return STOP, ".", 1
        if self._text[at] in "=≠":
            raise ReadError(_NO_EQUALITY, self._text, at)
        raise ReadError(f"{self._text[at]!r} has no place in a formula", self._text, at)

    def _continues_name(self, at: int) -> bool:
        char, following = self._text[at], self._text[at + 1 : at + 2]
        if char == ".":
            return is_plain(following)
        return is_plain(char) or char in "+'’" or (char == "-" and following != ">")

    def _scan_quoted(self, start: int) -> tuple[str, int]:
        name: list[str] = []
        at = start + 1
        while at < len(self._text) and self._text[at] != '"':
            is_escaped = self._text[at] == "\\"
            at += is_escaped
            char = self._text[at : at + 1]
            name.append("\n" if is_escaped and char == "n" else char)
            at += 1
        if at >= len(self._text):
            raise ReadError("a quoted name does not end", self._text, start)
        return "".join(name), at + 1 - start

    def _balanced(self, tokens: list[Token]) -> list[Token]:
        """The tokens and an end mark, with the parentheses that are missing."""
        depth = lowest = 0
        for token in tokens:
            depth += (token.kind == "(") - (token.kind == ")")
            lowest = min(lowest, depth)
        missing = depth - lowest
        self._repairs += [Repair.PARENTHESIS] * (missing - lowest)
        start = 0
        while [token.kind for token in tokens[start : start + 2]] in (["∀", NAME], ["∃", NAME]):
            start += 2
        end = len(self._text)
        first = tokens[start].position if start < len(tokens) else end
        stop = tokens[-1:] if tokens and tokens[-1].kind == STOP else []
        body = tokens[start : len(tokens) - len(stop)]
        opened, closed = [Token("(", "(", first)] * -lowest, [Token(")", ")", end)] * missing
        return [*tokens[:start], *opened, *body, *closed, *stop, Token(END, "", end)]

    def _closing_indices(self) -> list[int]:
        """For each token, the index of what closes the group that it stands in."""
        ends = [0] * len(self._tokens)
        enclosing = [len(self._tokens) - 1]
        for index in range(len(self._tokens) - 1, -1, -1):
            kind = self._tokens[index].kind
            if kind == "(":
                enclosing.pop()
            ends[index] = enclosing[-1]
            if kind == ")":
                enclosing.append(index)
        return ends

    def _kind(self) -> str:
        return self._tokens[self._at].kind

    def _take(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, kind: str, what: str) -> Token:
        if self._kind() != kind:
            raise self._error(f"expected {what}")
        return self._take()

    def _error(self, message: str) -> ReadError:
        return ReadError(message, self._text, self._tokens[self._at].position)

    # Formulas

    def _expression(self, loosest: int) -> Formula:
        return self._continued(self._operand(), loosest)

    def _continued(self, left: Formula, loosest: int) -> Formula:
        """`left` with the connectives after it that are at least as tight as `loosest`."""
        while (tightness := self.connectives.get(self._kind(), -1)) >= loosest:
            connective = self._connective()
            parts = [left]
            while self._connective() == connective:
                if connective == "→" and len(parts) > 1 and not self.chains_implications:
                    raise self._error("a chain of implications needs parentheses")
                if self._take().kind == ",":
                    self._repairs.append(Repair.COMMA)
                parts.append(self._expression(tightness + 1))
                if connective not in "∧∨" and len(parts) > MAX_NESTING:
                    raise self._error(f"nested deeper than {MAX_NESTING}")
            left = joined(connective, parts)
            is_mixed = tightness == self.connectives["⊕"] == self.connectives.get(self._kind())
            if is_mixed or (connective == "⊕" and len(parts) > 2):
                self._repairs.append(Repair.XOR_CHAIN)
            if left.depth > MAX_NESTING:
                raise self._error(f"nested deeper than {MAX_NESTING}")
        return left

    def _connective(self) -> str:
        return "∧" if self._kind() == "," else self._kind()

    def _operand(self) -> Formula:
        if self._nesting == MAX_NESTING:
            raise self._error(f"nested deeper than {MAX_NESTING}")
        self._nesting += 1
        match self._kind():
            case "¬":
                self._take()
                formula: Formula = Not(self._operand())
            case "(":
                self._take()
                formula = self._expression(0)
                self._expect(")", "a connective or )")
            case "∀" | "∃":
                formula = self._quantified()
            case "⊤" | "⊥":
                formula = TRUTH if self._take().kind == "⊤" else FALSITY
            case _:
                formula = self._atom()
        self._nesting -= 1
        return formula

    def _quantified(self) -> Formula:
        """A run of quantifiers and what they bind."""
        group_end = self._group_ends[self._at]
        quantifiers: list[type[Formula]] = []
        names: list[str] = []
        is_dotted = False
        while self._kind() in QUANTIFIERS:
            quantifiers.append(QUANTIFIERS[self._take().kind])
            variable = self._expect(NAME, "a variable")
            names.append(variable.text)
            is_dotted |= variable.position in self._dotted
        if len(self._scope) + len(names) > MAX_NESTING:
            raise self._error(f"nested deeper than {MAX_NESTING}")
        bound_here = set(names) - set(self._scope)
        self._repairs += [Repair.REBOUND_VARIABLE] * (len(names) - len(bound_here))
        outer = len(self._scope)
        self._scope += [None if name in names[i + 1 :] else name for i, name in enumerate(names)]
        is_grouped = self._is_grouped()
        body = self._operand()
        if self._kind() in self.connectives and any(self._used_next(name, group_end) for name in bound_here):
            self._repairs.append(Repair.SCOPE)
            body = self._continued(body, 0)
        elif self._kind() in self.connectives and is_dotted:
            raise self._error("how far the quantifier before reaches is not clear: put all of it in parentheses")
        elif self._kind() in self.connectives and not is_grouped:
            self._repairs.append(Repair.NARROW_SCOPE)
        del self._scope[outer:]
        return reduce(lambda inner, quantifier: quantifier(inner), reversed(quantifiers), body)

    def _is_grouped(self) -> bool:
        """Whether what comes next is in parentheses, after any ¬ and quantifiers."""
        at = self._at
        while self._tokens[at].kind in ("¬", *QUANTIFIERS):
            at += 1 if self._tokens[at].kind == "¬" else 2
            at = min(at, len(self._tokens) - 1)
        return self._tokens[at].kind == "("

    def _used_next(self, name: str, group_end: int) -> bool:
        """Whether the next mention of a variable, before the group ends, uses it and does not bind it."""
        uses = self._uses[name]
        following = bisect_left(uses, self._at)
        return (
            following < len(uses)
            and uses[following] < group_end
            and self._tokens[uses[following] - 1].kind not in QUANTIFIERS
        )

    def _atom(self) -> Formula:
        start = self._at
        predicate = self._name("a formula")
        if self._tokens[start].kind == NAME and self._is_variable(predicate):
            raise ReadError("a variable is not a formula", self._text, self._tokens[start].position)
        if self._kind() != "(":
            return Atom(predicate, ())
        self._take()
        terms = [self._term()]
        while self._kind() == ",":
            self._take()
            terms.append(self._term())
        self._expect(")", "a comma or )")
        return Atom(predicate, tuple(terms))

    def _term(self) -> Term:
        is_quoted = self._kind() == QUOTED
        name = self._name("a term")
        if self._kind() == "(":
            raise self._error(NO_FUNCTIONS)
        if is_quoted or not self._is_variable(name):
            return Constant(name)
        for index, bound in enumerate(reversed(self._scope)):
            if bound == name:
                return Bound(index)
        return self._free_variable(name)

    def _free_variable(self, name: str) -> Bound:
        if None in self._scope:
            self._repairs.append(Repair.FREE_VARIABLE)
            free = self._scope.index(None)
            self._scope[free] = name
            return Bound(len(self._scope) - 1 - free)
        if name not in self._free:
            self._repairs.append(Repair.FREE_VARIABLE)
            self._free.append(name)
        return Bound(len(self._scope) + self._free.index(name))

    def _name(self, what: str) -> str:
        """A quoted name, or a run of words."""
        if self._kind() == QUOTED:
            return self._take().text
        words = [self._expect(NAME, what).text]
        while self._kind() == NAME:
            words.append(self._take().text)
        if len(words) > 1 and any(map(self._is_variable, words)):
            raise ReadError("a variable inside a name", self._text, self._tokens[self._at - len(words)].position)
        name = " ".join(words)
        if not all(map(is_plain, name)):
            self._repairs.append(Repair.NAME)
        return name

    def _is_variable(self, name: str) -> bool:
        return name in _VARIABLES or name in self._scope

    def _check_height(self, formula: Formula) -> None:
        layer = {formula}
        for _ in range(MAX_NESTING):
            layer = {part for node in layer for part in subformulas(node)}
            if not layer:
                return
        raise ReadError(f"nested deeper than {MAX_NESTING}", self._text, 0)


def is_plain(char: str) -> bool:
    return char.isalnum() or char == "_"


def _without_parentheses(tokens: list[Token]) -> list[Token]:
    """The tokens, `(∀x)` before what it binds without its parentheses."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        kinds = [token.kind for token in tokens[at : at + 5]]
        is_bare = kinds[:1] == ["("] and kinds[1:2] in (["∀"], ["∃"]) and kinds[2:4] == [NAME, ")"]
        if is_bare and len(kinds) == 5 and kinds[4] not in TIGHTNESS and kinds[4] not in (")", STOP):
            kept += tokens[at + 1 : at + 3]
            at += 4
        else:
            kept.append(tokens[at])
            at += 1
    return kept


def joined(connective: str, parts: list[Formula]) -> Formula:
    if connective in "∧∨":
        return (And if connective == "∧" else Or)(*parts)
    binary = _BINARY[connective]
    if connective == "⊕":
        return reduce(binary, parts)
    return reduce(lambda right, left: binary(left, right), reversed(parts))


# Writing

_SIGNS: Final = {And: "∧", Or: "∨", Xor: "⊕", Implies: "→", Iff: "↔"}


def write(formula: Formula) -> str:
    """A closed formula as text that reads back as the same object, with no repair.

    Variables are named by depth: x, y, z, w, x1, x2, ..., without the names that the formula uses. A
    name that is not a plain word is quoted. Text longer than MAX_LENGTH is written but not read.
    """
    used = {constant.name for constant in constants(formula)} | set(predicates(formula))
    variables = islice(_variable_names(used), MAX_NESTING)
    return _written(formula, tuple(variables), 0)


def _variable_names(used: set[str]) -> Iterator[str]:
    for name in _VARIABLES:
        if name not in used:
            yield name
    for number in count(1):
        if f"x{number}" not in used:
            yield f"x{number}"


def _written(formula: Formula, variables: Sequence[str], depth: int) -> str:
    if type(formula) is Atom:
        return _written_atom(formula, variables, depth)
    if formula is TRUTH:
        return "⊤"
    if formula is FALSITY:
        return "⊥"
    if type(formula) in _SIGNS:
        parts = [_as_operand(part, variables, depth, is_part=True) for part in subformulas(formula)]
        return f" {_SIGNS[type(formula)]} ".join(parts)
    (body,) = subformulas(formula)
    if type(formula) is Not:
        return "¬" + _as_operand(body, variables, depth)
    sign = "∀" if type(formula) is Forall else "∃"
    return f"{sign}{variables[depth]} {_as_operand(body, variables, depth + 1)}"


def _as_operand(formula: Formula, variables: Sequence[str], depth: int, is_part: bool = False) -> str:
    text = _written(formula, variables, depth)
    is_joined = type(formula) in _SIGNS and formula not in (TRUTH, FALSITY)
    return f"({text})" if is_joined or (is_part and _is_open(formula)) else text


def _is_open(formula: Formula) -> bool:
    """Whether it ends in a quantifier's body without parentheses: ∀x P(x), ¬∃x ¬P(x)."""
    is_quantified = False
    while type(formula) in (Not, Forall, Exists):
        is_quantified |= type(formula) is not Not
        formula = formula.fields[0]
    return is_quantified and (type(formula) not in _SIGNS or formula in (TRUTH, FALSITY))


def _written_atom(formula: Atom, variables: Sequence[str], depth: int) -> str:
    if not formula.terms:  # alone, a word of English grammar would read as a part of the sentence around it
        return _written_name(formula.predicate, is_quoted=is_function_word(formula.predicate))
    predicate = _written_name(formula.predicate)
    terms = [
        variables[depth - 1 - term.index] if isinstance(term, Bound) else _written_name(term.name)
        for term in formula.terms
    ]
    return f"{predicate}({', '.join(terms)})"


def _written_name(name: str, is_quoted: bool = False) -> str:
    if (
        not is_quoted
        and name
        and all(map(is_plain, name))
        and name.lower() not in _FOREIGN
        and name not in _VARIABLES
    ):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
