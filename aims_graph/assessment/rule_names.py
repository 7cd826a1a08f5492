"""What rules are called. A shape without IRI has a label that another run, or another line in its file, changes; so
it is called by the named shape that holds it and the path from there.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.vocabulary import RDF, RDFS, SH

_PATH: Final = NamedNode(SH + "path")
_FIRST, _REST = NamedNode(RDF + "first"), NamedNode(RDF + "rest")
_MARKS: Final = {
    NamedNode(SH + "zeroOrMorePath"): "*",
    NamedNode(SH + "oneOrMorePath"): "+",
    NamedNode(SH + "zeroOrOnePath"): "?",
}
_INVERSE: Final = NamedNode(SH + "inversePath")
_ALTERNATIVE: Final = NamedNode(SH + "alternativePath")
_TARGETS: Final = tuple(
    NamedNode(SH + name)
    for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
)
#: Words for people: a rule whose text is mended is the same rule.
_WORDS: Final = frozenset(
    NamedNode(name)
    for name in (
        *(SH + word for word in ("message", "name", "description", "order", "group")),
        RDFS + "label",
        RDFS + "comment",
    )
)
_DEEPEST: Final = 12


class Name(NamedTuple):
    """``short`` for tables; ``identity`` for fingerprints: the IRI, or the same words with whole IRIs."""

    short: str
    identity: str


def name_shapes(
    shapes: Reader, nodes: Iterable[Term], parents: Mapping[Term, Sequence[Term]]
) -> dict[Term, Name]:
    """``parents``: the shapes that hold a shape by sh:property. Shapes that would share a name are told apart
    by what they say.
    """
    names = {node: _name(shapes, node, parents, 0) for node in nodes}
    shorts = Counter(name.short for name in names.values())
    identities = Counter(name.identity for name in names.values())
    for node, (short, identity) in names.items():
        if not isinstance(node, BlankNode):
            continue
        mark = "~" + hashlib.sha256(_said(shapes, node, 0).encode()).hexdigest()[:6]
        names[node] = Name(
            short + mark if shorts[short] > 1 else short,
            identity + mark if identities[identity] > 1 else identity,
        )
    return names


def _name(shapes: Reader, node: Term, parents: Mapping[Term, Sequence[Term]], depth: int) -> Name:
    if not isinstance(node, BlankNode):
        return Name(local_name(node), str(node))
    path = shapes.value(node, _PATH)
    step = Name("", "") if path is None else _path(shapes, path, 0)
    holders = parents.get(node, ())
    if holders and depth < _DEEPEST:
        holder = min(_name(shapes, each, parents, depth + 1) for each in holders)
    else:
        targets = sorted(
            (local_name(target), f"{predicate} {target}")
            for predicate in _TARGETS
            for target in shapes.objects(node, predicate)
        )
        holder = (
            Name(*(" ".join(part) for part in zip(*targets, strict=True)))
            if targets
            else Name("shape", "")
        )
    if path is None:
        return holder
    return Name(f"{holder.short}.{step.short}", f"{holder.identity} {step.identity}")


def _path(shapes: Reader, path: Term, depth: int) -> Name:
    """A property path, short with local names only."""
    if not isinstance(path, BlankNode) or depth > _DEEPEST:
        return Name(local_name(path), str(path))
    if (inner := shapes.value(path, _INVERSE)) is not None:
        short, whole = _path(shapes, inner, depth + 1)
        return Name(f"^{short}", f"^{whole}")
    if (options := shapes.value(path, _ALTERNATIVE)) is not None:
        parts = [_path(shapes, each, depth + 1) for each in _members(shapes, options)]
        return Name(*(f"({'|'.join(texts)})" for texts in zip(*parts, strict=True)))
    for predicate, mark in _MARKS.items():
        if (inner := shapes.value(path, predicate)) is not None:
            short, whole = _path(shapes, inner, depth + 1)
            return Name(short + mark, whole + mark)
    parts = [_path(shapes, each, depth + 1) for each in _members(shapes, path)]
    if not parts:
        return Name("", "")
    shorts, wholes = zip(*parts, strict=True)
    return Name(".".join(shorts), "/".join(wholes))


def _members(shapes: Reader, head: Term) -> list[Term]:
    found: list[Term] = []
    seen: set[Term] = set()
    node: Term | None = head
    while node is not None and node not in seen:
        seen.add(node)
        found += shapes.objects(node, _FIRST)[:1]
        node = shapes.value(node, _REST)
    return found


def _said(shapes: Reader, node: Term, depth: int) -> str:
    """What is said of a blank node, whatever its label and the order in the file."""
    if not isinstance(node, BlankNode) or depth > _DEEPEST:
        return "_:" if isinstance(node, BlankNode) else str(node)
    said: list[str] = []
    for predicate in shapes.predicates():
        if predicate not in _WORDS:
            said += [
                f"{predicate} {_said(shapes, each, depth + 1)}"
                for each in shapes.objects(node, predicate)
                if not isinstance(each, Literal) or each.language is None
            ]
    return "[" + ";".join(sorted(said)) + "]"
