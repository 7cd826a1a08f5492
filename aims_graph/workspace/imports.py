"""RDF files read into the columns of a workspace, without a quad of their own for each triple.

Told in the report of ``aims_graph.ingest``, so that large files are reported on as small ones are.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from pyoxigraph import NamedNode

from aims_graph.columns import LITERAL, Columns, Pairs, TermDictionary
from aims_graph.columns.joins import group_counts, unpack_pairs
from aims_graph.columns.parse import SMALL, Tell, read_files
from aims_graph.ingest import IngestReport, SourceReport
from aims_graph.ingest.rdf import is_rdf
from aims_graph.vocabulary import RDF
from aims_graph.workspace.dataset import triples_of
from aims_graph.workspace.lines import without_blank_nodes

_TYPE = NamedNode(RDF + "type")


def are_large(paths: Sequence[Path]) -> bool:
    """Whether the files are RDF, and so large that a quad for each triple would take too long."""
    return (
        all(is_rdf(path) and path.is_file() for path in paths)
        and sum(path.stat().st_size for path in paths) >= SMALL
    )


class RdfFiles:
    """What some files hold together: ``triples`` over the dictionary, blank nodes named after their file.

    The graphs of a dataset (TriG, N-Quads) are read as one, since a source is one graph. Raises
    InputError as the checked parse does.
    """

    def __init__(
        self, paths: Sequence[Path], terms: TermDictionary, tell: Tell | None = None
    ) -> None:
        self.triples = Columns(terms, {})
        self._sources: list[SourceReport] = []
        sizes = [path.stat().st_size if path.is_file() else 0 for path in paths]
        for number, path in enumerate(paths):
            told = None if tell is None else _shifted(tell, sum(sizes[:number]), sum(sizes))
            packed = read_files([path], terms, tell=told).sorted_pairs()
            found = Columns(terms, {key: Pairs(*unpack_pairs(p)) for key, p in packed.items()})
            found = without_blank_nodes(found, [path])
            before = len(self.triples)
            self.triples = self.triples.union(found) if before else found
            rows, new = len(found), len(self.triples) - before
            format_ = path.suffix[1:].lower()
            self._sources.append(SourceReport(path.name, format_, rows=rows, triples=new))

    def report(self) -> IngestReport:
        terms, triples = self.triples.terms, self.triples
        report = IngestReport(self._sources, triples=len(triples))
        classes, counts = group_counts(triples.pairs(terms.id_of(_TYPE)).by_object[0])
        report.entities = {
            term.value: count
            for term, count in zip(map(terms.term, classes.tolist()), counts.tolist(), strict=True)
            if isinstance(term, NamedNode)
        }
        values = np.zeros(len(terms), np.bool_)
        values[triples_of(triples)[:, 2]] = True
        wrong = np.count_nonzero(values & (terms.kind == LITERAL) & ~terms.well_formed)
        if wrong:
            names = ", ".join(source.file for source in self._sources)
            report.add_note(names, f"{wrong} literals have a form their datatype does not know")
        return report


def _shifted(tell: Tell, before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _: tell(before + done, total)
