"""Expressions, triple patterns and paths written as SPARQL."""

from abc import abstractmethod
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.errors import InputError

from .algebra import (
    Alternative,
    And,
    Call,
    Closure,
    Comparison,
    Constant,
    Exists,
    Expression,
    Inverse,
    Membership,
    NegatedSet,
    Not,
    Or,
    Path,
    Pattern,
    Query,
    Slot,
    Term,
    TriplePattern,
    Variable,
)
from .algebra import Sequence as PathSequence
from .outside import Dates
from .scope import constants

#: Of what is written more than once.
_LONGEST: Final = 100_000


class ExpressionsText:
    """``blanks``: blank nodes that the query mentions; they stand as the variables ``carried``."""

    def __init__(self, query: Query, now: Term) -> None:
        self._now = now
        self._dates = Dates(query)
        self._names: dict[str, str] = {}
        blank = (term for term in constants(query.pattern) if isinstance(term, BlankNode))
        self.blanks: list[BlankNode] = sorted(blank, key=str)
        self.carried = tuple(f"?c_{number}" for number in range(len(self.blanks)))

    @abstractmethod
    def braced(self, pattern: Pattern, bound: frozenset[str]) -> str: ...

    def variable(self, name: str) -> str:
        if not name.startswith("."):
            return "?v_" + name
        return "?" + self._names.setdefault(name, f"b_{len(self._names)}")

    def _fresh(self) -> str:
        return self.variable(f".. {len(self._names)}")

    # Triples and paths

    def triple(self, triple: TriplePattern) -> str:
        if isinstance(triple.subject, Literal):
            return "FILTER(false)"
        subject, object_ = self._slot(triple.subject), self._slot(triple.object)
        if isinstance(triple.predicate, Variable | NamedNode | BlankNode | Literal):
            return f"{subject} {self._slot(triple.predicate)} {object_} ."
        return self._path_triples(subject, triple.predicate, object_)

    def _path_triples(self, subject: str, path: Path, object_: str) -> str:
        """Alternatives and negated sets as patterns of their own: Oxigraph counts a pair once that two of
        them join, where section 18.4 counts both.
        """
        match path:
            case NamedNode():
                return f"{subject} {path} {object_} ."
            case Inverse(inner):
                return self._path_triples(object_, inner, subject)
            case PathSequence(steps):
                ends = [subject, *(self._fresh() for _ in steps[1:]), object_]
                return " ".join(
                    self._path_triples(before, step, after)
                    for before, step, after in zip(ends, steps, ends[1:], strict=False)
                )
            case Alternative(options):
                return " UNION ".join(
                    f"{{ {self._path_triples(subject, option, object_)} }}" for option in options
                )
            case NegatedSet(forward, backward):
                parts = []
                for names, first, last in (
                    (forward, subject, object_),
                    (backward, object_, subject),
                ):
                    if names is not None:
                        step = self._fresh()
                        excluded = ", ".join(map(str, names))
                        parts.append(
                            f"{{ {first} {step} {last} FILTER({step} NOT IN ({excluded})) }}"
                        )
                return " UNION ".join(parts)
        return f"{subject} {_path_text(path)} {object_} ."

    def _slot(self, slot: Slot) -> str:
        return self.variable(slot.name) if isinstance(slot, Variable) else self._term(slot)

    def _term(self, term: Term) -> str:
        if isinstance(term, BlankNode):
            return self.carried[self.blanks.index(term)]
        return str(term)

    # Expressions

    def expression(self, expression: Expression, bound: frozenset[str]) -> str:
        """``bound``: variables that have a value where the expression is evaluated."""

        def text(part: Expression) -> str:
            return self.expression(part, bound)

        match expression:
            case Variable(name):
                return self.variable(name)
            case Constant(term):
                return self._term(term)
            case And(operands):
                return f"({' && '.join(map(text, operands))})"
            case Or(operands):
                return f"({' || '.join(map(text, operands))})"
            case Not(operand):
                return f"(! {text(operand)})"
            case Comparison("<" | ">" | "<=" | ">=" as operator, left, right):
                return self._ordered(operator, (left, right), (text(left), text(right)))
            case Comparison(operator, left, right):
                return f"({text(left)} {operator} {text(right)})"
            case Membership(needle, items):
                members = ", ".join(map(text, items))
                return f"({text(needle)} IN ({members}))"
            case Exists(pattern):
                return f"EXISTS {self.braced(pattern, bound)}"
            case Call("NOW", ()):
                return str(self._now)
            case Call("NEGATE" | "PLUS" as name, (operand,)):
                return f"({'-' if name == 'NEGATE' else '+'} {text(operand)})"
            case Call("+", (_, _) as operands) if self._dates.may_be_among(operands):
                return self._sum_of_dates(*map(text, operands))
            case Call("+" | "-" | "*" | "/" as sign, (left, right)):
                return f"({text(left)} {sign} {text(right)})"
            case Call(name, arguments):
                function = f"<{name}>" if ":" in name else name
                return f"{function}({', '.join(map(text, arguments))})"

    def _ordered(
        self, operator: str, operands: tuple[Expression, Expression], texts: tuple[str, str]
    ) -> str:
        """Oxigraph orders language-tagged strings too, and an IRI with itself; to SPARQL that is an error (17.3)."""
        tests = [
            f'LANG({text}) = ""'
            for operand, text in zip(operands, texts, strict=True)
            if not (isinstance(operand, Constant) and _is_plain(operand.term))
        ]
        compared = f"({texts[0]} {operator} {texts[1]})"
        if tests:
            compared = f"IF({' && '.join(tests)}, {compared}, ?no_value)"
        return _checked(compared)

    @staticmethod
    def _sum_of_dates(left: str, right: str) -> str:
        """Oxigraph 0.5 puts the operands of + in an order of its own and adds no date to a duration."""
        return _checked(f"COALESCE(({left} - (- {right})), ({right} - (- {left})))")


def _is_plain(term: Term) -> bool:
    return isinstance(term, Literal) and term.language is None


def _checked(text: str) -> str:
    if len(text) > _LONGEST:
        raise InputError("sums or comparisons are nested too deeply")
    return text


def _path_text(path: Path) -> str:
    match path:
        case NamedNode():
            return str(path)
        case Inverse(inner):
            return f"^({_path_text(inner)})"
        case PathSequence(steps):
            return f"({'/'.join(map(_path_text, steps))})"
        case Alternative(options):
            return f"({'|'.join(map(_path_text, options))})"
        case Closure(inner, zero, many):
            sign = "?" if not many else "*" if zero else "+"
            return f"({_path_text(inner)}){sign}"
        case NegatedSet(forward, backward):
            names = [*map(str, forward or ()), *(f"^{name}" for name in backward or ())]
            return f"!({'|'.join(names)})"
