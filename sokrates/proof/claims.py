r"""The grammar of claims: which formula a Thought asserts, and the lines that it names as its ground.

A Thought asserts a formula when the whole of it is a sentence of this grammar; whatever is not in the grammar
asserts nothing (*no claim*). So a condition, a denial, a question, a supposition, a quotation or a hedge, wherever
it stands, needs no rule of its own: `Unless Ava is red, we conclude that …`, `It is false that therefore …` and
`…, so Ava is a hunter, or not` are not in it.

    Thought   [LABEL] [Ground MARK] [Joint] Claim            Ava is a wolf [1], so Ava is a hunter [2].
              to evaluate: S {, S}: Thought                  to evaluate: Ava is red, every wolf is red: Ava …
              [LABEL] SINCE Ground, [Joint] Claim            Since Ava is a wolf, we know that Ava is a hunter.
              [LABEL] Claim BECAUSE Ground                   Ava is a hunter, because Ava is a wolf [1].
    of ASSUME [LABEL] [LEAD,] ASSUME Claim                   Let us assume that Ava is a wolf [2].
    Joint     one or more of ADVERB, VERB and LEAD,          hence / we conclude that / by modus ponens,
    Ground    S [CITED] {and S [CITED]}, after an OPENING    we know that Ava is a wolf [1] and every wolf …
    Claim     S [CITED] [TAIL] [too] [.] [REMARK]            Ava must be a hunter (from 1 and 0).
    S         a sentence of controlled English, or a formula in FOL notation without repairs

A Ground may be several sentences. A Joint follows a Ground after a comma, a semicolon, a full stop or a space;
`→` between two English sentences is one too. No digit follows a LABEL (`1.5 is an integer`), and `-` is one
before English alone. Text in double quotes is never searched for a Joint. What is to be evaluated, the
conclusion or what a step is chosen from, is named, not asserted. The words in capitals are the rules of GRAMMAR,
below; the reader's patterns are made from it, and so are the tests' sentences.

A sentence to be evaluated, or of a Ground that cites no line for it, must be about the problem: none that talks
about the argument (`The following is false.`), and no single word. One that cites a line may be any but a lone
word of that kind (`Wrong [0]`). Reading is total and takes time in proportion to the text's length.
Not covered: whether the claim is what the step derives, which `verify` decides; CONCLUDE's Thought claims no
formula, and `answers_named` says which answers it names.

    >>> assertion = read_thought("Ava is a wolf [1] and every wolf is a hunter [0], so Ava is a hunter [2].")
    >>> assertion.claim is read_formula("Ava is a hunter"), assertion.number, [i for _, i in assertion.ground]
    (True, 2, [1, 0])
    >>> read_thought("If Sam is red, we can conclude that Ava is a hunter.").refusal
    <Reason.NO_CLAIM: 'no claim'>
"""

from __future__ import annotations

import re
from collections import deque
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.logic.english_words import RESERVED, is_function_word
from sokrates.logic.formula import Atom, Formula, Implies
from sokrates.logic.reading import ReadError
from sokrates.proof.kernel import RULES
from sokrates.proof.option import Reason
from sokrates.proof.text import END_OF_TEXT, read_formula

# `(a | b)` is a choice, `[a]` may be left out, CAPITALS name another rule, # is an index. Case does not count.
GRAMMAR: Final = {
    "LABEL": "(step # (: | .) | # (. | \\)) | \\( # \\) | - | conclusion :)",
    # What joins a ground and a claim
    "ADVERB": "(so | thus | hence | therefore | consequently | accordingly | ergo | as a result | as a consequence"
    " | for this reason | ∴)",
    "VERB": "(SPEAKER [ABLE] [STRESS] DERIVE [that] | SPEAKER [STRESS] LEARN [that]"
    " | SPEAKER can [STRESS] LEARN that | [let us | let's] [STRESS] DERIVE that"
    " | it [STRESS] follows [from (this | these)] that | it can [STRESS] be DERIVED that"
    " | it (holds | is true | is the case | must be | must be true | must be the case) that"
    " | REFERRING [STRESS] SHOWS [us] [that] | REFERRING [STRESS] ALLOWS (us | me | one) [to] DERIVE [that]"
    " | REFERRING leads (us | me) to conclude [that] | the (conclusion | result) is that)",
    "SPEAKER": "(we | i | one | you)",
    "ABLE": "(can | may | must | are able to | am able to)",
    "STRESS": "(now | then | also | thus | therefore | hence | safely)",
    "DERIVE": "(conclude | derive | infer | deduce)",
    "DERIVED": "(concluded | derived | inferred | deduced | seen)",
    "LEARN": "(know | have | get | obtain | see | find)",
    "REFERRING": "(this | that | which | these | they | together these | together they)",
    "SHOWS": "(means | mean | implies | imply | shows | show | proves | prove | gives | give | yields | yield"
    " | entails | entail | establishes | establish | tells)",
    "ALLOWS": "(allows | allow | lets | let | enables | enable)",
    # What stands before it with a comma
    "LEAD": "(first | second | third | next | then | now | finally | lastly | also | together | in conclusion"
    " | clearly | indeed | (by | using | with | applying) [the rule of] RULE [ON LINES]"
    " | (from | by | using | given | based on | combining | with) LINES | from (this | these | the above)"
    " | from the premises | by (this rule | the rule | the rules))",
    "OPENING": "(we (know | have | are given) [that] | given [that] | note that | recall that | it is given that"
    " | first [,] | second [,] | next [,] | then [,] | also [,] | and)",
    "SINCE": "(since | because | as | given that | given | knowing that)",
    "BECAUSE": "(because | since)",
    "ASSUME": "([let us | let's | we | now] [now] (assume | suppose) [FORTHIS] [that])",
    "FORTHIS": "([,] (for | toward | towards) [the sake of] [a] (contradiction | argument) [,])",
    # What stands after S
    "CITED": "(\\[ # \\] | \\( (LINES | given) \\))",
    "TAIL": "(\\( REASON \\) | , REASON | PLAINLY)",
    "REASON": "(by [the rule of] RULE [ON LINES] | (from | using | by | given) LINES)",
    # Without a comma, what is no part of S: `improved by addition` may be
    "PLAINLY": "(by (the rule of RULE | NAMED) [ON LINES] | (from | using | by | given) LINES)",
    "ON": "(on | from | with | to | applied to | using)",
    "REMARK": "(this is | call this) [the] [step | line | fact] LINE",
    "TOO": "([,] (too | as well | also | indeed))",
    "LINES": "(LINE {((, and | and | , | &) LINE)})",
    "LINE": "([KIND] INDEX)",
    "KIND": "(premise | premises | line | lines | step | steps | fact | facts | rule | rules)",
    "INDEX": "(# | \\[ # \\])",
    "RULE": "(NAMED | conjunction | addition)",
    "NAMED": " | ".join(
        [name.lower().replace("_", " ") for name in RULES if name != "ASSUME"]
        + ["universal instantiation", "universal generalization", "existential instantiation"]
        + ["existential generalization", "conjunction introduction", "conjunction elimination"]
        + ["disjunction introduction", "disjunction elimination", "case analysis"]
        + ["biconditional introduction", "biconditional elimination", "double negation elimination"]
        + ["reductio ad absurdum", "proof by contradiction", "simplification", "transitivity"]
    ).join("()"),
}
# A sentence that cites no line and has one of these talks about the argument.
TALK: Final = frozenset(
    "false true untrue wrong right incorrect correct invalid valid absurd nonsense fallacy mistake lie joke claim "
    "claims conclusion conclusions following above below previous next opposite contrary converse reverse "
    "argument arguments reasoning inference statement statements sentence sentences premise premises step steps "
    "proof proofs answer answers question questions hypothesis supposition assumption rumour rumor opinion story "
    "dream nope doubtful dubious impossible unproven unsound refuted denied disproved rejected joking kidding "
    "lying bogus flawed unjustified unfounded hypothetical guess guesses deduction deductions derivation "
    "derivations inferences".split()
)
MAX_THOUGHT: Final = 50_000  # characters; a longer Thought claims nothing
AGENDA = "to evaluate: "  # begins a Thought that says what the proof is to decide, or what is looked at for a step
_MAX_KEPT = 600  # characters of a Thought that the cache keeps
_MAX_TAIL = 160  # characters of what may follow a claim
_MAX_PLACES = 8  # that are tried for the end of a ground, from the last


class Assertion(NamedTuple):
    """What a Thought asserts.

    claim: the formula that it asserts; None where `refusal` says why there is none
    refusal: NO_CLAIM, or UNREADABLE_CLAIM where a claim is announced and is no formula
    number: the index that the Thought gives the formula, None where it gives none
    ground: the sentences that it rests on, each with the index that it cites, None where it cites none
    lines: the indices that it names without a sentence, `(from 1 and 0)`
    unread: the text that is announced as a claim and is no formula, with UNREADABLE_CLAIM
    persons: the claim speaks of `people` or `someone`, which may say less than its formula
    """

    claim: Formula | None
    refusal: Reason | None
    number: int | None = None
    ground: tuple[tuple[Formula, int | None], ...] = ()
    lines: tuple[int, ...] = ()
    unread: str = ""
    persons: bool = False


# The grammar's patterns


def pattern(name: str) -> str:
    """The regular expression of a rule of GRAMMAR; words may be followed by one space."""
    return _pattern(_TOKEN.findall(GRAMMAR[name]))


_TOKEN = re.compile(r"\\.|[()\[\]{}|]|[^\s()\[\]{}|\\]+")
_OPENED = {"(": "(?:", "[": "(?:", "{": "(?:"}
_CLOSED = {")": ")", "]": ")?", "}": ")*"}


def _pattern(tokens: list[str]) -> str:
    made = []
    for token in tokens:
        if token in _OPENED or token in _CLOSED or token == "|":
            made.append(_OPENED.get(token) or _CLOSED.get(token) or "|")
        elif token in GRAMMAR:
            made.append(f"(?:{pattern(token)})")
        elif token == "#":
            made.append(r"[0-9]{1,9}(?![0-9]) ?")
        elif token[-1].isalpha():
            made.append(re.escape(token) + r"(?:\ |(?![\w'(-]))")
        else:
            made.append(re.escape(token.removeprefix("\\")) + " ?")
    return "".join(made)


class _Patterns:
    """The grammar's patterns, each compiled when a Thought first needs it: all of them take 50 ms."""

    @cached_property
    def label(self) -> re.Pattern[str]:
        return _compiled(rf"(?:{pattern('LABEL')})(?<!-)(?!(?<=\.)[0-9])")  # 1.5 and -5 are numbers

    @cached_property
    def joint(self) -> re.Pattern[str]:
        return _compiled(
            rf"(?<![\w'(-])(?:(?:and |together, )?"
            rf"(?:(?:{pattern('LEAD')}), ?|(?:{pattern('ADVERB')})(?:, ?)?|(?:{pattern('VERB')})(?:: ?)?))+"
        )

    @cached_property
    def openings(self) -> re.Pattern[str]:
        return _compiled(rf"(?:[,;.!] ?)?(?:(?:{pattern('OPENING')})|{pattern('LEAD')}, ?)*")

    @cached_property
    def since(self) -> re.Pattern[str]:
        return _compiled(pattern("SINCE"))

    @cached_property
    def because(self) -> re.Pattern[str]:
        return _compiled(rf"(?<=[\w\])])[,;]? ({pattern('BECAUSE')})")

    @cached_property
    def assume(self) -> re.Pattern[str]:
        return _compiled(rf"(?:{pattern('LEAD')}, ?)?(?:{pattern('ASSUME')})")

    @cached_property
    def cited(self) -> re.Pattern[str]:
        return _compiled(rf" ?(?:{pattern('CITED')})")

    @cached_property
    def tail(self) -> re.Pattern[str]:
        return _compiled(
            rf"(?: ?(?:{pattern('CITED')})| (?:{pattern('TAIL')})"
            rf"|, (?:{pattern('REASON')})| ?(?:{pattern('TOO')}))$"
        )

    @cached_property
    def reason(self) -> re.Pattern[str]:
        return _compiled(rf" ?(?:{pattern('TAIL')})\.?$")

    @cached_property
    def remark(self) -> re.Pattern[str]:
        return _compiled(rf"[.;!] ?(?:{pattern('REMARK')})[.!]?$")


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_PATTERNS: Final = _Patterns()
# What our own writer makes, and most Thoughts are: `S [1] and S [0], so S [2].`
_CITATION = r"([^\[\]]+) \[([0-9]{1,9})\]"
_WRITTEN = re.compile(rf"{_CITATION}(?: and {_CITATION})?(?: and {_CITATION})?, so {_CITATION}\.")
_INDEX = re.compile("[0-9]+")
_BARE_INDEX = re.compile(r"(?:by|from|using|given|\() ?[0-9]", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w\[])[0-9]+(?![\w\]])")
_PERSONS = re.compile(r"\b(?:people|someone|somebody)\b", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
_ARROW = re.compile(" (?:→|⇒|->|=>) ")
_BOLD = re.compile(r"(?<![\w*])\*\*(?=[^\s*])([^*]*[^\s*])\*\*(?:(?<=[.:)]\*\*)|(?![\w*]))|^\*\*|\*\*$")
_ENGLISH = re.compile(r"(?!(?:forall|exists|all \w)\b)[^\W\d_][\w'-]*,? \w", re.IGNORECASE)
_PLAIN_WORD = re.compile(r"[\w'-]+")
_MUST = re.compile(r"((?:(?:every|each|the) )?[\w'-]+(?: [\w'-]+){0,2}?) must (not )?(?:also )?be ", re.IGNORECASE)
_ALSO = re.compile(r" (is|are) (?:also|thus|therefore|hence|then|indeed|consequently),? ")
_ANSWER = re.compile(r"\b(?:is|are|be|answer:?|as)\s+[\"'`*(]*(true|false|unknown|uncertain)\b", re.IGNORECASE)
_FOL_SIGNS = frozenset("∀∃¬∧∨→↔⊕⊤⊥()&|~!")
_ARTICLES = re.compile(" an? (?=an? )")  # `is a an impus`, as small models write: one article is enough
_QUOTES = (('"', '"'), ("“", "”"), ("'", "'"), ("‘", "’"), ("`", "`"))


# Thoughts


def read_thought(thought: str, assumes: bool = False) -> Assertion:
    """What a Thought asserts; `assumes`: its step is ASSUME, and the Thought has to say so. Total."""
    return _read(thought, assumes) if len(thought) <= _MAX_KEPT else _read.__wrapped__(thought, assumes)


@lru_cache(maxsize=1 << 12)  # samples of a problem come one after the other
def _read(thought: str, assumes: bool) -> Assertion:
    if len(thought) > MAX_THOUGHT:
        return _NOTHING
    thought = split_agenda(thought)[1]
    if not assumes and (written := _as_written(thought)):
        return written
    text = _undressed(thought)
    if assumes:
        opening = _PATTERNS.assume.match(text)
        return _assertion(text[opening.end() :], [], []) if opening else _NOTHING
    masked = _masked(text)
    announced = None
    for form in _joined, _since, _because, _arrow:
        assertion = form(text, masked)
        if assertion is not None and assertion.refusal is None:
            return assertion
        announced = announced or assertion
    return announced or _bare(text)


def split_agenda(thought: str) -> tuple[str, str]:
    """What a Thought begins with, `to evaluate: S, S: ` once or more, and the rest.

    The first is empty where that does not name sentences about the problem, and nothing else.
    """
    if not thought.startswith(AGENDA):
        return "", thought
    end = _masked(thought).rfind(": ") + 2
    named = thought[len(AGENDA) : end - 2].replace(f": {AGENDA}", ", ").split(", ")
    return (thought[:end], thought[end:]) if all(map(may_be_named, named)) else ("", thought)


def may_be_named(sentence: str) -> bool:
    """Whether an agenda may hold it: a sentence about the problem, not in quotes.

    Commas part what an agenda names and a colon ends it, so it holds neither.
    """
    is_apart = "," not in sentence and ": " not in sentence and not sentence.startswith('"')
    return is_apart and _is_about_the_problem(sentence) and _formula(sentence) is not None


_NOTHING: Final = Assertion(None, Reason.NO_CLAIM)
_Ground = list[tuple[Formula, int | None]]


def _as_written(thought: str) -> Assertion | None:
    """What our own writer makes, without the grammar's patterns; None where the Thought is not of that form."""
    written = _WRITTEN.fullmatch(thought)
    if written is None:
        return None
    *cited, claim, number = [text for text in written.groups() if text is not None]
    try:
        ground = []
        for sentence, index in zip(cited[::2], cited[1::2], strict=True):
            if " " not in sentence and _is_talk(sentence):
                return None
            ground.append((read_formula(sentence), int(index)))
        persons = _speaks_of_persons(claim)
        return Assertion(read_formula(claim), None, int(number), tuple(ground), persons=persons)
    except ReadError:
        return None


def _speaks_of_persons(text: str) -> bool:
    return _PERSONS.search(text) is not None and _FOL_SIGNS.isdisjoint(text)


def _undressed(text: str) -> str:
    """The text without what stands around a Thought: end-of-text tokens, line ends, bold marks and a label."""
    text = text.strip()
    while text.endswith(END_OF_TEXT):
        text = text[: text.rindex("<")].rstrip()
    if "\n" in text:
        text = " ".join(line.strip() for line in text.splitlines() if line.strip())
    if "**" in text and '"' not in text:
        text = _BOLD.sub(r"\1", text).strip()
    label = _PATTERNS.label.match(text)
    if label is None or (label[0] == "- " and not _ENGLISH.match(text, label.end())):  # a minus negates
        return text
    return text[label.end() :].lstrip()


def _masked(text: str) -> str:
    """The text with what stands in double quotes or in parentheses blotted out; its length stays."""
    if '"' in text:
        text = _QUOTED.sub(lambda quoted: '"' + "\0" * (len(quoted[0]) - 2) + '"', text)
    if "(" not in text:
        return text
    depth, made = 0, []
    for char in text:
        depth -= char == ")" and depth > 0
        made.append(char if depth == 0 else "\0")
        depth += char == "("
    return "".join(made)


def _joined(text: str, masked: str) -> Assertion | None:
    """`Ground, so Claim`, or the claim alone after `so`; refused where what is announced is no formula."""
    announced = None
    for joint in reversed(deque(_PATTERNS.joint.finditer(masked), maxlen=_MAX_PLACES)):
        assertion = _after(joint, text, masked)
        if assertion is not None and assertion.refusal is None:
            return assertion
        announced = announced or assertion
    return announced


def _after(joint: re.Match[str], text: str, masked: str) -> Assertion | None:
    """The claim after a joint; None where what stands before it is no ground."""
    since = _PATTERNS.since.match(text, 0, joint.start())
    begin = since.end() if since else 0
    ground = _ground(text[begin : joint.start()], masked[begin : joint.start()])
    if ground is None or (since and not ground):
        return None
    return _assertion(text[joint.end() :], ground, [int(one) for one in _INDEX.findall(joint[0])])


def _since(text: str, masked: str) -> Assertion | None:
    """`Since Ground, Claim`."""
    since = _PATTERNS.since.match(text)
    if not since:
        return None
    comma = len(text)
    for _ in range(_MAX_PLACES):
        comma = masked.rfind(", ", since.end(), comma)
        if comma < 0:
            return None
        assertion = _assertion(text[comma + 2 :], [], [])
        is_word = type(assertion.claim) is Atom and not assertion.claim.terms  # `too` is no claim
        if assertion.refusal is None and not is_word:
            ground = _ground(text[since.end() : comma], masked[since.end() : comma])
            if ground:
                return assertion._replace(ground=tuple(ground))
    return None


def _because(text: str, masked: str) -> Assertion | None:
    """`Claim, because Ground`."""
    because = _PATTERNS.because.search(masked)
    if not because:
        return None
    assertion = _bare(text[: because.start()])
    end = len(text) - text.endswith((".", "!"))
    ground = _ground(text[because.end() : end], masked[because.end() : end])
    return assertion._replace(ground=tuple(ground)) if ground and assertion.refusal is None else None


def _arrow(text: str, masked: str) -> Assertion | None:
    """`S → S` between English sentences; between formulas it is an implication."""
    arrow = _ARROW.search(masked)
    if not arrow or not _FOL_SIGNS.isdisjoint(text[: arrow.start()] + text[arrow.end() :]):
        return None
    ground = _ground(text[: arrow.start()], masked[: arrow.start()])
    return _assertion(text[arrow.end() :], ground, []) if ground else None


def _bare(text: str) -> Assertion:
    """The claim alone: a sentence about the problem, not in quotes."""
    assertion = _assertion(text, [], [], is_bare=True)
    return _NOTHING if assertion.refusal else assertion


def _assertion(text: str, ground: _Ground, lines: list[int], is_bare: bool = False) -> Assertion:
    """S and what may stand around it; where nothing announces it, S has to be about the problem."""
    text = announced = text.strip()
    indices: list[int] = []
    remarked: set[int] = set()
    if remark := _PATTERNS.remark.search(text, max(0, len(text) - _MAX_TAIL)):
        remarked = {int(one) for one in _INDEX.findall(remark[0])}
        text = text[: remark.start()]
    text = text.rstrip().removesuffix("!")
    is_number_named = False  # as a line is, without a word or a bracket that says so
    # `a hunter by transitivity` is a hunter
    if reason := _PATTERNS.reason.search(text, max(0, len(text) - _MAX_TAIL)):
        is_number_named = _BARE_INDEX.search(reason[0]) is not None
        lines = lines + [int(one) for one in _INDEX.findall(reason[0])]
        text = text[: reason.start()]
    while True:
        inner = _unquoted(text.rstrip().removesuffix("."))
        formula = (_formula(inner) if inner else None) or _formula(text)  # a quoted name is a formula, too
        word = text.strip(" .")  # a number is one of the lines before it: `by modus ponens from 1, 0`
        if is_function_word(word) or word.isdigit() or (is_bare and (inner or not _is_about_the_problem(text))):
            formula = None
        if formula is not None:
            break
        text = text.rstrip().removesuffix(".").rstrip()
        tail = _PATTERNS.tail.search(text, max(0, len(text) - _MAX_TAIL))
        if tail:
            is_number_named = is_number_named or _BARE_INDEX.search(tail[0]) is not None
            numbers = [int(one) for one in _INDEX.findall(tail[0])]
            if tail[0].strip().startswith("["):
                indices += numbers
            else:
                lines = lines + numbers
            text = text[: tail.start()]
        elif inner and not is_bare:
            text = inner
        else:
            return Assertion(None, Reason.UNREADABLE_CLAIM, None, tuple(ground), tuple(lines), announced)
    is_of_numbers = is_number_named and _NUMBER.search(text)  # then `divisible by 5` may be one thing
    if is_of_numbers or len(indices) > 1 or (indices and not remarked <= {*indices}):
        return Assertion(None, Reason.UNREADABLE_CLAIM, None, tuple(ground), tuple(lines), announced)
    number = next(iter(indices or remarked), None)
    return Assertion(formula, None, number, tuple(ground), tuple(lines), "", _speaks_of_persons(text))


def _unquoted(text: str) -> str | None:
    for opening, closing in _QUOTES:
        if len(text) > 2 and text.startswith(opening) and text.endswith(closing):
            return text[1:-1]
    return None


def _ground(text: str, masked: str) -> _Ground | None:
    """The sentences of a ground with the index that each cites; None where a part is no sentence."""
    ground: _Ground = []
    at = 0
    for citation in _PATTERNS.cited.finditer(text):
        bracket = citation.start() + (text[citation.start()] == " ")
        if masked[bracket] != text[bracket]:
            continue  # inside a quoted name
        formulas = _sentences(text[at : citation.start()], masked[at : citation.start()], True)
        numbers = _INDEX.findall(citation[0])
        if not formulas:
            return None
        ground += [(one, None) for one in formulas[:-1]]
        ground.append((formulas[-1], int(numbers[0]) if len(numbers) == 1 else None))
        at = citation.end()
    if text[at:].strip(" ,;.!"):
        formulas = _sentences(text[at:], masked[at:], False)
        if not formulas:
            return None
        ground += [(one, None) for one in formulas]
    return ground


_FULL_STOP = re.compile(r"[.;!] +")
_AND = re.compile(r",? and |, ")


def _sentences(text: str, masked: str, is_cited: bool) -> list[Formula]:
    """The sentences that `and`, a comma or a full stop joins; the last one is cited. Empty: one is unreadable."""
    formulas: list[Formula] = []
    begin = 0
    ends = [*[stop.end() for stop in _FULL_STOP.finditer(masked)], len(text)]
    for end in ends:
        begin += _PATTERNS.openings.match(text[begin:end]).end()  # type: ignore[union-attr]
        part, hidden = text[begin:end].rstrip(" .;!,"), masked[begin:end]
        if part:
            last = is_cited and end == len(text)
            read = _split(part, hidden[: len(part)], last)
            if not read:
                return []
            formulas += read
        begin = end
    return formulas


def _split(text: str, masked: str, is_cited: bool) -> list[Formula]:
    """The sentences that `and` joins, each as long as it can be; an English sentence has a greatest length."""
    whole = _sentence(text, is_cited)
    if whole is not None:
        return [whole]
    formulas: list[Formula] = []
    begin = 0
    while begin < len(text):
        begin += _PATTERNS.openings.match(text[begin : begin + _MAX_TAIL]).end()  # type: ignore[union-attr]
        window = begin + english.MAX_LENGTH
        places = [(joint.start(), joint.end()) for joint in _AND.finditer(masked, begin, window)]
        if len(text) <= window:
            places.append((len(text), len(text)))
        for stop, following in reversed(places):
            formula = _sentence(text[begin:stop], is_cited and following == len(text))
            if formula is not None:
                break
        else:
            return []
        formulas.append(formula)
        begin = following
    return formulas


def _sentence(text: str, is_cited: bool) -> Formula | None:
    """The formula of a sentence of a ground; None also where it may talk about the argument."""
    if not is_cited and not _is_about_the_problem(text):
        return None
    if is_cited and _is_talk(text.strip()):
        return None
    formula = _formula(text)
    if formula is None and " a" in text:
        formula = _formula(_ARTICLES.sub(" ", text, count=1))
    return formula if is_cited or type(formula) is not Implies else None  # `if …` may reach to the claim


def _is_talk(word: str) -> bool:
    """Whether a word alone, although it cites a line, is no proposition: `Wrong [0], so …`."""
    return is_function_word(word) or word.lower() in TALK


def _is_about_the_problem(text: str) -> bool:
    words = _PLAIN_WORD.findall(text.lower())
    if (len(words) <= 1 and _FOL_SIGNS.isdisjoint(text)) or not TALK.isdisjoint(words):
        return False
    return _FOL_SIGNS.isdisjoint(text) or RESERVED.isdisjoint(words)


def _formula(text: str) -> Formula | None:
    """The formula of S; in English `must be`, `also` and their like add nothing to it."""
    try:
        return read_formula(text)
    except ReadError:
        pass
    if len(text) > english.MAX_LENGTH:
        return None
    plain = _ALSO.sub(r" \1 ", text, count=1)
    if must := _MUST.match(text):
        verb = "are" if must[1].count(" ") == 0 and must[1].endswith("s") else "is"
        plain = f"{must[1]} {verb} {must[2] or ''}{text[must.end() :]}"
    try:
        return english.read(plain.strip()) if plain != text else None
    except ReadError:
        return None


def answers_named(thought: str) -> set[Answer]:
    """The answers that a Thought of CONCLUDE says are the answer."""
    words = {word.upper() for word in _ANSWER.findall(thought[:MAX_THOUGHT])}
    return {Answer.UNKNOWN if word == "UNCERTAIN" else Answer[word] for word in words}
