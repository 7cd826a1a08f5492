"""Why a result is there and what would take it away: in words, as triples, as RDF."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode
from pyoxigraph import Triple as Statement

from aims_graph.columns import Triple
from aims_graph.shacl import constraints as c
from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Constraint, Ids, Shape
from aims_graph.shacl.names import RDF_TYPE, short
from aims_graph.shacl.paths import (
    Alternative,
    Inverse,
    OneOrMore,
    Path,
    Sequence,
    ZeroOrMore,
    ZeroOrOne,
    turned,
)
from aims_graph.shacl.report import ValidationResult, result_triples
from aims_graph.vocabulary import PROV, RDF

CHANGE_SET = "http://purl.org/vocab/changeset/schema#"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way to make the result go away. A blank node in ``added`` that the data has not stands for a node to choose.

    complete: the change is spelled out in full; otherwise the words say what is left to choose.
    """

    words: str
    added: tuple[Triple, ...] = ()
    removed: tuple[Triple, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """looked_at: triples that the constraint read at this focus node and, when it has one, this value."""

    result: ValidationResult
    looked_at: tuple[Triple, ...]
    remedies: tuple[Remedy, ...]

    def __str__(self) -> str:
        result = self.result
        about = f" (value {short(result.value)})" if result.value is not None else ""
        lines = [f"{short(result.focus)}{about}: {result.messages[0].value}", "Looked at:"]
        lines += [f"  {_sentence(triple)}" for triple in self.looked_at] or [
            "  no triple: there is none"
        ]
        lines.append("It passes when you:")
        lines += [f"  - {remedy.words}" for remedy in self.remedies]
        return "\n".join(lines)

    def to_triples(self) -> Iterator[Statement]:
        """The result, prov:wasDerivedFrom each triple looked at, and a cs:ChangeSet for each remedy."""
        node = BlankNode()
        yield from result_triples(node, self.result)
        for triple in self.looked_at:
            yield from _linked(node, NamedNode(PROV + "wasDerivedFrom"), triple)
        for remedy in self.remedies:
            change = BlankNode()
            yield Statement(change, RDF_TYPE, NamedNode(CHANGE_SET + "ChangeSet"))
            yield Statement(change, NamedNode(CHANGE_SET + "subjectOfChange"), node)
            yield Statement(change, NamedNode(CHANGE_SET + "changeReason"), Literal(remedy.words))
            for triple in remedy.added:
                yield from _linked(change, NamedNode(CHANGE_SET + "addition"), triple)
            for triple in remedy.removed:
                yield from _linked(change, NamedNode(CHANGE_SET + "removal"), triple)


def explain(
    result: ValidationResult, shape: Shape, constraint: Constraint, evaluation: Evaluation
) -> Explanation:
    """``shape`` and ``constraint`` are those that gave the result."""
    terms = evaluation.terms
    focus = np.array([evaluation.id(result.focus)], np.int32)
    value = None if result.value is None else np.array([evaluation.id(result.value)], np.int32)
    path = result.path
    looked_at = [] if path is None else list(walked(path, focus, value, evaluation))
    reads = constraint.reads
    for other in reads.focus_paths:
        looked_at += walked(other, focus, None, evaluation)
    nodes = value if value is not None else evaluation.values(shape.path, focus).value
    for other in reads.value_paths:
        looked_at += walked(other, nodes, None, evaluation)
    for detail in result.details:
        if detail.path is not None:
            looked_at += walked(
                detail.path, np.array([terms.id_of(detail.focus)], np.int32), None, evaluation
            )
    looked_at = list(dict.fromkeys(looked_at))
    return Explanation(result, tuple(looked_at), tuple(_remedies(result, constraint, looked_at)))


def walked(path: Path, starts: Ids, ends: Ids | None, evaluation: Evaluation) -> Iterator[Triple]:
    """The triples on all walks along the path from ``starts`` to ``ends`` (anywhere when None)."""
    match path:
        case Inverse(NamedNode() as predicate):
            for end, start in _pairs(predicate, ends, starts, evaluation):
                yield evaluation.terms.term(end), predicate, evaluation.terms.term(start)
        case Inverse(inner):
            yield from walked(turned(inner), starts, ends, evaluation)
        case Sequence(steps):
            stages = [starts]
            for step in steps:
                stages.append(evaluation.reached(step, stages[-1]))
            if ends is not None:
                stages[-1] = np.intersect1d(stages[-1], ends)
            for index in range(len(steps) - 1, -1, -1):
                back = evaluation.reached(turned(steps[index]), stages[index + 1])
                stages[index] = np.intersect1d(stages[index], back)
            for index, step in enumerate(steps):
                yield from walked(step, stages[index], stages[index + 1], evaluation)
        case Alternative(options):
            for option in options:
                yield from walked(option, starts, ends, evaluation)
        case ZeroOrOne(inner):
            yield from walked(inner, starts, ends, evaluation)
        case ZeroOrMore(inner) | OneOrMore(inner):
            between = evaluation.reached(ZeroOrMore(inner), starts)
            if ends is not None:
                between = np.intersect1d(
                    between, evaluation.reached(turned(ZeroOrMore(inner)), ends)
                )
            yield from walked(inner, between, between, evaluation)
        case _:
            for start, end in _pairs(path, starts, ends, evaluation):
                yield evaluation.terms.term(start), path, evaluation.terms.term(end)


def _pairs(
    predicate: NamedNode, subjects: Ids | None, objects: Ids | None, evaluation: Evaluation
) -> list[tuple[int, int]]:
    if subjects is None:
        assert objects is not None
        value, subject = evaluation.follow(Inverse(predicate), objects)
    else:
        subject, value = evaluation.follow(predicate, subjects)
        if objects is not None:
            keep = np.isin(value, objects)
            subject, value = subject[keep], value[keep]
    return list(zip(subject.tolist(), value.tolist(), strict=True))


def _remedies(
    result: ValidationResult, constraint: Constraint, looked_at: list[Triple]
) -> Iterator[Remedy]:
    focus, path, value = result.focus, result.path, result.value
    own = [triple for triple in looked_at if triple[0] == focus and triple[1] == path]
    at_path = f"of {_words(path)}" if path is not None else "itself"
    match constraint:
        case c.MinCount(count):
            missing = count - len(own)
            words = f"add {missing} more {_plural('value', missing)} {at_path}"
            added: list[Triple] = []
            if isinstance(path, NamedNode):
                added = [(focus, path, BlankNode()) for _ in range(missing)]
            yield Remedy(words, tuple(added), complete=bool(added))
            return
        case c.MaxCount(count):
            surplus = len(own) - count
            yield Remedy(
                f"remove {surplus} of the values {at_path}",
                removed=tuple(own[:surplus]),
                complete=bool(own),
            )
            return
        case c.HasValue(wanted):
            added = [(focus, path, wanted)] if isinstance(path, NamedNode) else []
            words = f"add {short(wanted)} as a value {at_path}"
            yield Remedy(words, tuple(added), complete=bool(added))
            return
        case c.QualifiedMinCount():
            yield Remedy(
                f"add values {at_path} that conform to {constraint.shape}, until there are {constraint.count}"
            )
            return
        case c.QualifiedMaxCount():
            yield Remedy(
                f"leave at most {constraint.count} values {at_path} that conform to {constraint.shape}"
            )
            return
        case c.UniqueLang():
            yield Remedy(f"keep one value {at_path} for each language")
            return
        case c.Class(target):
            assert value is not None
            if not isinstance(value, Literal):
                words = f"say that {short(value)} is a {short(target)}"
                yield Remedy(words, ((value, RDF_TYPE, target),), complete=True)
        case c.Equals(predicate):
            present = [triple for triple in looked_at if triple[2] == value and triple[0] == focus]
            have = {triple[1] for triple in present}
            for missing_at in (path, predicate):
                if isinstance(missing_at, NamedNode) and missing_at not in have:
                    assert value is not None
                    words = f"add {short(value)} as a value of {short(missing_at)} too"
                    yield Remedy(words, ((focus, missing_at, value),), complete=True)
            yield Remedy(
                f"remove {short(value or focus)}", removed=tuple(present), complete=bool(present)
            )
            return
        case c.Node() | c.And() | c.Or() | c.Xone() | c.Not():
            inner = "; ".join(detail.messages[0].value for detail in result.details)
            yield Remedy(f"mend {short(value or focus)}: {inner or constraint.message()}")
    if own and value is not None:
        removed = tuple(triple for triple in own if triple[2] == value)
        words = f"remove {short(value)} as a value {at_path}"
        if not isinstance(constraint, c.Closed):
            words += f", or put in its place one that is right: {constraint.message()[0].lower()}{constraint.message()[1:]}"
        yield Remedy(words, removed=removed, complete=bool(removed))
    elif not isinstance(constraint, c.Class):
        yield Remedy(f"change the data so that this no longer holds: {result.messages[0].value}")


def _linked(node: BlankNode, link: NamedNode, triple: Triple) -> Iterator[Statement]:
    statement = BlankNode()
    yield Statement(node, link, statement)
    yield Statement(statement, RDF_TYPE, NamedNode(RDF + "Statement"))
    for name, part in zip(("subject", "predicate", "object"), triple, strict=True):
        yield Statement(statement, NamedNode(RDF + name), part)


def _words(path: Path) -> str:
    return short(path) if isinstance(path, NamedNode) else str(path)


def _plural(word: str, number: int) -> str:
    return word if number == 1 else word + "s"


def _sentence(triple: Triple) -> str:
    return " ".join(map(short, triple))
