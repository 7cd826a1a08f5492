"""Personal data that must be erased: where they stand in the record, and their withholding."""

from collections.abc import Collection, Iterable

from pyoxigraph import Literal

from aims_graph.columns import Term
from aims_graph.journal import Draft, Entry, Journal, quad_line, read_quads
from aims_graph.journal.redaction import redact
from aims_graph.workspace.dataset import Dataset, split_line


def terms_with_text(journal: Journal, texts: Collection[str]) -> list[Term]:
    """IRIs and literals of all entries whose text is one of these."""
    return [term for term in _terms_holding(journal, texts) if term.value in texts]


def longer_terms(journal: Journal, texts: Collection[str]) -> list[Term]:
    """IRIs and literals of all entries whose text holds one of these and more: a redaction leaves them."""
    return [term for term in _terms_holding(journal, texts) if term.value not in texts]


def _terms_holding(journal: Journal, texts: Collection[str]) -> list[Term]:
    found: dict[Term, None] = {}
    # As the text stands in a line: escaped as in a literal; an IRI has nothing to escape.
    parts = [str(Literal(text))[1:-1].encode() for text in texts]
    for entry in journal.entries():
        payload = entry.load()
        for line in (*payload.added, *payload.removed):
            if not any(part in line for part in parts):
                continue
            for quad in read_quads([line]):
                terms = (quad.subject, quad.predicate, quad.object, quad.graph_name)
                found.update({t: None for t in terms if _holds(t, texts)})  # type: ignore[misc]  # terms of a parsed graph
    return list(found)


def _holds(term: object, texts: Collection[str]) -> bool:
    value = getattr(term, "value", "")  # the default graph has none
    return value in texts or any(text and text in value for text in texts)


def redact_terms(
    journal: Journal, dataset: Dataset, terms: Iterable[Term], draft: Draft
) -> Entry | None:
    """Withholds every quad that holds one of the terms, of ``dataset`` and in all entries; None when
    there is none. Needs the lock; the dataset is not what the journal tells any more.
    """
    tokens = {str(term).encode() for term in terms}

    def concerns(line: bytes) -> bool:
        return not tokens.isdisjoint(split_line(line))

    removed = sorted(filter(concerns, map(quad_line, dataset.quads())))
    return redact(journal, draft, removed, concerns)
