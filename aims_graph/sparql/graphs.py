"""Names of the graphs of the index that are not sources."""

from typing import Final

from pyoxigraph import NamedNode

_BASE: Final = "urn:aims:"
#: Quads that the journal has in no named graph.
UNNAMED: Final = NamedNode(_BASE + "unnamed")
ONTOLOGY: Final = NamedNode(_BASE + "ontology")
CATALOGUE: Final = NamedNode(_BASE + "catalogue")
INFERRED: Final = NamedNode(_BASE + "inferred")
FINDINGS: Final = NamedNode(_BASE + "findings")
PROVENANCE: Final = NamedNode(_BASE + "provenance")
#: Made by the engine from the rest, so no update writes them.
RESERVED: Final = frozenset({ONTOLOGY, CATALOGUE, INFERRED, FINDINGS, PROVENANCE})
#: Descriptions of the rules and of the record, and conclusions: asked with GRAPH, not part of the default
#: graph, which is what was recorded.
OUTSIDE_UNION: Final = frozenset({CATALOGUE, PROVENANCE, INFERRED})
