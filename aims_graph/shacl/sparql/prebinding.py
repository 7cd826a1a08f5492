"""Pre-bound variables: what a query may do with them (SHACL appendix A), and the ones that never change.

``$this``, and ``$value`` of ASK validators, differ from focus node to focus node and are the evaluator's seed. All
others (parameters, ``$currentShape``, ``$shapesGraph``) have one value for a compiled constraint and are written into
the algebra as terms.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from aims_graph.errors import InputError

from .algebra import (
    Call,
    Constant,
    Distinct,
    Extend,
    Group,
    Minus,
    Pattern,
    Project,
    Query,
    Slice,
    Term,
    TriplePattern,
    Values,
    Variable,
)
from .literals import TRUE
from .scope import FIELD_NAMES, walk

#: Sub-selects need not return these (appendix A).
_OPTIONAL: Final = frozenset({"shapesGraph", "currentShape"})


def check_prebinding(query: Query, prebound: Collection[str]) -> None:
    """Raises InputError for what SHACL forbids where ``prebound`` variables may have a value beforehand."""
    needed = set(prebound) - _OPTIONAL
    outermost = _projection(query.pattern) if not query.ask else None
    for node in walk(query.pattern):
        match node:
            case Minus():
                raise InputError(
                    "MINUS is not allowed in a SHACL query", hint="Use FILTER NOT EXISTS"
                )
            case Values():
                raise InputError(
                    "VALUES is not allowed in a SHACL query", hint="Use FILTER with IN"
                )
            case Extend(_, name, _) if name in prebound:
                raise InputError(
                    f"AS ?{name} is not allowed: the variable has a value before the query runs"
                )
            case Project(_, variables) if node is not outermost and (
                missing := needed - set(variables)
            ):
                raise InputError(f"a sub-select must return ${' and $'.join(sorted(missing))}")


def _projection(pattern: Pattern) -> Pattern:
    while isinstance(pattern, Distinct | Slice):
        pattern = pattern.pattern
    return pattern


def keep_columns(pattern: Pattern, names: Collection[str]) -> Pattern:
    """The pattern of a SELECT query, whose solutions keep ``names`` although they may not be selected."""
    match pattern:
        case Project(inner, variables):
            return Project(inner, (*variables, *(name for name in names if name not in variables)))
        case Distinct(inner):
            return Distinct(keep_columns(inner, names))
        case Slice(inner, offset, limit):
            return Slice(keep_columns(inner, names), offset, limit)
    return pattern


def substitute(node: Any, constants: Mapping[str, Term]) -> Any:
    """The algebra with terms in place of the variables that ``constants`` names."""
    match node:
        case tuple():
            return tuple(substitute(item, constants) for item in node)
        case Variable(name):
            return Constant(constants[name]) if name in constants else node
        case TriplePattern(subject, predicate, object_):
            return TriplePattern(
                constants.get(subject.name, subject) if isinstance(subject, Variable) else subject,
                constants.get(predicate.name, predicate)
                if isinstance(predicate, Variable)
                else predicate,
                constants.get(object_.name, object_) if isinstance(object_, Variable) else object_,
            )
        case Call("BOUND", (Variable(name),)):
            return Constant(TRUE) if name in constants else node
        case Project(inner, variables):
            return Project(
                substitute(inner, constants), tuple(n for n in variables if n not in constants)
            )
        case Group(inner, keys, _, _):
            kept = tuple(name for name in keys if name not in constants)
            return replace(
                node,
                pattern=substitute(inner, constants),
                keys=kept,
                aggregates=substitute(node.aggregates, constants),
            )
    names = FIELD_NAMES[type(node)]
    return type(node)(*(substitute(getattr(node, n), constants) for n in names)) if names else node
