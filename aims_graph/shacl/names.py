"""The IRIs of the SHACL, RDF and XSD vocabularies as terms."""

from functools import cache

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.vocabulary import RDF, RDFS, SH, XSD

Term = NamedNode | BlankNode | Literal

RDF_TYPE = NamedNode(RDF + "type")
RDF_FIRST = NamedNode(RDF + "first")
RDF_REST = NamedNode(RDF + "rest")
RDF_LANG_STRING = NamedNode(RDF + "langString")
RDF_NIL = NamedNode(RDF + "nil")
RDFS_CLASS = NamedNode(RDFS + "Class")
RDFS_SUBCLASS = NamedNode(RDFS + "subClassOf")
XSD_STRING = NamedNode(XSD + "string")
XSD_INTEGER = NamedNode(XSD + "integer")
XSD_BOOLEAN = NamedNode(XSD + "boolean")
TRUE = Literal("true", datatype=XSD_BOOLEAN)
FALSE = Literal("false", datatype=XSD_BOOLEAN)


@cache
def sh(name: str) -> NamedNode:
    return NamedNode(SH + name)


def short(term: Term) -> str:
    """The term for people: local name of an IRI, lexical form of a literal."""
    if isinstance(term, NamedNode):
        return term.value.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1] or term.value
    return str(term) if isinstance(term, BlankNode) else term.value
