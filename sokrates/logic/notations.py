"""First-order notations that are not FOLIO's, each recognised by its own marks in the formulas of a problem.

    Prover9, NLTK   all x. (Dog(x) -> -Cat(x))         exists x. Dog(x)
    TPTP            ! [X] : (dog(X) => ~ cat(X))       fof(rule, axiom, ? [X] : dog(X)).
    z3 in Python    ForAll(x, Implies(Dog(x), Not(Cat(x))))
    Logic-LM        Dog($x, True) >>> Cat($x, False)

A mark is what FOLIO's notation does not have: `all x.` or a minus for a negation; `! [`, `? [` or `fof(`;
`ForAll(`, `And(` and the like; `$x`, `>>>` or `, True)`. Formulas without a mark are read as the others of their
problem are. Marks of two notations in one problem are refused, and so is what two readers of one notation read
differently: a chain of Prover9's `->`, an unbound name that Prover9 takes for a variable, `&` beside `|` in TPTP.
No parenthesis is supplied, as it is in FOLIO's notation.

    >>> notation, (rule, fact) = read_together(["all x. (Dog(x) -> -Cat(x))", "Dog(Rex)"])
    >>> notation, rule.formula is fol.read("∀x (Dog(x) → ¬Cat(x))").formula
    (<Notation.PROVER9: "Prover9's notation">, True)

Not covered: functions and equality; TPTP's other languages than FOF, and its `<=`, `~|` and `~&`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import reduce
from typing import ClassVar, Final

from sokrates.logic import fol
from sokrates.logic.fol import (
    END,
    NAME,
    QUANTIFIERS,
    QUOTED,
    STOP,
    SYMBOLS,
    TIGHTNESS,
    Reader,
    Reading,
    Token,
    is_plain,
    joined,
)
from sokrates.logic.formula import (
    MAX_NESTING,
    And,
    Atom,
    Bound,
    Constant,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Term,
    Xor,
)
from sokrates.logic.reading import ReadError


class Notation(Enum):
    """A notation; the value names it."""

    FOLIO = "FOLIO's notation"
    PROVER9 = "Prover9's notation"
    TPTP = "TPTP"
    Z3 = "z3's Python notation"
    LOGIC_LM = "Logic-LM's notation"


# What FOLIO's notation does not have, and, of FOLIO's, what the others do not have.
_MARKS: Final = {
    Notation.PROVER9: re.compile(
        r"\b(?:all|For[Aa]ll|[Ee]xists|some)\s+\w+\s*\.|\ball\s+[u-z]\d*\s*\("
        r"|(?:^|[(&|>,])\s*-\s*[\w(]"  # a minus
    ),
    Notation.TPTP: re.compile(r"[!?]\s*\[|^\s*fof\s*\("),
    Notation.Z3: re.compile(r"\b(?:ForAll|Forall|Exists|And|Or|Not|Implies|Iff|Xor)\s*\("),
    Notation.LOGIC_LM: re.compile(r"\$(?!true\b|false\b)\w|>>>"),
}
_LOGIC_LM_FACT: Final = re.compile(r",\s*(?:True|False)\s*\)")  # which z3's Python may have too
_QUOTED_NAME: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)  # in which a mark says nothing
_FOLIO_MARK: Final = re.compile("[∀∃¬∧∨→↔⊕⇒⇔⊤⊥]")


def read_together(texts: Sequence[str]) -> tuple[Notation, tuple[Reading, ...]]:
    """The notation of a problem's formulas, and the formulas. Raises ReadError."""
    notation = Notation.FOLIO
    unquoted = [_QUOTED_NAME.sub(lambda quoted: " " * len(quoted[0]), text) for text in texts]
    for text, marked in zip(texts, unquoted, strict=True):
        for other, mark in _MARKS.items():
            place = mark.search(marked)
            if place and notation not in (Notation.FOLIO, other):
                raise ReadError(f"marks of {notation.value} and of {other.value}", text, place.start())
            notation = other if place else notation
    if notation is Notation.FOLIO and any(map(_LOGIC_LM_FACT.search, unquoted)):
        notation = Notation.LOGIC_LM
    if notation not in (Notation.FOLIO, Notation.Z3):  # infix signs between z3's heads mean one thing
        for text, marked in zip(texts, unquoted, strict=True):
            if place := _FOLIO_MARK.search(marked):
                raise ReadError(f"marks of {notation.value} and of FOLIO's", text, place.start())
    return notation, tuple([_READERS[notation](text) for text in texts])


class _Strict(Reader):
    """No comma stands for ∧, and no parenthesis is supplied."""

    connectives: ClassVar[Mapping[str, int]] = {
        sign: tightness for sign, tightness in TIGHTNESS.items() if sign != ","
    }

    def _balanced(self, tokens: list[Token]) -> list[Token]:
        opened: list[int] = []
        for token in tokens:
            if token.kind == "(":
                opened.append(token.position)
            elif token.kind == ")" and (not opened or opened.pop() < 0):
                raise ReadError("a ) closes nothing", self._text, token.position)
        if opened:
            raise ReadError("a ( is not closed", self._text, opened[-1])
        return [*tokens, Token(END, "", len(self._text))]

    def _continues_name(self, at: int) -> bool:
        return is_plain(self._text[at])


class _Prover9Reader(_Strict):
    """Of Prover9 and NLTK: a minus negates, `all x.` and `exists x.` quantify; so does `Exists x.`."""

    symbols: ClassVar[Mapping[str, str]] = {**SYMBOLS, "-": "¬"}
    words: ClassVar[Mapping[str, str]] = {
        **{word: "∀" for word in ("all", "forall", "Forall", "ForAll")},
        **{word: "∃" for word in ("exists", "Exists", "exist", "some")},
    }
    chains_implications = False  # NLTK reads them from the left, Prover9 not at all

    def _term(self) -> Term:
        token = self._tokens[self._at]
        term = super()._term()
        if type(term) is Constant and token.kind == NAME and "u" <= token.text[0] <= "z":
            message = "Prover9 takes a name in u to z for a variable, and no quantifier binds it: write a capital"
            raise ReadError(message, self._text, token.position)
        return term


class _TptpReader(_Strict):
    """Of TPTP's FOF: an annotated formula, or one alone. Variables begin with a capital."""

    symbols: ClassVar[Mapping[str, str]] = {
        "<=>": "↔",
        "<~>": "⊕",
        "=>": "→",
        "&": "∧",
        "|": "∨",
        "~": "¬",
        "(": "(",
        ")": ")",
        ",": ",",
    }
    words: ClassVar[Mapping[str, str]] = {}

    def _scan(self) -> list[Token]:
        text = self._text
        annotation = _ANNOTATION.match(text)
        at, end = (annotation.end(), text.rindex(")") if ")" in text else 0) if annotation else (0, len(text))
        if annotation and not (annotation[1] in _ROLES and re.fullmatch(r"\)\s*\.?\s*", text[end:])):
            raise ReadError("not an axiom or a conjecture, as fof(name, axiom, formula).", text, 0)
        tokens: list[Token] = []
        while at < end:
            if quantifier := _TPTP_QUANTIFIER.match(text, at):
                sign = "∀" if quantifier[1] == "!" else "∃"
                for name in re.finditer(r"\w+", quantifier[2]):
                    tokens.append(Token(sign, sign, quantifier.start()))
                    tokens.append(Token(NAME, name[0], quantifier.start(2) + name.start()))
                at = quantifier.end()
            elif constant := re.compile(r"\$(true|false)\b").match(text, at):
                tokens.append(Token("⊤" if constant[1] == "true" else "⊥", constant[0], at))
                at = constant.end()
            elif quoted := re.compile(r"'((?:[^'\\]|\\.)+)'").match(text, at):
                tokens.append(Token(QUOTED, re.sub(r"\\(.)", r"\1", quoted[1]), at))
                at = quoted.end()
            elif text[at].isspace():
                at += 1
            else:
                kind, word, length = self._scan_one(at)
                tokens.append(Token(kind, word, at))
                at += length
        if tokens and tokens[-1].kind == STOP:  # `fof` alone has one; a formula alone may
            tokens.pop()
        return tokens

    def _expression(self, loosest: int) -> Formula:
        """An operand, or several joined by one connective: TPTP knows no tightness."""
        parts = [self._operand()]
        connective = self._kind()
        while connective in self.connectives and self._kind() == connective:
            if connective not in "∧∨" and len(parts) > 1:
                raise self._error("a chain of this connective needs parentheses")
            self._take()
            parts.append(self._operand())
        if self._kind() in self.connectives:
            raise self._error("unlike connectives need parentheses")
        formula = joined(connective, parts) if len(parts) > 1 else parts[0]
        if formula.depth > MAX_NESTING:
            raise self._error(f"nested deeper than {MAX_NESTING}")
        return formula

    def _quantified(self) -> Formula:
        """A run of quantifiers and the operand next to it, as TPTP has it: `! [X] : p(X) => q` is `(…) => q`."""
        outer = len(self._scope)
        quantifiers = []
        while self._kind() in QUANTIFIERS:
            quantifiers.append(QUANTIFIERS[self._take().kind])
            variable = self._expect(NAME, "a variable")
            if not variable.text[0].isupper() or variable.text in self._scope:
                raise ReadError("not a new variable, which begins with a capital", self._text, variable.position)
            self._scope.append(variable.text)
        if len(self._scope) > MAX_NESTING:
            raise self._error(f"nested deeper than {MAX_NESTING}")
        body = self._operand()
        del self._scope[outer:]
        return reduce(lambda inner, quantifier: quantifier(inner), reversed(quantifiers), body)

    def _is_variable(self, name: str) -> bool:
        return name[:1].isupper()

    def _free_variable(self, name: str) -> Bound:
        raise ReadError(f"no quantifier binds {name}", self._text, self._tokens[self._at - 1].position)


_ANNOTATION: Final = re.compile(r"\s*fof\s*\(\s*(?:\w+|'[^']*')\s*,\s*(\w+)\s*,")
_ROLES: Final = frozenset("axiom hypothesis definition assumption lemma theorem conjecture".split())
_TPTP_QUANTIFIER: Final = re.compile(r"([!?])\s*\[((?:\s*\w+\s*,)*\s*\w+\s*)\]\s*:")


class _Z3Reader(_Strict):
    """Of z3's Python, where a head stands before its arguments; infix signs are read as in FOLIO's notation."""

    symbols: ClassVar[Mapping[str, str]] = {  # Python's ^ is ⊕, and FOLIO's annotators mean ∧ by it
        **{sign: meaning for sign, meaning in SYMBOLS.items() if sign != "^"},
        **{"[": "[", "]": "]"},
    }
    words: ClassVar[Mapping[str, str]] = {**fol.WORDS, "True": "⊤", "False": "⊥"}
    heads = frozenset("ForAll Forall Exists And Or Not Implies Iff Xor".split())
    chains_implications = False

    def _atom(self) -> Formula:
        head = self._tokens[self._at]
        is_call = head.kind == NAME and self._tokens[self._at + 1].kind == "("
        if is_call and head.text in ("ForAll", "Forall", "Exists"):
            self._at += 2
            return self._bound("∃" if head.text == "Exists" else "∀")
        if head.text not in self.heads:
            return super()._atom()
        if not is_call:
            raise self._error(f"{head.text} needs its arguments in parentheses")
        self._at += 2
        parts = [self._expression(0)]
        while self._kind() == ",":
            self._take()
            parts.append(self._expression(0))
        self._expect(")", "a comma or )")
        make, count = _Z3_HEADS[head.text]
        if count not in (0, len(parts)):
            message = f"{head.text} takes {count} formula{'s' * (count > 1)}, not {len(parts)}"
            raise ReadError(message, self._text, head.position)
        formula = make(*parts)
        if formula.depth > MAX_NESTING:
            raise ReadError(f"nested deeper than {MAX_NESTING}", self._text, head.position)
        return formula

    def _bound(self, quantifier: str) -> Formula:
        """What follows `ForAll(`: a variable, or several in brackets, a comma and the formula."""
        has_brackets = self._kind() == "["
        self._at += has_brackets
        names = [self._expect(NAME, "a variable").text]
        while has_brackets and self._kind() == ",":
            self._take()
            names.append(self._expect(NAME, "a variable").text)
        if has_brackets:
            self._expect("]", "a comma or ]")
        self._expect(",", "a comma")
        outer = len(self._scope)
        if not {*names}.isdisjoint(self._scope) or len({*names}) < len(names):
            raise self._error("a variable is bound twice")
        self._scope += names
        if len(self._scope) > MAX_NESTING:
            raise self._error(f"nested deeper than {MAX_NESTING}")
        formula = self._expression(0)
        self._expect(")", "a connective or )")
        del self._scope[outer:]
        return reduce(lambda inner, _: QUANTIFIERS[quantifier](inner), names, formula)


_Z3_HEADS: Final[dict[str, tuple[Callable[..., Formula], int]]] = {  # and how many arguments; 0: any number
    "And": (And, 0),
    "Or": (Or, 0),
    "Not": (Not, 1),
    "Implies": (Implies, 2),
    "Iff": (Iff, 2),
    "Xor": (Xor, 2),
}


class _LogicLmReader(_Strict):
    """Of Logic-LM's programs: `Dog($x, True)` is Dog(x), with False ¬Dog(x); each $x is universal."""

    symbols: ClassVar[Mapping[str, str]] = {"&&": "∧", "||": "∨", ">>>": "→", "(": "(", ")": ")", ",": ","}
    words: ClassVar[Mapping[str, str]] = {}
    chains_implications = False

    def _scan_one(self, at: int) -> tuple[str, str, int]:
        word = re.compile(r"\$?\w+").match(self._text, at)
        return (NAME, word[0], len(word[0])) if word else super()._scan_one(at)

    def _atom(self) -> Formula:
        predicate = self._name("a formula")
        self._expect("(", "(")
        terms = []
        while self._tokens[self._at].text not in ("True", "False"):
            terms.append(self._term())
            self._expect(",", "a comma, and True or False at the end")
        holds = self._take().text == "True"
        self._expect(")", ") after True or False")
        formula = Atom(predicate, tuple(terms))
        return formula if holds else Not(formula)

    def _term(self) -> Term:
        if self._tokens[self._at].text.startswith("$"):
            return self._free_variable(self._take().text)
        return super()._term()

    def _is_variable(self, name: str) -> bool:
        return False  # without a dollar, a constant

    def _free_variable(self, name: str) -> Bound:
        if name not in self._free:
            self._free.append(name)
        return Bound(len(self._scope) + self._free.index(name))


_READERS: Final[dict[Notation, Callable[[str], Reading]]] = {
    Notation.FOLIO: fol.read,
    Notation.PROVER9: lambda text: _read(text, _Prover9Reader),
    Notation.TPTP: lambda text: _read(text, _TptpReader),
    Notation.Z3: lambda text: _read(text, _Z3Reader),
    Notation.LOGIC_LM: lambda text: _read(text, _LogicLmReader),
}


def _read(text: str, reader: type[Reader]) -> Reading:
    if len(text) > fol.MAX_LENGTH:
        raise ReadError(f"a formula has at most {fol.MAX_LENGTH} characters", text, fol.MAX_LENGTH)
    return reader(text).read()
