"""The IRIs the engine itself has to know. The base stands here and in the ontology headers, nowhere else."""

from typing import Final

from pyoxigraph import NamedNode

BASE: Final = "https://w3id.org/aims-graph/"
AIMS: Final = BASE + "ns#"
ISO42001: Final = BASE + "iso42001#"
SHAPES: Final = BASE + "shapes#"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SH: Final = "http://www.w3.org/ns/shacl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCT: Final = "http://purl.org/dc/terms/"
PROV: Final = "http://www.w3.org/ns/prov#"

PREFIXES: Final[dict[str, str]] = {
    "aims": AIMS,
    "iso42001": ISO42001,
    "aimssh": SHAPES,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "sh": SH,
    "skos": SKOS,
    "dct": DCT,
    "prov": PROV,
}


def aims(name: str) -> NamedNode:
    """The term of the ontology that has this local name."""
    return NamedNode(AIMS + name)
