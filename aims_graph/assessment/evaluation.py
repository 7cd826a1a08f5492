"""One evaluation: a graph, the rules, a date."""

from datetime import date
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from aims_graph.assessment.conformity import Assessment
from aims_graph.columns import Columns, load
from aims_graph.columns.reader import Reader
from aims_graph.resources import folder, ontology_files
from aims_graph.shacl import validate
from aims_graph.vocabulary import AIMS, XSD

_EVALUATION = NamedNode(AIMS + "evaluation")
_AS_OF = NamedNode(AIMS + "asOf")
_DATE = NamedNode(XSD + "date")


def load_ontology(iso_text: Path | None = None) -> Columns:
    """Our ontology and catalogue, with an organization's licensed ISO text laid over if given."""
    return load(ontology_files(overlay=iso_text))


def load_crosswalks() -> Columns:
    """What published sources relate our catalogue to; the ontology does not import it."""
    return load(sorted((folder("ontology") / "alignments").glob("crosswalk-*.ttl")))


def load_shapes() -> Columns:
    """The shapes that come with the package."""
    return load(sorted(folder("shapes").glob("*.ttl")))


def with_ontology(data: Columns, ontology: Columns, as_of: date) -> Columns:
    """What rules are evaluated on: the data, the ontology, and the evaluation date as a triple."""
    moment = (_EVALUATION, _AS_OF, Literal(as_of.isoformat(), datatype=_DATE))
    return data.with_change([*ontology.triples(), moment], [])


def evaluate(
    data: Columns,
    *,
    as_of: date,
    ontology: Columns | None = None,
    shapes: Columns | None = None,
    engine: str = "columns",
) -> Assessment:
    """Validates the data and reads the report as conformity.

    ``ontology`` and ``shapes`` default to ours. Raises InputError on shapes that are ill-formed.
    """
    graph = with_ontology(data, load_ontology() if ontology is None else ontology, as_of)
    rules = load_shapes() if shapes is None else shapes
    report = validate(graph, rules, engine=engine)
    return Assessment(Reader(graph), Reader(rules), report, as_of=as_of.isoformat())
