"""The SPARQL index together with what is made from the record: findings, and what follows from it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.assessment import evaluate, load_ontology, to_triples, with_ontology
from aims_graph.assessment.evaluation import EVALUATION
from aims_graph.inference import with_inferred
from aims_graph.sparql.graphs import FINDINGS, INFERRED
from aims_graph.sparql.snapshot import SnapshotStore
from aims_graph.vocabulary import AIMS, PROV, XSD
from aims_graph.workspace.cache import VIEWS
from aims_graph.workspace.index import SparqlIndex, in_graph
from aims_graph.workspace.workspace import Workspace

_AS_OF: Final = NamedNode(AIMS + "asOf")
_DATE: Final = NamedNode(XSD + "date")
_FROM: Final = NamedNode(PROV + "wasDerivedFrom")


class AssessedIndex:
    """A copy of the newest snapshot of ``SparqlIndex`` (tables are linked), with the graphs of findings
    and of conclusions filled. It stands beside the other, so that what a question counts never depends
    on whether somebody asked for findings before.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.store = SnapshotStore(workspace.path / VIEWS / "assessed")

    def refresh(self) -> Path:
        """Evaluates and infers anew when an entry, a rule or the date is another than the last time."""
        index = SparqlIndex(self._workspace)
        base, day = index.refresh(), self._workspace.day
        position = json.dumps([index.store.position, day.isoformat()])
        if self.store.position != position:
            # At exactly the entry that the snapshot shows, whatever others write meanwhile.
            past = Workspace(self._workspace.path, at=str(index.sequence))
            self.store.copy(base, _made(past, day), position)
        return self.store.folder


def _made(workspace: Workspace, day: date) -> Iterator[Quad]:
    data, ontology = workspace.columns(), load_ontology(workspace.iso_text)
    entry = NamedNode(f"urn:aims:entry:{workspace.at}")
    for graph in (FINDINGS, INFERRED):
        yield Quad(graph, _FROM, entry, graph)
    yield Quad(EVALUATION, _AS_OF, Literal(day.isoformat(), datatype=_DATE), FINDINGS)
    assessment = evaluate(data, as_of=day, ontology=ontology, shapes=workspace.rules())
    yield from in_graph(FINDINGS, dict.fromkeys(to_triples(assessment)))
    inferred = with_inferred(with_ontology(data, ontology, day)).inferred
    yield from in_graph(INFERRED, inferred.triples())
