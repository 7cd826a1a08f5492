"""Reads AIMS records that people write in YAML (``aims-yaml``): classes, ids, properties.

The language is described in docs/mapping.md. Names come from the ontology: a property's range says
whether a value is a reference or a typed literal, so a misspelt name or a date that is none is an
error at its line, not a triple that no rule will ever find.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aims_graph.ingest.authored_names import HEADER, Declared, WordReader
from aims_graph.ingest.fields import Fields
from aims_graph.ingest.graph import Graph
from aims_graph.ingest.iris import Names
from aims_graph.ingest.ontology_terms import OntologyTerms, PropertyTerm, read_ontology_terms
from aims_graph.ingest.prefixes import read_prefixes
from aims_graph.ingest.report import SourceReport
from aims_graph.ingest.yaml_source import ListNode, MapNode, Node, Scalar, read_yaml
from aims_graph.vocabulary import AIMS, RDF

_ID: Final = re.compile(r"[A-Za-z0-9][\w.~-]*")
_TYPE: Final = ox.NamedNode(RDF + "type")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_REFERENCE: Final = frozenset({"ref"})


@dataclass(frozen=True, slots=True)
class _Entity:
    iri: ox.NamedNode
    class_: str
    node: MapNode


@dataclass(frozen=True, slots=True)
class _Link:
    """Something said with a property, and the word that says it."""

    subject: ox.NamedNode
    term: PropertyTerm
    object: ox.NamedNode | ox.Literal
    key: Scalar


def is_authored(root: Node) -> bool:
    """True for a document with a ``base``, which a plain YAML table does not have."""
    return isinstance(root, MapNode) and "base" in root.entries and "sources" not in root.entries


def read_authored(
    paths: Sequence[Path],
    graph: Graph,
    *,
    terms: OntologyTerms | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> None:
    """Adds what the files say. Ids may be used in any file of the set. ``tell`` hears how many files of
    how many are parsed, which is what takes the time.

    Raises InputError with file, line and column.
    """
    known = terms or read_ontology_terms()
    ids: dict[str, Declared] = {}
    documents = []
    for number, path in enumerate(paths, 1):
        documents.append(_Document(path, known, ids))
        if tell is not None:
            tell(number, len(paths))
    for document in documents:
        document.declare()
    for document in documents:
        document.describe(graph)
    types = graph.types()
    for document in documents:
        document.doubt(graph, types)


class _Document(WordReader):
    def __init__(self, path: Path, terms: OntologyTerms, ids: dict[str, Declared]) -> None:
        root = read_yaml(path)
        self.path = path
        self.fields = Fields(root, path, "an AIMS file", None)
        base = self.fields.text("base")
        if base is None:
            raise self.fail(
                "an AIMS file needs the key 'base'",
                root,
                "For example base: https://shop.example/aims#",
            )
        names = Names(base, read_prefixes(self.fields))
        if ":" not in base or names.absolute("x") is None:
            raise self.fail(f"{base!r} is no IRI", self.fields.required("base"))
        language = self.fields.text("language")
        if language is not None and not _LANGUAGE.fullmatch(language):
            raise self.fail(f"{language!r} is no language tag", self.fields.required("language"))
        super().__init__(path, names, language, terms, ids)
        self.entities: list[_Entity] = []
        self.links: list[_Link] = []

    # --- first pass: which ids there are

    def declare(self) -> None:
        for name, group in self.fields.node.entries.items():
            if name in HEADER:
                continue
            class_ = self.class_iri(self.fields.node.keys[name])
            if not isinstance(group, MapNode):
                raise self.fail(f"{name} must be a map of ids to what is said of them", group)
            for id_, node in group.entries.items():
                self.declare_entity(group.keys[id_], class_, node)

    def declare_entity(self, key: Scalar, class_: str, node: Node) -> None:
        if isinstance(node, Scalar) and node.is_null:
            node = MapNode(node.line, node.column)
        if not isinstance(node, MapNode):
            raise self.fail(f"{key.text!r} must be a map of properties to values", node)
        iri = self.declare_id(key)
        self.entities.append(_Entity(iri, class_, node))
        self.declare_inside(node)

    def declare_inside(self, node: Node) -> None:
        """Ids of nodes that are written inside others."""
        waiting = [node]
        while waiting:
            current = waiting.pop()
            if isinstance(current, ListNode):
                waiting += current.items
            elif isinstance(current, MapNode):
                id_ = current.entries.get("id")
                if current is not node and isinstance(id_, Scalar):
                    self.declare_id(id_)
                waiting += current.entries.values()

    def declare_id(self, key: Scalar) -> ox.NamedNode:
        iri = self.names.iri(key.text)
        if iri is None:
            if not _ID.fullmatch(key.text):
                raise self.fail(
                    f"{key.text!r} is no id",
                    key,
                    "Use letters, digits, '-', '_' and '.', or <an IRI>.",
                )
            iri = ox.NamedNode(self.names.base + key.text)
        first = self.ids.get(key.text)
        if first is not None:
            raise self.fail(
                f"the id {key.text!r} is already used in {first.file.name} on line {first.line}",
                key,
                "Give each thing its own id, and say everything about it in one place.",
            )
        self.ids[key.text] = Declared(iri, self.path, key.line)
        return iri

    # --- second pass: what is said

    def describe(self, graph: Graph) -> None:
        report = SourceReport(self.path.name, "aims-yaml", rows=len(self.entities))
        graph.report.sources.append(report)
        before = len(graph)
        for entity in self.entities:
            graph.add(entity.iri, _TYPE, ox.NamedNode(entity.class_))
            self.say(entity.iri, entity.node, graph)
        report.triples = len(graph) - before

    def say(
        self, subject: ox.NamedNode, node: MapNode, graph: Graph, *, inline: bool = False
    ) -> None:
        for name, value in node.entries.items():
            if name in ("a", "type") and AIMS + name not in self.terms.properties:
                for part in _parts(value):
                    if not isinstance(part, Scalar):
                        raise self.fail(f"{name!r} must be a class", part)
                    graph.add(subject, _TYPE, ox.NamedNode(self.class_iri(part)))
                continue
            if inline and name == "id":
                continue
            predicate, term = self.property_term(node.keys[name])
            for number, part in enumerate(_parts(value), start=1):
                place = f"{name.replace(':', '-')}-{number}"
                for obj in self.objects(part, name, term, subject, place, graph):
                    self.links.append(_Link(subject, term, obj, node.keys[name]))
                    if term.inverse_of is not None and isinstance(obj, ox.NamedNode):
                        graph.add(obj, ox.NamedNode(term.inverse_of), subject)
                    else:
                        graph.add(subject, predicate, obj)

    def objects(
        self,
        node: Node,
        name: str,
        term: PropertyTerm,
        subject: ox.NamedNode,
        place: str,
        graph: Graph,
    ) -> Iterable[ox.NamedNode | ox.Literal]:
        if isinstance(node, ListNode):
            raise self.fail(f"{name}: a list inside a list has no meaning", node)
        if isinstance(node, MapNode):
            return self.objects_of_map(node, name, term, subject, place, graph)
        if node.is_null:
            raise self.fail(
                f"{name} has no value",
                node,
                f"Leave it out, or write 'notReported: {name}' when it is not known.",
            )
        if term.kind == "object":
            return [self.reference(node, name)]
        if term.kind == "annotation" and term.range is None:
            found = self.find(node)
            return [self.literal(node, name, None) if found is None else found]
        return [self.literal(node, name, term.range)]

    def objects_of_map(
        self,
        node: MapNode,
        name: str,
        term: PropertyTerm,
        subject: ox.NamedNode,
        place: str,
        graph: Graph,
    ) -> Iterable[ox.NamedNode | ox.Literal]:
        if node.entries.keys() == _REFERENCE:
            target = node.entries["ref"]
            found = [
                self.reference(part, name) for part in _parts(target) if isinstance(part, Scalar)
            ]
            if len(found) != len(list(_parts(target))):
                raise self.fail("'ref' must be an id or a list of ids", target)
            return found
        if term.kind != "object" and node.entries and all(map(_LANGUAGE.fullmatch, node.entries)):
            texts = []
            for tag, part in node.entries.items():
                if not isinstance(part, Scalar):
                    raise self.fail(f"{name} in {tag} must be a text", part)
                texts.append(self.literal(part, name, None, tag))
            return texts
        if term.kind == "datatype":
            raise self.fail(f"{name} takes a value, not a map", node)
        return [self.inline(node, term, subject, place, graph)]

    def inline(
        self, node: MapNode, term: PropertyTerm, subject: ox.NamedNode, place: str, graph: Graph
    ) -> ox.NamedNode:
        """A node written where it is used. Its class is its own ``type``, or the property's range."""
        id_ = node.entries.get("id")
        iri = self.ids[id_.text].iri if isinstance(id_, Scalar) else _below(subject, place)
        if "type" not in node.entries and "a" not in node.entries:
            if term.range is None or term.range not in self.terms.classes:
                raise self.fail("say what this is with 'type: Class'", node)
            graph.add(iri, _TYPE, ox.NamedNode(term.range))
        self.say(iri, node, graph, inline=True)
        return iri

    # --- afterwards: what is allowed, but hardly meant

    def doubt(self, graph: Graph, types: Mapping[str, set[str]]) -> None:
        """Notes links between things of classes that the vocabulary does not link that way."""
        for link in self.links:
            for node, allowed, what in (
                (link.subject, link.term.domains, "is said of"),
                (link.object, link.term.ranges, "leads to"),
            ):
                if isinstance(node, ox.Literal):
                    continue
                classes = types.get(node.value, set()) | self.terms.individuals.get(
                    node.value, set()
                )
                if not self.terms.fits(classes, allowed):
                    wanted, given = (
                        " or ".join(sorted(iri.rpartition("#")[2] for iri in some))
                        for some in (allowed, classes)
                    )
                    graph.report.add_note(
                        self.path.name,
                        f"line {link.key.line}: {link.key.text} {what} {wanted}, "
                        f"but {_name(node)} is {given}",
                    )


def _name(node: ox.NamedNode) -> str:
    return re.split(r"[#/]", node.value)[-1]


def _parts(node: Node) -> list[Node]:
    return list(node.items) if isinstance(node, ListNode) else [node]


def _below(subject: ox.NamedNode, place: str) -> ox.NamedNode:
    return ox.NamedNode(f"{subject.value}.{place}")
