"""owlrl as oracle: its closure without what we leave out by design (docs/inference.md)."""

import owlrl
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, serialize
from pyoxigraph import Triple as Statement

from aims_graph.columns import Columns, Triple
from aims_graph.vocabulary import OWL, RDF, RDFS, XSD

EQUAL = {OWL + "sameAs", OWL + "equivalentClass", OWL + "equivalentProperty"}
ORDER = {RDFS + "subClassOf", RDFS + "subPropertyOf"}
BUILT_IN = (OWL, RDF, RDFS, XSD)


def owlrl_closure(data: Columns) -> set[Triple]:
    turtle = serialize((Statement(*t) for t in data.triples()), format=RdfFormat.N_TRIPLES)
    graph = rdflib.Graph()
    graph.parse(data=turtle, format="nt")
    owlrl.OWLRL_Semantics(graph, False, False, False).closure()
    return {tuple(map(term_of, triple)) for triple in graph}


def term_of(node):
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=NamedNode(str(node.datatype or XSD + "string")))


def kept(triples) -> set[Triple]:
    """Without triples about literals, the built-in vocabulary, and what is trivially true."""
    return {triple for triple in triples if not is_left_out(*triple)}


def is_left_out(subject, predicate, value) -> bool:
    if isinstance(subject, Literal) or isinstance(predicate, BlankNode | Literal):
        return True
    if isinstance(subject, NamedNode) and subject.value.startswith(BUILT_IN):
        return True
    if predicate.value in EQUAL | ORDER and subject == value:
        return True
    if predicate.value in {RDFS + "domain", RDFS + "range"}:
        return True  # inherited domains and ranges: owlrl states them, individuals do not need them
    value_iri = value.value if isinstance(value, NamedNode) else ""
    if value_iri in {OWL + "Thing", RDFS + "Resource"}:
        return True
    # owlrl types every annotation property and datatype it knows of.
    return predicate.value == RDF + "type" and value_iri in {
        RDFS + "Datatype",
        OWL + "Class",
        OWL + "AnnotationProperty",
        RDFS + "Class",
        RDF + "Property",
    }
