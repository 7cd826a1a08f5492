"""A record: one thing and what is said of it, as plain JSON and back."""

import hashlib
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from aims_api.callers import DEFAULT_GRAPH, ONTOLOGY_GRAPH
from aims_api.evaluation import Snapshot
from aims_api.things import KINDS, members, node_of
from aims_graph.columns import Columns
from aims_graph.columns.lexical import read_value
from aims_graph.columns.reader import Term, local_name
from aims_graph.errors import InputError
from aims_graph.ingest.ontology_terms import PropertyTerm, read_ontology_terms
from aims_graph.vocabulary import AIMS, DCT, PREFIXES, RDF, RDFS, XSD

TYPE: Final = NamedNode(RDF + "type")
_SHORT: Final = {
    "label": RDFS + "label",
    "comment": RDFS + "comment",
    "title": DCT + "title",
    "description": DCT + "description",
    "identifier": DCT + "identifier",
}
_INDEXES: Final = "statements by subject"
_FEW: Final = 100
_LONG: Final = {iri: name for name, iri in _SHORT.items()}
_VALUE_KEYS: Final = frozenset({"iri", "value", "datatype", "language", "label"})


def quads_of(graphs: Mapping[str, Columns], node: Term) -> list[Quad]:
    """What is said of a node, with the graph that says it."""
    found: list[Quad] = []
    for name, graph in graphs.items():
        node_id, term = graph.terms.id_of(node), graph.terms.term
        if node_id < 0:
            continue
        place = DefaultGraph() if name == DEFAULT_GRAPH else NamedNode(name)
        for predicate, objects in graph.by_subject.of(node_id):
            middle, values = term(predicate), map(term, objects.tolist())
            found += (Quad(node, middle, value, place) for value in values)  # type: ignore[arg-type]
    return found


def statements_of(snapshot: Snapshot, node: Term) -> list[Quad]:
    """What the graphs of an evaluation say of a node."""
    snapshot.once(_INDEXES, lambda of: [graph.by_subject for graph in of.graphs.values()])
    return quads_of(snapshot.graphs, node)


def are_few(snapshot: Snapshot, node: Term) -> bool:
    """Whether ``statements_of`` has little to do."""
    if snapshot.known(_INDEXES) is None:
        return False
    ids = ((graph, graph.terms.id_of(node)) for graph in snapshot.graphs.values())
    counts = (graph.by_subject.count(node_id) for graph, node_id in ids if node_id >= 0)
    return sum(counts) <= _FEW


def with_ontology(snapshot: Snapshot, node: Term, quads: list[Quad]) -> list[Quad]:
    """What is said of a node, and what the ontology says of it."""
    return quads + quads_of({ONTOLOGY_GRAPH: snapshot.rules.ontology}, node)


def etag_of(quads: Iterable[Quad]) -> str:
    """Changes with what is said, not with the graph that says it."""
    lines = sorted({f"{q.subject} {q.predicate} {q.object}" for q in quads})
    return '"' + hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24] + '"'


# To JSON


def record_content(
    snapshot: Snapshot, kind: str, node: NamedNode, quads: list[Quad]
) -> dict[str, Any]:
    properties: dict[str, list[Any]] = {}
    for quad in dict.fromkeys((q.predicate, q.object) for q in quads):
        if quad[0] != TYPE:
            properties.setdefault(property_name(quad[0]), []).append(_value(snapshot, quad[1]))
    return {
        **record_row(snapshot, kind, node),
        "graphs": sorted({_name(quad) for quad in quads}),
        "properties": dict(sorted(properties.items())),
    }


def record_row(snapshot: Snapshot, kind: str, node: NamedNode) -> dict[str, Any]:
    reader = snapshot.reader
    return {
        "kind": kind,
        "key": members(snapshot, kind).get(node, ""),
        "iri": node.value,
        "label": reader.label(node),
        "types": sorted(short(cls) for cls in reader.types(node) if isinstance(cls, NamedNode)),
    }


def property_name(predicate: NamedNode) -> str:
    iri = predicate.value
    if iri in _LONG:
        return _LONG[iri]
    return iri.removeprefix(AIMS) if iri.startswith(AIMS) else short(predicate)


def short(node: NamedNode) -> str:
    """A prefixed name where a prefix is known."""
    for prefix, base in PREFIXES.items():
        if node.value.startswith(base) and len(node.value) > len(base):
            local = node.value[len(base) :]
            return local if prefix == "aims" else f"{prefix}:{local}"
    return node.value


def _value(snapshot: Snapshot, term: Any) -> dict[str, Any]:
    if isinstance(term, NamedNode):
        return {"iri": term.value, "label": snapshot.reader.label(term)}
    if isinstance(term, BlankNode):
        return {"iri": str(term), "label": ""}
    if term.language is not None:
        return {"value": term.value, "language": term.language}
    datatype = term.datatype.value
    if datatype == XSD + "string":
        return {"value": term.value}
    return {"value": term.value, "datatype": datatype.removeprefix(XSD)}


def _name(quad: Quad) -> str:
    graph = quad.graph_name
    return graph.value if isinstance(graph, NamedNode) else DEFAULT_GRAPH


# From JSON


def read_properties(node: NamedNode, properties: Mapping[str, Any]) -> dict[NamedNode, list[Quad]]:
    """Statements by property, in no graph yet; a null or empty list says nothing. Raises InputError."""
    found: dict[NamedNode, list[Quad]] = {}
    for name, given in properties.items():
        predicate, term = _property(name)
        values = given if isinstance(given, list) else [] if given is None else [given]
        found[predicate] = [Quad(node, predicate, _object(name, term, value)) for value in values]
    return found


def _property(name: str) -> tuple[NamedNode, PropertyTerm | None]:
    known = read_ontology_terms().properties
    iri = _SHORT.get(name) or (AIMS + name if ":" not in name else None)
    node = NamedNode(iri) if iri is not None and name.isascii() and name.isidentifier() else None
    if node is None and ":" in name:
        node = node_of(name)
    if node is None or (node.value.startswith(AIMS) and node.value not in known):
        raise InputError(f"there is no property {name[:100]!r}")
    if node == TYPE:
        raise InputError("the classes of a record stand in types")
    return node, known.get(node.value)


def _object(name: str, term: PropertyTerm | None, given: Any) -> NamedNode | Literal:
    is_link = term is not None and term.kind == "object"
    if isinstance(given, dict):
        return _described(name, given)
    if isinstance(given, bool):
        given = "true" if given else "false"
    if not isinstance(given, str | int | float):
        raise InputError(f"{name} takes text, numbers, or maps with iri or value")
    text = str(given)
    if is_link:
        node = node_of(text) or _individual(text)
        if node is None:
            raise InputError(f"{name} leads to a thing: {text[:100]!r} is no IRI")
        return node
    datatype = None if term is None else term.range
    if datatype is None or not datatype.startswith(XSD):
        return Literal(text)
    return _literal(name, text, NamedNode(datatype))


def _described(name: str, given: Mapping[str, Any]) -> NamedNode | Literal:
    if not given.keys() <= _VALUE_KEYS or not all(isinstance(v, str) for v in given.values()):
        raise InputError(f"{name}: a value has iri, or value with datatype or language, as text")
    if "iri" in given:
        node = node_of(given["iri"])
        if node is None:
            raise InputError(f"{name}: {given['iri'][:100]!r} is no IRI")
        return node
    if "value" not in given:
        raise InputError(f"{name}: a value has iri or value")
    try:
        if "language" in given:
            return Literal(given["value"], language=given["language"])
        if "datatype" not in given:
            return Literal(given["value"])
        kind = given["datatype"]
        datatype = NamedNode(kind if ":" in kind else XSD + kind)
    except ValueError as error:
        raise InputError(f"{name}: {error}") from None
    return _literal(name, given["value"], datatype)


def _literal(name: str, text: str, datatype: NamedNode) -> Literal:
    if read_value(datatype.value, text) is None:
        raise InputError(f"{name}: {text[:100]!r} has not the form of {local_name(datatype)}")
    return Literal(text, datatype=datatype)


def _individual(name: str) -> NamedNode | None:
    iri = read_ontology_terms().individual(name)
    return None if iri is None else NamedNode(iri)


def read_types(kind: str, names: Iterable[str]) -> list[NamedNode]:
    """The classes of a record, of which one is of the kind. Raises InputError."""
    terms = read_ontology_terms()
    found: list[NamedNode] = []
    for name in names:
        node = node_of(name) if ":" in name else node_of(f"aims:{name}")
        if node is None or (node.value.startswith(AIMS) and node.value not in terms.classes):
            raise InputError(f"there is no class {name[:100]!r}")
        found.append(node)
    wanted = {AIMS + name for name in KINDS[kind]}
    if not any(terms.above(node.value) & wanted for node in found):
        raise InputError(f"one of the types must be {' or '.join(KINDS[kind])}")
    return found


def new_iri(label: str) -> NamedNode:
    """A name of its own, readable as far as the label is plain."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    slug = "-".join("".join(c if c.isalnum() else " " for c in plain).split())[:60] or "record"
    return NamedNode(f"urn:aims:record:{slug}-{secrets.token_hex(3)}")
